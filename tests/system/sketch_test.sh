#!/bin/sh
# Folders that were copied by other means find out what is equal without
# telling each other all their files.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# below LIMIT WHAT: the folders become equal with fewer bytes than that
below() {
	"$DSYNC" sync a b --json >"$work/out" 2>"$work/err" ||
	    fail "$2: exit $?: $(cat "$work/err")"
	equal a b
	n=$(sed -n 's/.*"wire_out":\([0-9]*\).*"wire_in":\([0-9]*\).*/\1 \2/p' \
	    "$work/out" | tail -n 1)
	n=$((${n% *} + ${n#* }))
	[ "$n" -lt "$1" ] || fail "$2: $n bytes, and $1 are enough"
}

# again: neither remembers the other
again() {
	rm -rf a/.dsync b/.dsync
}

mkdir a b
i=0
while [ $i -lt 2000 ]; do
	[ $((i % 50)) -ne 0 ] || mkdir a/$((i / 50))
	echo "note $i" >a/$((i / 50))/a-note-with-a-name-$i.md
	i=$((i + 1))
done
cp -a a/. b
below 3000 'all is equal'
same 'found equal' 2000 \
    "$(sed -n 's/.*"adopted":\([0-9]*\).*/\1/p' "$work/out" | tail -n 1)"

again
echo changed >a/3/a-note-with-a-name-160.md
echo new >b/4/new.md
rm a/5/a-note-with-a-name-260.md
chmod +x b/6/a-note-with-a-name-310.md
below 70000 'few differ'
[ -e a/5/a-note-with-a-name-260.md ] || fail 'a first contact deleted'
same 'the new one' new "$(cat a/4/new.md)"

# What is not synced is no difference, and none of the other's business.
again
printf 'a\000b' >b/7/binary
ln -s note b/7/link
printf 'a\000c' >a/8/binary
"$DSYNC" sync a b --json >"$work/out" 2>"$work/err" ||
    fail "exit $?: $(cat "$work/err")"
[ ! -e a/7/binary ] && [ ! -e b/8/binary ] || fail 'a binary was synced'
rm a/8/binary b/7/binary b/7/link
below 3000 'but what is not synced'

# One side has nothing.
again
rm -r b
mkdir b
below 999999 'one side is empty'
done_
