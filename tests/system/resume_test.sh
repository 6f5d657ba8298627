#!/bin/sh
# The link is cut while a large file is on its way, up or down: the next run
# sends the rest of it, and at most 1 MiB that had been sent before.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir -p srv c "$HOME/.config/dsync"
cat >"$HOME/.config/dsync/presets.conf" <<END
[preset notes]
path = $work/t/srv
access = full
END

# rsh HOST COMMAND: as ssh would; of what goes one way only so much passes
cat >rsh <<END
#!/bin/sh
PATH=$(dirname "$DSYNC"):\$PATH
case \${CUT:-} in
up) dd bs=64k count="\$BYTES" iflag=count_bytes 2>$work/passed | dsync peer ;;
down) dsync peer | dd bs=64k count="\$BYTES" iflag=count_bytes 2>$work/passed ;;
*) exec dsync peer ;;
esac
END
chmod +x rsh
DSYNC_RSH=./rsh
export DSYNC_RSH

# text BYTES: lines that can't be made much shorter
text() {
	head -c $(($1 * 3 / 4)) /dev/urandom | base64
}

# sent out|in: bytes on the link, by the last run's summary
sent() {
	sed -n '$s/.*"wire_'"$1"'":\([0-9]*\).*/\1/p' "$work/out"
}

mib=$((1024 * 1024))

# cut_and_resume UP|DOWN OUT|IN FROM TO: after a cut, FILE comes whole, and
# what of it had come is not sent again
cut_and_resume() {
	text $((16 * mib)) >"$3/$1.md"
	CUT=$1 BYTES=$((9 * mib))
	export CUT BYTES
	exits 10 sync c
	unset CUT
	[ -e "$4/$1.md" ] && fail 'a part of a file is in its place'
	passed=$(sed -n 's/^\([0-9]*\) bytes.*/\1/p' "$work/passed")
	held=$(cat "$4"/.dsync/partial/* | wc -c)
	[ "$held" -gt $((passed - mib)) ] ||
	    fail "$1: $passed bytes had come, $held of them are held"
	run sync --json c
	same 'the run after' 0 "$code"
	rest=$(($(wc -c <"$3/$1.md") - held))
	[ "$(sent "$2")" -lt $((rest + 65536)) ] ||
	    fail "$1: $rest bytes were missing, $(sent "$2") were sent"
	equal srv c
	swept srv c
}

exits 0 sync box:/preset/notes c
cut_and_resume up out c srv
cut_and_resume down in srv c

# What is held turns out to be something else: all of it comes, after all.
text $((3 * mib)) >srv/bad.md
CUT=down BYTES=$((2 * mib))
export CUT BYTES
exits 10 sync c
for held in c/.dsync/partial/*; do
	printf 'something else' | dd of="$held" conv=notrunc 2>/dev/null
done
unset CUT
exits 0 sync c
equal srv c
swept srv c

# The file is another one by now: what is held of the old one is no use.
text $((3 * mib)) >c/edited.md
CUT=up
export CUT
exits 10 sync c
text $((3 * mib)) >c/edited.md
unset CUT
exits 0 sync c
equal srv c

# Many small files: what had come whole is not sent again.
mkdir c/many
i=0
while [ $i -lt 600 ]; do
	text 8000 >c/many/$i.md
	i=$((i + 1))
done
CUT=up BYTES=$((2 * mib))
export CUT BYTES
exits 10 sync c
unset CUT
run sync --json c
same 'the run after' 0 "$code"
[ "$(sent out)" -lt $((3 * mib)) ] ||
    fail "4 MB in small files, 2 were sent: the rest took $(sent out) bytes"
equal srv c
done_
