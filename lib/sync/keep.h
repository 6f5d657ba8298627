/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_KEEP_H
#define DSYNC_SYNC_KEEP_H

/* Into the versions store with what was displaced. */

#include <stdint.h>

#include "util/env.h"
#include "util/err.h"

#define KEEP_AGE   (90LL * 24 * 3600 * NSEC)
#define KEEP_BYTES (1024ull * 1024 * 1024) /* as stored */
#define KEEP_LINES 200000u /* of the log */

struct hash;
struct replica;
struct stage;

/*
 * Keeps file n of the stage as a version of path; ret_hash (may be NULL) is
 * its hash.  known: it was found to be that version when it was displaced, and
 * need not be read for that again; NULL: it is whatever it is.  Between
 * db_begin() and db_commit(); file n may be gone afterwards, or may still be
 * there, to be dropped after the commit.
 */
enum status keep_file(struct replica *r, struct stage *stage, uint64_t n,
    const char *path, const char *why, const struct hash *known,
    struct hash *ret_hash, struct err *err) MUST_CHECK;

/*
 * If this run has kept something: drops versions that are older than the
 * replica's keep_age (KEEP_AGE), the oldest ones beyond its keep_size
 * (KEEP_BYTES), and the oldest lines of the log.
 */
enum status keep_trim(struct replica *r, struct err *err) MUST_CHECK;

#endif
