/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_SQL_H
#define DSYNC_STORE_SQL_H

/*
 * Values in and out of statements.  What is read from the file is checked:
 * a journal may be damaged, or have been made by somebody else.
 */

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"
#include "util/hash.h"

/* What SQLite last complained of, as a status; what: "open", "read", ... */
enum status sql_error(sqlite3 *sql, const char *what, struct err *err);

/* Runs text, whose rows nobody wants; what is for the error. */
enum status sql_exec(sqlite3 *sql, const char *text, const char *what,
    struct err *err) MUST_CHECK;

/* Bound memory is borrowed until the statement has run.  NULL binds NULL. */
void sql_bind_int(sqlite3_stmt *stmt, int i, int64_t value);
void sql_bind_text(sqlite3_stmt *stmt, int i, const char *text);
void sql_bind_path(sqlite3_stmt *stmt, int i, const char *path);
void sql_bind_hash(sqlite3_stmt *stmt, int i, const struct hash *hash);
void sql_bind_blob(sqlite3_stmt *stmt, int i, const void *data, size_t len);

/* Borrowed until the next step of the statement; "" for NULL. */
const char *sql_text(sqlite3_stmt *stmt, int col);
/* The bytes as they lie there, no NUL behind them: quicker; "" for NULL. */
const char *sql_bytes(sqlite3_stmt *stmt, int col, size_t *ret_len);
/* ST_DAMAGED unless it is a path that may stand in a tree. */
enum status sql_path(sqlite3_stmt *stmt, int col, const char **ret,
    struct err *err) MUST_CHECK;
/* All zero for NULL. */
enum status sql_hash(sqlite3_stmt *stmt, int col, struct hash *ret,
    struct err *err) MUST_CHECK;
/* ST_DAMAGED if it is negative. */
enum status sql_size(sqlite3_stmt *stmt, int col, uint64_t *ret,
    struct err *err) MUST_CHECK;
bool sql_is_null(sqlite3_stmt *stmt, int col);

/* A statement of db_prepare_own(), which is finalised. */
static inline void
auto_sql(sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
}

/* One of db_prepare(), which is reset: it no longer holds a snapshot. */
static inline void
auto_sql_use(sqlite3_stmt **stmt)
{
	if (*stmt != NULL)
		sqlite3_reset(*stmt);
}

#endif
