#!/bin/sh
# The same as over_ssh_test.sh by the program ssh, as --rsh ssh has it.
# SPDX-License-Identifier: MIT
OVER=openssh exec sh "$(dirname "$0")/over_ssh_test.sh"
