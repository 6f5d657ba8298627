#!/bin/sh
# Whoever kills a watch as a whole is rid of it: no session goes on and holds
# the folder, not even one that was only just begun.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"

need strace
strace -o "$work/trace" true 2>/dev/null || skip 'strace may not trace'

mkdir a b
echo one >a/one.md

# gone PID: it has ended, whoever has still to be told
gone() {
	case $(sed 's/.*) //' "/proc/$1/stat") in
	'' | Z*) return 0 ;;
	*) return 1 ;;
	esac
}

# orphaned NAME: its parent is killed at once
orphaned() {
	session=$(watch_session "$1")
	[ -n "$session" ] || fail "$1: there is no session"
	kill -KILL "$(watch_pid "$1")"
	within gone "$session" || kill -KILL "$session"
	exits 0 sync a b
}

watch_start at-rest a b
orphaned at-rest

# It has not yet asked to be told of its parent's end.
watch_start newborn a b
strace -qq -f -o "$work/trace" -p "$(watch_pid newborn)" -e trace=prctl \
    -e inject=prctl:delay_enter=2000000 &
tracer=$!
traced() {
	! grep -q '^TracerPid:[[:space:]]*0$' "/proc/$(watch_pid newborn)/status"
}
within traced
old=$(watch_session newborn)
kill -KILL "$old"
another() {
	session=$(watch_session newborn)
	[ -n "$session" ] && [ "$session" != "$old" ]
}
within another
orphaned newborn
wait "$tracer"
done_
