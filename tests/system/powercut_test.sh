#!/bin/sh
# The power fails in the middle of a run, on the server or on the client: what
# its journal says is on the disk, and the next run ends as without it.
# SPDX-License-Identifier: MIT

if [ -z "${DSYNC_TEST_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then
	DSYNC_TEST_MOUNTS=1 exec unshare -m sh "$0"
fi
KILL_STEP=${KILL_STEP:-29}
. "$(dirname "$0")/lib.sh"
[ -n "${DSYNC_TEST_MOUNTS:-}" ] || skip 'no mount namespace can be made'
. "$here/kill.sh"
need mkfs.ext4
shutdown=$(tool shutdown) || skip "$shutdown"
[ -z "${LONG:-}" ] || step=$((step * 3))

insert_disk() {
	mount -o loop image disk 2>/dev/null || skip 'no loop device here'
}

# start LOST: two folders with changes; that of the side LOST is on the disk,
# the other one is safe
start() {
	rm -rf a b start want disk image
	prepare
	mkdir disk
	truncate -s 24M image
	mkfs.ext4 -q image || skip 'no ext4 can be made'
	insert_disk
	cp -a start/$1 disk/$1
	umount disk
	mv image start/image
	ln -s disk/$1 $1
}

# cut_at LOST WHO K: false if the run had fewer calls
cut_at() {
	cp --sparse=always start/image image
	insert_disk
	safe=$(echo $1 | tr ab ba)
	rm -rf $safe
	cp -a start/$safe $safe
	: >"$work/trace"
	trace "$2" "$3" sync a b >"$work/out" 2>"$work/err"
	alone
	"$shutdown" disk || fail 'no power cut'
	umount disk
	insert_disk
	grep -q 'killed by SIGKILL' "$work/trace"
}

for lost in 'a peer' 'b client'; do
	start ${lost% *}
	k=1
	while cut_at $lost $k; do
		# Half of a file is no file that anybody saved.
		contents a/ b/ >"$work/there"
		sort -u "$work/saved" | comm -13 - "$work/there" >"$work/odd"
		[ ! -s "$work/odd" ] || fail "not saved by anybody: $k"
		rerun $k
		exits 0 verify a b
		umount disk
		[ $failed -lt 5 ] || break
		k=$((k + step))
	done
	umount disk 2>/dev/null
	[ $k -gt $step ] || fail "nothing was cut: $(cat "$work/err")"
	echo "$lost: cut up to call $k, every $step"
done
done_
