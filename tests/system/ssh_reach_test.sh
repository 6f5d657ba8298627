#!/bin/sh
# Hosts that are not there, say nothing, or say it slowly: told, and in time.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/sshd.sh"
need perl pgrep

# silent_server SCRIPT: perl that has a client in $c; its port is in $other
listener=
silent_server() {
	rm -f port
	perl -MIO::Socket::INET -e '
		my $s = IO::Socket::INET->new(Listen => 5,
		    LocalAddr => "127.0.0.1") or die;
		open my $f, ">", "port.new"; print $f $s->sockport; close $f;
		rename "port.new", "port";
		while (my $c = $s->accept) { $c->autoflush(1); '"$1"' }' &
	listener=$!
	until [ -e port ]; do
		sleep 0.05
	done
	other=$(cat port)
}

# Nobody there.
silent_server 'close $c'
ended "$listener"
through /dev/null 10 --port="$other" 127.0.0.1
reason '127.0.0.1: 127.0.0.1 port '
reason 'Connection refused'
through /dev/null 10 no-such-host.invalid
reason 'no-such-host.invalid: the name no-such-host.invalid: '
through /dev/null 10 --contimeout=1000 --port="$other" box
reason 'box: 127.0.0.1 port '

# Somebody who closes at once, is no SSH server, or an old one.
silent_server 'close $c'
through /dev/null 10 --port="$other" 127.0.0.1
ended "$listener"
silent_server 'print $c "220 mail\r\n"; close $c'
through /dev/null 10 --port="$other" 127.0.0.1
ended "$listener"
silent_server 'print $c "SSH-1.5-old\r\n"; sleep 600'
through /dev/null 10 --port="$other" --contimeout=20 127.0.0.1
ended "$listener"

# Somebody who never speaks, who trickles, who stops after the banner.
for script in 'sleep 600' 'for (1..6000) { print $c "S"; sleep 1 }' \
    'for (1..6000) { print $c "line $_\r\n"; sleep 1 }' \
    'print $c "SSH-2.0-stuck\r\n"; sleep 600'; do
	silent_server "$script"
	through /dev/null 35 --port="$other" --contimeout=1 127.0.0.1
	reason '127.0.0.1: timeout'
	silent out
	ended "$listener"
done

# A ProxyCommand is the way, is ended with us, and its failure is ours.
cat >"$HOME/.ssh/config" <<END
Host way
    ProxyCommand "$work/nc_for_test" %h %p
    HostName 127.0.0.1
    Port $port
Host stuck
    ProxyCommand sh -c 'echo \$\$ >$PWD/proxy; cat >/dev/null; exit'
Host broken
    ProxyCommand sh -c 'echo no way >&2; exit 1'
Host box
    ProxyCommand none
END
box_settings >>"$HOME/.ssh/config"
cat >"$work/nc_for_test" <<'END'
#!/usr/bin/perl
use IO::Socket::INET;
use IO::Select;
my $s = IO::Socket::INET->new("$ARGV[0]:$ARGV[1]") or die;
my $set = IO::Select->new($s, \*STDIN);
while (1) {
	for my $h ($set->can_read) {
		sysread($h, my $data, 65536) or exit;
		syswrite($h == $s ? \*STDOUT : $s, $data);
	}
}
END
chmod 755 "$work/nc_for_test"
remote 'exec cat'
head -c 3000000 /dev/urandom >big
through big 0 way
cmp big "$work/out" || fail 'a ProxyCommand changes bytes'
through /dev/null 35 --contimeout=1 stuck
reason 'timeout'
i=0
while kill -0 "$(cat proxy)" 2>/dev/null && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
! kill -0 "$(cat proxy)" 2>/dev/null || {
	kill "$(cat proxy)"
	fail 'the ProxyCommand lives on'
}
through /dev/null 10 broken
says err 'no way'

# A login that never ends: an agent that does not answer.
perl -MIO::Socket::UNIX -e '
	my $s = IO::Socket::UNIX->new(Listen => 5, Local => "agent") or die;
	while (my $c = $s->accept) { push @c, $c }' &
listener=$!
until [ -S agent ]; do
	sleep 0.05
done
box_settings >"$HOME/.ssh/config"
SSH_AUTH_SOCK=$PWD/agent
export SSH_AUTH_SOCK
through /dev/null 35 --contimeout=1 box
reason 'timeout while logging in'
ended "$listener"
unset SSH_AUTH_SOCK

# A time that is long enough does not end a session that is longer.
remote 'sleep 1.5; exec cat'
through big 0 --contimeout=1 box
cmp big "$work/out" || fail 'other bytes'

# The server goes away: told.
remote 'echo up; cat >/dev/null'
mkfifo fifo
: >"$work/out" # what the run before left there is no sign of life
"$DSYNC" ssh-helper box <fifo >"$work/out" 2>"$work/err" &
helper=$!
exec 9>fifo
until grep -q up "$work/out"; do
	sleep 0.05
done
session=$(pgrep -P "$sshd_pid")
# shellcheck disable=SC2046
kill -9 "$session" $(pgrep -P "$session")
wait "$helper"
same 'exit without a server' 10 $?
reason 'the connection was lost'
exec 9>&-
done_
