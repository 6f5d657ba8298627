#!/bin/sh
# An edit costs what it changes, whichever side it is made on and however
# large the file is; and a signature that is wrong costs a round, no more.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

need python3

# moved NAME...: how many bytes went over the link in the last run, both ways
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

# text FILE LINES SEED: words, so that it does not compress to nothing
text() {
	python3 - "$@" <<-'END'
		import random, sys
		draw = random.Random(sys.argv[3])
		words = [''.join(draw.choice('etaoinshrdlu')
		    for _ in range(draw.randint(2, 9))) for _ in range(2000)]
		with open(sys.argv[1], 'w') as f:
		    for _ in range(int(sys.argv[2])):
		        f.write(' '.join(draw.choice(words)
		            for _ in range(draw.randint(3, 14))) + '\n')
	END
}

mkdir a b
text a/note.md 80 1
text a/mid.md 4000 2
text a/large.log 60000 3
below 9999999 'the first run'

for side in a b; do
	sed -i '10s/.*/a line that is another one/' $side/note.md
	below 2500 "$side: a line of a note"
	sed -i '2000s/.*/a line that is another one/' $side/mid.md
	below 3500 "$side: a line of a larger file"
	sed -i '30000s/.*/a line that is another one/' $side/large.log
	below 14000 "$side: a line of a large one"
	sed -i '1i a line in front of all' $side/large.log
	below 14000 "$side: a line in front"
	echo "a line at the end" >>$side/large.log
	below 14000 "$side: a line at the end"
	sed -i '100,40000d' $side/large.log
	below 14000 "$side: most of it is gone"
	text more 40000 $side
	cat more >>$side/large.log
	below 4000000 "$side: it has grown"
	: >$side/mid.md
	below 2000 "$side: nothing is left"
	text $side/mid.md 4000 4
	below 300000 "$side: it comes back"
	rm more
done

# Both files were changed at once: each is sent as a delta, on its way.
sed -i '5s/.*/one side/' a/note.md
sed -i '5s/.*/the other side/' b/mid.md
below 5000 'an edit here and one there'

# The rules come in a round of their own, in which nothing has gone wrong.
for side in a b; do
	echo "*.$side" >>$side/.dsyncignore
	sed -i '10000s/.*/a line beside a rule/' $side/large.log
	below 14000 "$side: an edit, and a rule"
done

# lie FOLDER: each version of a file gets the signature of another text
lie() {
	text other 4000 9
	mkdir c d
	cp other c/mid.md
	"$DSYNC" sync c d >"$work/out" 2>&1
	python3 - "$1" <<-'END'
		import sqlite3, sys
		good = sqlite3.connect('c/.dsync/journal.db')
		bad = sqlite3.connect(sys.argv[1] + '/.dsync/journal.db')
		data = good.execute('SELECT data FROM signature').fetchone()[0]
		n = bad.execute('UPDATE signature SET data = ? WHERE path = ?',
		    (data, b'mid.md')).rowcount
		bad.commit()
		if n == 0:
		    sys.exit('no signature to lie about')
	END
	cp other "$1/mid.md"
	rm -r c d other
}
for side in a b; do
	lie $side || fail 'no lie could be told'
	below 400000 "$side: a signature that lies"
done

# Only signs of damage are looked for; what is none is no help, and no harm.
for none in "x'06ff'" "x'ff'" "x''"; do
	python3 - "$none" <<-'END'
		import sqlite3, sys
		db = sqlite3.connect('a/.dsync/journal.db')
		db.execute('UPDATE signature SET data = ' + sys.argv[1])
		db.commit()
	END
	sed -i "7s/.*/and so it is: $none/" a/mid.md a/large.log
	below 4000000 "a signature that is none: $none"
done
# Two lines that a signature can't tell apart: what the delta makes is the old
# version, which is noticed, and the new one comes whole.
mkdir e f
python3 - <<-'END' || fail 'no two lines have the same short hash'
	import random, sys
	M = 2**64 - 1
	def mixed(mix, word):
	    mix = ((mix ^ word) * 0x9fb21c651e98df25) & M
	    return mix ^ (mix >> 32)
	def short(line):
	    mix = 0
	    for i in range(0, len(line), 8):
	        mix = mixed(mix, int.from_bytes(line[i:i + 8], 'little'))
	    x = mixed(mix, 0) ^ len(line)
	    x = ((x ^ (x >> 30)) * 0xbf58476d1ce4e5b9) & M
	    x = ((x ^ (x >> 27)) * 0x94d049bb133111eb) & M
	    return (x ^ (x >> 31)) & 0xffffff
	draw, seen = random.Random(1), {}
	while True:
	    line = ''.join(draw.choice('etaoin shrdlu')
	        for _ in range(39)).encode() + b'\n'
	    twin = seen.setdefault(short(line), line)
	    if twin != line:
	        break
	rest = b''.join(list(seen.values())[:40])
	for name, one in (('f/twin.md', twin), ('new', line)):
	    with open(name, 'wb') as f:
	        f.write(rest + one + rest)
END
exits 0 sync e f
cat new >f/twin.md
exits 0 sync --json e f
cmp -s new e/twin.md || fail 'a line took the place of its twin'
python3 - "$work/out" <<-'END' || fail 'they could be told apart'
	import json, sys
	for line in open(sys.argv[1]):
	    s = json.loads(line)
	forms = s['forms_sent']
	sys.exit(not (forms['delta']['files'] == forms['whole']['files'] == 1))
END
done_
