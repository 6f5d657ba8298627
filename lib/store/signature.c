/* SPDX-License-Identifier: MIT */
/* The table signature.  By path first, so that a first run only appends. */
#include "config.h"

#include "store/signature.h"

#include <assert.h>

#include "store/db.h"
#include "store/sql.h"

/* Runs a statement that has the path for its only parameter, or the first. */
static enum status
run(struct db *db, const char *sql, const char *path, const char *to,
    struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st = db_prepare(db, sql, &stmt, err);

	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, path);
	if (to != NULL)
		sql_bind_path(stmt, 2, to);
	return db_run(db, stmt, err);
}

static enum status
any(struct db *db, const char *path, bool *ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st = db_prepare(db,
	    "SELECT 1 FROM signature WHERE path = ?1 LIMIT 1", &stmt, err);

	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, path);
	return db_step(db, stmt, ret, err);
}

/* Makes room for a new one of that path. */
static enum status
age(struct db *db, const char *path, struct err *err)
{
	_Static_assert(SIGNATURE_KEEP == 4, "ages 0 to 3; the last one goes");
	enum status st = run(db,
	    "DELETE FROM signature WHERE path = ?1 AND age >= 3", path, NULL,
	    err);

	return st == ST_OK ?
	    run(db, "UPDATE signature SET age = age + 1 WHERE path = ?1", path,
		NULL, err) :
	    st;
}

enum status
signature_put(struct db *db, const char *path, const struct hash *hash,
    const void *data, size_t len, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	bool others = false;
	enum status st;

	assert(db_writing(db));
	st = any(db, path, &others, err);
	if (st == ST_OK && others)
		st = age(db, path, err);
	if (st == ST_OK)
		st = db_prepare(db,
		    "REPLACE INTO signature(path, sha256, age, data)"
		    " VALUES (?1, ?2, 0, ?3)",
		    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, path);
	sql_bind_hash(stmt, 2, hash);
	sql_bind_blob(stmt, 3, data, len);
	return db_run(db, stmt, err);
}

enum status
signature_move(struct db *db, const char *from, const char *path,
    struct err *err)
{
	enum status st = signature_drop(db, path, err);

	return st == ST_OK ? run(db,
				 "UPDATE signature SET path = ?2"
				 " WHERE path = ?1",
				 from, path, err) :
			     st;
}

enum status
signature_drop(struct db *db, const char *path, struct err *err)
{
	assert(db_writing(db));
	return run(db, "DELETE FROM signature WHERE path = ?1", path, NULL,
	    err);
}

enum status
signature_get(struct db *db, const char *path, const struct hash *hash,
    bool *ret_have, struct buf *out, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	const char *data;
	enum status st;
	size_t len;

	st = db_prepare(db,
	    "SELECT data FROM signature WHERE path = ?1 AND sha256 = ?2", &stmt,
	    err);
	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, path);
	sql_bind_hash(stmt, 2, hash);
	st = db_step(db, stmt, ret_have, err);
	if (st != ST_OK || !*ret_have)
		return st;
	data = sql_bytes(stmt, 0, &len);
	return buf_put(out, data, len) == ST_OK ? ST_OK : err_nomem(err);
}
