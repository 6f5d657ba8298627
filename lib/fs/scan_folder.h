/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_SCAN_FOLDER_H
#define DSYNC_FS_SCAN_FOLDER_H

/*
 * What one folder has, on the way of a walk: gathered as its names are judged,
 * then sorted, then taken one by one.  Not for others.
 */

#include <stdbool.h>
#include <stddef.h>

#include "fs/scan.h"
#include "util/buf.h"
#include "util/err.h"

struct scan_item {
	struct scan_file file; /* of a folder to enter: "its/path/" */
	bool enter;
	size_t at; /* its path, in the folder's */
};

/* All zero: nothing yet. */
struct scan_names {
	struct buf items;
	struct buf paths;
};

struct scan_folder {
	struct scan_item *v; /* in path order, each path once */
	size_t n;
	size_t next;
	char *paths;
};

void scan_names_clear(struct scan_names *names);
void scan_names_fini(struct scan_names *names);

/* The path is copied; the item's own is not looked at. */
enum status scan_names_add(struct scan_names *names,
    const struct scan_item *item, const char *path) MUST_CHECK;

/* *ret is to be given to scan_folder_fini(), also if this fails. */
enum status scan_folder_init(struct scan_folder *ret,
    const struct scan_names *names) MUST_CHECK;
void scan_folder_fini(struct scan_folder *folder);

/* NULL behind the last one. */
const struct scan_item *scan_folder_next(struct scan_folder *folder);

#endif
