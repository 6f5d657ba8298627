#!/bin/sh
# The guard's limit: --max-delete=N and N%, on either side; moves don't count;
# an emptied folder is stopped however few files it had.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

start() {
	rm -rf a b
	mkdir a b
	i=0
	while [ $i -lt "$1" ]; do
		echo "$1 $i" >a/f$i.md
		i=$((i + 1))
	done
	exits 0 sync a b
}
all() {
	find a b ! -name 'journal.db-*' -printf '%p %i %s %T@ %C@\n' | sort
}

start 100
rm b/f[1-5]?.md
echo edit >>a/f1.md
all | grep -v ' a/.dsync\| b/.dsync' >"$work/before"
for options in '' --max-delete=49 --max-delete=49% '-q' '-n'; do
	# shellcheck disable=SC2086
	exits 25 sync $options a b
	says err max-delete=50
done
find a b -name .dsync -prune -o -printf '%p %i %s %T@ %C@\n' | sort >"$work/1"
grep -v '/\.dsync' "$work/before" | grep -v '^[ab] ' >"$work/2"
grep -v '^[ab] ' "$work/1" | diff "$work/2" - || fail 'something was changed'
exits 0 sync --max-delete=50% a b
equal a b
same 'files left' 50 "$(ls a | wc -l | tr -d ' ')"

# 25 % and 20 files: both have to be exceeded.
start 70
rm a/f[12]?.md
exits 0 sync a b
start 200
rm a/f1??.md a/f??.md
exits 25 sync a b
exits 0 sync --max-delete=190 a b

# Moves are no deletions, however many.
start 60
mkdir b/sub
mv b/*.md b/sub/
exits 0 sync a b
same 'moved' 60 "$(ls a/sub | wc -l | tr -d ' ')"

# Emptied, replaced by an empty folder, or with nothing but new files.
start 5
rm a/*.md
exits 25 sync a b
same 'files left' 5 "$(ls b | wc -l | tr -d ' ')"
rm -rf a
mkdir a
run sync a b
case $code in
0 | 25) ;;
*) fail "a new folder in its place: exit $code" ;;
esac
same 'files left' 5 "$(ls b | wc -l | tr -d ' ')"
start 5
rm -rf b/* b/.dsync
exits 0 sync a b
equal a b
same 'files left' 5 "$(ls a | wc -l | tr -d ' ')"

# The printed command, with names that a shell would split.  (It may need
# the $'' of bash for those that a terminal would obey.)
need bash
rm -rf a b
mkdir "it's a" 'b
c'
i=0
while [ $i -lt 50 ]; do
	echo $i >"it's a/f$i.md"
	i=$((i + 1))
done
exits 0 sync "it's a" 'b
c'
rm "it's a"/f[1-4]?.md
exits 25 sync -v "it's a" 'b
c'
sed -n '/^If that is what you want:/,$p' "$work/err" | sed 1d >"$work/command"
bash "$work/command" >"$work/out" 2>&1 || fail "its command: $(cat "$work/out")"
same 'files left' 10 "$(ls 'b
c' | wc -l | tr -d ' ')"
done_
