#!/bin/sh
# A run whose client and peer are both killed, each at its k-th call that
# changes something, and the next run: as if nothing had been.
# SPDX-License-Identifier: MIT
KILL_STEP=${KILL_STEP:-17}
. "$(dirname "$0")/lib.sh"
. "$here/kill.sh"

kill_at_each both
done_
