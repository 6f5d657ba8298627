#!/bin/sh
# dsync clients: who was here, from where, and how far each of them is.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/rsh.sh"

mkdir srv
echo 1 >srv/a.md
offer notes "path = $work/t/srv" 'access = full'
exits 11 clients other
says err 'no preset of that name'
exits 0 clients notes
says out 'nobody was here yet'
[ ! -e srv/.dsync ] || fail 'looking has made .dsync'

exits 0 sync -e "$rsh" --name=laptop far::notes one
SSH_CONNECTION='192.0.2.7 50000 192.0.2.1 22' exits 0 sync -e "$rsh" \
    --name=desk far::notes two
exits 0 clients notes
same 'clients' 2 "$(grep -cE '^(laptop|desk) +[0-9: -]+  in sync' "$work/out")"
grep -q '^desk .*  192.0.2.7$' "$work/out" || fail 'no address'

# A change by one: the other is behind until it comes again.
echo 2 >one/b.md
echo 3 >one/c.md
exits 0 sync -e "$rsh" --name=laptop one
exits 0 clients notes
grep -qE '^laptop +.*  in sync$' "$work/out" || fail "laptop: $(cat "$work/out")"
grep -qE '^desk +.*  2 changes behind  192' "$work/out" ||
    fail "desk: $(cat "$work/out")"
exits 0 clients --json notes
same 'lines' 2 "$(grep -cE '^\{"event":"client","id":"[0-9a-f]{32}","name":"' \
    "$work/out")"
says out '"from":"192.0.2.7"'
says out '"behind":2}'

# A dry run and a list are no visits; a client keeps its row under a new name.
exits 0 sync -n -e "$rsh" --name=ghost two
exits 0 presets -e "$rsh" far:
exits 0 sync -e "$rsh" --name=tower two
exits 0 clients notes
same 'clients' 2 "$(wc -l <"$work/out" | tr -d ' ')"
grep -qE '^tower +.*  in sync$' "$work/out" || fail "tower: $(cat "$work/out")"
grep -q ghost "$work/out" && fail 'a dry run was noted'

# As an older dsync made it: shown as empty, then kept.
if command -v sqlite3 >/dev/null; then
	sqlite3 srv/.dsync/journal.db \
	    'DROP TABLE client; DROP TABLE signature; DROP TABLE shelf;
	    DROP TABLE shelf_state; DROP TABLE shelf_pending;
	    DROP TABLE address; PRAGMA user_version = 1'
	exits 0 clients notes
	says out 'nobody was here yet'
	exits 0 sync -e "$rsh" --name=tower two
	silent err
	exits 0 clients notes
	says out 'tower'
	swept srv
fi
done_
