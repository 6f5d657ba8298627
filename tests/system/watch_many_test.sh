#!/bin/sh
# Several clients watch one folder, which somebody edits on the server as well:
# each hears of the others' changes.  Some of them die on the way.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"

clients='b c d'
mkdir a
for n in $(seq 50); do echo "$n" >a/$n.md; done
for one in $clients; do
	mkdir "$one"
	watch_start "$one" --interval=5 --name="$one" a "$one"
done

all_same() {
	for one in $clients; do
		same_tree a "$one" || return 1
	done
}
within all_same

# Each can say who the others are.
echo hello >a/hello.md
within all_same
sees() {
	"$DSYNC" status b | grep -q "^others: *$1\$"
}
within sees '[cd], [cd]'
watch_stop d
echo alone >a/alone.md
within sees c
watch_start d --interval=5 --name=d a d
within all_same

# One after the other.
echo server >a/server.md
within all_same
for one in $clients; do
	echo "$one" >"$one/$one.md"
	within all_same
done
mv b/1.md b/renamed.md
within all_same
rm c/2.md
within all_same
[ ! -e d/2.md ] || fail 'not deleted'

# All at once, each its own files and some of the others'.
contents a b c d >"$work/saved"
scribble() {
	i=0
	while [ $i -lt "$2" ]; do
		i=$((i + 1))
		echo "$1 $i" >"$1/$(((i * 7 + ${#1}) % 50)).md"
		echo "$1 $i" >>"$1/log.$1"
		mkdir -p "$1/dir.$((i % 5))"
		echo "$i" >"$1/dir.$((i % 5))/$1.md"
		sleep 0.0$((i % 7))
	done
}
jobs=
for one in a $clients; do
	scribble "$one" 60 &
	jobs="$jobs $!"
done
# The sessions of two of them end badly meanwhile.
for one in b c; do
	sleep 0.7
	kill -KILL "$(watch_session "$one")"
done
for job in $jobs; do wait "$job"; done
within all_same
nothing_lost "$work/saved" a b c d
grep -q '^d 60' a/log.d || fail 'the last line is missing'
for one in $clients; do watch_stop "$one"; done
for one in $clients; do
	exits 0 sync a "$one"
	says out 'nothing to do'
	swept a "$one"
done
done_
