/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_DB_H
#define DSYNC_STORE_DB_H

/*
 * journal.db as the rest of store/ uses it: opened with every safety on,
 * its schema made or checked, prepared statements, transactions.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/auto.h"
#include "util/err.h"

struct db;
struct env;
struct sqlite3_stmt;
struct totals;

#define DB_SCHEMA 4 /* user_version; a larger one is ST_NEWER */

/*
 * Opens or makes the file, and adds what a journal of an older dsync lacks
 * (unless read_only).  ST_DAMAGED if it is no database of ours or fails
 * quick_check; ST_NEWER if a newer dsync wrote it; ST_BUSY after 20 s.
 * read_only: the file is opened so, and must exist (ST_NOENT).
 */
enum status db_open(struct env *env, const char *path, bool read_only,
    bool network, struct db **ret, struct err *err) MUST_CHECK;
void db_free(struct db *db); /* rolls back what was not committed */
AUTO_DEFINE(db);

/* Reads all of it: ST_DAMAGED if it is. */
enum status db_check(struct db *db, struct err *err) MUST_CHECK;

struct env *db_env(struct db *db);

/* BEGIN IMMEDIATE; COMMIT, on the disk when it returns; ROLLBACK. */
enum status db_begin(struct db *db, struct err *err) MUST_CHECK;
enum status db_commit(struct db *db, struct err *err) MUST_CHECK;
void db_rollback(struct db *db);

/*
 * The end of a transaction that came to st: commits it if that is ST_OK, and
 * rolls back what did not come that far.  Returns st, or why not committed.
 */
enum status db_end(struct db *db, enum status st, struct err *err) MUST_CHECK;
bool db_writing(const struct db *db); /* between db_begin() and its end */

/*
 * What is read in between is of one moment, and read quicker than row by row:
 * a lock once, not for each.  Nothing is written before db_look_end().
 */
enum status db_look(struct db *db, struct err *err) MUST_CHECK;
void db_look_end(struct db *db);

/*
 * The prepared statement for sql (a literal; the pointer is the key), reset
 * and unbound; it lives as long as db.
 */
enum status db_prepare(struct db *db, const char *sql,
    struct sqlite3_stmt **ret, struct err *err) MUST_CHECK;

/* The same, not shared: the caller's to finalise (AUTO(sql), see sql.h). */
enum status db_prepare_own(struct db *db, const char *sql,
    struct sqlite3_stmt **ret, struct err *err) MUST_CHECK;

/*
 * sqlite3_step(): *ret_row is true if there is a row; if not, or if it fails,
 * the statement is reset.  Who stops before that resets it (AUTO(sql_use)),
 * or the connection goes on looking at the past.
 */
enum status db_step(struct db *db, struct sqlite3_stmt *stmt, bool *ret_row,
    struct err *err) MUST_CHECK;

/* For statements without rows. */
enum status db_run(struct db *db, struct sqlite3_stmt *stmt,
    struct err *err) MUST_CHECK;

/* What journal.c keeps in memory during a transaction: see totals.h. */
struct totals *db_totals(struct db *db);

/* meta(key, value); db_meta_set() outside a transaction is one of its own */
enum status db_meta_get(struct db *db, const char *key, char *buf, size_t size,
    struct err *err) MUST_CHECK; /* "" if there is none */
enum status db_meta_set(struct db *db, const char *key, const char *value,
    struct err *err) MUST_CHECK;

#endif
