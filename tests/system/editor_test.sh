#!/bin/sh
# An editor saves as fast as it can while runs replace the same files from the
# other side: of 20,000 saves or more none is lost, on either side.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
editor=$(tool editor) || skip "$editor"

files=40
saves=${LONG:+1000000}
[ -z "${VIA:-}" ] || saves=
saves=${saves:-20000}
races=10 # runs, at least, beside the editor

# race MINE OTHER RULE: the editor saves in MINE; OTHER always wins
race() {
	rm -rf a b
	mkdir a b
	i=0
	while [ $i -lt $files ]; do
		echo start >"a/f$i.md"
		i=$((i + 1))
	done
	"$DSYNC" sync -q a b || fail 'the first run'
	rm -f "$work/stop"
	"$editor" "$1" $files $saves "$work/log" "$work/stop" &
	pid=$!
	runs=0
	while kill -0 $pid 2>/dev/null; do
		runs=$((runs + 1))
		i=0
		while [ $i -lt $files ]; do
			echo "other side $runs $i" >"$2/f$i.md"
			i=$((i + 1))
		done
		"$DSYNC" sync "--conflict=$3" a b >"$work/out" 2>"$work/err"
		code=$?
		case $code in
		0 | 23) ;;
		*) fail "run $runs: exit $code: $(cat "$work/err")" ;;
		esac
		[ $runs -lt $races ] || : >"$work/stop"
	done
	wait $pid || fail 'the editor stopped'
	"$DSYNC" sync -q "--conflict=$3" a b || fail "the last run: $?"
	equal a b
	swept a b
	# Without those that the editor itself displaced: where are they?
	sed -n 's/^saved //p' "$work/log" | sort >"$work/saved"
	saved=$(wc -l <"$work/saved" | tr -d ' ')
	[ "$saved" -ge $saves ] || fail "only $saved saves of $saves"
	sed -n 's/^displaced //p' "$work/log" | sort |
	    comm -23 "$work/saved" - >"$work/others"
	rm -rf texts
	mkdir texts
	while read -r number; do
		echo "save $number" >"texts/$number"
	done <"$work/others"
	contents texts >"$work/hashes"
	nothing_lost "$work/hashes" a b
	found=$(wc -l <"$work/others" | tr -d ' ')
	echo "$runs runs, $found of $saved saves displaced by them"
	[ "$found" -gt $files ] || fail 'there was no race to speak of'
}

race a b client
race b a server
done_
