#!/bin/sh
# Deltas of a client that breaks every rule, against dsync peer: see delta.py.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../system/lib.sh"

need python3
DSYNC=$DSYNC WORK=$work PYTHONDONTWRITEBYTECODE=1 \
    python3 "$here/delta.py" "$@"
