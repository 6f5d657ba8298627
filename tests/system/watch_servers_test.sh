#!/bin/sh
# A watch of several servers goes to the next when there is no link to one, and
# home to the first once that is back; what was edited wherever meanwhile is
# everywhere in the end, and what was deleted nowhere.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"
. "$here/servers.sh"

host a
host b
host c
DSYNC_RSH=$rsh
export DSYNC_RSH
all=a,b,c:/preset/notes
mkdir here

# with HOST...: these were tried, one after the other, since the last look
with() {
	same 'tried' "$* " "$(tried)"
}

rested() {
	[ "$(grep -c '^watching: ' "$work/watch.w.out")" -ge "$1" ]
}

back() {
	[ "$(grep -c '^dsync: back to a' "$work/watch.w.err")" -ge "$1" ]
}

# save FOLDER NAME: a new text
save() {
	echo "$1 $2" >"$1/$2"
}

is_at() {
	[ -e "$1/$2" ]
}

is_not_at() {
	[ ! -e "$1/$2" ]
}

for n in $(seq 40); do save a "old$n"; done
for n in $(seq 40); do save c "old$n"; done

# The first two are down at the start.
wrong a down
wrong b down
watch_start w --interval=5 "$all" here
grep -q 'trying b' "$work/watch.w.err" || fail 'b was not tried aloud'
same_soon c here
exits 0 status here
says out 'server:    c'
save here one
within is_at c one
save c two
within is_at here two
rm here/old1
within is_not_at c old1

# The second is back: it is not the first, so nobody minds.
fine b
save b from-b
save a from-a
rm a/old2
contents a b c here >"$work/saved"

# The first is back: home, and all that happened meanwhile is there.
fine a
within back 1
within rested 2
same_soon a here
[ -e a/one ] && [ -e a/two ] || fail 'a lacks what was saved meanwhile'
[ -e here/from-a ] || fail 'what was saved at a did not come'
[ ! -e here/from-b ] || fail 'b was met'
# Of a nothing was known: nothing could be taken for a deletion.
[ -e here/old1 ] && [ -e here/old2 ] || fail 'deleted at first contact'
nothing_lost "$work/saved" a b c here

# Now a is known.  It breaks; what is edited and deleted here goes to b, and
# what is deleted at a meanwhile is deleted here once it is met again.
rm here/old1
within is_not_at a old1
: >"$work/tried"
gone a down
save here three
within is_at b three
within rested 3
same_soon b here
[ -e here/from-b ] || fail 'what was at b did not come'
[ ! -e b/old1 ] && [ ! -e here/old1 ] || fail 'a deletion was undone'
rm a/old3 here/old4 b/old5
echo 'edited here' >here/old6
echo 'edited at a' >a/old7
echo 'edited at both' >a/old8
touch -d '1 minute ago' a/old8
echo 'edited at both, later' >here/old8
within is_not_at here old5
within is_not_at b old4
within cmp here/old8 b/old8
contents a b c here >"$work/saved"
fine a
within back 2
within rested 4
same_soon a here
for n in 3 4 5; do
	[ ! -e "a/old$n" ] && [ ! -e "here/old$n" ] ||
	    fail "old$n came back"
done
same 'old6' 'edited here' "$(cat a/old6)"
same 'old7' 'edited at a' "$(cat here/old7)"
same 'old8' 'edited at both, later' "$(cat a/old8)"
nothing_lost "$work/saved" a b c here

# At home nobody asks whether it is.
: >"$work/tried"
save here four
within is_at a four
same 'tried at home' '' "$(tried)"

# What is refused is no reason to go elsewhere.
gone a key
watch_ended w 15
same 'tried' 'a ' "$(tried)"

# Without a word it knows where to go; and it stops while it asks, too.
wrong a silent
(cd here && exec "$DSYNC" sync -q --contimeout=1) || fail 'sync after the watch'
wrong a down
watch_start again --interval=5 here
wrong a silent
asks() {
	grep -q a "$work/tried"
}
: >"$work/tried"
within asks
watch_stop again
alone
fine a
exits 0 sync here
exits 0 sync b,a:/preset/notes here
exits 0 sync here
equal a here
exits 0 sync c,b:/preset/notes here
equal c here
done_
