#!/bin/sh
# A server that breaks every rule, against dsync sync: see server.py.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../system/lib.sh"

need python3
DSYNC=$DSYNC WORK=$work PYTHONDONTWRITEBYTECODE=1 \
    python3 "$here/server.py" "$@"
