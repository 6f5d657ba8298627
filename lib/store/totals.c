/* SPDX-License-Identifier: MIT */
/*
 * Totals over all rows: see totals.h.  The three values are read by one
 * statement, so that they belong together even while others commit.
 */
#include "config.h"

#include "store/totals.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/db.h"
#include "store/sql.h"
#include "util/str.h"

static bool
parse_number(const char *text, uint64_t *ret)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *ret <= INT64_MAX;
}

static bool
parse(struct totals *t, const char *key, const char *value)
{
	size_t len;

	if (strcmp(key, "fp") == 0)
		return str_unhex(value, t->fp.sum, sizeof(t->fp.sum), &len) &&
		    len == sizeof(t->fp.sum);
	if (strcmp(key, "fp_count") == 0)
		return parse_number(value, &t->fp.count);
	return parse_number(value, &t->seq);
}

static enum status
load(struct db *db, struct totals *ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	struct totals t = { .loaded = true };
	enum status st;
	bool row;

	st = db_prepare(db,
	    "SELECT key, value FROM meta"
	    " WHERE key IN ('fp', 'fp_count', 'seq')",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	while ((st = db_step(db, stmt, &row, err)) == ST_OK && row) {
		if (!parse(&t, sql_text(stmt, 0), sql_text(stmt, 1)))
			return err_set(err, ST_DAMAGED,
			    "journal: read: its totals make no sense");
	}
	if (st == ST_OK)
		*ret = t;
	return st;
}

enum status
totals_get(struct db *db, struct totals *own, struct totals **ret,
    struct err *err)
{
	struct totals *t = db_writing(db) ? db_totals(db) : own;
	enum status st = ST_OK;

	if (t == own || !t->loaded)
		st = load(db, t, err);
	if (st == ST_OK)
		*ret = t;
	return st;
}

enum status
totals_save(struct db *db, struct totals *t, struct err *err)
{
	char text[2 * HASH_SIZE + 1];
	enum status st;

	if (!t->dirty)
		return ST_OK;
	str_hex(t->fp.sum, sizeof(t->fp.sum), text);
	st = db_meta_set(db, "fp", text, err);
	if (st != ST_OK)
		return st;
	snprintf(text, sizeof(text), "%" PRIu64, t->fp.count);
	st = db_meta_set(db, "fp_count", text, err);
	if (st != ST_OK)
		return st;
	snprintf(text, sizeof(text), "%" PRIu64, t->seq);
	st = db_meta_set(db, "seq", text, err);
	if (st == ST_OK)
		t->dirty = false;
	return st;
}
