#!/bin/sh
# dsync authorize: the line for a key, printed or put where sshd looks for it.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/rsh.sh"

blob=AAAAC3NzaC1lZDI1NTE5AAAAIH27OXGFSfwtdbvBpMlwreiBihfeFc8k9CgyDrRh8AlE
keys=$HOME/.ssh/authorized_keys
echo "ssh-ed25519 $blob anna@laptop" >key.pub
mkdir srv
offer notes "path = $work/t/srv" 'access = edit'
offer 'code' "path = $work/t/srv" 'access = full'

# Printed: this very program, one preset, at most that access.
real=$(readlink -f "$DSYNC")
exits 0 authorize key.pub --preset notes --access=read
silent err
line="restrict,command=\"$real peer --preset notes --access read\""
line="$line ssh-ed25519 $blob anna@laptop"
same 'the line' "$line" "$(cat "$work/out")"
exits 0 authorize key.pub --preset=notes
says out "peer --preset notes\" ssh-ed25519"
exits 0 authorize key.pub --preset=notes --access=full
says err 'warning: the preset allows edit'
exits 0 authorize --json key.pub --preset=notes
says out '"preset":"notes","line":"restrict,command='
[ ! -e "$HOME/.ssh" ] || fail 'printing has made ~/.ssh'

# Written: once, private, behind what is there.
exits 0 authorize key.pub --preset notes --access=read --write
says out 'is authorized now'
same 'authorized_keys' "$line" "$(cat "$keys")"
same 'modes' '700 600' \
    "$(stat -c %a "$HOME/.ssh") $(stat -c %a "$keys")"
exits 0 authorize key.pub --preset notes --access=read --write
says out 'authorized already'
same 'authorized_keys' "$line" "$(cat "$keys")"
exits 11 authorize key.pub --preset code --write
says err 'authorized_keys:1: this key is there already'
same 'authorized_keys' "$line" "$(cat "$keys")"
printf '# mine\nssh-rsa AAAAxyz old' >"$keys"
chmod 640 "$keys"
exits 0 authorize key.pub --preset notes --access=read --write
printf '# mine\nssh-rsa AAAAxyz old\n%s\n' "$line" | cmp - "$keys" ||
    fail "authorized_keys: $(cat "$keys")"
same 'its mode' 640 "$(stat -c %a "$keys")"
chmod 666 "$keys"
cp "$keys" before
exits 43 authorize key.pub --preset code --write
says err 'others could have written it'
cmp before "$keys" || fail 'a refused key was written'

# The forced command of the line is what counts: it is run as sshd would.
FORCED=$(sed -n 's/.*command="\(.*\)" ssh-ed25519.*/\1/p' before)
export FORCED
echo 1 >srv/a.md
exits 0 sync -e "$rsh" far::notes here
exits 43 sync -e "$rsh" far::code there
says err 'this key is for the preset notes only'

# What is no public key, or no preset.
printf -- '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n' >key
exits 43 authorize key --preset notes --write
says err 'THIS IS A PRIVATE KEY'
exits 43 authorize srv/a.md --preset notes
says err 'not a public key'
exits 11 authorize missing.pub --preset notes
exits 11 authorize key.pub --preset other
says err 'no preset of that name'
exits 1 authorize key.pub
says err '--preset=NAME'
exits 1 authorize --preset notes
exits 1 authorize key.pub --preset notes --access write
cmp before "$keys" || fail 'a refused key was written'
done_
