#!/bin/sh
# Several servers over SSH, as dsync itself connects: one that can't be reached,
# by whatever reason, is passed over; one with a wrong key is not.  Two names
# of the same machine are one server.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/sshd.sh"
. "$here/watch.sh"
# shellcheck disable=SC2086
trap 'watch_kill; ended $sshd_pid $agent_pid
chmod -R u+rwX "$work"; rm -rf "$work"' EXIT

mkdir a here
for n in $(seq 30); do echo "$n" >a/$n.md; done
offered notes "$work/t/a"

# name ALIAS PORT HOSTNAME: for one more machine
name() {
	box_settings | sed "s/^Host .*/Host $1/; s/Port .*/Port $2/
	    s/HostName .*/HostName $3/" >>"$HOME/.ssh/config"
}
name closed 1 127.0.0.1
name nowhere 22 nowhere.invalid
name stranger "$port" 127.0.0.1
sed -i "/^Host stranger/,/^Host/s,UserKnownHostsFile.*,UserKnownHostsFile $work/strange," \
    "$HOME/.ssh/config"
ssh-keygen -q -t ed25519 -N '' -C '' -f "$work/another" || exit 99
echo "[127.0.0.1]:$port $(cat "$work/another.pub")" >"$work/strange"

exits 0 sync closed,nowhere,box:/preset/notes here
says err 'trying nowhere'
says err 'trying box'
equal a here
exits 0 sync -q closed,box:/preset/notes here
silent err
exits 15 sync stranger,box:/preset/notes here
says err stranger
exits 10 sync closed,closed:/preset/notes here
exits 15 sync closed,stranger:/preset/notes here

# Another name of the same server: what was agreed with it holds.
rm a/1.md
watch_start w --interval=5 closed,box:/preset/notes here
[ ! -e here/1.md ] || fail 'it came back'
echo here >here/here.md
same_soon a here
sed -i "s/Port 1\$/Port $port/" "$HOME/.ssh/config"
within grep -q 'back to closed' "$work/watch.w.err"
rested() {
	[ "$(grep -c '^watching: ' "$work/watch.w.out")" -ge 2 ]
}
within rested
rm here/2.md
within test ! -e a/2.md
watch_stop w
swept a here
done_
