#!/bin/sh
# A full disk, by bytes or by inodes: what fits is synced, what does not is
# told of, old versions stay whole, and a run with room again finishes.
# SPDX-License-Identifier: MIT

# In a namespace of its own: what is mounted goes away with the test.
if [ -z "${DSYNC_TEST_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then
	DSYNC_TEST_MOUNTS=1 exec unshare -m sh "$0"
fi
. "$(dirname "$0")/lib.sh"
[ -n "${DSYNC_TEST_MOUNTS:-}" ] || skip 'no mount namespace can be made'

# full SMALL BIG OPTIONS FILL: the side SMALL is a tmpfs with these options,
# and FILL puts into BIG what has no room there
full() {
	rm -rf a b
	mkdir a b
	mount -t tmpfs -o "$3" none $1 2>/dev/null || skip 'no tmpfs here'
	for n in 1 2 3; do echo "old $n" >$2/old$n.md; done
	exits 0 sync a b
	equal a b
	"$4" $2
	for n in 1 2 3; do echo "changed $n" >>$2/old$n.md; done
	echo mine >$1/mine.md
	contents a b >"$work/saved"
	cp -a $1 before
	run sync a b
	case $code in
	23 | 28) ;;
	*) fail "$3: exit $code: $(cat "$work/err")" ;;
	esac
	grep -q 'No space left on device' "$work/err" ||
	    fail "$3: no word about space: $(cat "$work/err")"
	# Each file there is whole: the old version or the new one.
	for file in $1/*; do
		cmp -s "$file" "$2/${file#*/}" ||
		    cmp -s "$file" "before/${file#*/}" ||
		    fail "$3: ${file#*/} is neither old nor new"
	done
	# Room for one is room for that one, whatever had none.
	cmp a/mine.md b/mine.md || fail "$3: the others did not go on"
	[ "$4" != large ] || cmp a/small9.md b/small9.md ||
	    fail "$3: small files did not fit"
	nothing_lost "$work/saved" a b
	rm -rf before
	mount -o remount,size=64m,nr_inodes=10000 $1
	exits 0 sync a b
	equal a b
	swept a b
	nothing_lost "$work/saved" a b
	exits 0 sync a b
	says out 'nothing to do'
	umount $1
}

# Two files are larger than what is free, the small ones fit.
large() {
	seq 1 400000 >$1/large1.md
	seq 400000 -1 1 >$1/large2.md
	for n in 1 2 3 4 5 6 7 8 9; do echo "small $n" >$1/small$n.md; done
}
numerous() {
	n=0
	while [ $n -lt 150 ]; do
		echo "file $n" >$1/file$n.md
		n=$((n + 1))
	done
}

full b a size=3m large

full a b size=3m large
full b a size=8m,nr_inodes=60 numerous
full a b size=8m,nr_inodes=60 numerous
done_
