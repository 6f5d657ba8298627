/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SELF_H
#define DSYNC_SELF_H

/* Where this very program is, and whether sshd would find it. */

#include <limits.h>
#include <stdbool.h>

#include "util/err.h"

/* Of the file that is being executed, whatever PATH says. */
enum status self_path(char ret[PATH_MAX], struct err *err) MUST_CHECK;

/* The dsync that a plain PATH leads to is the one at path. */
bool self_found_by_name(const char *path);

#endif
