#!/bin/sh
# Whatever keeps the peer from starting, or from speaking, has a message of its
# own that says what to do next, and an exit code; and no file is made.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/rsh.sh"

mkdir a
echo one >a/one.md
offers notes "path = $PWD/a" 'access = full'

# tries CODE LINE...: a run through a command of these lines
tries() {
	wanted_code=$1
	shift
	{
		echo '#!/bin/sh'
		printf '%s\n' "$@"
	} >"$work/command"
	chmod 755 "$work/command"
	exits "$wanted_code" sync --contimeout=1 -e "$work/command" \
	    me@box:/preset/notes b
	[ "$wanted_code" -eq 0 ] || [ -z "$(contents b)" ] ||
	    fail "$*: a file was made"
}
peer="exec '$DSYNC' peer"

# No program there, or none that can be executed.
tries 5 'shift 3' 'PATH=/nowhere; exec /bin/sh -c "$*"'
says err 'me@box: dsync is not installed there'
says err '--remote-path'
: >"$work/no-program"
tries 5 "exec /bin/sh -c '$work/no-program'"
says err "me@box: dsync can't be executed there"

# The same where whoever started dsync ignores that children end.
if env --ignore-signal=CHLD true 2>/dev/null; then
	ours=$DSYNC
	printf '#!/bin/sh\nexec env --ignore-signal=CHLD "%s" "$@"\n' "$ours" \
	    >"$work/deaf"
	chmod 755 "$work/deaf"
	DSYNC=$work/deaf
	tries 5 'shift 3' 'PATH=/nowhere; exec /bin/sh -c "$*"'
	says err 'me@box: dsync is not installed there'
	DSYNC=$ours
fi

# A shell that speaks first, and one that speaks only.
tries 5 'echo Welcome to the box' "$peer"
says err 'prints "Welcome to the box" before dsync can speak'
says err 'must be silent'
tries 5 'seq 1 100000' "$peer"
says err 'prints "1"'
tries 5 'printf "\033[2Jhello\n"' "$peer"
says err 'prints "\x1b[2Jhello"'
tries 5 'echo This account is for mail only.' 'exit 1'
says err 'This account is for mail only.'

# It ends at once: killed, or with nothing to say.
tries 5 'kill -9 $$'
says err 'the peer (me@box) was killed'
for code in 0 3; do
	tries 5 "exit $code"
	says err 'me@box: ended before dsync could speak'
	says err 'dsync --version'
done

# ssh itself says why, or nothing; then there was no peer.
tries 10 'echo "connect to host box port 22: Connection refused" >&2' 'exit 255'
says err 'me@box: no connection: connect to host box port 22'
tries 15 'echo "me@box: Permission denied (publickey)." >&2' 'exit 255'
says err 'Permission denied'
tries 10 'exit 255'
says err 'me@box: the connection was lost'

# It says nothing, and stays.
tries 35 'exec sleep 60'
says err 'has not said HELLO within 1 s'

# The command itself.
exits 5 sync -e 'no-such-program -x' box:/preset/notes b
says err 'no-such-program: no such program'
exits 5 sync -e /etc box:/preset/notes b
exits 1 sync -e '' box:/preset/notes b

# Its standard error is shown with the host's name, and does nothing to a
# terminal; the run goes on.
tries 0 'printf "a notice\n\033[31mred\007\n" >&2' "$peer"
says err 'me@box: a notice'
says err 'me@box: \x1b[31mred\x07'
grep -q "$(printf '\033')" "$work/err" && fail 'an escape came through'
equal a b

# And all of it was said of a command that does work.
exits 0 sync -e "$rsh" me@box:/preset/notes b
done_
