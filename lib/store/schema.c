/* SPDX-License-Identifier: MIT */
/*
 * The tables of journal.db.  SQLite keeps the text that made each one, so a
 * database is ours if it has these texts and no others: no trigger or view
 * was slipped in, and no bit of a definition was flipped.
 *
 * Paths are BLOBs: bytes, and in the order of their bytes.
 */
#include "config.h"

#include "store/schema.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "store/db.h"
#include "store/sql.h"

#define APPLICATION_ID 0x6473796e /* "dsyn" */
#define CREATE	       "CREATE TABLE "

static const char *const statements[] = {
	/* How things stand: root, epoch, remote, cursor_*, fp*, seq. */
	"CREATE TABLE meta(key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)"
	" WITHOUT ROWID",

	/*
	 * last_modified to seq: what was agreed.  disk: what the file looked
	 * like when it was read (packed by row.c), and disk_sha256 what it
	 * held then, NULL if that is sha256.
	 */
	"CREATE TABLE file_state(path BLOB PRIMARY KEY NOT NULL,"
	" last_modified INTEGER NOT NULL, sha256 BLOB, origin TEXT NOT NULL,"
	" kind INTEGER NOT NULL, size INTEGER NOT NULL, exec INTEGER NOT NULL,"
	" seq INTEGER NOT NULL, disk BLOB, disk_sha256 BLOB) WITHOUT ROWID",
	/* Only a server has numbers; a client's index stays empty. */
	"CREATE INDEX file_state_seq ON file_state(seq) WHERE seq != 0",

	"CREATE TABLE pending(path BLOB PRIMARY KEY NOT NULL,"
	" last_modified INTEGER NOT NULL, sha256 BLOB, kind INTEGER NOT NULL,"
	" size INTEGER NOT NULL, exec INTEGER NOT NULL,"
	" cover INTEGER NOT NULL) WITHOUT ROWID",

	"CREATE TABLE intent(id INTEGER PRIMARY KEY, stage TEXT NOT NULL,"
	" n INTEGER NOT NULL, kind INTEGER NOT NULL, path BLOB NOT NULL,"
	" source BLOB, absent INTEGER NOT NULL, expect BLOB NOT NULL,"
	" want BLOB NOT NULL)",

	/* data: NULL if outside; zstd if shorter than size; else as it is. */
	"CREATE TABLE content(sha256 BLOB PRIMARY KEY NOT NULL,"
	" size INTEGER NOT NULL, stored INTEGER NOT NULL, data BLOB)",
	/* Summing it up must not read the contents. */
	"CREATE INDEX content_stored ON content(stored)",
	"CREATE TABLE version(id INTEGER PRIMARY KEY, path BLOB NOT NULL,"
	" sha256 BLOB NOT NULL, mtime INTEGER NOT NULL, exec INTEGER NOT NULL,"
	" time INTEGER NOT NULL, why TEXT NOT NULL)",
	"CREATE INDEX version_path ON version(path, time)",
	"CREATE INDEX version_sha256 ON version(sha256)",
	"CREATE INDEX version_time ON version(time)",

	"CREATE TABLE activity(id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
	" run TEXT NOT NULL, path BLOB NOT NULL, source BLOB,"
	" what TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,"
	" before BLOB, after BLOB)",
	"CREATE INDEX activity_path ON activity(path)",
	"CREATE INDEX activity_source ON activity(source)"
	" WHERE source IS NOT NULL",

	"CREATE TABLE conflict(id INTEGER PRIMARY KEY, time INTEGER NOT NULL,"
	" path BLOB NOT NULL, kept_local INTEGER NOT NULL,"
	" open INTEGER NOT NULL, winner BLOB NOT NULL, loser BLOB NOT NULL,"
	" why TEXT NOT NULL)",
	"CREATE INDEX conflict_path ON conflict(path)",
	"CREATE INDEX conflict_open ON conflict(open) WHERE open",

	/* Version 2.  On a server: who was here, and how far they came. */
	"CREATE TABLE client(id TEXT PRIMARY KEY NOT NULL,"
	" name TEXT NOT NULL, origin TEXT NOT NULL, seen INTEGER NOT NULL,"
	" seq INTEGER NOT NULL) WITHOUT ROWID",

	/* Version 3.  age: 0 is the newest of a path. */
	"CREATE TABLE signature(path BLOB NOT NULL, sha256 BLOB NOT NULL,"
	" age INTEGER NOT NULL, data BLOB NOT NULL,"
	" PRIMARY KEY(path, sha256)) WITHOUT ROWID",

	/*
	 * Version 4.  On a client of several servers: what was agreed with
	 * those that are not the current one, and pending there; and which
	 * root answered at which address.
	 */
	"CREATE TABLE shelf(id INTEGER PRIMARY KEY, root TEXT NOT NULL,"
	" epoch TEXT NOT NULL, seq INTEGER NOT NULL, fp BLOB NOT NULL,"
	" fp_count INTEGER NOT NULL)",
	"CREATE TABLE shelf_state(shelf INTEGER NOT NULL, path BLOB NOT NULL,"
	" last_modified INTEGER NOT NULL, sha256 BLOB, origin TEXT NOT NULL,"
	" kind INTEGER NOT NULL, size INTEGER NOT NULL, exec INTEGER NOT NULL,"
	" PRIMARY KEY(shelf, path)) WITHOUT ROWID",
	"CREATE TABLE shelf_pending(shelf INTEGER NOT NULL,"
	" path BLOB NOT NULL, last_modified INTEGER NOT NULL, sha256 BLOB,"
	" kind INTEGER NOT NULL, size INTEGER NOT NULL, exec INTEGER NOT NULL,"
	" cover INTEGER NOT NULL, PRIMARY KEY(shelf, path)) WITHOUT ROWID",
	"CREATE TABLE address(at TEXT PRIMARY KEY NOT NULL,"
	" root TEXT NOT NULL) WITHOUT ROWID",
};

