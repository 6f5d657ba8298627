/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_SIGNATURE_H
#define DSYNC_STORE_SIGNATURE_H

/*
 * Signatures (see core/chunk.h) of the last few versions of a path: what an
 * edit is to be compared with, once the version that was edited is gone.
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/hash.h"

#define SIGNATURE_KEEP 4 /* versions of a path */

struct db;

/* The writers stand between db_begin() and db_commit(). */

enum status signature_put(struct db *db, const char *path,
    const struct hash *hash, const void *data, size_t len,
    struct err *err) MUST_CHECK;

/* The file has another name; what was known of that one before is dropped. */
enum status signature_move(struct db *db, const char *from, const char *path,
    struct err *err) MUST_CHECK;
enum status signature_drop(struct db *db, const char *path,
    struct err *err) MUST_CHECK;

/* Appends that of this version to out, unless *ret_have is false. */
enum status signature_get(struct db *db, const char *path,
    const struct hash *hash, bool *ret_have, struct buf *out,
    struct err *err) MUST_CHECK;

#endif
