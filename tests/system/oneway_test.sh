#!/bin/sh
# push and pull carry one way, whichever side played which role before; the
# target's own changes stay, unless --delete makes it exact; nothing is lost.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# start: in sync, then one of each on both sides
start() {
	rm -rf mine theirs
	mkdir mine theirs
	for n in edit-mine edit-theirs both gone-mine gone-theirs; do
		echo base >mine/$n.md
	done
	exits 0 sync theirs mine
	echo mine >mine/edit-mine.md
	echo theirs >theirs/edit-theirs.md
	echo mine >mine/both.md
	echo theirs >theirs/both.md
	touch -d '+1 minute' theirs/both.md
	rm mine/gone-mine.md theirs/gone-theirs.md
	echo new >mine/new-mine.md
	echo new >theirs/new-theirs.md
	contents mine theirs >"$work/saved"
}

has() {
	same "$1" "$2" "$(cat "$1" 2>/dev/null)"
}

for verb in push pull; do
	start
	if [ $verb = push ]; then
		exits 0 push mine theirs
	else
		exits 0 pull mine theirs
	fi
	has theirs/edit-mine.md mine
	has theirs/both.md mine
	has theirs/new-mine.md new
	[ -e theirs/gone-mine.md ] && fail "$verb: a deletion was not carried"
	has mine/edit-theirs.md base
	has theirs/edit-theirs.md theirs
	[ -e mine/new-theirs.md ] && fail "$verb: carried against its way"
	[ -e mine/gone-theirs.md ] || fail "$verb: deleted against its way"
	nothing_lost "$work/saved" mine theirs
	# Both ways after that: what was held back comes.
	exits 0 sync theirs mine
	equal mine theirs
	has mine/edit-theirs.md theirs
	has mine/both.md mine
	nothing_lost "$work/saved" mine theirs

	start
	exits 0 $verb --delete mine theirs
	equal mine theirs
	has theirs/edit-theirs.md base
	[ -e theirs/new-theirs.md ] && fail "$verb --delete: left a file"
	nothing_lost "$work/saved" mine theirs
done

# The bare form: equal, but without deletions; what it displaces is kept.
start
exits 0 mine theirs
says err 'dsync sync'
has theirs/edit-theirs.md base
has theirs/both.md mine
has theirs/new-theirs.md new
nothing_lost "$work/saved" mine theirs
exits 0 -n mine theirs
exits 0 --delete mine theirs
equal mine theirs
nothing_lost "$work/saved" mine theirs
done_
