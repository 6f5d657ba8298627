/* SPDX-License-Identifier: MIT */
/*
 * What is remembered of each path.  A row has two halves that come and go on
 * their own: what was agreed, and what the file on the disk was when it was
 * last read.  A writer reads the row, changes its half, and writes it back, or
 * drops it when neither half is left; on the way the fingerprint is told what
 * became of the agreed half.
 */
#include "config.h"

#include "store/journal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/listing.h"
#include "core/path.h"
#include "store/db.h"
#include "store/row.h"
#include "store/sql.h"
#include "store/totals.h"

struct journal_cursor {
	struct db *db;
	sqlite3_stmt *stmt;
	bool ended;
	char path[PATH_LIMIT]; /* of the row last given */
	char from[PATH_LIMIT + 1]; /* bounds, where there are any */
	char to[PATH_LIMIT + 1];
};

enum status
journal_get(struct db *db, const char *path, bool *ret_have,
    struct journal_row *ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	char copy[PATH_LIMIT];
	enum status st;
	bool row;

	st = db_prepare(db,
	    "SELECT " ROW_COLUMNS " FROM file_state WHERE path = ?1", &stmt,
	    err);
	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, path);
	st = db_step(db, stmt, &row, err);
	if (st == ST_OK && row)
		st = row_read(stmt, copy, ret, err);
	if (st != ST_OK)
		return st;
	if (row)
		ret->entry.path = path;
	*ret_have = row;
	return ST_OK;
}

void
journal_disk(const struct journal_row *row, struct entry *ret)
{
	*ret = (struct entry){ .path = row->entry.path, .kind = ENTRY_ABSENT };
	if (!row->has_disk)
		return;
	ret->kind = row->disk_kind;
	ret->hash = row->disk_hash;
	ret->size = row->disk.size;
	ret->mtime = row->disk.mtime;
	ret->exec = (row->disk.mode & 0100) != 0;
}

/* An agreed half that says nothing is nothing. */
static void
clear_agreed(struct journal_row *row)
{
	row->entry = (struct entry){ .path = row->entry.path };
	row->origin[0] = '\0';
	row->seq = 0;
}

static void
copy_disk(struct journal_row *row, const struct journal_row *from)
{
	row->has_disk = from->has_disk;
	row->disk_kind = from->disk_kind;
	row->disk_hash = from->disk_hash;
	row->disk = from->disk;
	row->disk_settled = from->disk_settled;
}

static enum status
write_or_drop(struct db *db, const struct journal_row *row, struct err *err)
{
	if (row->has_disk || row_agreed(row))
		return row_write(db, row, err);
	return row_drop(db, row->entry.path, err);
}

/* Takes the old state out of the fingerprint and the new one in. */
static enum status
recount(struct db *db, struct hasher *hasher, const struct entry *old,
    const struct entry *new, struct err *err)
{
	struct fingerprint fp;
	struct totals *t = NULL;
	enum status st;

	if (entry_same(old, new))
		return ST_OK;
	st = totals_get(db, NULL, &t, err);
	if (st != ST_OK)
		return st;
	fp = t->fp;
	if (fingerprint_remove(&fp, hasher, old) != ST_OK ||
	    fingerprint_add(&fp, hasher, new) != ST_OK)
		return err_nomem(err);
	t->fp = fp;
	t->dirty = true;
	return ST_OK;
}

enum status
journal_put_over(struct db *db, struct hasher *hasher,
    const struct journal_row *old, const struct journal_row *row,
    struct err *err)
{
	static const struct entry nothing = { .kind = ENTRY_ABSENT };
	struct journal_row new = *row;
	enum status st = ST_OK;

