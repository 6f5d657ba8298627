#!/bin/sh
# A run beside another, under a signal, with a dead peer, and what it leaves out.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a
echo one >a/one.md
exits 0 sync a b

# Another run holds the folder: 42, and not a word with --if-free.
if command -v flock >/dev/null; then
	exec 9>>b/.dsync/lock
	flock 9
	exits 42 sync a b
	[ -s "$work/err" ] || fail 'busy, and no word about it'
	exits 42 sync -q b
	[ -s "$work/err" ] || fail 'busy, and no word about it with -q'
	exits 42 sync --if-free b
	silent out
	silent err
	exits 42 restore b/one.md
	exits 42 sync --if-free --json b
	tail -n 1 "$work/out" | grep -q '"event":"summary".*"exit":42' ||
	    fail 'no summary'
	exec 9>&-
fi
exits 0 sync --if-free b

# Somebody starts it with no standard input and output at all.
"$DSYNC" sync -q a without <&- >&- 2>"$work/err"
same "without a standard input" 0 $?
cmp a/one.md without/one.md || fail "nothing came"

# A peer minds SIGTERM, and the end of its input; SIGINT is its client's.
mkfifo in
"$DSYNC" peer <in >"$work/out" 2>"$work/err" &
pid=$!
exec 8>in
# Until it is the peer (and not the shell before it, which has a trap of its
# own) that catches SIGTERM: bit 14 of what it catches.
until grep -q '^Name:.dsync$' "/proc/$pid/status" &&
    grep -q '^SigCgt:.*[4-7c-f]...$' "/proc/$pid/status"; do
	kill -0 "$pid" || break
done
kill -INT "$pid"
kill -TERM "$pid"
wait "$pid"
same 'a peer after SIGTERM' 20 $?
exec 8>&-
silent err
"$DSYNC" peer </dev/null >"$work/out" 2>"$work/err"
same 'a peer without a client' 0 $?
echo rubbish | "$DSYNC" peer >"$work/out" 2>"$work/err"
[ $? -ne 0 ] || fail 'rubbish was taken for a client'

# A run that is told to stop ends with 20, and the next one does the rest.
mkdir many
i=0
while [ $i -lt 1500 ]; do
	echo $i >many/$i.md
	i=$((i + 1))
done
"$DSYNC" sync -q many copy 2>"$work/err" &
pid=$!
while [ ! -d copy/.dsync ] && kill -0 "$pid" 2>/dev/null; do
	:
done
kill -TERM "$pid" 2>/dev/null
wait "$pid"
code=$?
[ "$code" -eq 20 ] || [ "$code" -eq 0 ] || fail "SIGTERM: exit $code"
exits 0 sync many copy
equal many copy
same 'leftovers' '' "$(ls copy/.dsync/stage many/.dsync/stage |
	grep -v : | tr -d '\n')"

# Rules: of the options the first that matches decides, as with rsync.
mkdir r
for name in a.md b.md c.txt d.log; do
	echo x >r/$name
done
echo x >r/.hidden
head -c 3000 /dev/zero | tr '\0' 'x' >r/large.md
exits 0 sync -n --include='a.*' --exclude='*.md' r s
says out 'a.md'
grep -q 'b.md' "$work/out" && fail '--exclude did not exclude'
exits 0 sync -n --exclude='*.md' --include='a.*' r s
grep -q 'a.md' "$work/out" && fail 'the first rule did not decide'
printf '# rules\n*.log\n\n*.txt\n' >rules
exits 0 sync --exclude-from=rules --max-size=2k r s
same 'synced' 'a.md b.md ' "$(ls s | tr '\n' ' ')"
[ -e s/.hidden ] && fail 'a hidden name was carried'
exits 0 sync --exclude-from=- r s <rules
exits 0 sync --hidden r h
[ -e h/.hidden ] || fail '--hidden did nothing'
equal r h

# -z and -c change how, not what.
exits 0 sync -zc r z
[ -e z/large.md ] || fail '-z lost a file'

# --name stands in the log of the server.
echo by >s/by.md
exits 0 sync --name=laptop s
exits 0 log r/by.md
says out 'laptop'

# Another remote than last time is an error unless it is meant.
mkdir other
echo other >other/o.md
run sync other s
[ "$code" -ne 0 ] || fail 'another remote was taken without --rebind'
exits 0 sync --rebind other s
[ -e s/o.md ] || fail '--rebind did not bind'

done_
