#!/bin/sh
# What makes no sense is refused: one line, exit 1 or 3, nothing is made.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a b
echo text >file

# refused CODE TEXT ARGUMENT...: exit, one line on err that has TEXT, no output
refused() {
	exit_code=$1
	text=$2
	shift 2
	exits "$exit_code" "$@"
	says err "$text"
	silent out
	same "lines of: dsync $*" 1 "$(wc -l <"$work/err" | tr -d ' ')"
}

# Commands and options.
refused 1 'no such command' statsu
refused 1 'no such command' statsu a
refused 1 'no such command' a b c
refused 1 'no such option: --frobnicate' sync --frobnicate a b
refused 1 'no such option: -X' sync -X a b
refused 1 'no such option: --delete' sync --delete a b
refused 1 'no such option: -n' status -n
refused 1 'needs a value' sync a b --exclude
refused 1 'too many arguments' sync a b a
refused 1 'too many arguments' status a b
refused 1 'something is missing' restore
refused 1 'something is missing' versions

# Values.
for value in x 5x % 101% -1 '' 99999999999999999999; do
	refused 1 '--max-delete' sync "--max-delete=$value" a b
done
for value in '' Newest both 1; do
	refused 1 '--conflict' sync "--conflict=$value" a b
done
for value in '' x 0 1X 1MM -5 1kibi 99999999999999999999 9999999999T; do
	refused 1 '--max-size' sync "--max-size=$value" a b
done
for value in '' x 1023b 1b 0k 1.5.2 -1 1X 99999999999999999999; do
	refused 1 '--bwlimit' sync "--bwlimit=$value" a b
done
for value in '' x 1.5 -1 5s 99999999999999999999; do
	refused 1 '--timeout' sync "--timeout=$value" a b
done
for value in '' x 0 1.5 -1 5s 99999999999999999999; do
	refused 1 '--contimeout' sync "--contimeout=$value" a b
done
for value in '' x 0 -1 22x 65536 99999999999999999999; do
	refused 1 '--port' sync "--port=$value" a b
done
# What a shell over there would see as more than one word.
for value in '' -x 'a b' 'a;b' '$HOME/x' '~/x' 'a"b' "a'b" 'a
b'; do
	refused 1 '--remote-path' sync "--remote-path=$value" a b
done
refused 1 '--identity' sync --identity= a b
refused 1 '--rsh' sync --rsh= a b
refused 1 'needs a value' sync a b -e
for value in '' x tomorrow 2026-13-01 12:00 5 5y; do
	refused 1 '--at' restore "--at=$value" a/x
done
for value in '' abc ABCD xyz0 "$(printf '%065d' 0)"; do
	refused 1 '--version' restore "--version=$value" a/x
done
refused 1 'not both' restore --at=2h --version=abcd a/x
refused 1 '--info' sync --info=stats a b
refused 1 '--name' sync --name= a b
refused 11 'No such file' sync --exclude-from=missing a b

# Folders.
refused 3 'there is no such folder' sync missing b
refused 3 'there is no such folder' push missing b
refused 3 'there is no such folder' pull missing b
refused 3 'there is no such folder' verify a missing
refused 3 'the folder above' push a missing/b
refused 3 'Not a directory' sync a file/b
refused 3 'not a folder' sync file b
refused 3 'not a folder' sync a file
refused 3 'the same folder' sync a a
refused 3 'the same folder' sync a ./b/../a/
refused 3 'inside the other' push a a/new
refused 3 'inside the other' pull a/../a a/new
ln -s a link
refused 3 'the same folder' sync a link
refused 3 'inside the other' push a link/new
refused 1 'an empty name' sync '' b
same 'what is there' 'a b file link ' "$(ls | tr '\n' ' ')"
same 'what is in it' '' "$(ls -A a b | grep -v ':$' | tr -d '\n')"

# Other machines offer names, and one of the two folders has to be here.
refused 1 'by name, as in host:/preset/NAME' sync host:notes a
refused 1 'by name, as in host:/preset/NAME' push a host:/home/me/notes
refused 1 'has no slash' pull 'host:/preset/a/b' b
refused 1 'has to be a folder here' sync host:/preset/notes me@host::notes
refused 5 'no-such-program' sync -e no-such-program host:/preset/notes a
refused 5 'no-such-program' pull --rsh=no-such-program '[::1]::notes' b
refused 1 'are for ssh' sync -e './rsh x' --port=22 host:/preset/notes a
for remote in :x -oProxyCommand=x:/preset/n 'me@-x:y' host::a/b \
    host:/preset/; do
	refused 1 '' sync -- "$remote" a
done

# Nothing at all: the help, but as an error.
exits 1
says err 'Commands:'
silent out

done_
