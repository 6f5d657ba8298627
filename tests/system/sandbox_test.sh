#!/bin/sh
# Both sides are shut in before they hear each other, say how well, and
# --require-sandbox wants it of both.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/rsh.sh"

# The kernel is asked, not dsync: which might have it left out.
need python3
python3 -c 'import ctypes, sys
sys.exit(ctypes.CDLL(None).syscall(444, 0, 0, 1) < 1)' ||
    skip 'no Landlock in this kernel'

mkdir srv
echo text >srv/a.md
offer notes "path = $work/t/srv" "access = full"

# looking HOST COMMAND: passes all on, and writes down what the kernel says of
# both at the moment when the first byte of each has come
cat >looking <<END
#!/bin/sh
state() { grep -E '^(NoNewPrivs|Seccomp):' "/proc/\$1/status" | tr -d '\n\t'; }
shift
dd bs=1 count=4 of=head status=none
state \$PPID >client
mkfifo answers
exec 4<&0
{ cat head; exec cat <&4; } | sh -c 'echo \$\$ >pid; exec "\$@"' sh \
    "$DSYNC" peer >answers &
exec 3<answers
dd bs=1 count=4 of=answer status=none <&3
state "\$(cat pid)" >peer
cat answer
exec cat <&3
END
chmod +x looking
exits 0 sync -e "$work/t/looking" box:/preset/notes c
equal srv c
same 'the client' 'NoNewPrivs:1Seccomp:2' "$(cat client)"
same 'the peer' 'NoNewPrivs:1Seccomp:2' "$(cat peer)"
rm -f answers

exits 0 status c
says out 'landlock '
grep -qE 'sandbox:   landlock [0-9]+ \+ seccomp here, landlock [0-9]+ \+ seccomp there' \
    "$work/out" || fail "status says: $(cat "$work/out")"

exits 0 sync -e "$rsh" --require-sandbox c

# One that can't: its HELLO says so.
cat >bare <<END
#!/bin/sh
shift
"$DSYNC" peer | python3 -c 'import os
while True:
    data = os.read(0, 65536)
    if not data:
        break
    at = data.find(b"landlock ")
    if at != -1:
        data = data[:at] + b"seccomp!" + data[at + 8:]
    os.write(1, data)'
END
chmod +x bare
exits 43 sync -e "$work/t/bare" --require-sandbox c
says err 'in no sandbox'
exits 0 sync -e "$work/t/bare" c
done_
