#!/bin/sh
# Symlinks, FIFOs, sockets and devices are never opened, followed, carried or
# deleted; nor is what they took the place of counted as deleted.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a b outside
for n in link fifo fold stay; do echo "$n" >a/$n.md; done
mkdir a/dir
echo in >a/dir/in.md
echo out >outside/secret.md
exits 0 sync a b

# An open of a FIFO would wait for ever.
ln -s ../outside a/folder-link
ln -s ../outside/secret.md a/new-link.md
ln -s nowhere b/dangling.md
ln -s loop.md b/loop.md
mkfifo a/pipe.md
mkfifo b/pipe2.md
[ "$(id -u)" -eq 0 ] && mknod b/null.md c 1 3 2>/dev/null
rm a/link.md b/fifo.md
ln -s ../outside/secret.md a/link.md
mkfifo b/fifo.md
rm -r a/dir
ln -s ../outside a/dir
"$DSYNC" sync -v a b >"$work/out" 2>"$work/err" </dev/null &
pid=$!
(
	sleep 20
	kill $pid
) 2>/dev/null &
watch=$!
wait $pid
code=$?
kill $watch 2>/dev/null
case $code in
0 | 23) ;;
*) fail "exit $code: $(cat "$work/err")" ;;
esac
same 'b/link.md' link "$(cat b/link.md)"
same 'a/fifo.md' fifo "$(cat a/fifo.md)"
[ -p b/fifo.md ] && [ -L a/link.md ] && [ -L a/dir ] && [ -p a/pipe.md ] ||
    fail 'something was replaced'
[ -L b/dangling.md ] && [ -L b/loop.md ] || fail 'a symlink is gone'
same 'b/dir/in.md' in "$(cat b/dir/in.md)"
[ ! -e b/folder-link ] && [ ! -e b/new-link.md ] && [ ! -e b/pipe.md ] &&
    [ ! -e a/pipe2.md ] && [ ! -e a/null.md ] ||
    fail 'a special file was carried'
same 'outside' secret.md "$(ls outside)"
same 'secret' out "$(cat outside/secret.md)"

# An edit on the other side does not go through a symlink, nor replace it.
echo changed >>b/link.md
echo changed >>b/dir/in.md
echo changed >>a/fifo.md
echo new >b/dir/new.md
run sync a b
same 'secret' out "$(cat outside/secret.md)"
same 'outside' secret.md "$(ls outside)"
[ -L a/link.md ] && [ -p b/fifo.md ] && [ -L a/dir ] ||
    fail 'an edit replaced a special file'

# Files again: they are synced again.
rm a/link.md b/fifo.md a/dir
exits 0 sync a b
exits 0 sync a b
equal_but_for() {
	lists "$1" | grep -v '	[lpc]$' >"$work/one"
	lists "$2" | grep -v '	[lpc]$' | diff "$work/one" - >"$work/diff" ||
	    fail "differ: $(cat "$work/diff")"
}
equal_but_for a b
grep -q changed b/link.md || fail 'the edit was lost'
grep -q changed a/fifo.md || fail 'the edit was lost'

# A root that is reached through a symlink is a root.
ln -s b to-b
exits 0 sync a to-b
# Not so a symlink in the place of what is dsync's own.
mkdir c other
echo c >c/c.md
ln -s ../other c/.dsync
run sync a c
[ "$code" -ne 0 ] || fail '.dsync was followed'
[ -z "$(ls -A other)" ] || fail 'something was written through .dsync'
done_
