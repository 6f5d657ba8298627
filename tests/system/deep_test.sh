#!/bin/sh
# A path that is too long or too deep to be carried is told of by name, and
# all others are synced.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# below FOLDER NAME DEPTH: FOLDER/NAME/NAME/.., with in.md in the last
below() (
	cd "$1" || exit
	i=0
	while [ $i -lt "$3" ]; do
		mkdir "$2" && cd -P "$2" || exit
		i=$((i + 1))
	done
	echo deep >in.md
)

name=$(printf 'n%.0s' $(seq 1 250))
mkdir a b
echo fine >a/fine.md
below a fits 200 || fail 'no deep folder'
echo fine >b/other.md
exits 0 sync a b
equal a b

# 17 times 250 bytes are more than PATH_MAX.
below b "$name" 17 2>/dev/null || skip 'no such deep folder can be made'
echo more >>a/fine.md
echo more >>b/other.md
exits 23 sync a b
same 'fetched' "$(cat a/fine.md)" "$(cat b/fine.md)"
same 'sent' "$(cat a/other.md)" "$(cat b/other.md)"
says err nnnnnn
says err 'too long'
same 'lines about it' 1 "$(grep -c nnnnnn "$work/err")"
# It is not counted as deleted, nor as there.
exits 23 sync a b
[ -d "b/$name/$name" ] || fail 'the deep folder is gone'
rm -rf "b/$name"

# Three hundred folders in one another: not too long, but too deep.
for side in a b; do
	below $side d 300 || fail 'no deep folder'
	echo more >>a/fine.md
	echo more >>b/other.md
	exits 23 sync a b
	same 'lines about it' 1 "$(grep -c d/d/d "$work/err")"
	same 'fetched beside' "$(cat a/fine.md)" "$(cat b/fine.md)"
	same 'sent beside' "$(cat a/other.md)" "$(cat b/other.md)"
	rm -rf $side/d
	exits 0 sync a b
done
equal a b
done_
