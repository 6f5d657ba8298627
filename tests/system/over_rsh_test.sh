#!/bin/sh
# What holds between two folders holds over a command that leads to a server,
# as --rsh names one.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/over.sh"

need flock
# shellcheck disable=SC2086
over rsh $over_quick $over_once ${LONG:+$over_slow}
counted
