#!/bin/sh
# Several clients meet at once in a folder that nobody has served before: one
# peer names it, and all of them, then and later, work with that.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# meet FOLDER: eight clients, each with a file of its own, at the same time; who
# saw the others change the folder to the last may be told to run again
meet() {
	mkdir "$1"
	pids=
	for client in 1 2 3 4 5 6 7 8; do
		mkdir "$1.$client"
		echo "$client" >"$1.$client/$client.md"
		"$DSYNC" sync -q "$1" "$1.$client" </dev/null \
		    2>"$work/err$client" &
		pids="$pids $!"
	done
	client=0
	for pid in $pids; do
		client=$((client + 1))
		wait "$pid"
		case $? in
		0) ;;
		23) grep -q 'run it again' "$work/err$client" ||
		    fail "$1, $client: $(cat "$work/err$client")" ;;
		*) fail "$1, $client: $(cat "$work/err$client")" ;;
		esac
	done
}

for folder in a b c d e f g h i j; do
	meet $folder
	exits 0 sync $folder $folder.1
	same "files of $folder" 8 "$(contents $folder.1 | wc -l)"
done
done_
