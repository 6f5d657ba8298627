#!/bin/sh
# A watched folder that is unmounted, moved, replaced or deleted: no empty place
# is taken for deletions, nothing is put there, and dsync says what is wrong.
# SPDX-License-Identifier: MIT

# As root of namespaces of its own, which may mount.
if [ -z "${DSYNC_TEST_INSIDE:-}" ] && unshare -Urm true 2>/dev/null; then
	DSYNC_TEST_INSIDE=1 exec unshare -Urm sh "$0"
fi
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"

names() {
	(cd "$1" && find . -name .dsync -prune -o -type f -print | sort)
}

# ends WORD: the watch does, and says why
ends() {
	over() {
		case $(cat "/proc/$(watch_pid w)/stat") in
		'' | *') Z '*) ;;
		*) return 1 ;;
		esac
	}
	within over || {
		kill -KILL "$(watch_session w)" "$(watch_pid w)"
		watch_ended w 137
		return
	}
	watch_ended w 3
	grep -q "$1" "$work/watch.w.err" ||
	    fail "$case, $side: not said why: $(cat "$work/watch.w.err")"
}

# What is done to the folder $place, and how it is undone.
unmounted() {
	! umount "$place" 2>/dev/null || fail 'it was not in use'
	umount -l "$place"
}
back_unmounted() { mount --bind disk "$place"; }
covered() { mount -t tmpfs none "$place"; }
back_covered() { umount "$place"; }
moved() { mv "$place" elsewhere; }
back_moved() { mv elsewhere "$place"; }
carried() { mv "${place%/*}" elsewhere; }
back_carried() { mv elsewhere "${place%/*}"; }
replaced() { mv "$place" elsewhere && mkdir "$place"; }
back_replaced() { rmdir "$place" && mv elsewhere "$place"; }
linked() { mv "$place" elsewhere && mkdir other && ln -s ../other "$place"; }
back_linked() { rm "$place" && mv elsewhere "$place"; }
deleted() { rm -rf "$place"; }

# stopped COMMAND...: while the session and its peer do not look
stopped() {
	session=$(watch_session w)
	both="$session $(children "$session")"
	# shellcheck disable=SC2086
	kill -STOP $both
	"$@"
	# shellcheck disable=SC2086
	kill -CONT $both
}

# watches CASE SIDE: both sides, in folders made for it
watches() {
	case=$1 side=$2
	n=$((${n:-0} + 1))
	mkdir "$work/t/$n" && cd "$work/t/$n" || exit 99
	mkdir -p pa/a pb/b disk
	place=p$side/$side
	if [ "$side" = a ]; then other=pb/b; else other=pa/a; fi
	[ "${case#unmounted}" = "$case" ] || mount --bind disk "$place"
	for m in $(seq 60); do echo "$m" >"pa/a/$m.md"; done
	# shellcheck disable=SC2086
	watch_start w ${interval:-} pa/a pb/b
	same_soon pa/a pb/b
	names $other >"$work/names"
}

# untouched: the other side is as it was, and the place is empty
untouched() {
	names $other | cmp -s "$work/names" - ||
	    fail "$case, $side: the other side is another one"
	for left in "$place" other; do
		[ ! -d "$left" ] || [ -z "$(ls -A "$left")" ] ||
		    fail "$case, $side: left there: $(ls -A "$left")"
	done
}

# again: it is back, and they go on where they were
again() {
	"back_$case" || fail "$case, $side: it does not come back"
	watch_start w pa/a pb/b
	same_soon pa/a pb/b
	[ "$(cat pa/a/7.md)" = later ] || fail "$case, $side: the edit is gone"
	watch_stop w
	swept pa/a pb/b
	[ "$case" != unmounted ] || umount "$place"
}

# lost CASE SIDE WORD [edited]: the other side is edited, or nothing happens
# at all
lost() {
	interval=--interval=5
	[ -z "${4:-}" ] || interval=
	watches "$1" "$2"
	stopped "$case"
	[ -z "${4:-}" ] || echo later >"$other/7.md"
	ends "$3"
	untouched
	[ "$case" != deleted ] || return
	echo later >"$other/7.md"
	again
}

# cut CASE SIDE: and the link breaks at the same time
cut() {
	interval=
	watches "$1" "$2"
	session=$(watch_session w)
	kill -STOP "$session"
	"$case"
	kill -KILL "$session"
	ends 'folder'
	untouched
	[ "$case" != moved ] || [ ! -e "$place" ] ||
	    fail "$case, $side: made anew"
	echo later >"$other/7.md"
	again
}

for side in a b; do
	lost moved $side 'was moved\|not there'
	lost replaced $side 'was moved\|another folder'
	lost linked $side 'was moved\|another folder'
	lost deleted $side 'deleted\|is gone'
	lost carried $side 'not there' edited
	cut moved $side
	cut carried $side
done
lost carried b 'not there'

mkdir "$work/mount"
mount -t tmpfs none "$work/mount" 2>/dev/null ||
    skip 'nothing can be mounted: not all was tested'
umount "$work/mount"
for side in a b; do
	lost unmounted $side 'another folder' edited
	lost covered $side 'another folder' edited
	cut unmounted $side
done
lost unmounted a 'another folder'
lost covered b 'another folder'
done_
