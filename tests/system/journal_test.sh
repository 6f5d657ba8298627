#!/bin/sh
# A journal that is lost, damaged, cut short or old costs a comparison, never a
# file: it is set aside, all is as at a first meeting.  A newer one is refused.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

start() {
	rm -rf a b
	mkdir a b
	for n in 1 2 3 4; do echo $n >a/$n.md; done
	exits 0 sync a b
	# A deletion, an edit, a conflict: without a journal nobody knows.
	rm a/1.md
	echo edited >>b/2.md
	echo server >a/3.md
	echo client >b/3.md
	touch -d 2026-01-02 a/3.md
	touch -d 2026-01-01 b/3.md
	contents a b >"$work/saved"
}

# union WHAT: the run ends well, nothing was deleted, and the next is quiet
union() {
	run sync a b
	# It may show in the middle of a run, and is set aside then.
	for side in a b; do
		[ $code -eq 11 ] || break
		says err 'set aside'
		run sync a b
	done
	[ $code -eq 0 ] || fail "$1: exit $code: $(cat "$work/err")"
	equal a b
	# What was cut off may have been of no use; then all is remembered.
	ls [ab]/.dsync/*.damaged-* >/dev/null 2>&1 ||
	    [ "${1% on*}" != odd ] || return
	[ -e a/1.md ] && [ -e b/1.md ] || fail "$1: a file was deleted"
	same "$1: newest" server "$(cat b/3.md)"
	nothing_lost "$work/saved" a b
	exits 0 sync a b
	says out 'nothing to do'
	silent err
}

lose() {
	rm -f $1/.dsync/journal.db*
}
empty() {
	: >$1/.dsync/journal.db
}
garbage() {
	seq 1 20000 >$1/.dsync/journal.db
}
header() {
	printf 'garbage garbage' |
	    dd of=$1/.dsync/journal.db conv=notrunc status=none
}
half() {
	size=$(stat -c %s $1/.dsync/journal.db)
	truncate -s $((size / 2)) $1/.dsync/journal.db
}
odd() {
	size=$(stat -c %s $1/.dsync/journal.db)
	truncate -s $((size - 700)) $1/.dsync/journal.db
}
middle() {
	head -c 9000 /dev/urandom | dd of=$1/.dsync/journal.db \
	    bs=1 seek=8192 conv=notrunc status=none
}
for damage in lose empty garbage header half odd middle; do
	for sides in a b 'a b'; do
		start
		for side in $sides; do
			$damage $side
		done
		union "$damage on $sides"
		case $damage in
		lose | empty | odd) ;;
		*)
			for side in $sides; do
				ls $side/.dsync/journal.db.damaged-* \
				    >/dev/null 2>&1 ||
				    fail "$damage on $side: not set aside"
			done
			;;
		esac
	done
done

# All of .dsync gone, on each side.
for side in a b; do
	start
	rm -r $side/.dsync
	run sync a b
	[ $code -eq 0 ] || run sync --rebind a b
	[ $code -eq 0 ] || fail ".dsync of $side gone: exit $code"
	equal a b
	[ -e a/1.md ] || fail 'a file was deleted'
	nothing_lost "$work/saved" a b
done

# An old copy of it: what it does not know is not deleted, nor put back in time.
for side in a b; do
	start
	cp -a $side/.dsync old
	exits 0 sync a b
	for n in 5 6; do echo $n >a/$n.md; done
	echo 'edited again' >>a/4.md
	exits 0 sync a b
	contents a b >"$work/saved"
	rm -r $side/.dsync
	mv old $side/.dsync
	run sync a b
	case $code in
	0) ;;
	*) fail "old journal of $side: exit $code: $(cat "$work/err")" ;;
	esac
	equal a b
	[ -e a/5.md ] || fail "old journal of $side: a file was deleted"
	grep -q again a/4.md || fail "old journal of $side: an edit was undone"
	nothing_lost "$work/saved" a b
done

# A newer one is refused before anything is changed.
for side in a b; do
	start
	# user_version, at 60 in the header.
	printf '\0\0\17\377' | dd of=$side/.dsync/journal.db bs=1 seek=60 \
	    conv=notrunc status=none
	find a b -name .dsync -prune -o -printf '%p %C@\n' >"$work/before"
	exits 2 sync a b
	find a b -name .dsync -prune -o -printf '%p %C@\n' |
	    diff "$work/before" - || fail 'something was changed'
	ls $side/.dsync/*damaged* 2>/dev/null && fail 'set aside a newer one'
done
done_
