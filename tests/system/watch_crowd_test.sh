#!/bin/sh
# Clients that watch one folder, people who edit in all of them, sessions, peers
# and watchers that are killed: soon after the last edit all are equal, and no
# version is lost.  SEED plays one again; PLAY_SECONDS is how long (LONG=1: 300).
# Where there is a libfaketime each new peer has a clock of its own: the server's
# is set now and then.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

need python3
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
for library in /usr/lib/*/faketime/libfaketime.so.1; do
	# Not every program bears it: one with a sanitizer does not.
	LD_PRELOAD=$library "$DSYNC" --version >/dev/null 2>&1 || continue
	[ ! -e "$library" ] || CLOCK_LIBRARY=$library
done
export CLOCK_LIBRARY="${CLOCK_LIBRARY:-}"
[ -z "${LONG:-}" ] || PLAY_SECONDS=${PLAY_SECONDS:-300}
python3 "$here/watch_crowd.py" "$DSYNC" none "$here/rsh" "$work/t" \
    "${PLAY_SECONDS:-15}" "${SEED:-$(date +%s)}" $((${LONG:+3 +} 3)) ||
    fail 'see above'
done_
