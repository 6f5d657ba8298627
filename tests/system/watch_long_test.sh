#!/bin/sh
# A dsync watch that many events went through has no more memory, descriptors
# or kept versions than it had after some of them.  LONG=1: a million events.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"
need python3

saves=${LONG:+500000} # two events each, at least
saves=${saves:-12000}

# The server keeps no more than this much of versions.
mkdir a b
config=$HOME/.config/dsync
mkdir -p "$config"
printf '[preset notes]\npath = %s\naccess = full\nkeep = 16k\n' \
    "$work/t/a" >"$config/presets.conf"
DSYNC_REMOTE_PATH=$DSYNC DSYNC_RSH=$here/rsh
export DSYNC_REMOTE_PATH DSYNC_RSH

# edits FOLDER SAVES NAME: as people, editors and programs save
edits() {
	python3 - "$@" <<'END'
import os, random, sys, time

folder, saves, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
dice = random.Random(name)

def path(n):
    at = f"{folder}/{name}{n % 10}"
    os.makedirs(at, exist_ok=True)
    return f"{at}/{n % 200}.md"

def write(at, text, mode="w"):
    with open(at, mode) as f:
        f.write(text)

for n in range(saves):
    at, roll = path(dice.randrange(200)), dice.random()
    text = f"{name} {n} " + "%0512x\n" % dice.getrandbits(2048)
    if roll < 0.6:
        write(at, text)
    elif roll < 0.7 and os.path.exists(at) and os.path.getsize(at) < 9999:
        write(at, text, "a")
    elif roll < 0.95:
        write(at + ".new", text)
        os.rename(at + ".new", at)
    elif roll < 0.99:
        write(at, text)
        os.unlink(at)
    else:
        os.rename(os.path.dirname(at), folder + "/moved")
        os.rename(folder + "/moved", os.path.dirname(at))
    if n % 200 == 0:
        time.sleep(0.04)
END
}

both_edit() {
	edits a $(($1 / 4)) there &
	edits b $(($1 * 3 / 4)) here || fail 'the edits failed'
	wait $!
	same_soon a b
}

processes() {
	session=$(watch_session w)
	echo "$(watch_pid w)" "$session" "$(children "$session")"
}

# rss: of all of them, KiB
rss() {
	for pid in $(processes); do
		cat "/proc/$pid/status"
	done | awk '/^VmRSS/ { sum += $2 } END { print sum }'
}

descriptors() {
	for pid in $(processes); do
		ls "/proc/$pid/fd"
	done | wc -l
}
# as_many COUNT: but for the folders that either side keeps open for a while
as_many() {
	[ "$(descriptors)" -le $(($1 + 2 * 8)) ]
}

few_versions() {
	"$DSYNC" versions --json a >"$work/versions" &&
	    [ "$(wc -l <"$work/versions")" -le 200 ]
}

watch_start w --interval=5 --max-delete=100% host:/preset/notes b
pids=$(processes)
both_edit $((saves / 4))
# At rest a while, for what is looked at between.
within few_versions
rss=$(rss) descriptors=$(descriptors)
both_edit $((saves * 3 / 4))
within few_versions
within as_many "$descriptors"
later=$(rss)
for pid in $(processes); do
	echo "$(cat "/proc/$pid/comm"): $(grep VmRSS "/proc/$pid/status")"
done
echo "memory: $rss KiB, then $later KiB; descriptors: $descriptors"
grep -q libasan "/proc/$(watch_pid w)/maps" ||
    [ "$later" -le $((rss * 5 / 4 + 16000)) ] || fail 'memory grows'
same 'the processes' "$pids" "$(processes)"

lines=$("$DSYNC" log --json a | wc -l)
size=$(stat -c %s a/.dsync/journal.db)
kept=$(wc -l <"$work/versions")
echo "journal: $size bytes, $lines lines of log, $kept versions"
[ "$lines" -gt $((saves / 50)) ] || fail 'hardly anything went over'
[ "$size" -le $((2000000 + 500 * lines)) ] || fail 'the journal grows'
watch_stop w
exits 0 sync b
says out 'nothing to do'
exits 0 conflicts b
says out 'no conflicts'
swept a b
done_