#define STATEMENTS (sizeof(statements) / sizeof(statements[0]))

/* How many of them a journal of each version has. */
static const size_t of_version[DB_SCHEMA + 1] = { 0, STATEMENTS - 6,
	STATEMENTS - 5, STATEMENTS - 4, STATEMENTS };

/* What says what was agreed, and with whom. */
static const char *const imagined[] = { "meta", "file_state", "pending",
	"shelf", "shelf_state", "shelf_pending", "address" };

#define IMAGINED (sizeof(imagined) / sizeof(imagined[0]))

/* The one number that sql gives; text binds its parameter, if it has one. */
static enum status
number(struct db *db, const char *sql, const char *text, int64_t *ret,
    struct err *err)
{
	AUTO(sql) sqlite3_stmt *stmt = NULL;
	enum status st;
	bool row;

	st = db_prepare_own(db, sql, &stmt, err);
	if (st != ST_OK)
		return st;
	if (text != NULL)
		sql_bind_text(stmt, 1, text);
	st = db_step(db, stmt, &row, err);
	if (st == ST_OK)
		*ret = row ? sqlite3_column_int64(stmt, 0) : 0;
	return st;
}

static enum status
execute(struct db *db, const char *sql, struct err *err)
{
	AUTO(sql) sqlite3_stmt *stmt = NULL;
	enum status st = db_prepare_own(db, sql, &stmt, err);

	return st == ST_OK ? db_run(db, stmt, err) : st;
}

/* What was added since that version; 0 has nothing. */
static enum status
make_since(struct db *db, int64_t version, struct err *err)
{
	char pragma[64];
	enum status st = ST_OK;
	size_t i;

	for (i = of_version[version]; i < STATEMENTS && st == ST_OK; i++)
		st = execute(db, statements[i], err);
	if (st != ST_OK)
		return st;
	snprintf(pragma, sizeof(pragma), "PRAGMA application_id = %d",
	    APPLICATION_ID);
	st = execute(db, pragma, err);
	if (st != ST_OK)
		return st;
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", DB_SCHEMA);
	return execute(db, pragma, err);
}

static enum status
count(struct db *db, int64_t *ret, struct err *err)
{
	return number(db,
	    "SELECT count(*) FROM sqlite_schema WHERE sql IS NOT NULL", NULL,
	    ret, err);
}

/* Somebody else may have been quicker; then there is nothing to make. */
static enum status
make(struct db *db, struct err *err)
{
	enum status st = db_begin(db, err);
	int64_t n = 0;

	if (st != ST_OK)
		return st;
	st = count(db, &n, err);
	if (st == ST_OK && n == 0)
		st = make_since(db, 0, err);
	if (st == ST_OK)
		return db_commit(db, err);
	db_rollback(db);
	return st;
}

