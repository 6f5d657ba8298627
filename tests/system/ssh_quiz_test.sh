#!/bin/sh
# A server that asks questions: answered on a terminal, shown or not.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/sshd.sh"
terminal=$(tool terminal)
quiz=$(tool quiz)

quiz_port=
for other in $(shuf -i 20000-60000 -n 20); do
	"$quiz" "$other" "$server/host" >quiz.out 2>&1 &
	agent_pid=$!
	while kill -0 "$agent_pid" 2>/dev/null && [ -z "$quiz_port" ]; do
		! grep -q listening quiz.out || quiz_port=$other
		sleep 0.05
	done
	[ -z "$quiz_port" ] || break
done
[ -n "$quiz_port" ] || skip 'no port for the questions'
knows "[127.0.0.1]:$quiz_port"
cp "$HOME/.ssh/config" before

# asked EXIT QUESTION ANSWER...
asked() {
	wanted=$1
	shift
	"$terminal" "$@" -- "$DSYNC" ssh-helper --port="$quiz_port" box \
	    </dev/null >"$work/out" 2>"$work/err"
	code=$?
	same "exit after $*" "$wanted" "$code"
}

asked 0 'Code: ' 42 ': ' sesame
same 'what is let in says' in "$(cat "$work/out")"
says err 'Two questions'
says err '42'
! grep -q sesame "$work/err" || fail 'the answer was shown'
says err 'Word\x1b[31m: '
asked 0 'Code: ' 41 ': ' sesame 'Code: ' 42 ': ' wrong 'Code: ' 42 ': ' sesame
asked 15 'Code: ' 1 ': ' a 'Code: ' 2 ': ' b 'Code: ' 3 ': ' c
says err 'tried: keyboard-interactive; the server offers: keyboard-interactive'
silent out

# Nobody to ask.
through /dev/null 15 --port="$quiz_port" box
reason 'there is no terminal to ask on'
echo 'KbdInteractiveAuthentication no' | cat - before >"$HOME/.ssh/config"
asked 15
echo 'PreferredAuthentications publickey,password' | cat - before \
    >"$HOME/.ssh/config"
asked 15
done_
