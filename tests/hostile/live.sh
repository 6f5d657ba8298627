#!/bin/sh
# Sessions that stay, and one side breaks every rule: see live.py.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../system/lib.sh"

need python3
DSYNC=$DSYNC WORK=$work PYTHONDONTWRITEBYTECODE=1 \
    python3 "$here/live.py" "$@"
