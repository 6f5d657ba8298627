#!/bin/sh
# --conflict: newest, server, client, manual; an edit beats a deletion under
# each of them, and what loses is kept.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

start() {
	rm -rf a b
	mkdir a b
	for n in both gone-a gone-b twice; do echo base >a/$n.md; done
	exits 0 sync a b
	echo server >a/both.md
	touch -d 2026-01-02 a/both.md
	echo client >b/both.md
	touch -d 2026-01-03 b/both.md
	rm a/gone-a.md b/gone-b.md
	echo edited >b/gone-a.md
	echo edited >a/gone-b.md
	rm a/twice.md b/twice.md
	echo new >a/new.md
	contents a b >"$work/saved"
}

for rule in newest server client; do
	start
	exits 0 sync --conflict=$rule a b
	equal a b
	case $rule in
	server) same $rule server "$(cat b/both.md)" ;;
	*) same $rule client "$(cat a/both.md)" ;;
	esac
	same 'edit against deletion' edited "$(cat a/gone-a.md)"
	same 'deletion against edit' edited "$(cat b/gone-b.md)"
	[ -e a/twice.md ] || [ -e b/twice.md ] && fail 'deleted on both sides'
	nothing_lost "$work/saved" a b
	exits 0 sync a b
	says out 'nothing to do'
done

# manual: both stay, again and again; the rest goes on.
start
exits 40 sync --conflict=manual a b
same manual server "$(cat a/both.md)"
same manual client "$(cat b/both.md)"
same 'the rest' new "$(cat b/new.md)"
exits 0 conflicts b
says out both.md
exits 40 sync --conflict=manual a b
same 'again' server "$(cat a/both.md)"
echo 'server again' >a/both.md
exits 40 sync --conflict=manual a b
same 'again' client "$(cat b/both.md)"
exits 0 sync --conflict=server a b
same 'decided' 'server again' "$(cat b/both.md)"
exits 0 versions b/both.md
says out "$(echo client | sha256sum | cut -c1-10)"
exits 0 sync a b
equal a b
# Or by making them equal.
start
exits 40 sync --conflict=manual a b
cp a/both.md b/both.md
exits 0 sync --conflict=manual a b
equal a b
exits 0 conflicts b
grep -q open "$work/out" && fail "still open: $(cat "$work/out")"

# First contact: equal files are taken as they are, different ones are
# conflicts, and nothing is deleted.
rm -rf a b
mkdir a b
echo equal >a/equal.md
echo equal >b/equal.md
touch -d 2020-01-01 b/equal.md
echo server >a/both.md
echo client >b/both.md
touch -d 2020-01-01 a/both.md b/both.md
echo a >a/a.md
echo b >b/b.md
contents a b >"$work/saved"
exits 0 sync --stats a b
equal a b
same 'a tie' server "$(cat b/both.md)"
nothing_lost "$work/saved" a b
same 'all three, and one' 4 "$(ls a | wc -l | tr -d ' ')"
exits 1 sync --conflict=coin a b
done_
