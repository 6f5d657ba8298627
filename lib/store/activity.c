/* SPDX-License-Identifier: MIT */
/*
 * The log of what was done, and the conflicts.  Both only grow at their end
 * and are read from it, so the order is that of their ids.
 */
#include "config.h"

#include "store/activity.h"

#include <assert.h>

#include "store/db.h"
#include "store/sql.h"

enum status
activity_put(struct db *db, const struct activity *a, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	assert(db_writing(db));
	st = db_prepare(db,
	    "INSERT INTO activity"
	    " (time, run, path, source, what, who, why, before, after)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_int(stmt, 1, a->when);
	sql_bind_text(stmt, 2, a->run);
	sql_bind_path(stmt, 3, a->path);
	sql_bind_path(stmt, 4, a->from);
	sql_bind_text(stmt, 5, a->what);
	sql_bind_text(stmt, 6, a->who);
	sql_bind_text(stmt, 7, a->why);
	sql_bind_hash(stmt, 8, a->has_before ? &a->before : NULL);
	sql_bind_hash(stmt, 9, a->has_after ? &a->after : NULL);
	return db_run(db, stmt, err);
}

static enum status
read_activity(sqlite3_stmt *stmt, struct activity *ret, struct err *err)
{
	struct activity a = { 0 };
	enum status st;

	st = sql_path(stmt, 3, &a.path, err);
	if (st == ST_OK && !sql_is_null(stmt, 4))
		st = sql_path(stmt, 4, &a.from, err);
	if (st == ST_OK)
		st = sql_hash(stmt, 8, &a.before, err);
	if (st == ST_OK)
		st = sql_hash(stmt, 9, &a.after, err);
	if (st != ST_OK)
		return st;
	a.id = sqlite3_column_int64(stmt, 0);
	a.when = sqlite3_column_int64(stmt, 1);
	a.run = sql_text(stmt, 2);
	a.what = sql_text(stmt, 5);
	a.who = sql_text(stmt, 6);
	a.why = sql_text(stmt, 7);
	a.has_before = !sql_is_null(stmt, 8);
	a.has_after = !sql_is_null(stmt, 9);
	*ret = a;
	return ST_OK;
}

#define ACTIVITY                                                               \
	"SELECT id, time, run, path, source, what, who, why, before, after"    \
	" FROM activity"
#define OF_PATH " WHERE path = ?1 OR source = ?1"
#define NEWEST	" ORDER BY id DESC"

enum status
activity_each(struct db *db, const char *path, unsigned limit,
    enum status (*each)(void *ctx, const struct activity *a, struct err *err),
    void *ctx, struct err *err)
{
	AUTO(sql) sqlite3_stmt *stmt = NULL;
	struct activity a;
	enum status st;
	bool row;

	st = db_prepare_own(db,
	    path == NULL ? ACTIVITY NEWEST " LIMIT ?2" :
			   ACTIVITY OF_PATH NEWEST " LIMIT ?2",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	if (path != NULL)
		sql_bind_path(stmt, 1, path);
	sql_bind_int(stmt, 2, limit);
	while ((st = db_step(db, stmt, &row, err)) == ST_OK && row) {
		st = read_activity(stmt, &a, err);
		if (st == ST_OK)
			st = each(ctx, &a, err);
		if (st != ST_OK)
			return st;
	}
	return st;
}

enum status
activity_trim(struct db *db, unsigned keep, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *old = NULL, *settled = NULL;
	enum status st;

	assert(db_writing(db));
	st = db_prepare(db,
	    "DELETE FROM activity WHERE id <="
	    " (SELECT max(id) FROM activity) - ?1",
	    &old, err);
	if (st != ST_OK)
		return st;
	sql_bind_int(old, 1, keep);
	st = db_run(db, old, err);
	if (st != ST_OK)
		return st;
	st = db_prepare(db,
	    "DELETE FROM conflict WHERE NOT open AND id <="
	    " (SELECT max(id) FROM conflict) - ?1",
	    &settled, err);
	if (st != ST_OK)
		return st;
	sql_bind_int(settled, 1, keep);
	return db_run(db, settled, err);
}

enum status
conflict_settle(struct db *db, const char *path, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	assert(db_writing(db));
	st = db_prepare(db, "DELETE FROM conflict WHERE path = ?1 AND open",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, path);
	return db_run(db, stmt, err);
}

enum status
conflict_put(struct db *db, const struct conflict *c, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st = conflict_settle(db, c->path, err);

	if (st == ST_OK)
		st = db_prepare(db,
		    "INSERT INTO conflict"
		    " (time, path, kept_local, open, winner, loser, why)"
		    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_int(stmt, 1, c->when);
	sql_bind_path(stmt, 2, c->path);
	sql_bind_int(stmt, 3, c->kept_local);
	sql_bind_int(stmt, 4, c->open);
	sql_bind_hash(stmt, 5, &c->winner);
	sql_bind_hash(stmt, 6, &c->loser);
	sql_bind_text(stmt, 7, c->why);
	return db_run(db, stmt, err);
}

static enum status
read_conflict(sqlite3_stmt *stmt, struct conflict *ret, struct err *err)
{
	struct conflict c = { 0 };
	enum status st;

	st = sql_path(stmt, 2, &c.path, err);
	if (st == ST_OK)
		st = sql_hash(stmt, 5, &c.winner, err);
	if (st == ST_OK)
		st = sql_hash(stmt, 6, &c.loser, err);
	if (st != ST_OK)
		return st;
	c.id = sqlite3_column_int64(stmt, 0);
	c.when = sqlite3_column_int64(stmt, 1);
	c.kept_local = sqlite3_column_int(stmt, 3) != 0;
	c.open = sqlite3_column_int(stmt, 4) != 0;
	c.why = sql_text(stmt, 7);
	*ret = c;
	return ST_OK;
}

#define CONFLICT                                                               \
	"SELECT id, time, path, kept_local, open, winner, loser, why"          \
	" FROM conflict"

enum status
conflict_each(struct db *db, const char *path,
    enum status (*each)(void *ctx, const struct conflict *c, struct err *err),
    void *ctx, struct err *err)
{
	AUTO(sql) sqlite3_stmt *stmt = NULL;
	struct conflict c;
	enum status st;
	bool row;

	st = db_prepare_own(db,
	    path == NULL ? CONFLICT NEWEST : CONFLICT " WHERE path = ?1" NEWEST,
	    &stmt, err);
	if (st != ST_OK)
		return st;
	if (path != NULL)
		sql_bind_path(stmt, 1, path);
	while ((st = db_step(db, stmt, &row, err)) == ST_OK && row) {
		st = read_conflict(stmt, &c, err);
		if (st == ST_OK)
			st = each(ctx, &c, err);
		if (st != ST_OK)
			return st;
	}
	return st;
}

enum status
conflict_count_open(struct db *db, uint64_t *ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;
	bool row;

	st = db_prepare(db, "SELECT count(*) FROM conflict WHERE open", &stmt,
	    err);
	if (st == ST_OK)
		st = db_step(db, stmt, &row, err);
	return st == ST_OK ? sql_size(stmt, 0, ret, err) : st;
}
