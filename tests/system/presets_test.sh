#!/bin/sh
# dsync presets: what a server offers, to a free key and to a restricted one.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/rsh.sh"

exits 0 presets -e "$rsh" far:
says out 'no presets'
offer notes "path = $work/t/notes" 'access = full' 'description = My notes'
offer code "path = $work/t/code"
cat >wanted <<END
notes            full  # My notes
code             edit
END
for host in far: far me@far: '[::1]:'; do
	exits 0 presets -e "$rsh" "$host"
	silent err
	cmp wanted "$work/out" || fail "$host: $(cat "$work/out")"
done
exits 0 presets --json --rsh="$rsh" far:
says out '{"event":"preset","name":"notes","access":"full","description":"My notes"}'
says out '{"event":"preset","name":"code","access":"edit"}'

# A restricted key sees its preset, and what the key may do.
FORCED='dsync peer --preset notes --access read'
export FORCED
exits 0 presets -e "$rsh" far:
same 'restricted' 'notes            read  # My notes' "$(cat "$work/out")"
unset FORCED

# What is wrong there is said here.
echo 'color = red' >>"$presets"
exits 43 presets -e "$rsh" far:
says err "$presets:7: color: is no key of a preset"
FORCED='echo Welcome to far' && export FORCED
exits 5 presets -e "$rsh" far:
says err 'prints "Welcome to far"'
FORCED='no-such-program'
exits 5 presets -e "$rsh" far:
says err 'not installed there'
unset FORCED

for typed in far:/preset/notes far::notes ./a /a '' -- -x; do
	exits 1 presets -e "$rsh" "$typed"
done
[ ! -e notes ] && [ ! -e code ] || fail 'asking has made a folder'
done_
