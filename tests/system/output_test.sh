#!/bin/sh
# What is printed: silence with -q, JSON, names that a terminal survives.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a
esc=$(printf '\033')
echo x >"a/red${esc}[31m.md"
echo x >"a/new
line.md"
echo x >"a/$(printf 'latin\344.md')"
echo x >"a/back\\slash.md"
echo x >"a/$(printf 'c1\302\233.md')"
echo x >'a/ü.md'

# No control byte comes out, whatever the options.
for option in -n -nv -ni -nvi '-n --stats'; do
	# shellcheck disable=SC2086
	exits 0 sync $option a b
	LC_ALL=C tr -d '\n\040-\176\200-\377' <"$work/out" >"$work/control"
	[ ! -s "$work/control" ] || fail "control bytes with $option"
	grep -q "$(printf '\302\233')" "$work/out" && fail "C1 with $option"
done
exits 0 sync -n a b
says out 'red\x1b[31m.md'
says out 'new\nline.md'
says out 'latin\xe4.md'
says out 'back\\slash.md'
says out 'ü.md'
same 'lines' 7 "$(wc -l <"$work/out" | tr -d ' ')"

# JSON: one object a line, ASCII, a summary last; errors too.
exits 0 sync --json a b
silent err
LC_ALL=C tr -d '\n\040-\176' <"$work/out" >"$work/control"
[ ! -s "$work/control" ] || fail 'bytes that are not ASCII in JSON'
grep -vE '^\{"event":"[a-z]+".*\}$' "$work/out" >"$work/bad"
[ ! -s "$work/bad" ] || fail "not an object: $(cat "$work/bad")"
tail -n 1 "$work/out" | grep -q '^{"event":"summary",.*"exit":0' ||
    fail 'no summary at the end'
says out '"path_hex":"6c6174696ee42e6d64"'
if command -v jq >/dev/null; then
	jq -e . "$work/out" >"$work/jq" 2>&1 || fail "jq: $(cat "$work/jq")"
	same 'summary' 6 "$(jq -r 'select(.event == "summary") | .fetched' \
	    "$work/out")"
fi
exits 3 sync --json missing b
tail -n 1 "$work/out" | grep -q '^{"event":"summary",.*"exit":3' ||
    fail 'no summary after an error'

# -q: nothing when all is well, a word on standard error when not.
exits 0 sync -q a b
silent out
silent err
echo secret >a/secret.md
chmod 0 a/secret.md
if [ ! -r a/secret.md ]; then
	exits 23 sync -q a b
	silent out
	says err 'secret.md'
	says err 'could not be synced'
fi
chmod 600 a/secret.md

# -i: rsync's column.
echo y >>'a/ü.md'
exits 0 sync -i a b
says out '>f+++++++++ secret.md'
grep -qE '^>fcs[.t]\.{6} ü\.md$' "$work/out" || fail 'the column of -i'
rm b/secret.md
exits 0 sync -i a b
says out '*deleting   secret.md'

# --stats before the summary; no colour into a pipe.
exits 0 sync --stats a b
says out 'Files in both folders: 6'
tail -n 1 "$work/out" | grep -q '^in sync' || fail 'the summary is not last'

# Output that can't be written is an error, but no harm.
if [ -w /dev/full ]; then
	"$DSYNC" sync a b >/dev/full 2>"$work/err"
	same 'exit with a full disk' 11 $?
	says err 'standard output'
fi
echo z >a/z.md
"$DSYNC" sync -v a b 2>/dev/null | head -n 0
[ -e b/z.md ] || sleep 1
[ -e b/z.md ] || fail 'a closed pipe stopped the run'

done_
