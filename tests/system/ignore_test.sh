#!/bin/sh
# .dsyncignore: per folder, with negation, on both sides at once; what is newly
# ignored stays on both, what is no more comes back into the sync.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir -p a/sub/deep b
for n in keep.md note.tmp sub/x.tmp sub/y.md sub/deep/z.tmp sub/deep/keep.tmp \
    sub/build.md; do
	echo "$n" >a/$n
done
printf '*.tmp\n' >a/.dsyncignore
printf '# deeper\n!keep.tmp\n/build.md\n' >a/sub/.dsyncignore
exits 0 sync a b
cmp a/.dsyncignore b/.dsyncignore || fail 'the rules were not synced'
cmp a/sub/.dsyncignore b/sub/.dsyncignore || fail 'nor those of a folder'
same 'carried' './keep.md ./sub/deep/keep.tmp ./sub/y.md ' "$(cd b &&
    find . -name '.dsync*' -prune -o -type f -print | sort | tr '\n' ' ')"

# What the other side has of ignored names is its own.
echo own >b/own.tmp
exits 0 sync a b
[ -e a/own.tmp ] && fail 'an ignored file was sent'
[ -e b/own.tmp ] || fail 'an ignored file was deleted'

# Newly ignored, by the other side and in one run with an edit and a deletion
# of what it names: it stays where it is.
mkdir a/logs
echo 1 >a/logs/1.md
echo 2 >a/logs/2.md
exits 0 sync a b
echo 'logs/' >>b/.dsyncignore
echo edited >>a/logs/1.md
rm b/logs/2.md
exits 0 sync a b
cmp a/.dsyncignore b/.dsyncignore || fail 'the new rules were not synced'
same 'a/logs/1.md' '1 edited' "$(tr '\n' ' ' <a/logs/1.md | sed 's/ $//')"
same 'b/logs/1.md' 1 "$(cat b/logs/1.md)"
[ -e a/logs/2.md ] || fail 'the deletion of an ignored file was carried'
[ -e b/logs/2.md ] && fail 'an ignored file came back'

# Whole folders let go are no mass deletion, however many there are.
mkdir a/many
i=0
while [ $i -lt 60 ]; do
	echo $i >a/many/$i.md
	i=$((i + 1))
done
exits 0 sync a b
echo many >>a/.dsyncignore
exits 0 sync a b
same 'a/many' 60 "$(ls a/many | wc -l | tr -d ' ')"
same 'b/many' 60 "$(ls b/many | wc -l | tr -d ' ')"
rm -r b/many
exits 0 sync a b
same 'a/many' 60 "$(ls a/many | wc -l | tr -d ' ')"

# No longer ignored: as at a first meeting, nothing is deleted.
printf '*.tmp\n' >b/.dsyncignore
exits 0 sync a b
exits 0 sync a b
[ -e b/many/7.md ] && [ -e b/logs/2.md ] || fail 'did not come back'
cmp a/logs/1.md b/logs/1.md || fail 'did not come back as one'
grep -q edited b/logs/1.md || fail 'the edit was lost'
rm a/.dsyncignore
exits 0 sync a b
exits 0 sync a b
[ -e b/.dsyncignore ] && fail 'the deletion of the rules was not carried'
[ -e b/note.tmp ] && [ -e a/own.tmp ] || fail 'without rules: not all is synced'

# Options add to the rules for a run, and let nothing go for good.
exits 0 sync --exclude=keep.md --exclude='*.tmp' a b
echo edited >>a/keep.md
exits 0 sync --exclude=keep.md a b
grep -q edited b/keep.md && fail 'an excluded file was carried'
exits 0 sync a b
grep -q edited b/keep.md || fail 'without the option: not carried'
printf 'sub\n' >patterns
rm -r a/sub
exits 0 sync --exclude-from=patterns a b
[ -e b/sub/y.md ] || fail 'an excluded folder was deleted'
done_
