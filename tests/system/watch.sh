# SPDX-License-Identifier: MIT
# For the tests of dsync watch: sourced after lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

PATIENCE=${PATIENCE:-60}

# within COMMAND...: waits until it succeeds
within() {
	end=$(($(date +%s) + PATIENCE))
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$end" ] || {
			fail "never: $*"
			for said in "$work"/watch.*; do
				echo "  $said:"
				tail -n 20 "$said" | sed 's/^/    /'
			done
			return 1
		}
		sleep 0.02
	done
}

# watch_start NAME ARGUMENT...: dsync watch in the background, until it rests
watch_start() {
	name=$1
	shift
	# What the last one of that name said is not what this one says.
	rm -f "$work/watch.$name.out"
	# A shell has its background ignore SIGINT.
	env --default-signal=INT "$DSYNC" watch "$@" \
	    >"$work/watch.$name.out" 2>"$work/watch.$name.err" </dev/null &
	echo $! >"$work/$name.pid"
	watches="${watches:-} $name"
	within grep -qE '^watching: |"live"' "$work/watch.$name.out"
}

watch_pid() {
	cat "$work/$1.pid"
}

# watch_session NAME: the process that has the connection
watch_session() {
	children "$(watch_pid "$1")" | head -n 1
}

# watch_ended NAME CODE: it has ended by itself
watch_ended() {
	wait "$(watch_pid "$1")"
	same "exit code of watch $1" "$2" $?
	watches=$(echo "${watches:-}" | sed "s/ $1\$//; s/ $1 / /")
}

# watch_stop NAME: it ends when it is told to
watch_stop() {
	kill -TERM "$(watch_pid "$1")"
	watch_ended "$1" 20
}

same_tree() {
	diff -r --exclude=.dsync "$1" "$2"
}

# same_soon A B: they become equal, and stay so
same_soon() {
	within same_tree "$1" "$2"
}

# watch_kill: those that still run, at the end
watch_kill() {
	for name in ${watches:-}; do
		kill -KILL "$(watch_session "$name")" "$(watch_pid "$name")"
	done 2>/dev/null
}

trap 'watch_kill; chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
