#!/bin/sh
# A folder where a file was, and the reverse, on either side and with edits on
# the other: both are carried, or what stands in the way is told of; nothing
# is lost and the others go on.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# start: two folders in sync, a file and a folder of files in each
start() {
	rm -rf a b
	mkdir -p a/dir/deep
	echo file >a/file
	echo 1 >a/dir/1.md
	echo 2 >a/dir/deep/2.md
	echo other >a/other.md
	exits 0 sync a b
}

to_folder() {
	rm "$1/file"
	mkdir -p "$1/file/in"
	echo inside >"$1/file/in/inside.md"
}

to_file() {
	rm -r "$1/dir"
	echo 'a file now' >"$1/dir"
}

# Nothing else changed: it is carried at once.
for side in a b; do
	start
	to_folder $side
	to_file $side
	contents a b >"$work/saved"
	exits 0 sync a b
	equal a b
	[ -f a/dir ] && [ -f b/file/in/inside.md ] || fail "$side: not carried"
	nothing_lost "$work/saved" a b
	swept a b
done

# Edits on the other side: they win over what is a deletion, or are told of.
for side in a b; do
	other=$(echo $side | tr ab ba)
	start
	to_folder $side
	to_file $side
	echo edited >>$other/file
	echo edited >>$other/dir/deep/2.md
	echo new >$other/dir/new.md
	echo going >>$other/other.md
	contents a b >"$work/saved"
	run sync a b
	case $code in
	0 | 23 | 40) ;;
	*) fail "$side: exit $code: $(cat "$work/err")" ;;
	esac
	nothing_lost "$work/saved" a b
	cmp a/other.md b/other.md || fail "$side: the others did not go on"
	[ $code -eq 0 ] || says out dir
	run sync a b
	nothing_lost "$work/saved" a b
	# A person settles it, and all is well.
	rm -rf $other/file $other/dir
	run sync a b
	[ $code -eq 0 ] || run sync a b
	same "$side: exit code once it is settled" 0 $code
	equal a b
	nothing_lost "$work/saved" a b
done

# Both made the other kind of the same new name.
start
echo 'a file' >a/new
mkdir b/new
echo 'in a folder' >b/new/in.md
echo going >>a/other.md
contents a b >"$work/saved"
run sync a b
nothing_lost "$work/saved" a b
cmp a/other.md b/other.md || fail 'the others did not go on'
run sync a b
same 'settled by a person?' 'a file' "$(cat a/new)"

# An empty folder in the place of a file that comes.
start
mkdir b/empty
echo 'not empty' >a/empty
run sync a b
contents a b | grep -q "$(echo 'not empty' | sha256sum | cut -c1-64)" ||
    fail 'lost'
done_