	assert(db_writing(db));
	if (new.entry.kind != ENTRY_TEXT)
		memset(&new.entry.hash, 0, sizeof(new.entry.hash));
	if (!row_agreed(&new))
		clear_agreed(&new);
	else if (!new.has_disk && old != NULL)
		copy_disk(&new, old);
	if (old != NULL || new.has_disk || row_agreed(&new))
		st = write_or_drop(db, &new, err);
	return st == ST_OK ?
	    recount(db, hasher, old != NULL ? &old->entry : &nothing,
		&new.entry, err) :
	    st;
}

enum status
journal_put(struct db *db, struct hasher *hasher, const struct journal_row *row,
    struct err *err)
{
	struct journal_row old;
	bool have = false;
	enum status st = journal_get(db, row->entry.path, &have, &old, err);

	return st == ST_OK ?
	    journal_put_over(db, hasher, have ? &old : NULL, row, err) :
	    st;
}

enum status
journal_put_disk(struct db *db, const struct journal_row *row, struct err *err)
{
	assert(db_writing(db) && row->has_disk);
	return row_write_disk(db, row, err);
}

enum status
journal_drop_disk(struct db *db, const char *path, struct err *err)
{
	struct journal_row row = { 0 };
	enum status st;
	bool have = false;

	assert(db_writing(db));
	st = journal_get(db, path, &have, &row, err);
	if (st != ST_OK || !have || !row.has_disk)
		return st;
	row.has_disk = false;
	return write_or_drop(db, &row, err);
}

/*
 * For a few new rows the index on seq is quicker, though they must be sorted
 * then; for many it is quicker to walk the whole table.
 */
static const char *
rows_sql(int64_t since, const struct totals *t)
{
	if (since < 0)
		return "SELECT " ROW_COLUMNS " FROM file_state ORDER BY path";
	if (since < (int64_t)t->seq - (int64_t)(t->fp.count / 4))
		return "SELECT " ROW_COLUMNS " FROM file_state"
		       " WHERE +seq > ?1 ORDER BY path";
	return "SELECT " ROW_COLUMNS " FROM file_state INDEXED BY"
	       " file_state_seq WHERE seq != 0 AND seq > ?1 ORDER BY path";
}

static enum status
cursor_new(struct db *db, const char *sql, struct journal_cursor **ret,
    struct err *err)
{
	AUTO(journal_cursor) struct journal_cursor *cursor = NULL;
	enum status st;

	cursor = calloc(1, sizeof(*cursor));
	if (cursor == NULL)
		return err_nomem(err);
	cursor->db = db;
	st = db_prepare_own(db, sql, &cursor->stmt, err);
	if (st != ST_OK)
		return st;
	*ret = cursor;
	cursor = NULL;
	return ST_OK;
}

enum status
journal_rows(struct db *db, int64_t since, struct journal_cursor **ret,
    struct err *err)
{
	struct totals own = { 0 }, *t = NULL;
	enum status st;

	st = totals_get(db, &own, &t, err);
	if (st == ST_OK)
		st = cursor_new(db, rows_sql(since, t), ret, err);
	if (st == ST_OK && since >= 0)
		sql_bind_int((*ret)->stmt, 1, since);
	return st;
}

enum status
journal_rows_below(struct db *db, const char *folder,
    struct journal_cursor **cursor, struct err *err)
{
	struct journal_cursor *c = *cursor;
	enum status st = ST_OK;

	assert(strlen(folder) < PATH_LIMIT);
	if (c != NULL)
		sqlite3_reset(c->stmt);
	else
		st = cursor_new(db,
		    "SELECT " ROW_COLUMNS " FROM file_state"
		    " WHERE path > ?1 AND path < ?2 ORDER BY path",
		    &c, err);
	if (st != ST_OK)
		return st;
	/* "0" is what comes behind "/". */
	snprintf(c->from, sizeof(c->from), "%s/", folder);
	snprintf(c->to, sizeof(c->to), "%s0", folder);
	sql_bind_path(c->stmt, 1, c->from);
	sql_bind_path(c->stmt, 2, c->to);
	c->ended = false;
	*cursor = c;
	return ST_OK;
}

