#!/bin/sh
# A peer that says nothing any more is given up (30) when the time for that is
# over; one that is busy with a large folder is not, for it answers.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# started_has COMMAND...: waits for it while what was started runs
started_has() {
	until "$@"; do
		kill -0 "$started" 2>/dev/null || {
			fail "it ended before $*: $(cat "$work/err")"
			return 1
		}
		sleep 0.02
	done
}

child_of() {
	child=$(children "$1")
	[ -n "$child" ]
}

receiving() {
	find b/.dsync/stage b/.dsync/partial -type f -size +64k 2>/dev/null |
	    grep -q .
}

# Stopped in the middle of a transfer, that is slow enough for that on the
# fastest of machines: its link is there, and nobody behind it.
mkdir a b
for n in 1 2 3; do yes "$n" | head -c 60000000 >a/$n.md; done
contents a b >"$work/saved"
"$DSYNC" sync --timeout=6 --bwlimit=5M a b \
    >"$work/out" 2>"$work/err" </dev/null &
started=$!
if started_has child_of $started && started_has receiving; then
	kill -STOP "$child"
	timeout 30 tail -s 0.1 --pid=$started -f /dev/null ||
	    fail 'it waits for ever'
	kill -CONT "$child" 2>/dev/null
fi
wait $started
same 'exit code' 30 $?
says err 'no answer for 6 s'
nothing_lost "$work/saved" a b
exits 0 sync a b
equal a b
swept a b

# The first of the two is the peer's.  A look that takes seven seconds, a step of it less than one.
need strace
strace -f -o "$work/trace" -e trace=read -e inject=read:delay_enter=1 \
    true 2>/dev/null || skip 'nothing can be traced here'
rm -rf a b
mkdir a b
echo other >b/z.md
for n in $(seq 10 73); do
	yes "line of $n" | head -c 1000000 >a/$n.md
done
strace -f -o "$work/trace" -e trace=read -e inject=read:delay_enter=20000 \
    "$DSYNC" sync --timeout=4 a b >"$work/out" 2>"$work/err" </dev/null
same 'exit code of a run with a busy peer' 0 $?
equal a b
done_
