#!/bin/sh
# What can't be read, on either side, is told of (path and why) and left
# alone: it is never taken for deleted, and the others go on.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir -p a/closed a/dir b
for n in a/1.md a/2.md a/3.md a/closed/in.md a/dir/in.md; do echo 1 >$n; done
for_nobody a b
exits 0 sync a b

for side in a b; do
	other=$(echo $side | tr ab ba)
	chmod 000 $side/1.md $side/closed
	echo more >>a/2.md
	echo more >>b/3.md
	exits 23 sync a b
	says err 1.md
	says err closed
	says err 'Permission denied'
	cmp a/2.md b/2.md && cmp a/3.md b/3.md || fail "$side: the rest"
	[ -e $other/1.md ] && [ -e $other/closed/in.md ] ||
	    fail "$side: what can't be read was deleted"
	# Edits and deletions on the other side wait.
	echo "edited on $other" >>$other/1.md
	rm -r $other/closed
	exits 23 sync a b
	[ -e $other/closed/in.md ] && fail "$side: it came back too early"
	chmod 644 $side/1.md
	chmod 755 $side/closed
	grep -q "edited on $other" $side/1.md && fail "$side: an unread file was replaced"
	exits 0 sync a b
	equal a b
	grep -q "edited on $other" $side/1.md || fail "$side: the edit was not carried"
	[ ! -e $side/closed ] || fail "$side: the deletion was not carried"
	mkdir a/closed
	echo again >a/closed/in.md
	exits 0 sync a b
done

# Told once, also where all is looked at anew: the server's journal is older.
cp -a a/.dsync before
for n in 1 2 3; do
	echo $n >b/3.md
	exits 0 sync a b
done
rm -r a/.dsync
mv before a/.dsync
chmod 000 b/2.md
exits 23 sync a b
says err 'the server does not remember the last run'
same 'lines about it' 1 "$(grep -c 2.md "$work/err")"
says out '1 file could not be synced'
chmod 644 b/2.md
exits 0 sync a b
equal a b

# A root that can't be read, or written to, is refused or reported whole.
chmod 000 a
run sync a b
[ "$code" -ne 0 ] || fail 'a closed root was in sync'
[ "$(ls b | wc -l)" -eq 5 ] || fail 'a closed root counted as empty'
chmod 755 a
exits 0 sync a b
done_
