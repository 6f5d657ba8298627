#!/bin/sh
# SIGINT, SIGTERM and SIGHUP in the middle of a transfer: the run ends within
# two seconds with 20, what is there is whole, and the next run finishes.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
env --default-signal=INT true 2>/dev/null || skip 'env can not reset signals'

# A shell ignores SIGINT for what it starts in the background.
for signal in INT TERM HUP; do
	for side in a b; do
		other=$(echo $side | tr ab ba)
		rm -rf a b
		mkdir a b
		echo old >a/1.md
		exits 0 sync a b
		for n in 1 2 3 4; do seq $n 900000 >$other/$n.md; done
		contents a b >"$work/saved"
		env --default-signal=INT,TERM,HUP "$DSYNC" sync a b \
		    >"$work/out" 2>"$work/err" </dev/null &
		pid=$!
		while kill -0 $pid 2>/dev/null; do
			find $side/.dsync/stage -type f -size +64k 2>/dev/null |
			    grep -q . && break
		done
		began=$(date +%s%N)
		kill -$signal $pid 2>/dev/null
		wait $pid
		code=$?
		ms=$((($(date +%s%N) - began) / 1000000))
		[ $code -eq 20 ] || [ $code -eq 0 ] ||
		    fail "SIG$signal: exit $code: $(cat "$work/err")"
		[ $ms -lt 2000 ] || fail "SIG$signal: took $ms ms"
		echo "SIG$signal: exit $code after $ms ms"
		for n in 1 2 3 4; do
			[ ! -e $side/$n.md ] || cmp -s a/$n.md b/$n.md ||
			    same "$side/$n.md" old "$(cat $side/$n.md)"
		done
		nothing_lost "$work/saved" a b
		exits 0 sync a b
		equal a b
		swept a b
	done
done
done_
