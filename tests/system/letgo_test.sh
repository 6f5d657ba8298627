#!/bin/sh
# A file that leaves the set (it turns binary, grows too big, is ignored) is
# let go: it stays as it is on both sides; and comes back when it may.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a b
for n in 1 2 3 4 5 6 stay; do echo "text $n" >a/$n.md; done
exits 0 sync a b

# still SIDE FILE TEXT: that side's file has this text in it
still() {
	grep -qa "$3" "$1/$2" || fail "$1/$2 has no \"$3\""
}

# Binary, on the server and on the client.
printf 'now\0binary\n' >a/1.md
printf 'now\0binary\n' >b/2.md
exits 0 sync a b
says out '   1.md  not synced any more'
says out '   2.md  not synced any more'
says out 'in sync: 2 not synced any more, '
still b 1.md 'text 1'
still a 2.md 'text 2'
still a 1.md binary
still b 2.md binary
# Neither side's later deletion or edit of it is carried.
rm b/1.md
echo 'edited' >>a/2.md
exits 0 sync a b
still a 1.md binary
still b 2.md binary
still a 2.md edited
# Text again: as at a first meeting.
echo 'text again' >a/1.md
exits 0 sync a b
still b 1.md 'text again'

# Too big, by the option.
seq 1 1000 >>a/3.md
seq 1 1000 >>b/4.md
exits 0 sync --max-size=1k a b
same 'a/4.md' 'text 4' "$(cat a/4.md)"
same 'b/3.md' 'text 3' "$(cat b/3.md)"
rm b/3.md
exits 0 sync --max-size=1k a b
still a 3.md 1000
# A limit that lets it in again: the larger came first, and is not deleted.
exits 0 sync a b
still b 3.md 1000
still a 4.md 1000

# Hidden names are never looked at, on neither side.
echo secret >a/.hidden
mkdir b/.git
echo secret >b/.git/config
exits 0 sync a b
[ -e b/.hidden ] || [ -e a/.git ] && fail 'a hidden name was carried'
mv a/5.md a/.5.md
exits 0 sync -v a b
still a .5.md 'text 5'
equal_names=$(ls -A b | tr '\n' ' ')
case $equal_names in *' 5.md'*) fail 'the old name of a hidden file stays' ;; esac
exits 0 sync --hidden a b
still b .hidden secret
still b .5.md 'text 5'
exits 0 sync a b
still b .hidden secret
still a .hidden secret

# A dry run, and verify, look at all there is: and say the same.
mkdir c
for n in 1 2 gone; do echo "text $n" >c/$n.md; done
exits 0 sync -q c d
printf 'now\0binary\n' >c/1.md
rm c/gone.md
exits 0 sync -n c d
says out 'gone.md deleted'
grep -q '1\.md.*deleted' "$work/out" && fail 'a dry run would delete 1.md'
exits 0 sync c d
still d 1.md 'text 1'

# What was never synced is in the way of a file of its name: no file's word
# for it is sent twice, and it is found when the way is free.
printf 'a\0binary\n' >c/way.md
ln -s 2.md c/link.md
mkdir d/was
echo 'a text' >d/way.md
mv d/2.md d/link.md
echo 'in a folder' >d/was/in.md
printf 'a\0binary\n' >c/was
exits 0 sync c d
exits 0 sync --stats c d
says out 'nothing to do'
still d way.md 'a text'
still c way.md binary
[ -e c/2.md ] && fail 'what was moved onto a symlink is still there'
rm c/way.md c/link.md c/was c/1.md d/1.md
exits 0 sync c d
equal c d
# What is never synced, for what it is, is told to who asks for it; what a
# rule leaves out is not.
mkdir c d
printf 'a\0b\n' >d/binary
seq 1 1000 >d/large.md
ln -s nowhere d/link
mkfifo d/pipe
echo ruled >d/ruled.o
echo '*.o' >d/.dsyncignore
exits 0 sync -v --max-size=1k c d
for what in 'binary  not text' 'large.md  too large: 3.9 KB' \
    'link  a symbolic link' 'pipe  neither file nor folder'; do
	says out "   $what"
done
grep -q ruled "$work/out" && fail "$(cat "$work/out")"
exits 0 sync --max-size=1k c d
same 'lines without -v' 1 "$(wc -l <"$work/out" | tr -d ' ')"
exits 0 sync -v --json --max-size=1k c d
same 'events' 4 "$(grep -c '^{"event":"skipped","path":"' "$work/out")"
exits 0 sync --json --max-size=1k c d
same 'events without -v' 0 "$(grep -c skipped "$work/out")"
done_
