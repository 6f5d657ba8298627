/* SPDX-License-Identifier: MIT */
/*
 * The part of journal.h about pending: what a client knows the server to have
 * where that is not what was agreed.
 */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "core/listing.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/sql.h"

static enum status
read_one(sqlite3_stmt *stmt, struct entry *ret, struct err *err)
{
	int kind = sqlite3_column_int(stmt, 3);
	struct entry e = { 0 };
	enum status st;

	if (kind < ENTRY_ABSENT || kind > ENTRY_EXCLUDED)
		return err_set(err, ST_DAMAGED,
		    "journal: read: an impossible kind");
	st = sql_path(stmt, 0, &e.path, err);
	if (st == ST_OK)
		st = sql_hash(stmt, 2, &e.hash, err);
	if (st == ST_OK)
		st = sql_size(stmt, 4, &e.size, err);
	if (st != ST_OK)
		return st;
	e.mtime = sqlite3_column_int64(stmt, 1);
	e.kind = (uint8_t)kind;
	e.exec = sqlite3_column_int(stmt, 5) != 0;
	e.cover = sqlite3_column_int(stmt, 6) != 0;
	*ret = e;
	return ST_OK;
}

enum status
journal_pending(struct db *db, struct listing **ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	AUTO(listing) struct listing *list = NULL;
	struct entry e;
	enum status st;
	bool row;

	if (listing_new(&list) != ST_OK)
		return err_nomem(err);
	st = db_prepare(db,
	    "SELECT path, last_modified, sha256, kind, size, exec, cover"
	    " FROM pending ORDER BY path",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	while ((st = db_step(db, stmt, &row, err)) == ST_OK && row) {
		st = read_one(stmt, &e, err);
		if (st != ST_OK)
			return st;
		if (listing_add(list, &e) != ST_OK)
			return err_nomem(err);
	}
	if (st != ST_OK)
		return st;
	listing_sort(list);
	*ret = list;
	list = NULL;
	return ST_OK;
}

static enum status
put(struct db *db, const struct entry *e, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db,
	    "REPLACE INTO pending"
	    " (path, last_modified, sha256, kind, size, exec, cover)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, e->path);
	sql_bind_int(stmt, 2, e->mtime);
	if (e->kind == ENTRY_TEXT)
		sql_bind_hash(stmt, 3, &e->hash);
	sql_bind_int(stmt, 4, e->kind);
	sql_bind_int(stmt, 5, (int64_t)e->size);
	sql_bind_int(stmt, 6, e->exec);
	sql_bind_int(stmt, 7, e->cover);
	return db_run(db, stmt, err);
}

static enum status
drop(struct db *db, const char *path, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db, "DELETE FROM pending WHERE path = ?1", &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, path);
	return db_run(db, stmt, err);
}

static bool
equal(const struct entry *a, const struct entry *b)
{
	return a->kind == b->kind && a->size == b->size &&
	    a->mtime == b->mtime && a->exec == b->exec &&
	    a->cover == b->cover &&
	    (a->kind != ENTRY_TEXT || hash_equal(&a->hash, &b->hash));
}

/* What becomes of old (or NULL) when new (or NULL) is to stand there. */
static enum status
replace(struct db *db, const struct entry *old, const struct entry *new,
    struct err *err)
{
	if (new == NULL)
		return old == NULL ? ST_OK : drop(db, old->path, err);
	if (old != NULL && equal(old, new))
		return ST_OK;
	return put(db, new, err);
}

static int
order(const struct entry *a, const struct entry *b)
{
	if (a == NULL || b == NULL)
		return a == NULL ? 1 : -1;
	return strcmp(a->path, b->path);
}

/* Writes only what differs: mostly, nothing does. */
enum status
journal_pending_set(struct db *db, const struct listing *list, struct err *err)
{
	AUTO(listing) struct listing *old = NULL;
	const struct entry *a, *b;
	size_t i = 0, k = 0;
	enum status st;
	int cmp;

	assert(db_writing(db));
	st = journal_pending(db, &old, err);
	while (st == ST_OK &&
	    (i < listing_count(old) || k < listing_count(list))) {
		a = i < listing_count(old) ? listing_at(old, i) : NULL;
		b = k < listing_count(list) ? listing_at(list, k) : NULL;
		cmp = order(a, b);
		st = replace(db, cmp <= 0 ? a : NULL, cmp >= 0 ? b : NULL, err);
		i += cmp <= 0;
		k += cmp >= 0;
	}
	return st;
}
