/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_SCAN_LIST_H
#define DSYNC_FS_SCAN_LIST_H

/* How a walk fills its result (struct scan).  Not for others. */

#include <stddef.h>

#include "fs/scan.h"
#include "util/err.h"

enum status scan_new(struct scan **ret) MUST_CHECK;

/* A copy of the first len bytes of path that lives as long as the scan. */
enum status scan_add_path(struct scan *scan, const char *path, size_t len,
    const char **ret) MUST_CHECK;

/* file->path is one of scan_add_path(). */
enum status scan_add(struct scan *scan,
    const struct scan_file *file) MUST_CHECK;

/* path and text are copied. */
enum status scan_add_problem(struct scan *scan, const char *path,
    const char *text) MUST_CHECK;

/* After the last one: path order, each path once. */
void scan_finish(struct scan *scan);

#endif
