/* SPDX-License-Identifier: MIT */
/*
 * The journal in use: who waits for whom, transactions, statements.  A failure
 * to commit is a rollback.  A statement that is not run to its end is reset,
 * so that the connection never goes on looking at the past.
 */
#include "config.h"

#include "store/db.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>
#include <time.h>

#include "store/file.h"
#include "store/schema.h"
#include "store/sql.h"
#include "store/totals.h"
#include "util/env.h"

#define BUSY_LIMIT (20 * NSEC)

/* Waiting for a lock: given up after BUSY_LIMIT by the clock or by count. */
struct wait {
	int64_t since;
	int64_t slept;
};

struct cached {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct db {
	struct env *env;
	sqlite3 *sql;
	bool writing;
	struct totals totals; /* valid while writing */
	struct wait wait;
	struct cached *cache;
	size_t n, cap;
};

static bool
wait_more(struct env *env, struct wait *wait, int round)
{
	int64_t delay = (round < 20 ? round + 1 : 20) * (NSEC / 1000);
	struct timespec ts = { .tv_nsec = (long)delay };

	if (round == 0)
		*wait = (struct wait){ .since = env_ticks(env) };
	if (wait->slept + delay > BUSY_LIMIT ||
	    env_ticks(env) - wait->since > BUSY_LIMIT)
		return false;
	nanosleep(&ts, NULL);
	wait->slept += delay;
	return true;
}

static int
on_busy(void *ctx, int round)
{
	struct db *db = ctx;

	return wait_more(db->env, &db->wait, round);
}

static enum status
set_up(struct db *db, bool read_only, bool network, struct err *err)
{
	enum status st = file_configure(db->sql, read_only, network, err);

	return st == ST_OK ? schema_ready(db, read_only, err) : st;
}

enum status
db_open(struct env *env, const char *path, bool read_only, bool network,
    struct db **ret, struct err *err)
{
	AUTO(db) struct db *db = calloc(1, sizeof(*db));
	struct wait wait = { 0 };
	enum status st;
	bool unclean;
	int round = 0;

