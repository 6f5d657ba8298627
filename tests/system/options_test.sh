#!/bin/sh
# -i, -c, -v, -q, --json, --stats and --exit-code do what the help says.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a b
echo 1 >a/1.md
echo 2 >a/2.md
echo 3 >a/3.md
exits 0 sync -i a b
says out '>f+++++++++ 1.md'
echo longer >a/1.md
chmod +x a/2.md
rm a/3.md
echo 4 >b/4.md
exits 0 sync -i a b
grep -q '^>fcs' "$work/out" || fail "-i: $(cat "$work/out")"
grep -q '^>f\.\.\.p\.* 2.md' "$work/out" || fail "-i: $(cat "$work/out")"
says out '*deleting   3.md'
says out '<f+++++++++ 4.md'

# -q: nothing when all is well.
echo more >>a/1.md
exits 0 sync -q a b
silent out
silent err
cmp a/1.md b/1.md || fail '-q did nothing'

# -c: finds what a damaged stamp hides.  (Nothing else can hide a change.)
exits 0 sync a b
exits 0 sync -c --stats a b
says out 'nothing to do'
says out 'Files in both folders: 3'

# -v: the reason.
echo more >>a/1.md
exits 0 sync -v a b
grep -q '^<- 1.md  .' "$work/out" || fail "-v: $(cat "$work/out")"

# --json: every line an object, the last a summary.
echo more >>b/1.md
printf 'x' >"a/$(printf 'odd\377\n"name')"
exits 0 sync --json a b
grep -vE '^\{"event":"[a-z]+",.*\}$' "$work/out" && fail 'no object'
tail -n 1 "$work/out" | grep -q '"event":"summary".*"exit":0' ||
    fail "no summary: $(tail -n 1 "$work/out")"
same 'changes' 2 "$(grep -c '"event":"change"' "$work/out")"

# --exit-code, with and without something to do.
exits 0 sync -n --exit-code a b
echo more >>b/1.md
exits 41 sync -n --exit-code a b
exits 0 sync --exit-code a b
exits 0 verify a b

# What rsync users type.
exits 0 -avz a/ c/
equal a c
exits 0 -rtl a/ c/
# What is for another machine is no harm here.
if [ -z "${VIA:-}" ]; then
	exits 0 sync --port=1 --contimeout=1 --identity=none \
	    --remote-path=/opt/a-b_c.d/e+f a b
	exits 0 sync --port=65535 a b
fi
exits 1 sync --no-such-option a b
exits 1 sync a b c
exits 1 sync --max-size=many a b
exits 1 sync --max-delete=-1 a b
done_
