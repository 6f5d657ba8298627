/* SPDX-License-Identifier: MIT */
/*
 * A switch copies the agreed halves of all rows, once each way: less than a
 * third of a second for 50,000 files.  In file_state they are where everything else
 * expects them, so nothing else knows that there are several servers.
 */
#include "config.h"

#include "store/shelf.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/fingerprint.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/sql.h"
#include "store/totals.h"

#define ADDRESSES "16" /* remembered */

static enum status
run_id(struct db *db, const char *sql, int64_t id, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st = db_prepare(db, sql, &stmt, err);

	if (st != ST_OK)
		return st;
	sql_bind_int(stmt, 1, id);
	return db_run(db, stmt, err);
}

static enum status
drop(struct db *db, int64_t id, struct err *err)
{
	enum status st;

	st = run_id(db, "DELETE FROM shelf_state WHERE shelf = ?1", id, err);
	if (st == ST_OK)
		st = run_id(db, "DELETE FROM shelf_pending WHERE shelf = ?1",
		    id, err);
	return st == ST_OK ?
	    run_id(db, "DELETE FROM shelf WHERE id = ?1", id, err) :
	    st;
}

static enum status
copy_text(sqlite3_stmt *stmt, int col, char ret[SHELF_ID], struct err *err)
{
	const char *text = sql_text(stmt, col);

	if (strlen(text) >= SHELF_ID)
		return err_set(err, ST_DAMAGED,
		    "journal: read: an impossible id");
	memcpy(ret, text, strlen(text) + 1);
	return ST_OK;
}

static enum status
read_fingerprint(sqlite3_stmt *stmt, struct fingerprint *ret, struct err *err)
{
	size_t len;
	const char *sum = sql_bytes(stmt, 3, &len);

	if (len != sizeof(ret->sum))
		return err_set(err, ST_DAMAGED,
		    "journal: read: an impossible fingerprint");
	memcpy(ret->sum, sum, len);
	return sql_size(stmt, 4, &ret->count, err);
}

/* *ret_id is 0 if there is none. */
static enum status
find(struct db *db, const char *root, int64_t *ret_id, struct shelf_mark *ret,
    struct fingerprint *ret_fp, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;
	bool row;

	*ret_id = 0;
	*ret = (struct shelf_mark){ .seq = 0 };
	st = db_prepare(db,
	    "SELECT id, epoch, seq, fp, fp_count FROM shelf WHERE root = ?1",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, root);
	st = db_step(db, stmt, &row, err);
	if (st != ST_OK || !row)
		return st;
	*ret_id = sqlite3_column_int64(stmt, 0);
	snprintf(ret->root, sizeof(ret->root), "%s", root);
	st = copy_text(stmt, 1, ret->epoch, err);
	if (st == ST_OK)
		st = sql_size(stmt, 2, &ret->seq, err);
	return st == ST_OK ? read_fingerprint(stmt, ret_fp, err) : st;
}

/* A new place on the shelf, with nothing in it yet. */
static enum status
add(struct db *db, const struct shelf_mark *mark, const struct fingerprint *fp,
    struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db,
	    "INSERT INTO shelf(id, root, epoch, seq, fp, fp_count) VALUES"
	    " ((SELECT coalesce(max(id), 0) + 1 FROM shelf),"
	    " ?1, ?2, ?3, ?4, ?5)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, mark->root);
	sql_bind_text(stmt, 2, mark->epoch);
	sql_bind_int(stmt, 3, (int64_t)mark->seq);
	sql_bind_blob(stmt, 4, fp->sum, sizeof(fp->sum));
	sql_bind_int(stmt, 5, (int64_t)fp->count);
	return db_run(db, stmt, err);
}

static enum status
put_away(struct db *db, const struct shelf_mark *mark,
    const struct fingerprint *fp, struct err *err)
{
	struct shelf_mark old;
	struct fingerprint ignored;
	int64_t id;
	enum status st = shelf_forget(db, mark->root, err);

	if (st == ST_OK)
		st = add(db, mark, fp, err);
	if (st == ST_OK)
		st = find(db, mark->root, &id, &old, &ignored, err);
	if (st == ST_OK)
		st = run_id(db,
		    "INSERT INTO shelf_state SELECT ?1, path, last_modified,"
		    " sha256, origin, kind, size, exec FROM file_state"
		    " WHERE kind != 0",
		    id, err);
	return st == ST_OK ?
	    run_id(db,
		"INSERT INTO shelf_pending SELECT ?1, path, last_modified,"
		" sha256, kind, size, exec, cover FROM pending",
		id, err) :
	    st;
}

/*
 * Nothing is agreed now, so a row's disk_sha256 stands for itself: NULL is
 * all zero.
 */
