#!/bin/sh
# Edits of the same size within one tick of the clock, and with the time put
# back, are found.
# SPDX-License-Identifier: MIT

if [ -z "${DSYNC_TEST_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then
	DSYNC_TEST_MOUNTS=1 exec unshare -m sh "$0"
fi
. "$(dirname "$0")/lib.sh"

# The time put back, by its user or by a tool.
mkdir a b
for n in 1 2 3 4 5; do echo "0000 $n" >a/$n.md; done
touch -d '2020-01-01' a/*.md
exits 0 sync a b
i=1
while [ $i -le 12 ]; do
	side=$([ $((i % 2)) -eq 0 ] && echo a || echo b)
	for n in 1 2 3; do
		touch -r $side/$n.md stamp
		printf '%04d %d\n' $i $n >$side/$n.md
		touch -r stamp $side/$n.md
	done
	exits 0 sync a b
	cmp a/1.md b/1.md && cmp a/3.md b/3.md || fail "round $i"
	i=$((i + 1))
done

# tight: edits at once after each run, and while it runs
tight() {
	i=1
	while [ $i -le 12 ]; do
		printf '%04d\n' $i >a/tight.md
		printf '%04d\n' $i >b/tight$i.md
		"$DSYNC" sync -q a b &
		pid=$!
		n=1000
		while kill -0 $pid 2>/dev/null; do
			printf '%04d\n' $n >a/during.md
			n=$((n + 1))
			[ $n -lt 9999 ] || n=1000
		done
		wait $pid
		case $? in
		0 | 23) ;;
		*) fail "run $i" ;;
		esac
		printf '%04d\n' $((i + 5000)) >b/tight$i.md
		i=$((i + 1))
	done
	exits 0 sync a b
	equal a b
}
tight

# On a file system that counts in whole seconds (ext4, small inodes).
truncate -s 16M image
if [ -n "${DSYNC_TEST_MOUNTS:-}" ] && [ "$(id -u)" -eq 0 ] &&
    mkfs.ext4 -q -I 128 image 2>/dev/null &&
    mkdir disk && mount -o loop image disk 2>/dev/null; then
	rm -rf a b
	mkdir disk/a disk/b
	ln -s disk/a a
	ln -s disk/b b
	cd disk || exit 99
	tight
	cd ..
	umount disk
else
	echo 'no file system of whole seconds here: that part is left out'
fi
done_
