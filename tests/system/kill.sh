# SPDX-License-Identifier: MIT
# For the tests that kill a run at its k-th call that changes anything:
# sourced after lib.sh.  KILL_STEP is the stride; LONG=1 takes every call, and
# every way of opening a file besides.  Over a link the strides are longer.
# shellcheck shell=sh

need strace
strace -o "$work/trace" true 2>/dev/null || skip "nothing can be traced here"

calls='?write,?writev,?sendto,?sendmsg,?pwrite64,?pwritev,?fsync,?fdatasync'
calls="$calls,?syncfs,?ftruncate,?fallocate,?fchmod,?fchown,?utimensat"
calls="$calls,?mkdir,?mkdirat,?rmdir,?unlink,?unlinkat,?link,?linkat"
calls="$calls,?rename,?renameat,?renameat2"
step=${KILL_STEP:-9}
[ -z "${VIA:-}" ] || step=$((step * 3))
[ -z "${LONG:-}" ] || {
	step=${VIA:+5}
	step=${step:-1}
	calls="$calls,?openat,?openat2"
}

# A traced process has no leak checker.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS

# trace_client K ARGUMENT...: dsync whose client dies at its K-th call
trace_client() {
	inject=$calls:signal=KILL:when=$1
	shift
	strace -o "$work/trace" -e "trace=$calls" -e "inject=$inject" \
	    "$DSYNC" "$@"
}

# The same for its peer.  The client starts that by the name the kernel has for
# the program; that of one which was removed ends in " (deleted)", and there
# can be a file of this name.
trace_peer() {
	cp "$DSYNC" "$work/dsync"
	cat >"$work/dsync (deleted)" <<-END
		#!/bin/sh
		exec strace -o '$work/trace' -e 'trace=$calls' \
		    -e 'inject=$calls:signal=KILL:when=$1' '$DSYNC' "\$@"
	END
	chmod +x "$work/dsync (deleted)"
	shift
	(
		exec 3<"$work/dsync"
		rm "$work/dsync"
		exec /proc/self/fd/3 "$@"
	)
}

# And both, each at its own K-th.
trace_both() {
	inject=$calls:signal=KILL:when=$1
	shift
	strace -f -o "$work/trace" -e "trace=$calls" -e "inject=$inject" \
	    "$DSYNC" "$@"
}

# And over a link, WHO being client, peer or both.
trace_over() {
	rm -f "$work"/trace.*
	for one in client peer; do
		[ "$1" = $one ] || [ "$1" = both ] || continue
		behind $one strace -o "$work/trace.$one" -e "trace=$calls" \
		    -e "inject=$calls:signal=KILL:when=$2"
	done
	shift 2
	"$DSYNC" "$@"
	behind client
	behind peer
	cat "$work"/trace.* >"$work/trace"
}

# trace WHO K ARGUMENT...: dsync, and WHO of it dies at its K-th call
trace() {
	if [ -n "${VIA:-}" ]; then
		trace_over "$@"
	else
		who=$1
		shift
		"trace_$who" "$@"
	fi
}

# fill FOLDER PREFIX: what one side begins with
fill() {
	for name in replace delete move becomes tiny; do
		echo "$2 $name" >"$1/$2-$name.md"
	done
	mkdir "$1/$2-folder" "$1/$2-gone"
	echo "$2 in a folder" >"$1/$2-folder/in.md"
	echo "$2 goes" >"$1/$2-gone/with.md"
}

# change FOLDER PREFIX: one of each, made on that side
change() {
	echo "$2 new" >"$1/$2-new.md"
	mkdir "$1/$2-made"
	echo "$2 new below" >"$1/$2-made/new.md"
	echo "$2 replaced" >"$1/$2-replace.md"
	rm "$1/$2-delete.md"
	mv "$1/$2-move.md" "$1/$2-moved.md"
	rm "$1/$2-becomes.md"
	mkdir "$1/$2-becomes.md"
	echo "$2 in what was a file" >"$1/$2-becomes.md/in.md"
	rm -r "$1/$2-folder" "$1/$2-gone"
	echo "$2 was a folder" >"$1/$2-folder"
	chmod +x "$1/$2-tiny.md"
}

# The folders before the run that is killed, in start/, and what must come of
# them, in want/; every content there is, in saved.
prepare() {
	mkdir a b want start
	fill a server
	fill b client
	seq 1 60000 >a/large.md
	contents a b >"$work/saved"
	# Both sides write over this one: then it was not dsync that did.
	echo both >a/both.md
	"$DSYNC" sync -q a b || fail 'the first run'
	change a server
	change b client
	seq 1 60001 >a/large.md
	echo 'both, server' >a/both.md
	echo 'both, client' >b/both.md
	touch -d '2026-01-02 03:04:05' a/both.md
	touch -d '2026-01-02 03:04:06' b/both.md
	contents a b >>"$work/saved"
	cp -a a b start
	"$DSYNC" sync -q a b || fail 'the run without a kill'
	equal a b
	lists a >"$work/want"
	rm -r a b
}

# killed_at WHO K: a run that dies at its K-th call; false if it had fewer
killed_at() {
	rm -rf a b
	cp -a start/a start/b .
	: >"$work/trace"
	trace "$1" "$2" sync a b >"$work/out" 2>"$work/err"
	grep -q 'killed by SIGKILL' "$work/trace"
}

# rerun K: and nothing is to be seen of the kill
rerun() {
	before=$failed
	"$DSYNC" sync a b >"$work/out" 2>"$work/err" ||
	    fail "the run after it: exit $?"
	alone
	equal a b
	lists a | diff "$work/want" - >"$work/diff" ||
	    fail "not as without a kill: $(head -5 "$work/diff")"
	swept a b
	nothing_lost "$work/saved" a b
	"$DSYNC" sync a b >"$work/out2" 2>&1
	grep -q 'in sync: nothing to do' "$work/out2" ||
	    fail "one more run: $(cat "$work/out2")"
	[ $failed -eq $before ] || {
		echo "(killed at call $1: $(grep -B3 'killed by' "$work/trace"))"
		sed 's/^/  /' "$work/out" "$work/err"
	}
}

# kill_at_each WHO: client, peer or both
kill_at_each() {
	prepare
	k=1
	while killed_at "$1" $k; do
		rerun $k
		[ $failed -lt 5 ] || break
		k=$((k + step))
	done
	[ $k -gt $step ] || fail "nothing was killed: $(cat "$work/err")"
	echo "killed up to call $k, every $step"
}