static enum status
take_out(struct db *db, int64_t id, struct err *err)
{
	enum status st;

	st = run_id(db,
	    "INSERT INTO file_state SELECT path, last_modified, sha256,"
	    " origin, kind, size, exec, 0, NULL, NULL FROM shelf_state"
	    " WHERE shelf = ?1"
	    " ON CONFLICT(path) DO UPDATE SET"
	    " last_modified = excluded.last_modified,"
	    " sha256 = excluded.sha256, origin = excluded.origin,"
	    " kind = excluded.kind, size = excluded.size,"
	    " exec = excluded.exec,"
	    " disk_sha256 = nullif(coalesce(disk_sha256, zeroblob(32)),"
	    " excluded.sha256)",
	    id, err);
	if (st == ST_OK)
		st = run_id(db,
		    "INSERT INTO pending SELECT path, last_modified, sha256,"
		    " kind, size, exec, cover FROM shelf_pending"
		    " WHERE shelf = ?1",
		    id, err);
	return st == ST_OK ? drop(db, id, err) : st;
}

/* Those that have lain there longest go. */
static enum status
trim(struct db *db, struct err *err)
{
	int64_t id = 0;
	enum status st = ST_OK;
	bool row = true;

	while (st == ST_OK && row) {
		AUTO(sql_use) sqlite3_stmt *stmt = NULL;

		st = db_prepare(db,
		    "SELECT id FROM shelf ORDER BY id DESC LIMIT 1 OFFSET ?1",
		    &stmt, err);
		if (st != ST_OK)
			return st;
		sql_bind_int(stmt, 1, SHELF_MOST);
		st = db_step(db, stmt, &row, err);
		if (st == ST_OK && row)
			id = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
		if (st == ST_OK && row)
			st = drop(db, id, err);
	}
	return st;
}

enum status
shelf_switch(struct db *db, const struct shelf_mark *from, const char *to,
    struct shelf_mark *ret, struct err *err)
{
	struct fingerprint fp = { 0 };
	struct totals *t = NULL;
	struct shelf_mark mark;
	enum status st;
	int64_t id;

	assert(db_writing(db) && strcmp(from->root, to) != 0);
	st = totals_get(db, NULL, &t, err);
	if (st == ST_OK)
		st = put_away(db, from, &t->fp, err);
	if (st == ST_OK)
		st = journal_forget_agreed(db, err);
	if (st == ST_OK)
		st = find(db, to, &id, &mark, &fp, err);
	if (st == ST_OK && id != 0)
		st = take_out(db, id, err);
	if (st == ST_OK)
		st = trim(db, err);
	if (st != ST_OK)
		return st;
	t->fp = fp;
	t->dirty = true;
	*ret = mark;
	return ST_OK;
}

/* Who only reads may read the journal of an older dsync. */
static enum status
has_shelf(struct db *db, bool *ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db,
	    "SELECT 1 FROM sqlite_schema WHERE name = 'address'", &stmt, err);
	return st == ST_OK ? db_step(db, stmt, ret, err) : st;
}

enum status
shelf_find(struct db *db, const char *root, struct shelf_mark *ret,
    struct err *err)
{
	struct fingerprint ignored;
	int64_t id;
	bool have = false;
	enum status st = has_shelf(db, &have, err);

	*ret = (struct shelf_mark){ .seq = 0 };
	return st == ST_OK && have ? find(db, root, &id, ret, &ignored, err) :
				     st;
}

enum status
shelf_forget(struct db *db, const char *root, struct err *err)
{
	struct fingerprint ignored;
	struct shelf_mark mark;
	int64_t id;
	enum status st = find(db, root, &id, &mark, &ignored, err);

	assert(db_writing(db));
	return st == ST_OK && id != 0 ? drop(db, id, err) : st;
}

enum status
shelf_address(struct db *db, const char *at, char root[SHELF_ID],
    struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	bool row = false;
	enum status st = has_shelf(db, &row, err);

	root[0] = '\0';
	if (st != ST_OK || !row)
		return st;
	st = db_prepare(db, "SELECT root FROM address WHERE at = ?1", &stmt,
	    err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, at);
	st = db_step(db, stmt, &row, err);
	return st == ST_OK && row ? copy_text(stmt, 0, root, err) : st;
}

/* Where there are too many, none is worth more than this one. */
static enum status
make_room(struct db *db, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db,
	    "DELETE FROM address WHERE"
	    " (SELECT count(*) FROM address) >= " ADDRESSES,
	    &stmt, err);
	return st == ST_OK ? db_run(db, stmt, err) : st;
}

enum status
shelf_note_address(struct db *db, const char *at, const char *root,
    struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st = make_room(db, err);

	assert(db_writing(db));
	if (st == ST_OK)
		st = db_prepare(db,
		    "REPLACE INTO address(at, root) VALUES (?1, ?2)", &stmt,
		    err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, at);
	sql_bind_text(stmt, 2, root);
	return db_run(db, stmt, err);
}
