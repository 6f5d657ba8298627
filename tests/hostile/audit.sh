#!/bin/sh
# What paths the kernel is given, in peace and under attack: see audit.py.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/../system/lib.sh"

need python3
DSYNC=$DSYNC WORK=$work PYTHONDONTWRITEBYTECODE=1 \
    python3 "$here/audit.py" "$@"
