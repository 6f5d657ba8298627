#!/bin/sh
# A watch is steered: status, flush, pause, resume; sync asks it; there is one
# of a folder.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"

mkdir a b c
for n in $(seq 20); do echo "$n" >a/$n.md; done
ln a/1.md outside
unset XDG_RUNTIME_DIR

exits 3 flush a
says err 'neither a synced folder'
exits 0 sync a b
exits 11 flush b
says err 'nobody watches it'
exits 11 pause b
exits 11 resume b
run status b
! grep -q '^watch:' "$work/out" || fail 'status sees a watch where none is'

# shellcheck disable=SC2016
watch_start w --exec-after='echo "$DSYNC_FOLDER $DSYNC_FETCHED $DSYNC_DELETED $DSYNC_MOVED" >>../after' a b
exits 0 status b
for line in 'watch:     in sync, since ' 'at rest:   '; do
	grep -qE "^${line}20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9:]{8}(,|$)" "$work/out" ||
	    fail "no time a person would read: $(grep "^$line" "$work/out")"
done
exits 0 status --json b
says out '"state":"in sync"'
run doctor b
says out 'watch: in sync'

# What no event tells: a hard link from outside is written through.
echo by another way >>outside
exits 0 flush b
says out 'in sync: 20 files'
equal a b
grep -q 'by another way' b/1.md || fail 'flush has not looked'
echo there >a/there.md
echo here >b/here.md
mkdir a/sub b/sub
cd b/sub || exit 1
exits 0 flush --json --timeout=60
cd ../..
says out '"in_sync":true'
equal a b
within grep -q "^$work/t/b 1 0 0" "$work/after"
rm a/there.md
mv a/2.md a/two.md
within grep -q ' 1 [01]$' "$work/after"

# sync has nobody else do it; what a watch does not do is refused.
echo more >a/more.md
exits 0 sync b
says out 'in sync: '
equal a b
echo most >a/most.md
exits 0 sync a b
equal a b
exits 42 sync -c a b
says err 'dsync pause'
exits 42 sync --if-free -c a b
silent err
exits 42 push b c
exits 42 watch a b
says err 'watched already'
exits 42 watch --if-free a b
silent err

# A conflict that waits for a person, and a file that can't be read.
watch_stop w
[ ! -e b/.dsync/control ] || fail 'the door stands open'
watch_start w --conflict=manual a b
kill -STOP "$(watch_session w)"
echo one >a/3.md
echo other >b/3.md
kill -CONT "$(watch_session w)"
exits 40 flush b
says err 'not in sync'
says err ', 1 conflict left to you'
exits 0 status b
says out ', 1 conflict left to you'
watch_stop w
exits 0 sync --conflict=newest a b

# Paused: nothing goes over, and others may have the folder.
watch_start w a b
exits 0 pause b
says out 'paused'
within grep -q 'paused; dsync resume' "$work/watch.w.err"
! grep -q interrupted "$work/watch.w.out" || fail 'a pause is no interruption'
exits 0 pause b
exits 0 status b
says out 'watch:     paused, since '
echo paused >a/paused.md
exits 42 flush b
says err 'it is paused'
exits 42 sync b
exits 0 sync -c a b
equal a b
echo later >a/later.md
[ ! -e b/later.md ] || fail 'it is not paused'
# Whoever came while one listened, and speaks when another does, is not left
# waiting.
python3 - "$DSYNC" b <<'X' || fail 'resume did not go on, or left a caller'
import os, socket, subprocess, sys, time
dsync, folder = sys.argv[1:]
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
os.chdir(folder + "/.dsync")
s.connect("control")
os.chdir("../..")
time.sleep(0.2)
said = subprocess.check_output([dsync, "resume", folder])
assert b"it goes on" in said, said
status = [dsync, "status", folder]
while b"watch:     in sync" not in subprocess.check_output(status):
    time.sleep(0.1)
try:
    s.sendall(b"status 0\n")
    s.recv(1)
except ConnectionError:
    pass
X
exits 0 resume b
says out 'it is not paused'
exits 0 flush b
equal a b

# The answer takes too long: the other side is stopped.
peers=$(children "$(watch_session w)")
# shellcheck disable=SC2086
kill -STOP $peers
exits 30 flush --timeout=1 b
says err 'no answer in time'
# shellcheck disable=SC2086
kill -CONT $peers
exits 0 flush b

# Begun anew, with what is configured now.
first=$(watch_session w)
kill -HUP "$(watch_pid w)"
anew() {
	now=$(watch_session w) && [ -n "$now" ] && [ "$now" != "$first" ]
}
within anew
exits 0 flush b

# Rubbish at the door, and more callers than there are places.
python3 - b/.dsync/control <<'X' || fail 'the door'
import os, socket, sys
os.chdir(os.path.dirname(sys.argv[1]))
def call(data):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect("control")
    try:
        s.sendall(data)
    except BrokenPipeError:
        pass
    return s
def end(s):
    try:
        while s.recv(65536):
            pass
    except ConnectionError:
        pass
waiting = [call(b"st") for _ in range(40)]
for data in (b"\n", b"x" * 100000, b"status" * 20 + b"\n", b"flush x y z\n",
    b"\0\n", b"status 99999999999999999999999\n", b"flush 5\nflush 5\n"):
    end(call(data))
for s in waiting:
    s.close()
X
exits 0 status b
says out 'watch:     in sync'
watch_stop w

# A session that hangs is no reason not to end.
watch_start w a b
kill -STOP "$(watch_session w)"
watch_stop w

# A log, which is taken away now and then; and no flood in it.
watch_start w --json --log-file="$work/log" --exec-after="exit 3" a b
echo logged >a/logged.md
exits 0 flush b
exits 0 pause b
grep -qE '^20[0-9-]+ [0-9:]+ \[[0-9]+\] <- logged.md$' "$work/log" ||
    fail 'what was done is not in the log'
within grep -q '\] dsync: --exec-after: it ended with 3$' "$work/log"
grep -q '\] dsync: paused' "$work/log" || fail 'that it paused is not there'
exits 0 resume b
exits 0 flush b
mv "$work/log" "$work/log.1"
first=$(watch_session w)
kill -HUP "$(watch_pid w)"
within anew
exits 0 flush b
grep -q '\] watching: ' "$work/log" || fail 'no new log'
watch_stop w
grep -q '\] stopped: interrupted' "$work/log" || fail 'no end in the log'
exits 0 sync -q --log-file="$work/log" a b
silent out
grep -q '\] in sync: ' "$work/log" || fail 'sync has no log'
exits 11 sync --log-file="$work/none/log" a b
says err '--log-file: '

# A watcher that is killed leaves its door behind, and nobody behind it.
watch_start k a b
session=$(watch_session k)
kill -KILL "$(watch_pid k)"
within test ! -d "/proc/$session"
exits 11 flush b
watch_start w a b
exits 0 flush b

# The other side is gone, for good: to wait for it would be no use.
mv a away
echo x >b/x.md
run flush b
[ "$code" -eq 3 ] || [ "$code" -eq 11 ] || fail "flush: exit $code"
watch_ended w 3

# No file: the folder may have a socket of somebody else's making, or a file.
mv away a
mkdir b/.dsync/control
run watch a b
same 'exit code beside a folder at the door' 11 "$code"
rmdir b/.dsync/control
echo x >b/.dsync/control
watch_start w a b
exits 0 flush b
watch_stop w
swept a b
done_