static enum status
check_tables(struct db *db, int64_t version, struct err *err)
{
	const size_t wanted = of_version[version];
	enum status st;
	int64_t n = 0;
	size_t i;

	st = count(db, &n, err);
	if (st == ST_OK && n != (int64_t)wanted)
		return err_set(err, ST_DAMAGED,
		    "journal: open: its tables are not ours");
	for (i = 0; i < wanted && st == ST_OK; i++) {
		st = number(db,
		    "SELECT count(*) FROM sqlite_schema WHERE sql = ?1",
		    statements[i], &n, err);
		if (st == ST_OK && n != 1)
			return err_set(err, ST_DAMAGED,
			    "journal: open: a table of it is not ours");
	}
	return st;
}

/* *ret_version: what it is, if it is ours. */
static enum status
check_once(struct db *db, int64_t *ret_version, struct err *err)
{
	int64_t id = 0, version = 0;
	enum status st;

	*ret_version = 0;
	st = number(db, "PRAGMA application_id", NULL, &id, err);
	if (st != ST_OK)
		return st;
	st = number(db, "PRAGMA user_version", NULL, &version, err);
	if (st != ST_OK)
		return st;
	if (id != APPLICATION_ID || version < 1)
		return err_set(err, ST_DAMAGED,
		    "journal: open: it is no journal of dsync");
	if (version > DB_SCHEMA)
		return err_set(err, ST_NEWER,
		    "journal: open: a newer dsync wrote it (format %d, "
		    "this one knows %d)",
		    (int)version, DB_SCHEMA);
	*ret_version = version;
	return check_tables(db, version, err);
}

/* Somebody else may be adding tables between our looks at them. */
static enum status
check(struct db *db, int64_t *ret_version, struct err *err)
{
	int64_t again = 0;
	enum status st = check_once(db, ret_version, err);

	if (st != ST_DAMAGED || *ret_version == DB_SCHEMA)
		return st;
	st = check_once(db, &again, err);
	*ret_version = again;
	return st;
}

/* A journal of an older dsync becomes one of ours. */
static enum status
upgrade(struct db *db, struct err *err)
{
	int64_t version = 0;
	enum status st = db_begin(db, err);

	if (st != ST_OK)
		return st;
	/* Somebody else may have been quicker. */
	st = check(db, &version, err);
	if (st == ST_OK && version < DB_SCHEMA)
		st = make_since(db, version, err);
	return db_end(db, st, err);
}

static enum status
is_empty(struct db *db, bool *ret, struct err *err)
{
	int64_t n = 0, id = 0, version = 0;
	enum status st;

	st = count(db, &n, err);
	if (st == ST_OK)
		st = number(db, "PRAGMA application_id", NULL, &id, err);
	if (st == ST_OK)
		st = number(db, "PRAGMA user_version", NULL, &version, err);
	if (st == ST_OK)
		*ret = n == 0 && id == 0 && version == 0;
	return st;
}

enum status
schema_ready(struct db *db, bool read_only, struct err *err)
{
	int64_t version = 0;
	enum status st;
	bool empty = false;

	st = is_empty(db, &empty, err);
	if (st != ST_OK)
		return st;
	if (empty && read_only)
		return err_set(err, ST_NOENT, "journal: open: it is empty");
	if (empty) {
		st = make(db, err);
		if (st != ST_OK)
			return st;
	}
	st = check(db, &version, err);
	return st == ST_OK && version < DB_SCHEMA && !read_only ?
	    upgrade(db, err) :
	    st;
}

/* The statement that makes a table. */
static const char *
maker(const char *name)
{
	const size_t len = strlen(name);
	size_t i;

	for (i = 0; i < STATEMENTS; i++) {
		if (strncmp(statements[i], CREATE, strlen(CREATE)) == 0 &&
		    strncmp(statements[i] + strlen(CREATE), name, len) == 0 &&
		    statements[i][strlen(CREATE) + len] == '(')
			break;
	}
	assert(i < STATEMENTS);
	return statements[i] + strlen(CREATE);
}

static enum status
imagine_table(struct db *db, const char *name, struct err *err)
{
	char sql[600];
	enum status st;
	int64_t n = 0;

	snprintf(sql, sizeof(sql), "CREATE TEMP TABLE %s", maker(name));
	st = execute(db, sql, err);
	/* An older journal lacks some. */
	if (st == ST_OK)
		st = number(db,
		    "SELECT count(*) FROM main.sqlite_schema WHERE name = ?1",
		    name, &n, err);
	if (st != ST_OK || n == 0)
		return st;
	snprintf(sql, sizeof(sql), "INSERT INTO temp.%s SELECT * FROM main.%s",
	    name, name);
	return execute(db, sql, err);
}

enum status
schema_imagine(struct db *db, struct err *err)
{
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < IMAGINED && st == ST_OK; i++)
		st = imagine_table(db, imagined[i], err);
	return st;
}
