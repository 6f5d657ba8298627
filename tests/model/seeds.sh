#!/bin/sh
# SPDX-License-Identifier: MIT
# The simulation: first every seed that ever failed (tests/model/seeds), then
# SEEDS (FROM-TO, 1-2000), and half as many of sessions that stay, a quarter as
# many with two servers, then sweeps over every STRIDE-th call (19) of a run.
# Runs where it was built, in two processes.
set -u

simulation=${SIMULATION:-tests/model/simulation}
seeds=${SEEDS:-1-2000}
stride=${STRIDE:-19}
from=${seeds%-*} to=${seeds#*-}
half=$(((from + to) / 2))
live=$((1000000 + from)) two=$((2000000 + from)) quarter=$(((to - from) / 4))
logs=$(mktemp -d) || exit 1
trap 'rm -rf "$logs"' EXIT

kept() {
	sed 's/#.*//' "${srcdir:-.}/tests/model/seeds" | while read -r seed; do
		[ -z "$seed" ] || $simulation --seed "$seed" </dev/null
	done
}

sweeps() {
	for what; do
		$simulation --sweep "$what" --stride "$stride"
	done
}

{
	kept
	$simulation --seeds "$from-$half"
	$simulation --seeds "$live-$((live + quarter))"
	$simulation --seeds "$two-$((two + quarter / 2))"
	sweeps kill-client nospc-client eio-client cut-client
} >"$logs/1" 2>&1 &
{
	$simulation --seeds "$((half + 1))-$to"
	$simulation --seeds "$((live + quarter + 1))-$((live + 2 * quarter))"
	$simulation --seeds "$((two + quarter / 2 + 1))-$((two + quarter))"
	sweeps kill-peer nospc-peer eio-peer cut-peer
} >"$logs/2" 2>&1
wait

awk '
/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ {
	passed += $1; failed += $3; ended++
	next
}
{ print }
END {
	if (ended < 14)
		failed++ # one of them did not come to its end
	printf "%d passed, %d failed, 0 skipped\n", passed, failed
	exit (failed > 0 || passed == 0)
}' "$logs/1" "$logs/2"
