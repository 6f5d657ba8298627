/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_RESTORE_H
#define DSYNC_SYNC_RESTORE_H

/* A kept version back into the tree. */

#include "util/err.h"

struct entry;
struct replica;
struct version;

/*
 * Puts the version's contents at path as if this side's user had saved them
 * now; present is what stands there (replica_look), and is kept.  ST_CHANGED:
 * somebody saved meanwhile, and path is as he left it.
 */
enum status restore_version(struct replica *r, const char *path,
    const struct version *v, const struct entry *present,
    struct err *err) MUST_CHECK;

#endif
