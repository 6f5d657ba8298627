#!/bin/sh
# A link that breaks is made again, and what happened meanwhile is merged; what
# can't be right is said, and is the end.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"

exits 1 watch -n a b
says err 'dry run'
exits 1 watch --interval=4 a b
says err '5 at least'
exits 1 watch --settle=0 a b
says err '--settle'
exits 1 sync --interval=60 a b
exits 3 watch nowhere b
mkdir a b

for n in $(seq 30); do echo "$n" >a/$n.md; done
watch_start w --interval=5 a b

# One at a time.
exits 42 watch a b
exits 42 sync -c a b

# peers: those that serve it, by process id
peers() {
	session=$(watch_session w)
	children "${session:-none}"
}

rested() {
	[ "$(grep -c '^watching: ' "$work/watch.w.out")" -ge "$1" ]
}

# The peer dies, and the session: both sides are edited while nobody looks.
echo a >a/mine.md
same_soon a b
kill -KILL $(peers)
echo one >a/one.md
echo two >b/two.md
rm a/mine.md
within rested 2
same_soon a b
[ ! -e b/mine.md ] || fail 'it was deleted'
kill -KILL "$(watch_session w)"
echo three >b/three.md
within rested 3
same_soon a b
grep -q 'ended by signal 9' "$work/watch.w.err" || fail 'nothing was said'

# What no event tells is found by the look at everything.
before=$(stat -c %s b/two.md)
python3 - a/two.md <<'EOF' || skip 'no python3 here'
import mmap, sys
with open(sys.argv[1], "r+b") as f:
    with mmap.mmap(f.fileno(), 0) as m:
        m[0:3] = b"TWO"
EOF
same_soon a b
same 'size' "$before" "$(stat -c %s b/two.md)"

# Too much is deleted: nothing is, and that is the end.
contents b >"$work/saved"
rm a/[1-9]*.md
watch_ended w 25
grep -q 'would be deleted' "$work/watch.w.err" || fail 'no word of the guard'
grep -q '^stopped by the guard: ' "$work/watch.w.out" ||
    fail 'it has not changed nothing'
nothing_lost "$work/saved" b
[ -e b/30.md ] || fail 'deleted all the same'
exits 0 sync --max-delete=100 a b
equal a b

# The same bit by bit: what went a moment ago counts with what is to go.
mkdir c d
for n in $(seq 100); do echo "$n" >c/$n.md; done
watch_start bits c d
for n in 1 2 3 4 5 6 7 8 9; do
	rm -f c/${n}?.md
	sleep 0.3
done
watch_ended bits 25
grep -q 'within a minute' "$work/watch.bits.err" || fail 'not said why'
[ "$(find d -name '*.md' | wc -l)" -ge 75 ] || fail 'more than a quarter went'

# It is too much, though it takes its time, on either side: hardly any went.
for side in c d; do
	exits 0 sync --max-delete=100 c d
	for n in $(seq 100); do echo "$n" >$side/$n.md; done
	watch_start "slow.$side" c d
	other=$(echo $side | tr cd dc)
	for n in $(seq 60); do
		rm $side/"$n".md
		[ $((n % 10)) -ne 0 ] || sleep 0.03
	done
	watch_ended "slow.$side" 25
	left=$(find $other -name '*.md' | wc -l)
	# A quarter went when each slice was judged for itself.
	[ "$left" -ge 80 ] || fail "$side: $left of 100 are left on the other"
done

# The folder goes: no empty one is taken for it.
watch_start gone a b
mv b away
watch_ended gone 3
[ -e a/one.md ] || fail 'taken for deletions'
mv away b

# Interrupted by the terminal: quick, and without a trace.
watch_start again a b
began=$(date +%s)
kill -INT "$(watch_pid again)"
watch_ended again 20
[ $(($(date +%s) - began)) -le 5 ] || fail 'slow to end'
swept a b
done_