	if (db == NULL)
		return err_nomem(err);
	db->env = env;
	unclean = file_unclean(path);
	st = file_open(path, read_only, &db->sql, err);
	if (st != ST_OK)
		return st;
	sqlite3_busy_handler(db->sql, on_busy, db);
	/* Two that make the file at once meet locks SQLite won't wait for. */
	do
		st = set_up(db, read_only, network, err);
	while (st == ST_BUSY && wait_more(env, &wait, round++));
	if (st == ST_OK)
		st = file_check(db->sql, read_only, unclean, err);
	if (st != ST_OK)
		return st;
	*ret = db;
	db = NULL;
	return ST_OK;
}

void
db_free(struct db *db)
{
	size_t i;

	if (db == NULL)
		return;
	if (db->writing)
		db_rollback(db);
	for (i = 0; i < db->n; i++)
		sqlite3_finalize(db->cache[i].stmt);
	free(db->cache);
	/* Waits for cursors that are still open. */
	sqlite3_close_v2(db->sql);
	free(db);
}

enum status
db_check(struct db *db, struct err *err)
{
	return file_examine(db->sql, err);
}

struct env *
db_env(struct db *db)
{
	return db->env;
}

struct totals *
db_totals(struct db *db)
{
	return &db->totals;
}

bool
db_writing(const struct db *db)
{
	return db->writing;
}

enum status
db_begin(struct db *db, struct err *err)
{
	int errnum = env_fault(db->env, "begin", NULL);
	enum status st;

	assert(!db->writing);
	if (errnum != 0)
		return err_sys(err, errnum, "journal: begin");
	st = sql_exec(db->sql, "BEGIN IMMEDIATE", "begin", err);
	if (st != ST_OK)
		return st;
	memset(&db->totals, 0, sizeof(db->totals));
	db->writing = true;
	return ST_OK;
}

/* After some errors SQLite rolls back by itself; then nothing is to commit. */
static enum status
check_alive(struct db *db, struct err *err)
{
	if (db->writing && sqlite3_get_autocommit(db->sql))
		return err_set(err, ST_IO,
		    "journal: write: the transaction was rolled back");
	return ST_OK;
}

static enum status
try_commit(struct db *db, struct err *err)
{
	enum status st = check_alive(db, err);
	int errnum;

	if (st == ST_OK)
		st = totals_save(db, &db->totals, err);
	if (st != ST_OK)
		return st;
	errnum = env_fault(db->env, "commit", NULL);
	if (errnum != 0)
		return err_sys(err, errnum, "journal: commit");
	return sql_exec(db->sql, "COMMIT", "commit", err);
}

enum status
db_commit(struct db *db, struct err *err)
{
	enum status st;

	assert(db->writing);
	st = try_commit(db, err);
	if (st != ST_OK)
		db_rollback(db);
	db->writing = false;
	return st;
}

void
db_rollback(struct db *db)
{
	if (!db->writing)
		return;
	if (!sqlite3_get_autocommit(db->sql))
		sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
	db->writing = false;
}

enum status
db_end(struct db *db, enum status st, struct err *err)
{
	if (st == ST_OK)
		st = db_commit(db, err);
	if (st != ST_OK)
		db_rollback(db);
	return st;
}

enum status
db_look(struct db *db, struct err *err)
{
	assert(!db->writing);
	return sql_exec(db->sql, "BEGIN", "begin", err);
}

/* Nothing was written, so there is nothing that could fail. */
void
db_look_end(struct db *db)
{
	if (!sqlite3_get_autocommit(db->sql))
		sqlite3_exec(db->sql, "COMMIT", NULL, NULL, NULL);
}

enum status
db_prepare_own(struct db *db, const char *sql, sqlite3_stmt **ret,
    struct err *err)
{
	if (sqlite3_prepare_v3(db->sql, sql, -1, 0, ret, NULL) != SQLITE_OK)
		return sql_error(db->sql, "prepare", err);
	return ST_OK;
}

static sqlite3_stmt *
cache_find(const struct db *db, const char *sql)
{
	size_t i;

	for (i = 0; i < db->n; i++)
		if (db->cache[i].sql == sql)
			return db->cache[i].stmt;
	return NULL;
}

static enum status
cache_grow(struct db *db, struct err *err)
{
	size_t cap = db->cap == 0 ? 32 : 2 * db->cap;
	struct cached *cache;

	if (db->n < db->cap)
		return ST_OK;
	cache = reallocarray(db->cache, cap, sizeof(*cache));
	if (cache == NULL)
		return err_nomem(err);
	db->cache = cache;
	db->cap = cap;
	return ST_OK;
}

enum status
db_prepare(struct db *db, const char *sql, sqlite3_stmt **ret, struct err *err)
{
	sqlite3_stmt *stmt = cache_find(db, sql);
	enum status st;

	if (stmt == NULL) {
		st = cache_grow(db, err);
		if (st == ST_OK)
			st = db_prepare_own(db, sql, &stmt, err);
		if (st != ST_OK)
			return st;
		db->cache[db->n++] = (struct cached){ sql, stmt };
	}
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	*ret = stmt;
	return ST_OK;
}

/* A write outside a transaction is its own commit. */
static enum status
before_write(struct db *db, struct err *err)
{
	const char *op = db->writing ? "db" : "commit";
	enum status st = check_alive(db, err);
	int errnum;

	if (st != ST_OK)
		return st;
	errnum = env_fault(db->env, op, NULL);
	return errnum == 0 ? ST_OK : err_sys(err, errnum, "journal: write");
}

enum status
db_step(struct db *db, sqlite3_stmt *stmt, bool *ret_row, struct err *err)
{
	bool writer = !sqlite3_stmt_readonly(stmt);
	enum status st;
	int rc;

	if (writer) {
		st = before_write(db, err);
		if (st != ST_OK)
			return st;
	}
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		st = sql_error(db->sql, writer ? "write" : "read", err);
		sqlite3_reset(stmt);
		return st;
	}
	if (rc == SQLITE_DONE)
		sqlite3_reset(stmt);
	*ret_row = rc == SQLITE_ROW;
	return ST_OK;
}

enum status
db_run(struct db *db, sqlite3_stmt *stmt, struct err *err)
{
	enum status st;
	bool row = false;

	st = db_step(db, stmt, &row, err);
	if (st == ST_OK && row)
		sqlite3_reset(stmt);
	return st;
}

enum status
db_meta_get(struct db *db, const char *key, char *buf, size_t size,
    struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	const char *value;
	enum status st;
	bool row;

	st = db_prepare(db, "SELECT value FROM meta WHERE key = ?1", &stmt,
	    err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, key);
	st = db_step(db, stmt, &row, err);
	if (st != ST_OK)
		return st;
	value = row ? sql_text(stmt, 0) : "";
	if (strlen(value) >= size)
		return err_set(err, ST_DAMAGED,
		    "journal: read: its %s is too long", key);
	memcpy(buf, value, strlen(value) + 1);
	return ST_OK;
}

enum status
db_meta_set(struct db *db, const char *key, const char *value, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db, "REPLACE INTO meta(key, value) VALUES (?1, ?2)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_text(stmt, 1, key);
	sql_bind_text(stmt, 2, value);
	return db_run(db, stmt, err);
}
