#!/bin/sh
# --bwlimit: a link takes as long as it says, in both directions, whatever the
# machine; and what it takes is what it should be.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/rsh.sh"

# lasts MS WHAT: the last run, with --json, took so long at least.  How much
# longer is the machine's affair.
lasts() {
	took=$(sed -n 's/.*"ns_all":\([0-9]*\).*/\1/p' "$work/out" | tail -n 1)
	[ "$((${took:-0} / 1000000))" -ge "$1" ] ||
	    fail "$2: $((${took:-0} / 1000000)) ms, and $1 are due"
}

# noise FILE BYTES: text that no compression makes less than half of
noise() {
	head -c $(($2 / 2)) /dev/urandom | od -An -v -tx1 | tr -d ' \n' >"$1"
}

# 200 KB at 100 KiB a second, but for what goes at once; compressed half of it.
mkdir a b
noise a/there.md 200000
exits 0 sync --json --bwlimit=100K a b
equal a b
lasts 800 'a file of 200 KB there'
noise b/here.md 200000
exits 0 sync --json --bwlimit=100 a b
equal a b
lasts 800 'a file of 200 KB here'

# Many small ones, both ways at once, as both have a limit of their own.
i=0
while [ $i -lt 40 ]; do
	noise a/a$i.md 5000
	noise b/b$i.md 5000
	i=$((i + 1))
done
exits 0 sync --json --bwlimit=100KiB a b
equal a b
lasts 800 '200 KB each way'

# Patience is not lost where the limit is what takes so long.
noise a/slow.md 16000
exits 0 push --json --bwlimit=4K --timeout=1 a b
equal a b
lasts 1600 '16 KB at 4 KiB a second'

# None, and as good as none.
exits 0 sync --bwlimit=0 a b
exits 0 sync --bwlimit=1000G a b

# A preset's limit is one for each of its clients.
[ -z "${VIA:-}" ] || done_
mkdir srv
noise srv/large.md 400000
offers notes "path = $work/t/srv" 'bwlimit = 100K'
exits 0 sync --json -e "$rsh" far::notes me
equal srv me
lasts 1600 'a preset with a limit'
exits 0 preset show notes
says out 'bwlimit = 100k'
done_
