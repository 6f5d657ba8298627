#!/bin/sh
# dsync watch over SSH: a preset of a server, both ways; and the server going
# away, and coming back.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/sshd.sh"
. "$here/watch.sh"
# shellcheck disable=SC2086
trap 'watch_kill; ended $sshd_pid $agent_pid
chmod -R u+rwX "$work"; rm -rf "$work"' EXIT

mkdir a b
for n in $(seq 50); do echo "$n" >a/$n.md; done
offered notes "$work/t/a"

watch_start w box:/preset/notes b
equal a b
for n in $(seq 20); do
	echo "here $n" >b/$n.md
	echo "there $n" >a/$((n + 20)).md
	mkdir -p "b/d$n" && echo "$n" >"b/d$n/x.md"
	same_soon a b
done
mv b/d1 b/renamed
same_soon a b
rm -r a/d2
within test ! -e b/d2/x.md

# sshd goes away, and its sessions.
sessions() {
	children "$sshd_pid"
}
kill -STOP "$sshd_pid"
# shellcheck disable=SC2046
kill $(sessions)
kill "$sshd_pid"
kill -CONT "$sshd_pid"
wait "$sshd_pid"
echo alone >b/alone.md
echo there >a/there.md
within grep -q 'trying again' "$work/watch.w.err"
sshd_tries || fail 'sshd does not start'
same_soon a b
echo on >>b/alone.md
same_soon a b

# A preset that is gone is no link that broke.
HOME=$work/remote_home "$DSYNC" preset remove notes >/dev/null
# shellcheck disable=SC2046
kill $(sessions)
watch_ended w 43
grep -q 'no preset of that name' "$work/watch.w.err" || fail 'not said'
swept a b
done_
