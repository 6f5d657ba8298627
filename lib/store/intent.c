/* SPDX-License-Identifier: MIT */
/*
 * Intents: a group's are written in one transaction before the first of them
 * is carried out, and go in the one that writes what became of them.
 */
#include "config.h"

#include "store/intent.h"

#include <assert.h>

#include "store/db.h"
#include "store/sql.h"

enum status
intent_put(struct db *db, const struct intent *intent, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	assert(db_writing(db));
	st = db_prepare(db,
	    "INSERT INTO intent"
	    " (stage, n, kind, path, source, absent, expect, want)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, intent->stage);
	sql_bind_int(stmt, 2, (int64_t)intent->n);
	sql_bind_int(stmt, 3, intent->kind);
	sql_bind_path(stmt, 4, intent->path);
	sql_bind_path(stmt, 5, intent->from);
	sql_bind_int(stmt, 6, intent->absent);
	sql_bind_hash(stmt, 7, &intent->expect);
	sql_bind_hash(stmt, 8, &intent->want);
	return db_run(db, stmt, err);
}

enum status
intent_clear(struct db *db, const char *stage, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	assert(db_writing(db));
	st = db_prepare(db, "DELETE FROM intent WHERE stage = ?1", &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, stage);
	return db_run(db, stmt, err);
}

static enum status
read_one(sqlite3_stmt *stmt, const char *stage, struct intent *ret,
    struct err *err)
{
	struct intent in = { .stage = stage };
	int kind = sqlite3_column_int(stmt, 1);
	enum status st;

	/* Only a move has a second path. */
	if (kind < INTENT_IN || kind > INTENT_MOVE ||
	    (kind == INTENT_MOVE) == sql_is_null(stmt, 3))
		return err_set(err, ST_DAMAGED,
		    "journal: read: an impossible intent");
	in.kind = (enum intent_kind)kind;
	in.absent = sqlite3_column_int(stmt, 4) != 0;
	st = sql_size(stmt, 0, &in.n, err);
	if (st == ST_OK)
		st = sql_path(stmt, 2, &in.path, err);
	if (st == ST_OK && kind == INTENT_MOVE)
		st = sql_path(stmt, 3, &in.from, err);
	if (st == ST_OK)
		st = sql_hash(stmt, 5, &in.expect, err);
	if (st == ST_OK)
		st = sql_hash(stmt, 6, &in.want, err);
	if (st == ST_OK)
		*ret = in;
	return st;
}

enum status
intent_each(struct db *db, const char *stage,
    enum status (
	*each)(void *ctx, const struct intent *intent, struct err *err),
    void *ctx, struct err *err)
{
	AUTO(sql) sqlite3_stmt *stmt = NULL;
	struct intent in;
	enum status st;
	bool row;

	st = db_prepare_own(db,
	    "SELECT n, kind, path, source, absent, expect, want"
	    " FROM intent WHERE stage = ?1 ORDER BY id",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, stage);
	while ((st = db_step(db, stmt, &row, err)) == ST_OK && row) {
		st = read_one(stmt, stage, &in, err);
		if (st == ST_OK)
			st = each(ctx, &in, err);
		if (st != ST_OK)
			return st;
	}
	return st;
}

enum status
intent_stands(struct db *db, const char *path, bool *ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db,
	    "SELECT 1 FROM intent"
	    " WHERE ?1 IS NULL OR path = ?1 OR source = ?1 LIMIT 1",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, path);
	return db_step(db, stmt, ret, err);
}
