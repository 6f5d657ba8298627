#!/bin/sh
# What can't be a pair of folders is refused with one line and its exit code,
# and nothing is made or changed.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# What is there.  A client at the end of a link has begun a journal when it
# hears that its server refuses.
there_is() {
	if [ -z "${VIA:-}" ]; then
		find . "$HOME" -printf '%p %i %s\n'
	else
		find . "$HOME" -name .dsync -prune -o -printf '%p %i\n'
	fi | sort
}

# refused CODE TEXT ARGUMENT...
refused() {
	wanted_text=$2
	wanted_code=$1
	shift 2
	there_is >"$work/before"
	exits "$wanted_code" "$@"
	says err "$wanted_text"
	same "lines of $*" 1 "$(grep -vc 'copying one way; ' "$work/err")"
	there_is | diff "$work/before" - ||
	    fail "$*: something was made"
}

mkdir -p a/in/deep b "$HOME/notes"
echo 1 >a/1.md
: >file
ln -s a to-a
ln -s loop loop
for verb in sync push pull ''; do
	# shellcheck disable=SC2086
	{
		refused 3 / $verb / b
		refused 3 / $verb b /
		refused 3 'home' $verb "$HOME" b
		refused 3 'home' $verb b "$HOME/."
		refused 3 'nowhere' $verb nowhere/at/all b
		refused 3 'file' $verb file b
		refused 3 'file' $verb a file
		refused 3 'loop' $verb ./loop b
	}
	# Of two machines none knows where a folder of the other lies.
	[ -z "${VIA:-}" ] || continue
	# shellcheck disable=SC2086
	{
		refused 3 'inside' $verb a a/in
		refused 3 'inside' $verb a/in/deep a
		refused 3 'same' $verb a a/
		refused 3 'same' $verb a ../t/a
		refused 3 'same' $verb a to-a
		refused 3 'inside' $verb to-a a/in/deep
	}
done
refused 3 'nowhere' sync nowhere b
refused 3 'nowhere' push nowhere b
refused 1 'remembers no other' sync b
refused 1 '' sync '' b
# A folder in the home folder is fine, a new one is made.
exits 0 sync a "$HOME/notes"
exits 0 sync a new
cmp a/1.md new/1.md || fail "not synced"
# A folder in one that is synced is no replica of its own.
mkdir new/sub
run sync a new/sub
[ "$code" -eq 3 ] || fail "in a replica: exit $code"
says err 'synced itself'
[ -z "$(ls new/sub)" ] || fail 'it was filled all the same'
# A folder in .dsync is nobody's.
run sync a b/.dsync/x
[ "$code" -eq 3 ] || fail "in .dsync: exit $code"
done_
