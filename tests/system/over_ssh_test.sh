#!/bin/sh
# What holds between two folders holds over SSH: dsync's own connection, and
# that of the program ssh, to a private server.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/sshd.sh"
. "$here/over.sh"

need flock ssh
umask 022
chmod 711 "$work"
VIA_HOME=$HOME
export VIA_HOME
# shellcheck disable=SC2086
over ssh $over_quick ${LONG:+$over_slow}
# shellcheck disable=SC2086
over openssh $over_brief ${LONG:+$over_quick $over_slow}
counted
