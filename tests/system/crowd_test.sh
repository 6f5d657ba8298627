#!/bin/sh
# Eight clients of one server, people who edit in all nine folders, links that
# are cut, clients and peers that are killed: in the end all are equal, and no
# version is lost.  SEED plays one again; PLAY_SECONDS is how long (LONG=1: 60).
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

need python3
relay=$(tool relay) || skip "$relay"
[ -z "${LONG:-}" ] || PLAY_SECONDS=${PLAY_SECONDS:-60}
python3 "$here/crowd.py" "$DSYNC" "$relay" "$here/rsh" "$work/t" \
    "${PLAY_SECONDS:-10}" "${SEED:-$(date +%s)}" || fail 'see above'
done_
