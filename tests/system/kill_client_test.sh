#!/bin/sh
# A run whose client is killed, at any call that changes something, and the
# next run: the same folders as without it, nothing left over, nothing lost.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/kill.sh"

kill_at_each client
done_
