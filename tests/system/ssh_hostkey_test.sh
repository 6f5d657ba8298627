#!/bin/sh
# A host whose key is unknown, another one, or revoked learns nothing of us.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/sshd.sh"

known=$HOME/.ssh/known_hosts
name="[127.0.0.1]:$port"
print=$(ssh-keygen -lf "$server/host.pub" | cut -d' ' -f2)
ssh-keygen -q -t ed25519 -N '' -C '' -f other
ssh-keygen -q -t ecdsa -N '' -C '' -f ecdsa
remote 'echo met'

# settings LINE...: of box, before its own
settings() {
	{
		echo 'Host box'
		printf '%s\n' "$@"
		box_settings
	} >"$HOME/.ssh/config"
}

# met: it connects; refused TEXT: it is refused for that reason, unmet
met() {
	through /dev/null 0 "$@"
	same output met "$(cat "$work/out")"
	silent err
}

refused() {
	: >"$server/log"
	through /dev/null 15
	reason "$1"
	not_met
}

# Known, in each way to write it down.
met
ssh-keygen -q -H -f "$known" >/dev/null 2>&1 || fail 'ssh-keygen -H'
! grep -q 127.0.0.1 "$known" || fail 'the name is not hashed'
met
echo "[127.0.0.?]:* $(cat "$server/host.pub")" >"$known"
met
echo "# nothing
some.host,$name $(cat "$server/host.pub") comment" >"$known"
met
# A line in a way that nobody knows does not hide the next one.
echo "$name ssh-new-kind AAAA
@unknown-marker $name $(cat other.pub)
nonsense
$name $(cat "$server/host.pub")" >"$known"
met

# Unknown, and nobody to ask: no terminal.
echo "another.host $(cat "$server/host.pub")" >"$known"
cp "$known" before
setsid "$DSYNC" ssh-helper box </dev/null >"$work/out" 2>"$work/err"
same 'exit for an unknown host' 15 $?
refused 'host unknown'
reason "$print"
rm "$known"
refused 'host unknown'
echo "![127.0.0.1]:$port,* $(cat "$server/host.pub")" >"$known"
refused 'host unknown'

# Changed: the file and the line are told; nobody is asked, whatever is set.
echo "# one
$name $(cat other.pub)" >"$known"
refused 'Host key verification failed'
reason "$known line 2"
reason 'ssh-keygen -R'
settings 'StrictHostKeyChecking no'
refused 'Host key verification failed'
settings 'StrictHostKeyChecking accept-new'
refused 'Host key verification failed'
cp "$known" before
"$(tool terminal)" -- "$DSYNC" ssh-helper box </dev/null >"$work/out" \
    2>"$work/err"
same 'exit for a changed key on a terminal' 15 $?
cmp before "$known" || fail 'known_hosts was changed'
settings

# A key of another type is another key, and known types come first.
echo "$name $(cat ecdsa.pub)" >"$known"
refused 'Host key verification failed'
echo "HostKey $PWD/ecdsa" >"$server/more"
sshd_again
met
echo "$name $(cat "$server/host.pub")" >"$known"
met
: >"$server/more"
sshd_again

# Revoked, even if another line trusts it; a CA is beyond us.
echo "$name $(cat "$server/host.pub")
@revoked * $(cat "$server/host.pub")" >"$known"
refused 'revoked'
echo "@revoked $name $(cat other.pub)
$name $(cat "$server/host.pub")" >"$known"
met
echo "@cert-authority 127.0.0.1,$name $(cat other.pub)" >"$known"
refused '--rsh ssh'
echo "$name $(cat "$server/host.pub")
@cert-authority *.else $(cat other.pub)" >"$known"
met

# The settings: other files, another name.
mv "$known" "$HOME/.ssh/elsewhere"
settings 'UserKnownHostsFile ~/.ssh/nothing ~/.ssh/elsewhere'
met
settings 'UserKnownHostsFile none' 'GlobalKnownHostsFile %d/.ssh/elsewhere'
met
settings 'UserKnownHostsFile /dev/null' 'HostKeyAlias one'
refused 'host unknown: one'
echo "one $(cat "$server/host.pub")" >"$known"
settings 'HostKeyAlias one'
met
settings 'HostKeyAlias two'
refused 'host unknown: two'
settings 'StrictHostKeyChecking accept-new' 'HostKeyAlias new'
met
grep -q "^new ssh-ed25519 " "$known" || fail 'accept-new remembers nothing'
settings 'HostKeyAlias new' 'StrictHostKeyChecking yes'
met
settings 'HashKnownHosts yes' 'StrictHostKeyChecking accept-new' \
    'HostKeyAlias hashed'
met
grep -q '^|1|' "$known" || fail 'HashKnownHosts'
ssh-keygen -F hashed -f "$known" >/dev/null || fail 'ssh does not find it'
settings 'HostKeyAlias hashed' 'StrictHostKeyChecking yes'
met

# Asked on a terminal: only yes, or the fingerprint, will do.
terminal=$(tool terminal)
settings
for answers in 'yes 0' 'no 15' "$print 0" 'NO 15' '^C 130'; do
	rm -f "$known"
	"$terminal" '(yes/no)? ' "${answers% *}" -- "$DSYNC" ssh-helper box \
	    </dev/null >"$work/out" 2>"$work/err"
	same "exit after ${answers% *}" "${answers#* }" $?
	says err "$print"
	case $answers in
	*' 0')
		same output met "$(cat "$work/out")"
		met
		;;
	*) [ ! -e "$known" ] || fail 'it was remembered' ;;
	esac
done
rm -f "$known"
"$terminal" '(yes/no)? ' y '"no"? ' '' '"no"? ' yes -- \
    "$DSYNC" ssh-helper box </dev/null >"$work/out" 2>"$work/err"
same 'exit after three questions' 0 $?
# A last line without its end stays a line of its own.
printf 'other.host %s' "$(cat other.pub)" >"$known"
"$terminal" '(yes/no)? ' yes -- "$DSYNC" ssh-helper box </dev/null \
    >"$work/out" 2>"$work/err"
same lines 2 "$(wc -l <"$known" | tr -d ' ')"
met
done_
