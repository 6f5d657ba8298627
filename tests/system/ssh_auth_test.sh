#!/bin/sh
# Logging in: keys in files and agents, passphrases, passwords; and no hang.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/sshd.sh"
need ssh-agent ssh-add
terminal=$(tool terminal)
remote 'echo in'
keys=$server/authorized_keys

# key NAME ARGUMENT...: a new key
key() {
	name=$1
	shift
	ssh-keygen -q -C '' -f "$name" "$@" || exit 99
}

let_in() {
	through /dev/null 0 "$@"
	same 'what is let in says' in "$(cat "$work/out")"
	silent err
}

refused() {
	text=$1
	shift
	: >"$server/log"
	through /dev/null 15 "$@"
	reason "$text"
	not_met
}

# asked EXIT QUESTION ANSWER...: the helper on a terminal, to box
asked() {
	wanted=$1
	shift
	"$terminal" "$@" -- "$DSYNC" ssh-helper box </dev/null >"$work/out" \
	    2>"$work/err"
	code=$?
	same "exit after $*" "$wanted" "$code"
	case $code in
	0) same 'what is let in says' in "$(cat "$work/out")" ;;
	*) silent out ;;
	esac
}

# Keys of each kind, in files; named, or where they are looked for.
let_in
key rsa -N '' -t rsa -b 2048
key ecdsa -N '' -t ecdsa
key old -N '' -t rsa -b 2048 -m PEM
for kind in rsa ecdsa old; do
	refused "$kind; the server offers: publickey" --identity=$kind box
	cat $kind.pub >>"$keys"
	let_in --identity=$kind box
	let_in --identity="$PWD/$kind" box
done
refused 'none is not there' --identity=none box
echo nonsense >nonsense
refused "nonsense can't be read" --identity=nonsense box
mv rsa "$HOME/.ssh/id_rsa"
mv "$HOME/.ssh/id_ed25519" "$HOME/.ssh/id_ed25519.pub" .
let_in
rm "$HOME/.ssh/id_rsa"
refused 'tried: nothing'
reason "permission denied for $user at 127.0.0.1"

# A passphrase: nobody there to ask, or a person; shown to nobody.
key locked -N 'open sesame' -t ed25519
cp locked "$HOME/.ssh/id_ed25519"
refused 'tried: id_ed25519'
asked 15
cat locked.pub >>"$keys"
refused 'load it into an agent'
passphrase="Passphrase for the key $HOME/.ssh/id_ed25519: "
asked 0 "$passphrase" 'open sesame'
! grep -q sesame "$work/err" || fail 'the passphrase was shown'
asked 0 "$passphrase" wrong "$passphrase" '' "$passphrase" 'open sesame'
asked 15 "$passphrase" 1 "$passphrase" 2 "$passphrase" 3
says err 'load it into an agent'
asked 130 "$passphrase" '^C'
key lockedpem -N 'open sesame' -t rsa -b 2048 -m PEM
cat lockedpem.pub >>"$keys"
cp lockedpem "$HOME/.ssh/id_rsa"
rm "$HOME/.ssh/id_ed25519"
asked 0 'id_rsa: ' 'open sesame'
mv "$HOME/.ssh/id_rsa" .
printf 'BatchMode yes\n' | cat - "$HOME/.ssh/config" >config
cp locked "$HOME/.ssh/id_ed25519"
cp "$HOME/.ssh/config" config.before
cp config "$HOME/.ssh/config"
asked 15
cp config.before "$HOME/.ssh/config"
rm "$HOME/.ssh/id_ed25519"

# An agent with the right key; with others before it; with too many.
agent_pid=$(ssh-agent -D -a "$PWD/agent" >/dev/null 2>&1 & echo $!)
until ssh-add -l >/dev/null 2>&1 || [ $? -eq 1 ]; do
	SSH_AUTH_SOCK=$PWD/agent
	export SSH_AUTH_SOCK
	sleep 0.05
done
refused 'tried: nothing'
ssh-add -q id_ed25519 2>/dev/null || exit 99
let_in
ssh-add -q -D 2>/dev/null
for i in 1 2 3 4 5; do
	key wrong$i -N '' -t ed25519
	ssh-add -q wrong$i 2>/dev/null
done
refused 'tried: agent 5 keys'
key rsaagent -N '' -t rsa -b 2048
cat rsaagent.pub >>"$keys"
ssh-add -q rsaagent 2>/dev/null
let_in
for i in 6 7 8; do
	key wrong$i -N '' -t ed25519
	ssh-add -q wrong$i 2>/dev/null
done
ssh-add -q -d rsaagent 2>/dev/null
ssh-add -q rsaagent 2>/dev/null
refused 'Too many authentication failures' --contimeout=50 box
reason '--identity'
reason 'agent 6 keys'

# The one that is named comes first, or alone; its file may be locked.
let_in --identity="$PWD/rsaagent" box
cp rsaagent.pub "$HOME/.ssh/id_rsa.pub"
let_in
rm "$HOME/.ssh/id_rsa.pub"
for only in yes no; do
	{
		echo "Host box
		    IdentitiesOnly $only
		    IdentityFile $PWD/wrong1"
		cat config.before
	} >"$HOME/.ssh/config"
	: >"$server/log"
	through /dev/null 15
	not_met
	offered=$(grep -c 'Failed publickey' "$server/log")
	case $only in
	yes) same 'keys that were offered' 1 "$offered" ;;
	no) [ "$offered" -ge 5 ] || fail "only $offered keys were offered" ;;
	esac
done
{
	echo "Host box
	    IdentityAgent none
	    IdentityFile $PWD/id_ed25519"
	cat config.before
} >"$HOME/.ssh/config"
let_in
cp config.before "$HOME/.ssh/config"
ssh-add -q -D 2>/dev/null
ssh-add -q locked >/dev/null 2>&1 </dev/null
kill "$agent_pid"
refused 'the agent does not answer'
unset SSH_AUTH_SOCK

# A password, and a key and a password: three tries, on a terminal only.
cp id_ed25519 id_ed25519.pub "$HOME/.ssh"
echo 'AuthenticationMethods publickey,password
PasswordAuthentication yes' >"$server/more"
sshd_again
refused 'there is no terminal'
password="$user@127.0.0.1's password: "
asked 15 "$password" x "$password" y "$password" z
says err 'tried: id_ed25519, password'
! grep -q '^[xyz]' "$work/err" || fail 'the password was shown'
echo 'PreferredAuthentications publickey' | cat - config.before \
    >"$HOME/.ssh/config"
asked 15
echo 'PasswordAuthentication no' | cat - config.before >"$HOME/.ssh/config"
asked 15
done_
