/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_SCAN_LIST_H
#define DSYNC_FS_SCAN_LIST_H

/* How a walk fills its result (struct scan).  Not for others. */

#include <stddef.h>

#include "fs/scan.h"
#include "util/err.h"

enum status scan_new(struct scan **ret) MUST_CHECK;

/* The path is copied: the first len bytes of it. */
enum status scan_add(struct scan *scan, const struct scan_file *file,
    size_t len) MUST_CHECK;

/* path and text are copied. */
enum status scan_add_problem(struct scan *scan, const char *path,
    const char *text) MUST_CHECK;

/* Path order, each path once. */
void scan_sort(struct scan *scan);

/* Drops the files, and keeps the problems. */
void scan_drop_files(struct scan *scan);

#endif
