#!/bin/sh
# What was displaced is listed by log, conflicts and versions, and comes back.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a
echo one >a/x.md
exits 3 log a
exits 3 versions a/x.md
exits 0 sync a b
exits 0 status b
says out "$(typed "$work/t/a")"
says out 'nothing changed since'
exits 0 conflicts b
says out 'no conflicts'

# A replaced version is kept where it stood.
echo two >a/x.md
exits 0 status a
exits 0 sync b
exits 0 versions b/x.md
says out 'replaced'
same 'versions' 1 "$(wc -l <"$work/out" | tr -d ' ')"
exits 0 restore b/x.md
same 'restored' one "$(cat b/x.md)"
exits 0 status b
says out '1 changed'
exits 0 sync b
same 'travelled' one "$(cat a/x.md)"
exits 0 versions a/x.md
says out 'replaced'

# So is the one that a restore displaces; and by hash.
exits 0 versions b/x.md
same 'versions' 2 "$(wc -l <"$work/out" | tr -d ' ')"
two=$(echo two | sha256sum | cut -c1-10)
exits 0 restore "--version=$two" b/x.md
same 'restored by hash' two "$(cat b/x.md)"
exits 11 restore --version=00000000 b/x.md
exits 11 restore --at=2001-01-01 b/x.md
same 'untouched' two "$(cat b/x.md)"
exits 0 sync b

# A conflict: both versions are there, the loser in the store.
echo mine >b/x.md
touch -d '2026-01-01 12:00' b/x.md
echo theirs >a/x.md
touch -d '2026-01-01 13:00' a/x.md
exits 0 sync b
says out 'conflict: newest wins'
says out 'dsync versions b/x.md'
same 'newest' theirs "$(cat b/x.md)"
exits 0 conflicts b
says out 'x.md'
exits 0 restore b/x.md
same 'the loser is back' mine "$(cat b/x.md)"
exits 0 sync b
equal a b

# Left open with --conflict=manual: exit 40, both stand.
echo mine again >b/x.md
echo theirs again >a/x.md
exits 40 sync --conflict=manual b
says out 'x.md'
same 'mine' 'mine again' "$(cat b/x.md)"
same 'theirs' 'theirs again' "$(cat a/x.md)"
exits 0 conflicts b
says out 'open'
exits 0 sync --conflict=client b
equal a b

# A deleted file has a history, too, even in a folder that is gone.
mkdir a/sub
echo deep >a/sub/deep.md
exits 0 sync b
rm -r a/sub
exits 0 sync b
[ -e b/sub ] && fail 'the folder stayed'
exits 0 log b/sub/deep.md
says out 'delete'
exits 0 versions b/sub
says out 'sub/deep.md'
exits 0 restore b/sub/deep.md
same 'deep' deep "$(cat b/sub/deep.md)"

# From inside, and as JSON.
(cd b/sub && "$DSYNC" log deep.md >"$work/out") || fail 'log inside'
says out 'sub/deep.md'
exits 0 log --json b
grep -vE '^\{"event":"log".*\}$' "$work/out" >"$work/bad"
[ ! -s "$work/bad" ] || fail "not an object: $(cat "$work/bad")"
exits 0 status --json b
says out '"event":"status"'

# Somewhere else there is no history.
mkdir other
exits 3 log other
exits 3 restore other/x.md

done_
