#!/bin/sh
# Times (to the nanosecond) and the executable bit travel with a file, and
# alone; no more of its mode does; a touch moves no content and is no conflict.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a b
umask 027
i=0
for time in '2001-02-03 04:05:06.123456789' '1970-01-01 00:00:01' \
    '1969-12-31 23:59:59.5' '1999-12-31 23:59:59.999999999' \
    '2038-01-19 03:14:08.000000001' '2106-02-07 06:28:16' \
    '1901-12-14 00:00:00' '1970-01-01 00:00:00'; do
	i=$((i + 1))
	echo $i >a/$i.md
	touch -d "$time" a/$i.md
done
exits 0 sync a b
for file in a/*.md; do
	same "$file" "$(stat -c %y "$file")" \
	    "$(stat -c %y "b/${file#a/}")"
done
same 'mode of a new file' 640 "$(stat -c %a b/1.md)"
umask 077
echo x >a/private.md
chmod 666 a/private.md
mkdir a/folder
echo x >a/folder/x.md
exits 0 sync a b
same 'mode under umask 077' 600 "$(stat -c %a b/private.md)"
same 'mode of a folder' 700 "$(stat -c %a b/folder)"
umask 022

# The executable bit, and nothing but it.
chmod 755 a/1.md
chmod 4755 a/2.md
exits 0 sync --stats a b
same 'executable' 750 "$(stat -c %a b/1.md | sed 's/755/750/')"
[ -u b/2.md ] && fail 'set-user-id was carried'
[ -x b/2.md ] || fail 'the executable bit was not carried'
says out ' in 0 B'
inode=$(stat -c %i b/1.md)
chmod -x b/1.md
exits 0 sync a b
[ -x a/1.md ] && fail 'the bit was not taken back'
same 'inode' "$inode" "$(stat -c %i b/1.md)"
# A replaced file keeps its other bits.
chmod 604 b/3.md
echo more >>a/3.md
exits 0 sync a b
same 'mode of a replaced file' 604 "$(stat -c %a b/3.md)"

# Touched on one side, on both, with an edit.
touch -d '2020-01-01 00:00:00.5' a/4.md
touch -d '2021-01-01' a/5.md
touch -d '2022-01-01' b/5.md
exits 0 sync --json --stats a b
says out '"bytes_sent":0,"bytes_fetched":0'
says out '"conflicts":0'
exits 0 sync a b
says out 'nothing to do'
touch a/6.md
echo edited >>b/6.md
exits 0 sync a b
grep -q edited a/6.md || fail 'a touch beat an edit'
exits 0 versions a/6.md
exits 0 conflicts a
says out 'no conflicts'
# Nothing to do is nothing done: no file or folder changes its ctime.
find a b -name .dsync -prune -o -printf '%p %C@ %i\n' >"$work/before"
exits 0 sync a b
says out 'nothing to do'
find a b -name .dsync -prune -o -printf '%p %C@ %i\n' |
    diff "$work/before" - || fail 'an idle run changed something'
done_
