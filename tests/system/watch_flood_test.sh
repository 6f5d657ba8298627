#!/bin/sh
# Trouble that many files have is told of some, and in the log, too.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"

mkdir a b
for n in $(seq 300); do
	echo "$n" >a/$n.md
	chmod 000 a/$n.md
done
echo fine >a/fine.md
for_nobody a b
watch_start w --log-file=b.log a b
same_fine() {
	cmp a/fine.md b/fine.md
}
within same_fine
told=$(grep -c 'can.t be read\|Permission denied' "$work/watch.w.err")
same 'lines of trouble' 100 "$told"
same 'the same in the log' 100 "$(grep -c 'Permission denied' b.log)"
kill -TERM "$(watch_session w)"
wait "$(watch_pid w)"
watches=
# A run that ends tells of all.
exits 23 sync a b
same 'a run that ends' 300 "$(grep -c 'Permission denied' "$work/err")"
done_
