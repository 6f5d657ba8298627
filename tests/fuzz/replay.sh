#!/bin/sh
# SPDX-License-Identifier: MIT
# Every corpus goes through its fuzz target once; run where they were built.
here=$(cd "$(dirname "$0")" && pwd)
passed=0
failed=0
for corpus in "$here"/corpus/*; do
	if tests/fuzz/fuzz_"$(basename "$corpus")" "$corpus"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
