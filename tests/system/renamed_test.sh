#!/bin/sh
# A file that is renamed and edited costs its edit, and a copy next to nothing,
# whatever its size; and whatever becomes of what it was to be made from.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

need python3

# moved: how many bytes went over the link in the last run, both ways
moved() {
	sed -n 's/.*"wire_out":\([0-9]*\).*"wire_in":\([0-9]*\).*/\1 \2/p' \
	    "$work/out" | tail -n 1 | {
		read -r up down
		echo $((up + down))
	}
}

# below LIMIT WHAT: a run did its work with fewer bytes than that, and the
# folders are equal after it
below() {
	"$DSYNC" sync a b --json >"$work/out" 2>"$work/err" ||
	    fail "$2: exit $?: $(cat "$work/err")"
	n=$(moved)
	[ "${n:-999999999}" -lt "$1" ] || fail "$2: $n bytes, and $1 are enough"
	equal a b
}

# text BYTES: lines that can't be made much shorter
text() {
	head -c $(($1 * 3 / 4)) /dev/urandom | base64
}

# logged WHAT PATH: the newest entry in the server's log of that path
logged() {
	"$DSYNC" log --json a >"$work/log"
	grep -F "\"path\":\"$2\"" "$work/log" | head -n 1 >"$work/line"
	grep -qF "\"what\":\"$1\"" "$work/line" ||
	    fail "$2: no \"$1\" in $(cat "$work/line")"
}

kib=1024
mkdir a b
text $((200 * kib)) >b/doc.md
text $((3000 * kib)) >b/large.md
text 3000 >b/small.md
i=0
while [ $i -lt 20 ]; do
	mkdir -p b/sub/$i
	text 4000 >b/sub/$i/index.md
	i=$((i + 1))
done
below 9999999 'the first run'

# Renamed and edited.
mv b/doc.md b/renamed.md
sed -i '100s/.*/a line that is another one/' b/renamed.md
below 6000 'a new name and an edit'
logged delete doc.md
logged create renamed.md
mkdir b/d
mv b/renamed.md b/d/renamed.md
sed -i '1i a line in front' b/d/renamed.md
below 6000 'another folder and an edit'
mv b/large.md b/huge.md
sed -i '20000s/.*/a line that is another one/' b/huge.md
below 16000 'a large one'
mv b/small.md b/tiny.md
echo 'a line at the end' >>b/tiny.md
below 3000 'a small one'
mv b/sub b/other
for note in b/other/*/index.md; do
	sed -i '3s/.*/a line that is another one/' "$note"
done
below 14000 'a folder with an edit in each of its files'

# Renamed, and nothing but its time is new.
mv b/d/renamed.md b/doc.md
rmdir b/d
touch -d '2020-02-02 20:20:20' b/doc.md
below 2500 'a new name and another time'

# Over another one.
text $((200 * kib)) >b/target.md
below 999999 'another one'
mv b/doc.md b/target.md
below 2500 'a new name that was in use'

# Copies, whichever side they are made on.
for side in a b; do
	cp $side/target.md $side/copy.md
	below 2500 "$side: a copy"
	cp $side/huge.md $side/large-copy.md
	below 2500 "$side: a copy of a large one"
	for n in 1 2 3 4 5; do cp $side/huge.md $side/large-$n.md; done
	below 3000 "$side: more than is copied in one go"
	rm $side/large-[1-5].md
	below 3000 "$side: they are gone"
	mkdir $side/new
	for n in 0 1 2 3 4; do
		cp -p $side/other/$n/index.md $side/new/$n.md
		cp $side/target.md $side/new/copy-$n.md
	done
	below 5000 "$side: many copies"
	mv $side/copy.md $side/moved.md
	cp -p $side/moved.md $side/second.md
	cp $side/moved.md $side/third.md
	below 2500 "$side: a copy of what is moved"
	rm -r $side/new $side/large-copy.md $side/moved.md
	below 6000 "$side: they are gone"
	cp -p $side/second.md $side/copy.md
	rm $side/second.md $side/third.md
	below 3000 "$side: copied and deleted"
	rm $side/copy.md
	below 2500 "$side: it is gone"
done

