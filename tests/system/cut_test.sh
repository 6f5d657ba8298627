#!/bin/sh
# A link that is cut after any byte, in either direction, costs one more run
# and nothing else; one that delivers each byte alone, or all at once, nothing.
# CUT_STEP is the stride; LONG=1 cuts after every byte.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

need python3
relay=$(tool relay) || skip "$relay"
[ -z "${LONG:-}" ] || CUT_STEP=1
# What is synced to a disk thousands of times need not be on one.
[ ! -w /dev/shm ] || {
	rm -r "$work"
	work=$(mktemp -d /dev/shm/dsync-test.XXXXXX) || exit 99
	cd "$work" || exit 99
}
python3 "$here/cut.py" "$DSYNC" "$relay" "$work" "${CUT_STEP:-197}" ||
    fail 'a cut was to be seen'
done_
