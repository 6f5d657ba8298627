/* SPDX-License-Identifier: MIT */
/*
 * Values in and out of statements.  Binding fails only for a column that is
 * not there, which is a mistake in this program; reading can meet anything.
 */
#include "config.h"

#include "store/sql.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core/path.h"
#include "util/str.h"

/* A statement of ours that does not fit the tables: they are not ours. */
static enum status
status_of(int rc, int errnum)
{
	if (rc == SQLITE_IOERR_NOMEM)
		return ST_NOMEM;
	if (rc == SQLITE_IOERR_CORRUPTFS || rc == SQLITE_IOERR_SHORT_READ)
		return ST_DAMAGED;
	switch (rc & 0xff) {
	case SQLITE_FULL:
		return ST_NOSPC;
	case SQLITE_NOMEM:
		return ST_NOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ST_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_ERROR:
	case SQLITE_SCHEMA:
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG:
		return ST_DAMAGED;
	default:
		return errnum == ENOSPC || errnum == EDQUOT ? ST_NOSPC : ST_IO;
	}
}

enum status
sql_error(sqlite3 *sql, const char *what, struct err *err)
{
	int rc = sqlite3_extended_errcode(sql);
	int errnum = sqlite3_system_errno(sql);
	char why[STR_SHOW]; /* may quote the file */

	str_show(why, sqlite3_errmsg(sql));
	return err_set(err, status_of(rc, errnum), "journal: %s: %s", what,
	    why);
}

enum status
sql_exec(sqlite3 *sql, const char *text, const char *what, struct err *err)
{
	if (sqlite3_exec(sql, text, NULL, NULL, NULL) != SQLITE_OK)
		return sql_error(sql, what, err);
	return ST_OK;
}

void
sql_bind_int(sqlite3_stmt *stmt, int i, int64_t value)
{
	int rc = sqlite3_bind_int64(stmt, i, value);

	assert(rc == SQLITE_OK);
	(void)rc;
}

void
sql_bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
	int rc = sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);

	assert(rc == SQLITE_OK);
	(void)rc;
}

void
sql_bind_blob(sqlite3_stmt *stmt, int i, const void *data, size_t len)
{
	int rc = sqlite3_bind_blob64(stmt, i, data, len, SQLITE_STATIC);

	assert(rc == SQLITE_OK);
	(void)rc;
}

void
sql_bind_path(sqlite3_stmt *stmt, int i, const char *path)
{
	sql_bind_blob(stmt, i, path, path == NULL ? 0 : strlen(path));
}

void
sql_bind_hash(sqlite3_stmt *stmt, int i, const struct hash *hash)
{
	sql_bind_blob(stmt, i, hash == NULL ? NULL : hash->b, HASH_SIZE);
}

bool
sql_is_null(sqlite3_stmt *stmt, int col)
{
	return sqlite3_column_type(stmt, col) == SQLITE_NULL;
}

const char *
sql_text(sqlite3_stmt *stmt, int col)
{
	const char *text = (const char *)sqlite3_column_text(stmt, col);

	return text == NULL ? "" : text;
}

const char *
sql_bytes(sqlite3_stmt *stmt, int col, size_t *ret_len)
{
	const char *data = sqlite3_column_blob(stmt, col);

	*ret_len = (size_t)sqlite3_column_bytes(stmt, col);
	return data == NULL ? "" : data;
}

enum status
sql_path(sqlite3_stmt *stmt, int col, const char **ret, struct err *err)
{
	/* Of a BLOB, column_text() is its bytes with a NUL after them. */
	const char *path = (const char *)sqlite3_column_text(stmt, col);
	size_t len = (size_t)sqlite3_column_bytes(stmt, col);

	if (path == NULL && !sql_is_null(stmt, col))
		return err_nomem(err);
	if (path == NULL || path_fault(path, len) != NULL)
		return err_set(err, ST_DAMAGED,
		    "journal: read: it names an impossible path");
	*ret = path;
	return ST_OK;
}

enum status
sql_hash(sqlite3_stmt *stmt, int col, struct hash *ret, struct err *err)
{
	const void *data = sqlite3_column_blob(stmt, col);

	if (data == NULL && sql_is_null(stmt, col)) {
		memset(ret, 0, sizeof(*ret));
		return ST_OK;
	}
	if (sqlite3_column_bytes(stmt, col) != HASH_SIZE)
		return err_set(err, ST_DAMAGED,
		    "journal: read: a hash has the wrong length");
	if (data == NULL)
		return err_nomem(err);
	memcpy(ret->b, data, HASH_SIZE);
	return ST_OK;
}

enum status
sql_size(sqlite3_stmt *stmt, int col, uint64_t *ret, struct err *err)
{
	int64_t n = sqlite3_column_int64(stmt, col);

	if (n < 0)
		return err_set(err, ST_DAMAGED,
		    "journal: read: a size is negative");
	*ret = (uint64_t)n;
	return ST_OK;
}
