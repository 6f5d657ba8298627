#!/bin/sh
# SIGINT, SIGTERM and SIGHUP in the middle of a transfer, of a look at a folder
# on either side, and while a peer does nothing: the run ends by itself with 20
# and one line, what is there is whole, and the next run finishes.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
env --default-signal=INT true 2>/dev/null || skip 'env can not reset signals'

# A shell ignores SIGINT for what it starts in the background.
for signal in INT TERM HUP; do
	for side in a b; do
		other=$(echo $side | tr ab ba)
		rm -rf a b
		mkdir a b
		echo old >a/1.md
		exits 0 sync a b
		for n in 1 2 3 4; do seq $n 900000 >$other/$n.md; done
		contents a b >"$work/saved"
		env --default-signal=INT,TERM,HUP "$DSYNC" sync a b \
		    >"$work/out" 2>"$work/err" </dev/null &
		pid=$!
		while kill -0 $pid 2>/dev/null; do
			find $side/.dsync/stage -type f -size +64k 2>/dev/null |
			    grep -q . && break
		done
		began=$(date +%s%N)
		kill -$signal $pid 2>/dev/null
		wait $pid
		code=$?
		ms=$((($(date +%s%N) - began) / 1000000))
		[ $code -eq 20 ] || [ $code -eq 0 ] ||
		    fail "SIG$signal: exit $code: $(cat "$work/err")"
		[ $ms -lt 10000 ] || fail "SIG$signal: took $ms ms"
		echo "SIG$signal: exit $code after $ms ms"
		for n in 1 2 3 4; do
			[ ! -e $side/$n.md ] || cmp -s a/$n.md b/$n.md ||
			    same "$side/$n.md" old "$(cat $side/$n.md)"
		done
		nothing_lost "$work/saved" a b
		exits 0 sync a b
		equal a b
		alone
		swept a b
	done
done

# interrupt PID: SIGINT, and it ends by itself; its code is in code
interrupt() {
	kill -INT "$1"
	timeout 10 tail -s 0.1 --pid="$1" -f /dev/null || {
		fail "SIGINT: still there after 10 s"
		kill -KILL "$1"
	}
	wait "$started"
	code=$?
	same 'exit code' 20 "$code"
	# strace has a word of its own at times.
	same 'what it said' 'dsync: interrupted' "$(grep -v ^strace: "$work/err")"
}

# until_true COMMAND...: waits for it while what was started runs
until_true() {
	until "$@"; do
		kill -0 $started 2>/dev/null || {
			fail "it ended before $*: $(cat "$work/err")"
			return 1
		}
		sleep 0.05
	done
}

in_trace() {
	grep -q "$1" "$work/trace" 2>/dev/null
}

# A look that takes half a minute, a is the peer's folder: 64 files, and each
# call that reads takes 60 ms.  With -D the process that was started is dsync.
look() {
	rm -rf a b "$work/trace"
	mkdir a b
	echo other >a/z.md
	echo other >b/y.md
	for n in $(seq 10 73); do
		yes "line of $n" | head -c 1000000 >$1/$n.md
	done
	side=$1
	set -- strace -D -f -o "$work/trace" -e trace=read,openat2,openat \
	    -e inject=read:delay_enter=60000
	[ -z "${VIA:-}" ] || {
		behind "$(echo "$side" | sed 's/a/peer/;s/b/client/')" "$@"
		set --
	}
	env --default-signal=INT "$@" "$DSYNC" sync a b >"$work/out" \
	    2>"$work/err" </dev/null &
	started=$!
	until_true in_trace '"1[5-9].md"' || return
	interrupt $started
	if in_trace '"73.md"'; then fail "$side was looked at to its end"; fi
	[ -z "${VIA:-}" ] || {
		behind client
		behind peer
	}
	exits 0 sync a b
	equal a b
	alone
	swept a b
}

# A program that does not get to begin: it is on a disk that went away, say.
no_start() {
	rm -rf b "$work/trace"
	mkdir b
	cp "$(command -v env)" "$work/slow"
	env --default-signal=INT strace -D -f -o "$work/trace" \
	    -P "$work/slow" -e trace=execve \
	    -e inject=execve:delay_enter=30000000 \
	    "$DSYNC" sync -e "$work/slow" host:/preset/a b >"$work/out" \
	    2>"$work/err" </dev/null &
	started=$!
	begun() {
		[ -n "$(children $started)" ]
	}
	until_true begun || return
	sleep 0.5
	interrupt $started
	# strace sleeps on, and holds what was killed meanwhile.
	running
	sed 's|/proc/||; s|/environ||' "$work/running" | xargs -r kill -KILL
}

if strace -f -o "$work/trace" -e trace=read -e inject=read:delay_enter=1 \
    true 2>/dev/null; then
	look a
	look b
	[ -n "${VIA:-}" ] || no_start
else
	echo 'nothing can be traced here: looks are left out'
fi

# A peer that does nothing any more, before its HELLO or after.  Until exec it
# is not one: who starts a program waits until it has begun.
peer_of() {
	if [ -n "${VIA:-}" ]; then
		peer=$(cat "$VIA_DIR/pid" 2>/dev/null)
	else
		peer=$(children "$1")
	fi
	[ -n "$peer" ] && grep -qzx peer "/proc/$peer/cmdline" 2>/dev/null
}

# gone PID: our own child was ended; on another machine it ends itself, as soon
# as it can
gone() {
	case ${VIA:-} in
	*ssh)
		kill -CONT "$1"
		timeout 10 tail -s 0.1 --pid="$1" -f /dev/null
		;;
	*) ! kill -0 "$1" 2>/dev/null ;;
	esac || fail 'the peer is left'
}

for what in hello listing; do
	rm -rf a b
	mkdir a b
	echo old >a/1.md
	seq 1 2000000 >b/2.md
	[ -z "${VIA:-}" ] || rm -f "$VIA_DIR/pid"
	env --default-signal=INT "$DSYNC" sync a b >"$work/out" \
	    2>"$work/err" </dev/null &
	started=$!
	until_true peer_of $started || continue
	[ $what = hello ] || until_true [ -d b/.dsync/stage ] || continue
	kill -STOP "$peer"
	interrupt $started
	gone "$peer"
	exits 0 sync a b
	equal a b
	alone
	swept a b
done
done_
