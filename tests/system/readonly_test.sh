#!/bin/sh
# Files that can't be written, because their folder may not be changed, are
# told of by path and reason, and all others are synced.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

for side in a b; do
	other=$(echo $side | tr ab ba)
	rm -rf a b
	mkdir -p a/fixed a/free b
	for n in change delete move; do echo $n >a/fixed/$n.md; done
	echo 1 >a/free/1.md
	for_nobody a b
	exits 0 sync a b
	chmod 555 $side/fixed
	echo edited >>$other/fixed/change.md
	rm $other/fixed/delete.md
	mv $other/fixed/move.md $other/free/moved.md
	echo new >$other/fixed/new.md
	echo edited >>$other/free/1.md
	echo new >$other/free/2.md
	contents a b >"$work/saved"
	exits 23 sync a b
	for n in change delete new; do says err fixed/$n.md; done
	says err 'Permission denied'
	cmp a/free/1.md b/free/1.md && cmp a/free/2.md b/free/2.md ||
	    fail "$side: the others did not go on"
	same "$side: as it was" change "$(cat $side/fixed/change.md)"
	[ -e $side/fixed/delete.md ] || fail "$side: deleted"
	swept a b
	exits 23 sync a b
	chmod 755 $side/fixed
	exits 0 sync a b
	equal a b
	[ -e a/fixed/delete.md ] && fail "$side: not deleted"
	nothing_lost "$work/saved" a b
	chmod -R u+w a b
done

# Files that are read-only themselves are replaced like others, and stay so.
echo 1 >a/locked.md
exits 0 sync a b
chmod 444 b/locked.md
echo 2 >>a/locked.md
exits 0 sync a b
cmp a/locked.md b/locked.md || fail 'a read-only file was not replaced'
same 'mode' 444 "$(stat -c %a b/locked.md)"

# A folder that may not be changed at all.
mkdir shut
echo 1 >shut/1.md
for_nobody shut
chmod 555 shut
run sync shut c
[ "$code" -ne 0 ] || fail 'in sync with a folder that takes no journal'
says err shut
same 'lines' 1 "$(wc -l <"$work/err" | tr -d ' ')"
chmod 755 shut
done_
