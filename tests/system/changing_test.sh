#!/bin/sh
# Files that turn binary, grow over the limit, can't be read, vanish, come or
# become something else while runs read them: each run goes on with the others,
# nothing that is no text arrives, and when all is still, both are equal.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a b
for n in 1 2 3 4 5 6; do echo "text $n" >a/$n.md; done
seq 1 2000 >a/steady.md
for_nobody a b
exits 0 sync a b

# change FOLDER N: file N takes another shape, at once or bit by bit.  It is
# removed first wherever a shell would wait for a FIFO or follow a link.
change() {
	[ -f "$1/$2.md" ] && [ ! -L "$1/$2.md" ] || rm -f "$1/$2.md"
	case $((turn % 8)) in
	0) printf 'binary\0 %d' $turn >"$1/$2.md" ;;
	1) seq 1 4000 >>"$1/$2.md" ;;
	2) rm -f "$1/$2.md" ;;
	3) echo "text $turn" >"$1/$2.md" ;;
	4) [ ! -e "$1/$2.md" ] || chmod 000 "$1/$2.md" ;;
	5) rm -f "$1/$2.md" && mkfifo "$1/$2.md" ;;
	6) rm -f "$1/$2.md" && ln -s "$work/private" "$1/$2.md" ;;
	7) rm -f "$1/$2.md" && echo "text again $turn" >"$1/$2.md" ;;
	esac
}
echo private >"$work/private"
(
	turn=0
	while [ ! -e "$work/stop" ]; do
		turn=$((turn + 1))
		change a $((turn % 3 + 1))
		change b $((turn % 3 + 4))
	done 2>/dev/null
) &
flipper=$!
i=0
while [ $i -lt 15 ]; do
	i=$((i + 1))
	seq $i 2000 >a/steady.md
	run sync --max-size=64k a b
	case $code in
	0 | 23) ;;
	*) fail "run $i: exit $code: $(cat "$work/err")" ;;
	esac
	cmp a/steady.md b/steady.md || fail "run $i: the others did not go on"
	for file in a/[456].md b/[123].md; do
		[ -f "$file" ] && [ ! -L "$file" ] || continue
		LC_ALL=C tr -d '\0' <"$file" | cmp -s - "$file" ||
		    fail "run $i: $file is no text"
		same "$file is a link" '' "$(find "$file" -type l)"
	done
done
: >"$work/stop"
wait $flipper
for side in a b; do
	for n in 1 2 3 4 5 6; do
		rm -f $side/$n.md
	done
done
for n in 1 2 3; do echo "still $n" >a/$n.md; done
for n in 4 5 6; do echo "still $n" >b/$n.md; done
chown -R --reference=a a b 2>/dev/null
run sync a b
exits 0 sync a b
equal a b
same 'files' 7 "$(ls a | wc -l | tr -d ' ')"
swept a b
same 'what the links named' private "$(cat "$work/private")"
same 'its mode' 644 "$(stat -c %a "$work/private")"
done_
