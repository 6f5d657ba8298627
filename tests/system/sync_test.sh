#!/bin/sh
# sync, push, pull and SRC DST do what they say between two folders.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# A first meeting: the union, and a target that did not exist is made.
mkdir a
echo one >a/one.md
mkdir a/sub
echo two >a/sub/two.md
printf 'bin\0ary' >a/pic
exits 0 sync a b
says out '<- one.md'
says out '<- sub/two.md'
same 'last line' 'in sync: 2 fetched' "$(tail -n 1 "$work/out" | cut -d, -f1)"
[ -e b/pic ] && fail 'a binary file was carried'
rm a/pic
equal a b

# Nothing to do is nothing done; the folder remembers its remote.
exits 0 sync b
same 'lines' 1 "$(wc -l <"$work/out" | tr -d ' ')"
says out 'in sync: nothing to do'
(cd b && "$DSYNC" sync -q) || fail 'sync in the current folder'

# Both ways, whichever is named first.
echo new >b/new.md
echo changed >>a/one.md
exits 0 sync a b
says out '-> new.md'
says out '<- one.md'
equal a b
echo again >b/again.md
exits 0 sync b a
equal a b
[ -e a/again.md ] || fail 'the roles were not kept'

# Deletions and moves travel; an edit beats a deletion.
rm a/new.md
mv b/sub/two.md b/sub/zwei.md
exits 0 sync b
says out '<- new.md deleted'
says out 'sub/two.md => sub/zwei.md'
equal a b
rm a/one.md
echo edited >>b/one.md
exits 0 sync b
[ -e a/one.md ] || fail 'a deletion beat an edit'
equal a b

# -n says the same and does nothing, not even for a folder to be made.
echo more >>a/one.md
# (SQLite's own helpers beside a journal come and go.)
find a b ! -name 'journal.db-*' | sort >"$work/before"
exits 0 sync -n a b
says out '<- one.md'
says out 'dry run: 1 to fetch'
grep -q more b/one.md && fail '-n changed a file'
exits 41 sync -n --exit-code a b
exits 0 sync -n a made
[ -e made ] && fail '-n made a folder'
find a b ! -name 'journal.db-*' | sort >"$work/after"
diff "$work/before" "$work/after" || fail 'files differ after -n'
exits 0 sync a b
exits 0 sync -n --exit-code a b

# push carries one way; what the target has more stays.
mkdir p q
echo p >p/p.md
echo q >q/q.md
exits 0 push p q
[ -e q/p.md ] || fail 'push did not push'
[ -e p/q.md ] && fail 'push pulled'
[ -e q/q.md ] || fail 'push deleted'
exits 0 push --delete p q
[ -e q/q.md ] && fail '--delete left a file'
echo q2 >q/q2.md
exits 0 pull q p
[ -e p/q2.md ] || fail 'pull did not pull'

# Two folders that have met keep their roles: a push of the server's folder
# knows what both agreed on, so a deletion is one, and an edit is no conflict.
mkdir m
echo m >m/m.md
echo n >m/n.md
exits 0 sync m c
rm m/n.md
echo more >>m/m.md
exits 0 push m c
says out "$(arrow '->') m.md"
says out "$(arrow '->') n.md deleted"
grep -q conflict "$work/out" && fail 'a push forgot what was agreed'
equal m c
echo mine >c/m.md
exits 0 pull m c
same 'kept by pull' mine "$(cat c/m.md)"
exits 0 pull c m
equal m c

# The bare form: equal, but nothing is deleted; a hint on standard error.
mkdir s
echo s >s/s.md
exits 0 -av s/ t
says err 'dsync sync'
equal s t
echo more >t/more.md
rm s/s.md
echo s2 >s/s2.md
exits 0 s t
[ -e t/s.md ] && [ -e t/more.md ] || fail 'the bare form deleted'
[ -e t/s2.md ] || fail 'the bare form did not copy'

# verify compares and changes nothing.
exits 0 verify a b
echo drift >>b/one.md
exits 41 verify a b
grep -q drift a/one.md && fail 'verify changed a file'

# Folders that may not be used.
exits 3 sync / b
exits 3 sync "$HOME" newer
# (A client at the end of a link has begun a journal when it hears of it.)
[ -e newer ] && [ -z "${VIA:-}" ] && fail 'a refused run left a folder'
[ -z "$(ls newer 2>/dev/null)" ] || fail 'a refused run made a file'

done_
