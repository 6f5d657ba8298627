#!/bin/sh
# Who reads a file while runs replace it, or are killed while they do, sees a
# whole old or a whole new version, at any time.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
reader=$(tool reader) || skip "$reader"

# version N FILE: as an editor saves; each line is the number of lines
version() {
	n=$1
	yes "$n version" | head -n "$n" >"$2.new~"
	mv "$2.new~" "$2"
}

mkdir a b
version 1000 a/one.md
version 90000 a/large.md
exits 0 sync a b
for side in a b; do
	for name in one large; do
		"$reader" $side/$name.md "$work/stop" >"$work/$side$name" 2>&1 &
	done
done
i=1
while [ $i -le 25 ]; do
	side=$([ $((i % 2)) -eq 0 ] && echo a || echo b)
	version $((1000 + i)) $side/one.md
	version $((90000 + i * 100)) $side/large.md
	if [ $((i % 5)) -eq 0 ]; then
		"$DSYNC" sync a b >/dev/null 2>&1 &
		pid=$!
		sleep 0.0$((i * 13 % 9))
		kill -9 $pid
		wait $pid 2>/dev/null
	fi
	exits 0 sync a b
	i=$((i + 1))
done
: >"$work/stop"
wait
for out in "$work"/aone "$work"/alarge "$work"/bone "$work"/blarge; do
	grep -q ' reads$' "$out" || fail "$(cat "$out")"
done
equal a b
done_
