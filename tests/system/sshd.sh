# SPDX-License-Identifier: MIT
# A private sshd on loopback, for the tests that need one; sourced after
# lib.sh.  It has host and user keys of its own, its settings lie in the
# test's folder, and it ends with the test.  The client side knows it as
# "box".  What stands in $work/remote is first in the search path over there.
# shellcheck shell=sh

sshd=$(command -v sshd || echo /usr/sbin/sshd)
[ -x "$sshd" ] || skip 'no sshd here'
need ssh-keygen
case $work in
*[!A-Za-z0-9/._-]*) skip 'sshd takes no such path for an environment' ;;
esac

sshd_pid=
agent_pid=

# ended PID...: ends them
ended() {
	for pid in "$@"; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
}

# shellcheck disable=SC2086
trap 'ended $sshd_pid $agent_pid
chmod -R u+rwX "$work"; rm -rf "$work"' EXIT

unset SSH_AUTH_SOCK SSH_ASKPASS DISPLAY
# libssh 0.10 loses the list of an agent's keys when it asks for it again.
echo 'leak:ssh_buffer_new' >"$work/leaks"
LSAN_OPTIONS=suppressions=$work/leaks:print_suppressions=0
export LSAN_OPTIONS
umask 077
server=$work/server
user=$(id -un)
mkdir "$server" "$work/remote" "$work/remote_home" "$HOME/.ssh"
ssh-keygen -q -t ed25519 -N '' -C '' -f "$server/host" || exit 99
ssh-keygen -q -t ed25519 -N '' -C '' -f "$HOME/.ssh/id_ed25519" || exit 99
cp "$HOME/.ssh/id_ed25519.pub" "$server/authorized_keys"
# As root it separates privileges and wants a folder for that.
if [ "$(id -u)" -eq 0 ]; then
	mkdir -p -m 755 /run/sshd || skip 'no /run/sshd can be made'
	id sshd >/dev/null 2>&1 || skip 'no user sshd'
fi

# sshd_settings: on standard output; a test may write its own after these
sshd_settings() {
	cat <<-END
		ListenAddress 127.0.0.1
		Port $port
		HostKey $server/host
		AuthorizedKeysFile $server/authorized_keys
		PidFile none
		StrictModes no
		UsePAM no
		PermitRootLogin yes
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		ExposeAuthInfo yes
		PrintMotd no
		MaxStartups 100
		LogLevel VERBOSE
		SetEnv PATH=$work/remote:$PATH HOME=$work/remote_home
	END
}

# sshd_tries: starts it on $port; false if it does not come to listen
sshd_tries() {
	{
		[ ! -e "$server/more" ] || cat "$server/more"
		sshd_settings
	} >"$server/config"
	: >"$server/log"
	"$sshd" -D -e -f "$server/config" >>"$server/log" 2>&1 </dev/null &
	sshd_pid=$!
	while kill -0 "$sshd_pid" 2>/dev/null; do
		grep -q 'Server listening' "$server/log" && return 0
		sleep 0.05
	done
	wait "$sshd_pid"
	sshd_pid=
	return 1
}

# sshd_start: on a free port; what is in $server/more comes first, and counts
sshd_start() {
	for port in $(shuf -i 20000-60000 -n 20); do
		sshd_tries && return
		grep -q 'Address already in use' "$server/log" || break
	done
	cat "$server/log"
	skip 'sshd does not start'
}

# sshd_again: with other settings in $server/more, on the same port
sshd_again() {
	ended "$sshd_pid"
	sshd_tries || {
		cat "$server/log"
		exit 99
	}
}

# knows NAME: writes the host's key down as that of NAME
knows() {
	echo "$1 $(cat "$server/host.pub")" >>"$HOME/.ssh/known_hosts"
}

# box_settings: what the client says of "box"
box_settings() {
	cat <<-END
		Host box
		    HostName 127.0.0.1
		    Port $port
		    User $user
		    UserKnownHostsFile $HOME/.ssh/known_hosts
		    GlobalKnownHostsFile /dev/null
		    HashKnownHosts no
	END
}

# remote LINE...: what "dsync" is over there; its $1 is "peer"
remote() {
	{
		echo '#!/bin/sh'
		printf '%s\n' "$@"
	} >"$work/remote/dsync"
	chmod 755 "$work/remote/dsync"
}

# offered NAME FOLDER: over there it is this dsync, and that a preset of it
offered() {
	remote "exec '$DSYNC' \"\$@\""
	HOME=$work/remote_home "$DSYNC" preset add "$1" "$2" access=full \
	    >/dev/null || fail "no preset $1"
}

# through FILE WANTED [ARGUMENT]...: the helper, to box unless arguments are
# given, with that input; what comes is in out, err and code
through() {
	input=$1
	wanted=$2
	shift 2
	[ $# -gt 0 ] || set -- box
	"$DSYNC" ssh-helper "$@" <"$input" >"$work/out" 2>"$work/err"
	code=$?
	[ "$code" -eq "$wanted" ] || {
		fail "ssh-helper $*: exit $code, not $wanted"
		sed 's/^/  err: /' "$work/err"
	}
}

# reason TEXT: the last line of the last err has it
reason() {
	tail -n 1 "$work/err" | grep -qF -e "$1" || {
		fail "the reason has no \"$1\""
		sed 's/^/  err: /' "$work/err"
	}
}

# not_met: the last time, nobody was let in, and no command was run
not_met() {
	! grep -q 'Accepted [a-z-]* for' "$server/log" || fail 'somebody was let in'
	silent out
}

sshd_start
box_settings >"$HOME/.ssh/config"
knows "[127.0.0.1]:$port"
