/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_TOTALS_H
#define DSYNC_STORE_TOTALS_H

/*
 * The fingerprint of the agreed tree and the number of the last change.  They
 * are kept in meta, change with almost every row, and so stand in memory
 * while a transaction lasts: read at first use, written by db_commit(),
 * dropped by db_rollback().
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/fingerprint.h"
#include "util/err.h"

struct db;

struct totals {
	struct fingerprint fp;
	uint64_t seq;
	bool loaded;
	bool dirty;
};

/*
 * In a transaction: db's own, which may be changed (and dirty set).  Outside:
 * what is on the disk now, read into *own.
 */
enum status totals_get(struct db *db, struct totals *own, struct totals **ret,
    struct err *err) MUST_CHECK;

/* Writes them, if dirty; for db_commit(). */
enum status totals_save(struct db *db, struct totals *t,
    struct err *err) MUST_CHECK;

#endif
