#!/bin/sh
# Another folder than last time in the place of the remote: refused, and with
# --rebind a first meeting, that deletes nothing.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a b other
for n in 1 2 3; do echo $n >a/$n.md; done
echo other >other/other.md
echo different >other/1.md
exits 0 sync a b
contents a b other >"$work/saved"
exits 25 sync other b
says err --rebind
[ -e b/other.md ] && fail 'something was carried'
exits 0 sync --rebind other b
equal other b
[ -e other/3.md ] && [ -e b/other.md ] || fail 'not a union'
nothing_lost "$work/saved" a b other
exits 0 sync b
exits 25 sync a b

# The same path, and another folder behind it.
mv other away
mkdir other
echo 4 >other/4.md
exits 25 sync b
says err --rebind
[ -e b/3.md ] || fail 'deleted'
# Moved, with its .dsync: the same folder.
rm -r other
exits 0 sync away b
equal away b
exits 0 sync b
done_
