/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_VERSIONS_H
#define DSYNC_STORE_VERSIONS_H

/*
 * Every version that dsync displaced, by the hash of its contents.  Small ones
 * are in the database, compressed; of large ones (VERSIONS_INLINE) only the
 * row is here, and the contents are .dsync/versions/<hash>, put there by
 * fs/stage.  One contents is stored once, however many rows name it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/err.h"
#include "util/hash.h"

#define VERSIONS_INLINE (1024 * 1024)

struct db;

struct version {
	int64_t id;
	const char *path; /* borrowed */
	struct hash hash;
	uint64_t size;
	int64_t mtime;
	bool exec;
	int64_t when; /* it was displaced, ns */
	const char *why; /* "replaced", "deleted", "conflict", ...; borrowed */
};

/* Between db_begin() and db_commit().  data NULL: the contents are (or will
 * be, before the commit) in .dsync/versions/.  v->id is ignored. */
enum status versions_put(struct db *db, const struct version *v,
    const void *data, struct err *err) MUST_CHECK;

bool versions_has(struct db *db, const struct hash *hash);

/*
 * The contents.  *ret_external: they are in .dsync/versions/ and out is
 * untouched.  ST_NOENT if there is no such version; ST_DAMAGED if what is
 * stored does not have that hash.
 */
enum status versions_get(struct db *db, const struct hash *hash,
    struct hasher *hasher, struct buf *out, bool *ret_external,
    struct err *err) MUST_CHECK;

/* Newest first; path NULL: of all paths. */
enum status versions_each(struct db *db, const char *path,
    enum status (*each)(void *ctx, const struct version *v, struct err *err),
    void *ctx, struct err *err) MUST_CHECK;

/*
 * Between db_begin() and db_commit().  Drops rows displaced before `before`,
 * then the oldest ones until the contents' stored size is at most max_bytes.
 * Calls gone for the hash of each large contents that no row names any more.
 */
enum status versions_trim(struct db *db, int64_t before, uint64_t max_bytes,
    enum status (*gone)(void *ctx, const struct hash *hash, struct err *err),
    void *ctx, struct err *err) MUST_CHECK;

#endif