enum status
journal_rows_sized(struct db *db, uint64_t least, uint64_t most,
    struct journal_cursor **ret, struct err *err)
{
	enum status st = cursor_new(db,
	    "SELECT " ROW_COLUMNS " FROM file_state"
	    " WHERE size BETWEEN ?1 AND ?2 AND kind = ?3",
	    ret, err);

	if (st != ST_OK)
		return st;
	sql_bind_int((*ret)->stmt, 1, (int64_t)least);
	sql_bind_int((*ret)->stmt, 2, (int64_t)most);
	sql_bind_int((*ret)->stmt, 3, ENTRY_TEXT);
	return ST_OK;
}

enum status
journal_next(struct journal_cursor *cursor, bool *ret_have,
    struct journal_row *ret, struct err *err)
{
	enum status st;
	bool row = false;

	if (!cursor->ended) {
		st = db_step(cursor->db, cursor->stmt, &row, err);
		if (st == ST_OK && row)
			st = row_read(cursor->stmt, cursor->path, ret, err);
		if (st != ST_OK)
			return st;
	}
	cursor->ended = !row;
	*ret_have = row;
	return ST_OK;
}

void
journal_cursor_free(struct journal_cursor *cursor)
{
	if (cursor == NULL)
		return;
	sqlite3_finalize(cursor->stmt);
	free(cursor);
}

enum status
journal_next_seq(struct db *db, uint64_t *ret, struct err *err)
{
	struct totals *t = NULL;
	enum status st;

	assert(db_writing(db));
	st = totals_get(db, NULL, &t, err);
	if (st != ST_OK)
		return st;
	t->dirty = true;
	*ret = ++t->seq;
	return ST_OK;
}

enum status
journal_last_seq(struct db *db, uint64_t *ret, struct err *err)
{
	struct totals own = { 0 }, *t = NULL;
	enum status st = totals_get(db, &own, &t, err);

	if (st == ST_OK)
		*ret = t->seq;
	return st;
}

enum status
journal_fingerprint(struct db *db, struct fingerprint *ret, struct err *err)
{
	struct totals own = { 0 }, *t = NULL;
	enum status st = totals_get(db, &own, &t, err);

	if (st == ST_OK)
		*ret = t->fp;
	return st;
}

enum status
journal_fingerprint_slow(struct db *db, struct hasher *hasher,
    struct fingerprint *ret, struct err *err)
{
	AUTO(journal_cursor) struct journal_cursor *cursor = NULL;
	struct fingerprint fp = { 0 };
	struct journal_row row;
	enum status st;
	bool have;

	st = journal_rows(db, -1, &cursor, err);
	if (st != ST_OK)
		return st;
	while ((st = journal_next(cursor, &have, &row, err)) == ST_OK && have)
		if (fingerprint_add(&fp, hasher, &row.entry) != ST_OK)
			return err_nomem(err);
	if (st == ST_OK)
		*ret = fp;
	return st;
}

static enum status
run(struct db *db, const char *sql, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st = db_prepare(db, sql, &stmt, err);

	return st == ST_OK ? db_run(db, stmt, err) : st;
}

enum status
journal_forget_agreed(struct db *db, struct err *err)
{
	struct totals *t = NULL;
	enum status st;

	assert(db_writing(db));
	st = totals_get(db, NULL, &t, err);
	if (st == ST_OK)
		st = run(db, "DELETE FROM file_state WHERE disk IS NULL", err);
	if (st == ST_OK)
		st = run(db,
		    "UPDATE file_state SET"
		    " disk_sha256 = coalesce(disk_sha256, sha256),"
		    " last_modified = 0, sha256 = NULL, origin = '', kind = 0,"
		    " size = 0, exec = 0, seq = 0",
		    err);
	if (st == ST_OK)
		st = run(db, "DELETE FROM pending", err);
	if (st != ST_OK)
		return st;
	memset(&t->fp, 0, sizeof(t->fp));
	t->dirty = true;
	return ST_OK;
}
