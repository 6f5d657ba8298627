#!/bin/sh
# Which of two edits wins: the later one, either way round; a tie, and times
# that can't be true, go to the server; the loser is kept and comes back.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a b
n=0
for_all() {
	for case in 'server 2026-01-02 2026-01-01' 'client 2026-01-01 2026-01-02' \
	    'server 2026-01-01 2026-01-01' \
	    'server 2026-01-01 1970-01-01' 'server 1970-01-01 2026-01-01' \
	    'server 2026-01-01 1975-06-01' 'server 1975-06-01 2026-01-01' \
	    'server 2026-01-01 2038-01-01' 'server 2038-01-01 2026-01-01' \
	    'server 1970-01-01 1970-01-01' 'server 2001-01-01 2039-01-01' \
	    'client 2026-01-01T00:00:00 2026-01-01T00:00:01'; do
		n=$((n + 1))
		# shellcheck disable=SC2086
		"$1" $n $case
	done
}
begin() {
	echo base >a/$1.md
}
edit() {
	echo "server $1" >a/$1.md
	touch -d "${3}Z" a/$1.md 2>/dev/null || touch -d "$3" a/$1.md
	echo "client $1" >b/$1.md
	touch -d "${4}Z" b/$1.md 2>/dev/null || touch -d "$4" b/$1.md
}
check() {
	same "$1: $3 against $4" "$2 $1" "$(cat a/$1.md)"
	if [ "$2" = server ]; then
		side=b loser=client
	else
		side=a loser=server
	fi
	hash=$(echo "$loser $1" | sha256sum | cut -c1-64)
	"$DSYNC" versions --json $side/$1.md | grep -q "$hash" ||
	    fail "$1: the loser is not in the store of $side"
	grep -q "\"path\":\"$1.md\".*\"loser\":\"$hash\"" "$work/conflicts" ||
	    fail "$1: not in the list of conflicts"
	"$DSYNC" restore "--version=$(echo "$hash" | cut -c1-16)" \
	    $side/$1.md >/dev/null || fail "$1: not restored"
	same "$1: restored" "$loser $1" "$(cat $side/$1.md)"
}
for_all begin
exits 0 sync a b
n=0
for_all edit
contents a b >"$work/saved"
exits 0 sync a b
equal a b
says out 'conflict: '
nothing_lost "$work/saved" a b
"$DSYNC" conflicts --json b >"$work/conflicts"
n=0
for_all check
# What was restored is an edit like any other.
exits 0 sync a b
equal a b
same 'restored and carried' 'client 1' "$(cat a/1.md)"

# Only true conflicts look at clocks.
echo old >a/1.md
touch -d 1970-01-01Z a/1.md
echo future >b/2.md
touch -d 2090-01-01 b/2.md
exits 0 sync a b
same 'an old time, one-sided' old "$(cat b/1.md)"
same 'a future time, one-sided' future "$(cat a/2.md)"
done_
