#!/bin/sh
# A kept version does not change with a hard link that somebody else has to it.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir n snap
for size in 10 300000; do
	seq 1 $size >n/b.md
	exits 0 sync n c
	rm -f snap/b.md
	ln c/b.md snap/b.md
	echo new >n/b.md
	exits 0 sync n c
	printf X | dd of=snap/b.md conv=notrunc 2>/dev/null
	exits 0 restore c/b.md
	seq 1 $size | cmp - c/b.md || fail "$size: the kept version was changed"
done
done_
