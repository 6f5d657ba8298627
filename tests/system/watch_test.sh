#!/bin/sh
# dsync watch: whatever is done to either folder is soon done to the other.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"

mkdir a b
echo one >a/one.md
mkdir a/d
for n in $(seq 40); do echo "$n" >a/d/$n.md; done
watch_start w --max-delete=90% a b
equal a b

# As people and editors save.
for side in 'a b' 'b a'; do
	set -- $side
	echo new >"$1/new.md"
	same_soon a b
	echo more >>"$1/new.md"
	same_soon a b
	echo other >"$1/new.md"
	same_soon a b
	sed -i s/other/another/ "$1/new.md"
	same_soon a b
	cp "$1/new.md" "$1/new.md~" && echo vim >"$1/.new.swp" &&
	    mv "$1/.new.swp" "$1/new.md" && rm "$1/new.md~"
	same_soon a b
	mv "$1/new.md" "$1/new.md.bak" && echo emacs >"$1/new.md"
	same_soon a b
	rm "$1/new.md" "$1/new.md.bak"
	same_soon a b
	[ ! -e "$2/new.md" ] || fail 'not deleted'
	# Folders: made, filled, moved, emptied.
	mkdir -p "$1/x/y/z" && echo deep >"$1/x/y/z/deep.md"
	same_soon a b
	mv "$1/x" "$1/w"
	same_soon a b
	mv "$1/w/y" "$1/v" && rmdir "$1/w" && echo on >>"$1/v/z/deep.md"
	same_soon a b
	rm -r "$1/v"
	within test ! -e "$2/v/z/deep.md"
	chmod +x "$1/one.md"
	within test -x "$2/one.md"
	chmod -x "$1/one.md"
	within test ! -x "$2/one.md"
done

# Many at once, and no content for those that only have another name.
mkdir b/many
for n in $(seq 600); do echo "$n" >b/many/$n.md; done
same_soon a b
mv a/many a/moved
same_soon a b
within grep -q '=> moved/600.md' "$work/watch.w.out"
tar -C b -cf "$work/moved.tar" moved && mkdir b/tar &&
    tar -C b/tar -xf "$work/moved.tar"
same_soon a b
rm -r a/tar
within test ! -e b/tar/moved/600.md
sed -i s/1/one/ b/moved/*.md
same_soon a b

# Rules come and go; what they exclude is left where it is.
echo '*.log' >a/.dsyncignore
within test -e b/.dsyncignore
echo noise >a/a.log
echo text >a/text.md
within test -e b/text.md
[ ! -e b/a.log ] || fail 'it is excluded'
rm b/.dsyncignore
within test -e b/a.log
same_soon a b

# Both at once: one is on both sides in the end, the other is kept.
mkdir stay
for n in 1 2 3 4 5; do
	echo "a $n" >a/both.md &
	echo "b $n" >b/both.md
	wait $!
	same_soon a b
done
within test -z "$(ls a/.dsync/stage/*/* b/.dsync/stage/*/* 2>/dev/null)"

watch_stop w
exits 0 sync a b
says out 'nothing to do'
swept a b
silent err

# The next one needs no names, finds what was done meanwhile, and says to who
# started it that it is ready.
need python3
python3 - "$work/notify" >"$work/heard" <<'EOF' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(60)
print(s.recv(1000).decode())
EOF
listener=$!
within test -S "$work/notify"
export NOTIFY_SOCKET="$work/notify"
echo meanwhile >a/meanwhile.md
cd b || exit 99
watch_start again
equal ../a ../b
echo on >>meanwhile.md
same_soon ../a ../b
cd ..
wait $listener
grep -qx READY=1 "$work/heard" || fail 'not ready'
watch_stop again
done_
