#!/bin/sh
# status knows the terms of the server: what those leave out is not new.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/rsh.sh"

mkdir srv
echo 1 >srv/a.md
offer notes "path = $work/t/srv" 'access = full' 'ignore = *.log' \
    'max-file-size = 100'
exits 0 sync -e "$rsh" far::notes here
echo log >here/x.log
seq 1 100 >here/large.md
exits 0 status here
says out 'nothing changed since'
echo 2 >here/b.md
exits 0 status here
says out '1 new'
exits 0 sync here -e "$rsh"
[ ! -e srv/x.log ] || fail 'what the preset ignores was sent'
[ ! -e srv/large.md ] || fail 'what the preset has no room for was sent'
done_
