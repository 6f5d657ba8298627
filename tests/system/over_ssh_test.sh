#!/bin/sh
# What holds between two folders holds over SSH, to a private server: by dsync's
# own connection, or as OVER says (see over_openssh_test.sh).  BRIEF=1 takes
# only what a link is most likely to break.
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
tests="$over_quick $over_once $over_slow"
case ${BRIEF:+brief}${OVER:=ssh} in
briefssh) tests=$over_quick ;;
brief*) tests=$over_brief ;;
esac
# shellcheck disable=SC2086
over "$OVER" $tests
counted
