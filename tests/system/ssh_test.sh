#!/bin/sh
# The SSH helper moves bytes both ways, and ends as the command over there did.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/sshd.sh"

head -c 20000000 /dev/urandom >big

# 20 MB there and back.
remote 'exec cat'
through big 0
cmp big "$work/out" || fail 'other bytes came back'
silent err

# The command, as it was asked for.
remote 'echo "$0 $*"'
through /dev/null 0
same command "$work/remote/dsync peer" "$(cat "$work/out")"

# Down only, while nothing comes to be read; and up only.
cp big "$work/remote_home/big"
remote 'exec cat "$HOME/big"'
through /dev/null 0
cmp big "$work/out" || fail 'other bytes came down'
remote 'sha256sum >"$HOME/sum"'
through big 0
same 'sum of what went up' "$(sha256sum <big)" "$(cat "$work/remote_home/sum")"

# Half-closed: it answers after our end, and hears us after its own.
remote 'cat >/dev/null; sleep 0.3; echo after'
through big 0
same 'after our end' after "$(cat "$work/out")"
remote 'echo first; exec >&-; cat >"$HOME/rest"; exit 3'
mkfifo fifo
"$DSYNC" ssh-helper box <fifo >"$work/out" 2>"$work/err" &
helper=$!
exec 9>fifo
until grep -q first "$work/out"; do
	sleep 0.05
done
echo later >&9
exec 9>&-
wait "$helper"
same 'exit after a half-close' 3 $?
same 'after its end' later "$(cat "$work/remote_home/rest")"

# Its exit code is ours.
for wanted in 0 1 2 23 126 127 255; do
	remote "exit $wanted"
	through /dev/null "$wanted"
done
# Killed: by itself, or as the shell around it tells.
remote 'kill -9 $$'
killed() {
	"$@" "$DSYNC" ssh-helper box </dev/null >"$work/out" 2>"$work/err"
	code=$?
	[ "$code" -eq 5 ] || [ "$code" -eq 137 ] ||
	    fail "exit of a killed one: $code: $(cat "$work/err")"
}
killed
# Dead before we know that it lives.
! strace -o "$work/trace" true 2>/dev/null ||
    killed strace -f -o "$work/trace" -e trace=poll,ppoll \
	-e inject=poll,ppoll:delay_exit=50000
rm "$work/remote/dsync"
through /dev/null 127

# What it says on standard error comes as it is, and does not stand in the way.
remote 'head -c 1000000 /dev/zero | tr "\0" "x" >&2; exec cat'
through big 0
cmp big "$work/out" || fail 'noise spoils the bytes'
same noise 1000000 "$(wc -c <"$work/err" | tr -d ' ')"

# It ends before it has read all.
remote 'head -c 10 >/dev/null; exit 4'
through big 4
# Whoever reads it goes away: it ends, though the command never would.
remote 'exec cat /dev/zero'
{
	timeout 60 "$DSYNC" ssh-helper box </dev/null 2>"$work/err"
	echo $? >"$work/code"
} | head -c 10 >/dev/null
same 'exit without a reader' 10 "$(cat "$work/code")"
reason 'nobody reads any more'

# Keys are changed in the middle, again and again, while both sides send.
printf '%s\n' 'RekeyLimit 1M' 'LogLevel DEBUG1' >"$server/more"
sshd_again
remote 'exec cat'
through big 0
cmp big "$work/out" || fail 'other bytes after new keys'
keys=$(grep -c 'SSH2_MSG_NEWKEYS received' "$server/log")
[ "$keys" -gt 5 ] || fail "the keys changed $keys times only"
done_
