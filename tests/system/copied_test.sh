#!/bin/sh
# A replica that was copied with its .dsync, and a server's folder that was:
# nothing is lost, nothing deleted that nobody deleted, and all come together.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# The client's: two replicas with one memory, each goes its own way.
mkdir a b
for n in 1 2 3; do echo $n >a/$n.md; done
exits 0 sync a b
cp -a b c
echo 'in b' >>b/1.md
echo 'in c' >>c/2.md
echo 'new in c' >c/new.md
rm b/3.md
contents a b c >"$work/saved"
for pair in b c b c; do exits 0 sync a $pair; done
equal a b
equal a c
[ -e a/3.md ] && fail 'a deletion was undone'
nothing_lost "$work/saved" a b c

# The server's: one identity, two pasts.
cp -a a a2
echo 'in a' >>a/1.md
exits 0 sync a b
echo 'in a2' >>a2/2.md
echo 'only in a2' >a2/only.md
exits 0 sync a2 c
contents a a2 b c >"$work/saved"
run sync a2 b
[ $code -eq 0 ] || run sync --rebind a2 b
[ $code -eq 0 ] || fail "a copy of the server's: exit $code"
[ -e b/only.md ] || fail 'a file of the copy did not come'
equal a2 b
nothing_lost "$work/saved" a a2 b c
[ "$(ls b | wc -l)" -eq "$(ls a2 | wc -l)" ] || fail 'not the same files'
exits 0 sync a2 b
says out 'nothing to do'

# A folder put back from a backup of an hour ago, .dsync and all.
rm -rf a b
mkdir a b
for n in 1 2 3; do echo $n >a/$n.md; done
exits 0 sync a b
for side in a b; do
	cp -a $side backup
	echo "$side later" >>b/1.md
	echo later >a/later-$side.md
	exits 0 sync a b
	contents a b >"$work/saved"
	rm -r $side
	mv backup $side
	run sync a b
	[ $code -eq 0 ] || run sync a b
	[ $code -eq 0 ] || fail "backup of $side: $code: $(cat "$work/err")"
	equal a b
	[ -e a/later-$side.md ] || fail "backup of $side: a file was deleted"
	[ $side = a ] && continue
	nothing_lost "$work/saved" a b
done
done_
