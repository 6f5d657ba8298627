#!/bin/sh
# ~/.ssh/config is followed as ssh follows it, or refused; never passed over.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/sshd.sh"
config=$HOME/.ssh/config
remote 'echo in'
mv "$HOME/.ssh/id_ed25519" "$HOME/.ssh/mine"
mv "$HOME/.ssh/id_ed25519.pub" "$HOME/.ssh/mine.pub"

# settings: from standard input, with those that every case here needs
settings() {
	{
		cat
		echo "Host *
		    GlobalKnownHostsFile /dev/null"
	} >"$config"
}

let_in() {
	through /dev/null 0 "$@"
	same 'what is let in says' in "$(cat "$work/out")"
}

# All in one, and --port and USER@ before it.
settings <<END
Host box other-*
	HostName=127.0.0.1
	Port "$port" # of the test
	User $user
	IdentityFile "~/.ssh/mine"
END
let_in
let_in other-1
let_in "$user@box"
through /dev/null 10 --port=1 box
through /dev/null 15 nobody-of-this-name@box
reason 'nobody-of-this-name at 127.0.0.1'
! grep -q "Accepted" "$server/log" || : >"$server/log"

# Included files, by pattern, from where ssh takes them; Host stays inside.
mkdir "$HOME/.ssh/conf.d"
echo "IdentityFile %d/.ssh/mine" >"$HOME/.ssh/conf.d/keys"
echo "Host box
    Port $port
Host never
    Port 1" >"$HOME/.ssh/conf.d/ports"
settings <<END
Host box
    Include conf.d/* conf.d-missing/*
    HostName 127.0.0.1
END
let_in
settings <<END
Include ~/.ssh/conf.d/ports $HOME/.ssh/conf.d/keys
Host never
    Port 1
    Include conf.d/*
Host box
    HostName 127.0.0.1
END
let_in

# Match, as far as it can be decided.
settings <<END
Match originalhost never
    Port 1
Match originalhost b?x !host never user $user,nobody localuser *
    HostName 127.0.0.1
Match host 127.0.0.*
    Port $port
Match host box
    Port 1
Host 127.0.0.1
    Port 1
Match all
    IdentityFile ~/.ssh/mine
END
let_in
settings <<END
Match originalhost never exec false
    Port 1
Host box
    Port $port
    HostName 127.0.0.1
    IdentityFile ~/.ssh/mine
Match exec true
    Port 1
END
let_in

# What can't be followed is refused, if it concerns this host.
while read -r line; do
	settings <<END
Host never
    $line
Host box
    HostName 127.0.0.1
    Port $port
    IdentityFile ~/.ssh/mine
END
	: >"$server/log"
	let_in
	sed -i "s/^Host box/&\n    $line/" "$config"
	: >"$server/log"
	through /dev/null 1
	reason '--rsh ssh'
	reason "$config line 4"
	not_met
done <<END
RevokedHostKeys revoked
CertificateFile cert
PKCS11Provider lib.so
CanonicalizeHostname yes
RequiredRSASize 4096
ProxyUseFdpass yes
SomethingNew yes
END
for line in 'Ciphers ^aes128-ctr' 'Ciphers aes*' 'MACs -hmac-sha1' \
    'KexAlgorithms +none' 'HostKeyAlgorithms ^ssh-ed25519' \
    'UserKnownHostsFile ${HOME}/known' 'IdentityFile %L/key' \
    'IdentityAgent $SOCK' 'ProxyJump ssh://there'; do
	printf '%s\n' "$line" 'HostName 127.0.0.1' "Port $port" | settings
	through /dev/null 1
	reason '--rsh ssh'
done
for match in 'exec true' 'localnetwork 127.0.0.0/8' 'tagged x' final; do
	printf '%s\n' "Match $match" 'HostName 127.0.0.1' | settings
	through /dev/null 1
	reason "can't decide"
done
for line in 'Port 0' 'Port 65536' 'Port x' 'HostName "a' 'HostName' \
    'HostName -oProxyCommand=x' 'User ;x' 'StrictHostKeyChecking maybe'; do
	echo "$line" | settings
	through /dev/null 1
done
through /dev/null 1 -- '-x'
through /dev/null 1 'a;b'
echo 'IgnoreUnknown Some*,More*' >"$config"
echo 'SomethingNew yes' >>"$config"
box_settings >>"$config"
echo '    IdentityFile ~/.ssh/mine' >>"$config"
let_in
chmod 666 "$config"
through /dev/null 1
reason 'others may write to it'
chmod 600 "$config"

# Its lists of algorithms hold.
for cipher in aes128-ctr chacha20-poly1305@openssh.com; do
	printf '%s\n' "Ciphers $cipher" 'MACs hmac-sha2-256' \
	    'KexAlgorithms curve25519-sha256' "$(box_settings)" \
	    'IdentityFile ~/.ssh/mine' >"$config"
	let_in
	echo "Ciphers aes256-ctr" >"$server/more"
	sshd_again
	through /dev/null 10
	: >"$server/more"
	sshd_again
done

# ProxyJump is ssh's own way, with the last one as its end.
mkdir bin
cat >bin/ssh <<END
#!/bin/sh
echo "\$*" >"$PWD/jumped"
exit 1
END
chmod 755 bin/ssh
PATH=$PWD/bin:$PATH
printf '%s\n' 'ProxyJump one,me@two:2222' "$(box_settings)" >"$config"
through /dev/null 10
same 'the jump' "-J one -W [127.0.0.1]:$port ssh://me@two:2222" "$(cat jumped)"
printf '%s\n' 'ProxyJump none' 'ProxyCommand false' "$(box_settings)" \
    'IdentityFile ~/.ssh/mine' >"$config"
let_in
done_
