#!/bin/sh
# Where the kernel tells less than it might: too many events at once, too few
# watches, processes that were stopped.  What happened is found all the same.
# SPDX-License-Identifier: MIT

# As root of a namespace of its own, which may lower its limits.
if [ -z "${DSYNC_TEST_INSIDE:-}" ] &&
    unshare -Ur sh -c 'echo 99 >/proc/sys/user/max_inotify_watches' \
	2>/dev/null; then
	DSYNC_TEST_INSIDE=1 exec unshare -Ur sh "$0"
fi
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"

mkdir a b
for n in $(seq 60); do mkdir a/$n && echo "$n" >a/$n/x.md; done

# More events than the queue of a process that does not read them holds.
watch_start w a b
equal a b
session=$(watch_session w)
kill -STOP "$session"
queue=$(cat /proc/sys/fs/inotify/max_queued_events)
[ "$queue" -le 20000 ] || queue=0
i=0
while [ $i -lt $((queue / 100 + 1)) ]; do
	i=$((i + 1))
	# Two files in turns: what is said twice in a row is kept once.
	for n in $(seq 60); do
		: >>b/1/y.md
		: >>b/2/y.md
	done
done
echo behind >b/59/behind.md
rm -r b/60
kill -CONT "$session"
same_soon a b
[ -e a/59/behind.md ] || fail 'it was not heard of, nor looked for'
within test ! -e a/60/x.md

# Both stopped, as when the lid is closed; both sides are edited meanwhile.
others=$(children "$session")
# shellcheck disable=SC2086
kill -STOP "$session" $others
echo one >a/3/asleep.md
echo two >b/4/asleep.md
sleep "${LONG:+6}1"
# shellcheck disable=SC2086
kill -CONT "$session" $others
same_soon a b
[ -e a/4/asleep.md ] && [ -e b/3/asleep.md ] || fail 'lost in sleep'
watch_stop w

[ -n "${DSYNC_TEST_INSIDE:-}" ] || skip 'no namespaces: not all was tested'

# Fewer watches than folders: it is said, and what is not watched is polled.
echo 30 >/proc/sys/user/max_inotify_watches
watch_start few --interval=5 a b
within grep -q 'max_user_watches' "$work/watch.few.err"
exits 0 status b
says out 'unwatched: '
run doctor b
grep -q '^warn *watch: .*max_user_watches' "$work/out" || fail 'doctor is silent'
for n in $(seq 59); do echo more >>"a/$n/x.md"; done
same_soon a b
for n in $(seq 59); do echo other >"b/$n/z.md"; done
same_soon a b
watch_stop few
swept a b
done_