# What a signature says need not be true, and it may be none.
for data in good "x'06ff'" "x''"; do
	text $((100 * kib)) >b/one.md
	text $((100 * kib)) >b/two.md
	below 999999 'two files'
	python3 - "$data" <<-'END'
		import sqlite3, sys
		db = sqlite3.connect('b/.dsync/journal.db')
		if sys.argv[1] == 'good':
		    n = db.execute('UPDATE signature SET data = (SELECT data FROM '
		        'signature WHERE path = ?) WHERE path = ?',
		        (b'one.md', b'two.md')).rowcount
		else:
		    n = db.execute('UPDATE signature SET data = ' + sys.argv[1]
		        ).rowcount
		db.commit()
		if n == 0:
		    sys.exit('no signature to lie about')
	END
	mv b/one.md b/three.md
	echo 'a line at the end' >>b/three.md
	rm b/two.md
	below 400000 "a signature that lies: $data"
	rm b/three.md
	below 3000 'it is gone'
done

# The same over a link: somebody edits the base when the client has heard what
# there is, and its first word after that is on its way.
mkdir -p "$HOME/.config/dsync" srv c
cat >"$HOME/.config/dsync/presets.conf" <<END
[preset notes]
path = $work/t/srv
access = full
END
cat >late.py <<'END'
import json, os, subprocess, sys
peer = subprocess.Popen(['dsync', 'peer'], stdin=subprocess.PIPE)
def take(n):
    data = b''
    while len(data) < n:
        more = os.read(0, n - len(data))
        if not more:
            sys.exit('cut')
        data += more
    return data
length = take(4)
header = take(int.from_bytes(length, 'big'))
data = take(json.loads(header).get('data', 0))
said = length + header + data
while said:
    peer.stdin.write(said)
    peer.stdin.flush()
    said = os.read(0, 65536)
    if os.environ.get('LATE'):
        subprocess.run(['sh', '-c', os.environ.pop('LATE')], check=True)
peer.stdin.close()
sys.exit(peer.wait())
END
cat >rsh <<END
#!/bin/sh
PATH=$(dirname "$DSYNC"):\$PATH
if [ -n "\${CUT:-}" ]; then
	dd bs=64k count="\$CUT" iflag=count_bytes 2>/dev/null | dsync peer
else
	exec python3 $work/t/late.py
fi
END
chmod +x rsh
DSYNC_RSH=./rsh
export DSYNC_RSH

text $((200 * kib)) >c/doc.md
text $((200 * kib)) >c/keep.md
text $((3000 * kib)) >c/large.md
exits 0 sync box:/preset/notes c
for late in 'echo more >>srv/doc.md' 'rm srv/doc.md' \
    'mv srv/doc.md srv/away.md' 'printf "\0" >>srv/doc.md' \
    'echo more >>srv/keep.md' 'rm srv/keep.md'; do
	mv c/doc.md c/renamed.md
	echo 'a line at the end' >>c/renamed.md
	cp c/keep.md c/copy.md
	cat c/renamed.md >wanted
	LATE="cd '$work/t' && $late"
	export LATE
	run sync c
	[ "$code" -eq 0 ] || fail "$late: exit $code: $(cat "$work/err")"
	unset LATE
	[ "$late" = 'printf "\0" >>srv/doc.md' ] || equal srv c
	cmp wanted srv/renamed.md || fail "$late: another file"
	case $late in
	*more*doc*) grep -q '^more$' c/doc.md || fail "$late: lost" ;;
	esac
	rm -rf srv/keep.md srv/doc.md c/renamed.md c/copy.md c/away.md
	text $((200 * kib)) >c/doc.md
	text $((200 * kib)) >c/keep.md
	exits 0 sync c
	equal srv c
done

# A large one that is renamed and edited comes in two parts.
mv c/large.md c/cut.md
text $((1500 * kib)) >>c/cut.md
CUT=$((900 * kib))
export CUT
exits 10 sync c
unset CUT
[ ! -e srv/cut.md ] || fail 'a part of a file is in its place'
[ -e srv/large.md ] || fail 'what it is made from is gone too early'
run sync --json c
same 'the run after a cut' 0 "$code"
n=$(moved)
[ "$n" -lt $((1000 * kib)) ] || fail "the run after a cut: $n bytes"
equal srv c
swept srv c
done_
