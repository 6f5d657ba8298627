#!/bin/sh
# Two runs on one folder at once: the second ends with 42, and says so unless
# --if-free; eight clients of one server at once come out equal.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# Held by a run that is stopped.
mkdir a b
seq 1 300000 >a/large.md
exits 0 sync a b
need flock
(
	flock -x 9
	exits 42 sync a b
	says err another
	same lines 1 "$(wc -l <"$work/err" | tr -d ' ')"
	exits 42 sync --if-free a b
	silent err
	silent out
	[ $failed -eq 0 ]
) 9>>b/.dsync/lock || fail 'while the folder was held'
exits 0 sync a b

# A hundred at once: one or more get it, no stale lock stays.
i=0
while [ $i -lt 30 ]; do
	"$DSYNC" sync --if-free -q a b </dev/null >/dev/null 2>>"$work/errs" &
	i=$((i + 1))
done
wait
[ ! -s "$work/errs" ] || fail "at once: $(head -3 "$work/errs")"
exits 0 sync a b
swept a b

# Eight clients, each with edits of its own and of what others edit, too.
clients='1 2 3 4 5 6 7 8'
rm -rf a b
mkdir a
i=0
while [ $i -lt 20 ]; do
	echo "start $i" >a/s$i.md
	i=$((i + 1))
done
for c in $clients; do exits 0 sync a c$c; done
: >"$work/saved"
for round in 1 2 3; do
	for c in $clients; do
		n=$((c * round % 20))
		echo "client $c, round $round" >>c$c/s$n.md
		echo "shared by $c, round $round" >c$c/shared.md
		echo "new of $c" >c$c/new-$c-$round.md
		[ ! -e c$c/s$((c + 10)).md ] || rm c$c/s$((c + 10)).md
		mv c$c/new-$c-1.md c$c/moved-$c-$round.md 2>/dev/null
	done
	contents c? >>"$work/saved"
	for c in $clients; do
		(
			"$DSYNC" sync a c$c </dev/null >"$work/out$c" 2>&1
			echo $? >"$work/code$c"
		) &
	done
	wait
done
# Run side by side until nobody has anything to say.
for c in $clients; do
	(
		n=0
		while [ $n -lt 8 ]; do
			"$DSYNC" sync a c$c >"$work/out$c" 2>&1 </dev/null
			echo $? >"$work/code$c"
			n=$((n + 1))
		done
	) &
done
wait
for c in $clients; do
	case $(cat "$work/code$c") in
	0 | 23) ;;
	*) fail "client $c: exit $(cat "$work/code$c"): $(cat "$work/out$c")" ;;
	esac
done
for c in $clients $clients; do exits 0 sync a c$c; done
for c in $clients; do
	equal a c$c
	exits 0 sync a c$c
	says out 'nothing to do'
done
nothing_lost "$work/saved" a c?
swept a c?
done_
