#!/bin/sh
# dsync doctor: a line for each thing, FAIL only where something has to be done,
# and nothing is changed by looking.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/rsh.sh"

# fails TEXT ARGUMENT...: a FAIL line with that text, and exit 1
fails() {
	text=$1
	shift
	exits 1 doctor "$@"
	grep '^FAIL' "$work/out" | grep -qF -e "$text" || {
		fail "doctor $*: no FAIL with \"$text\""
		sed 's/^/  out: /' "$work/out"
	}
}

snapshot() {
	(cd "$work" && find t home -printf '%p %y %m %s %T@ %C@\n' | sort)
}

exits 0 doctor
silent err
grep -vE '^(ok  |warn)  [a-z.-]+: .' "$work/out" && fail 'an odd line'
for what in program kernel sandbox inotify clock presets; do
	grep -q "^[a-z ]*  $what: " "$work/out" || fail "nothing about $what"
done
exits 0 doctor -q
grep -q '^ok' "$work/out" && fail '-q: what is well'
exits 0 doctor --json
grep -vE '^\{"event":"check","verdict":"(ok|warn)","what":"[a-z]+","text":".*"\}$' \
    "$work/out" && fail '--json: an odd line'

# A folder, before and after it is synced, its server, and both.
mkdir srv me new
echo 1 >srv/a.md
offer notes "path = $work/t/srv" 'access = full'
exits 0 sync -e "$rsh" far::notes me
exits 0 doctor new
says out 'nothing synced yet'
[ ! -e new/.dsync ] || fail 'doctor has made .dsync'
snapshot >"$work/before"
exits 0 doctor me
says out "folder: $work/t/me"
says out 'space: '
says out "journal.db: sound; a client's of far:/preset/notes; last change: 2"
exits 0 doctor srv
says out "journal.db: sound; a server's; last change: "
exits 0 doctor -e "$rsh" me far:
says out 'answers'
says out 'clocks: they agree'
says out 'offer: 1 preset for you: dsync presets far:'
snapshot | diff "$work/before" - >"$work/diff" ||
    fail "looking has changed: $(cat "$work/diff")"
(cd me && exits 0 doctor && says out 'journal.db: sound')

# Conflicts that wait.
echo 2 >srv/a.md
echo 3 >me/a.md
exits 40 sync --conflict=manual -e "$rsh" me
exits 0 doctor me
says out 'warn  conflicts: 1 wait'

# A journal that is damaged; one of a newer dsync.
cp me/.dsync/journal.db sound.db
printf 'garbage, all of it, and long enough' |
    dd of=me/.dsync/journal.db conv=notrunc status=none
exits 0 doctor me
says out 'warn  journal.db:'
says out 'sets it aside'
cp sound.db me/.dsync/journal.db
printf '\377' | dd of=me/.dsync/journal.db bs=1 seek=63 conv=notrunc status=none
fails 'a newer dsync wrote it' me
cp sound.db me/.dsync/journal.db

# Folders that can't be.
fails 'missing: no such folder' missing
fails 'not a folder' me/a.md
fails '' /
fails '' "$HOME"

# The offer here.
offer gone "path = $work/t/gone"
fails "gone: $work/t/gone: No such file or directory"
echo 'color = red' >>"$presets"
fails "$presets:6: color: is no key of a preset"
chmod 666 "$presets"
fails 'others could have written it'
chmod 644 "$presets"
fails 'color: is no key' -e "$rsh" far:

# The other machine.
rm "$presets"
fails 'no preset for you' -e "$rsh" far:
fails 'not installed there' -e "$rsh" --remote-path=/no/dsync far:
fails 'no-such-program' -e no-such-program far:
FORCED='echo Welcome' && export FORCED
fails 'prints "Welcome"' -e "$rsh" far:
FORCED='exit 0'
fails 'ended before dsync could speak' -e "$rsh" far:
unset FORCED
exits 1 doctor far: near:
says err 'one HOST: and one folder'
exits 1 doctor me srv
fails 'HOST: is all that is needed' -e "$rsh" far::notes

# Somebody who may not write there.
mkdir shut
for_nobody shut
chmod 555 shut
fails 'shut: Permission denied' "$work/t/shut"
done_
