/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_ROW_H
#define DSYNC_STORE_ROW_H

/* A row of file_state: from a statement, into the table, out of it. */

#include <sqlite3.h>
#include <stdbool.h>

#include "core/path.h"
#include "util/err.h"

struct db;
struct journal_row;

/* What row_read() wants of a SELECT, in this order. */
#define ROW_COLUMNS                                                            \
	"path, last_modified, sha256, origin, kind, size, exec, seq, disk,"    \
	" disk_sha256"

/* Its path is copied to path; after a failure, *ret means nothing. */
enum status row_read(sqlite3_stmt *stmt, char path[PATH_LIMIT],
    struct journal_row *ret, struct err *err) MUST_CHECK;

/* Writes the row, whatever was there. */
enum status row_write(struct db *db, const struct journal_row *row,
    struct err *err) MUST_CHECK;
/* Only what was on the disk; the rest stays as it is, or says nothing. */
enum status row_write_disk(struct db *db, const struct journal_row *row,
    struct err *err) MUST_CHECK;
enum status row_drop(struct db *db, const char *path,
    struct err *err) MUST_CHECK;

/* True if it says more than what was on the disk. */
bool row_agreed(const struct journal_row *row);

#endif
