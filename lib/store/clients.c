/* SPDX-License-Identifier: MIT */
/*
 * A row a replica.  Ids come from clients and can be made up, so their number
 * has a limit.
 */
#include "config.h"

#include "store/clients.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "store/db.h"
#include "store/sql.h"
#include "util/env.h"

#define SOON (60 * NSEC)

/* Does the journal know all this? */
static enum status
look(struct db *db, const struct clients_row *row, bool *ret_known,
    bool *ret_same, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;
	int64_t seen;
	bool have;

	st = db_prepare(db,
	    "SELECT name, origin, seen, seq FROM client WHERE id = ?1", &stmt,
	    err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, row->id);
	st = db_step(db, stmt, &have, err);
	if (st != ST_OK)
		return st;
	*ret_known = have;
	*ret_same = false;
	if (!have)
		return ST_OK;
	seen = sqlite3_column_int64(stmt, 2);
	*ret_same = strcmp(sql_text(stmt, 0), row->name) == 0 &&
	    strcmp(sql_text(stmt, 1), row->origin) == 0 &&
	    sqlite3_column_int64(stmt, 3) == (int64_t)row->seq &&
	    seen <= row->seen && row->seen - seen < SOON;
	return ST_OK;
}

static enum status
put(struct db *db, const struct clients_row *row, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db,
	    "REPLACE INTO client(id, name, origin, seen, seq)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, row->id);
	sql_bind_text(stmt, 2, row->name);
	sql_bind_text(stmt, 3, row->origin);
	sql_bind_int(stmt, 4, row->seen);
	sql_bind_int(stmt, 5, (int64_t)row->seq);
	return db_run(db, stmt, err);
}

static enum status
trim(struct db *db, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db,
	    "DELETE FROM client WHERE id IN (SELECT id FROM client"
	    " ORDER BY seen DESC, id LIMIT -1 OFFSET ?1)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_int(stmt, 1, CLIENTS_MOST);
	return db_run(db, stmt, err);
}

enum status
clients_note(struct db *db, const struct clients_row *row, struct err *err)
{
	bool known = false, same = false;
	enum status st;

	assert(!db_writing(db));
	st = look(db, row, &known, &same, err);
	if (st != ST_OK || same)
		return st;
	st = db_begin(db, err);
	if (st != ST_OK)
		return st;
	st = put(db, row, err);
	if (st == ST_OK && !known)
		st = trim(db, err);
	return db_end(db, st, err);
}

static enum status
has_table(struct db *db, bool *ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db, "SELECT 1 FROM sqlite_schema WHERE name = 'client'",
	    &stmt, err);
	return st == ST_OK ? db_step(db, stmt, ret, err) : st;
}

static enum status
read_row(sqlite3_stmt *stmt, struct clients_row *ret, struct err *err)
{
	enum status st = sql_size(stmt, 4, &ret->seq, err);

	if (st == ST_OK)
		st = sql_size(stmt, 5, &ret->behind, err);
	ret->id = sql_text(stmt, 0);
	ret->name = sql_text(stmt, 1);
	ret->origin = sql_text(stmt, 2);
	ret->seen = sqlite3_column_int64(stmt, 3);
	return st;
}

enum status
clients_each(struct db *db,
    enum status (
	*each)(void *ctx, const struct clients_row *row, struct err *err),
    void *ctx, struct err *err)
{
	AUTO(sql) sqlite3_stmt *stmt = NULL;
	struct clients_row one;
	bool row = false;
	enum status st = has_table(db, &row, err);

	if (st != ST_OK || !row)
		return st;
	st = db_prepare_own(db,
	    "SELECT id, name, origin, seen, seq, (SELECT count(*)"
	    " FROM file_state WHERE file_state.seq != 0"
	    " AND file_state.seq > client.seq)"
	    " FROM client ORDER BY seen DESC, id",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	while ((st = db_step(db, stmt, &row, err)) == ST_OK && row) {
		st = read_row(stmt, &one, err);
		if (st == ST_OK)
			st = each(ctx, &one, err);
		if (st != ST_OK)
			return st;
	}
	return st;
}
