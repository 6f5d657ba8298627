#!/bin/sh
# A person's ulimit: a file that is too large for it is a file that failed, on
# either side; the others go on, and without it the next run finishes.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

for side in a b; do
	other=$(echo $side | tr ab ba)
	rm -rf a b
	mkdir a b
	seq 900000 >$other/large.md
	echo small >$other/small.md
	# Blocks of 512 bytes, or of 1 KB in some shells.
	(
		ulimit -f 3000
		exits 23 sync a b
		[ "$failed" -eq 0 ]
	) || failed=1
	says err 'large.md'
	says err 'File too large'
	same 'small.md' small "$(cat $side/small.md)"
	[ ! -e $side/large.md ] || fail "$side/large.md is there"
	exits 0 sync a b
	equal a b
	swept a b
done

# Few descriptors are enough; with too few it says so.
echo new >a/new.md
with() {
	printf '#!/bin/sh\nulimit -n %s\nexec "%s" "$@"\n' "$1" "$ours" \
	    >"$work/front"
	chmod 755 "$work/front"
}
ours=$DSYNC
DSYNC=$work/front
with 32
exits 0 sync a b
with 8
exits 11 sync a b
says err 'Too many open files'
equal a b
done_
