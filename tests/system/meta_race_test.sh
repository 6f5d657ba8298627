#!/bin/sh
# A same-size save in the moment in which a sync sets a file's exec bit and old
# mtime is found by the next run.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

command -v strace >/dev/null || skip 'no strace'
strace -o /dev/null true 2>/dev/null || skip 'strace may not trace'
mkdir n
echo aaaa >n/x.md
touch -d 2020-01-01 n/x.md
exits 0 sync n c
chmod +x n/x.md
strace -f -o /dev/null -e trace=utimensat \
    -e inject=utimensat:delay_enter=1500000 "$DSYNC" sync -q n c 2>"$work/err" &
pid=$!
# The exec bit is set just before.
i=0
while [ ! -x c/x.md ] && [ $i -lt 500 ]; do
	sleep 0.01
	i=$((i + 1))
done
[ -x c/x.md ] || fail 'the exec bit did not come'
printf 'BBBB\n' | dd of=c/x.md conv=notrunc 2>/dev/null
wait "$pid"
exits 0 sync n c
cmp n/x.md c/x.md || fail 'in sync, and not equal'
grep -q BBBB n/x.md || fail 'the save was lost'
done_
