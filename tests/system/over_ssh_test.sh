#!/bin/sh
# What holds between two folders holds over SSH: dsync's own connection, and
# that of the program ssh, to a private server.
# SPDX-License-Identifier: MIT

# A server sees what the tests mount only in one namespace with them.
if [ -z "${DSYNC_TEST_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then
	DSYNC_TEST_MOUNTS=1 exec unshare -m sh "$0"
fi
. "$(dirname "$0")/lib.sh"
. "$here/sshd.sh"
. "$here/over.sh"

need flock ssh
umask 022
chmod 711 "$work"
VIA_HOME=$HOME
export VIA_HOME
[ -z "${LONG:-}" ] || over_brief="$over_quick $over_once $over_slow"
# shellcheck disable=SC2086
over ssh $over_quick ${LONG:+$over_once $over_slow}
# shellcheck disable=SC2086
over openssh $over_brief
counted
