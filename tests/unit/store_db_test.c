/* SPDX-License-Identifier: MIT */
/*
 * store/db: the file is opened safely or refused cleanly, transactions are
 * whole, and several processes may use it.
 */
#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/sql.h"
#include "unit/store.h"
#include "util/buf.h"

/* SQL from outside, as a stranger or a bug would run it. */
static void
outside(const char *sql)
{
	sqlite3 *s = NULL;
	char *why = NULL;

	ck_assert_int_eq(sqlite3_open(store_path, &s), SQLITE_OK);
	ck_assert_msg(sqlite3_exec(s, sql, NULL, NULL, &why) == SQLITE_OK,
	    "%s: %s", sql, why);
	sqlite3_close(s);
}

static int
outside_number(const char *sql)
{
	sqlite3 *s = NULL;
	sqlite3_stmt *stmt = NULL;
	int n;

	ck_assert_int_eq(sqlite3_open(store_path, &s), SQLITE_OK);
	ck_assert_int_eq(sqlite3_prepare_v2(s, sql, -1, &stmt, NULL),
	    SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	n = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(s);
	return n;
}

static enum status
try_open(bool read_only, struct err *err)
{
	AUTO(db) struct db *db = NULL;

	return db_open(&store_env.env, store_path, read_only, false, &db, err);
}

START_TEST(what_is_written_is_there_after_reopening)
{
	/* meta survives a close, and unknown keys are empty. */
	AUTO(db) struct db *db = store_open();

	store_set(db, "root", "abc");
	db_free(db);
	db = store_open();
	ck_assert_str_eq(store_get(db, "root"), "abc");
	ck_assert_str_eq(store_get(db, "epoch"), "");
	store_set(db, "root", "d");
	ck_assert_str_eq(store_get(db, "root"), "d");
	ck_assert_ptr_eq(db_env(db), &store_env.env);
}
END_TEST

START_TEST(a_value_that_does_not_fit_is_damage)
{
	/* No cut value is ever taken for a whole one. */
	AUTO(db) struct db *db = store_open();
	char small[4] = "old";

	store_set(db, "root", "abcd");
	ck_assert_int_eq(db_meta_get(db, "root", small, sizeof(small), NULL),
	    ST_DAMAGED);
	ck_assert_str_eq(small, "old");
	store_set(db, "root", "abc");
	STORE_OK(db_meta_get(db, "root", small, sizeof(small), ERR));
	ck_assert_str_eq(small, "abc");
}
END_TEST

START_TEST(safeties_are_on)
{
	/* The settings that promises rest on, as SQLite reports them. */
	static const struct {
		const char *pragma;
		const char *value;
	} rows[] = {
		{ "PRAGMA journal_mode", "wal" },
		{ "PRAGMA synchronous", "2" },
		{ "PRAGMA trusted_schema", "0" },
		{ "PRAGMA cell_size_check", "1" },
		{ "PRAGMA mmap_size", "0" },
		{ "PRAGMA temp_store", "2" },
		{ "PRAGMA user_version", "4" },
	};
	AUTO(db) struct db *db = store_open();
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO(sql) sqlite3_stmt *stmt = NULL;
		bool row = false;

		STORE_OK(db_prepare_own(db, rows[i].pragma, &stmt, ERR));
		STORE_OK(db_step(db, stmt, &row, ERR));
		ck_assert(row);
		ck_assert_str_eq(sql_text(stmt, 0), rows[i].value);
	}
}
END_TEST

START_TEST(a_network_journal_has_no_shared_memory)
{
	/* WAL is not used, also when the file was made with it. */
	AUTO(db) struct db *db = store_open();
	char name[sizeof(store_path) + 16];

	store_set(db, "root", "abc");
	db_free(db);
	db = NULL;
	STORE_OK(db_open(&store_env.env, store_path, false, true, &db, ERR));
	ck_assert_str_eq(store_get(db, "root"), "abc");
	STORE_OK(db_begin(db, ERR));
	store_set(db, "root", "def");
	STORE_OK(db_commit(db, ERR));
	snprintf(name, sizeof(name), "%s-shm", store_path);
	ck_assert_int_ne(access(name, F_OK), 0);
	store_env.jump = 5 * NSEC;
	ck_assert_int_eq(try_open(false, NULL), ST_BUSY);
	db_free(db);
	db = store_open();
	ck_assert_str_eq(store_get(db, "root"), "def");
}
END_TEST

START_TEST(read_only_writes_nothing_and_makes_nothing)
{
	/* A missing or empty file stays so; an existing one is only read. */
	AUTO(db) struct db *db = NULL;
	struct err err = { 0 };

	ck_assert_int_eq(try_open(true, &err), ST_NOENT);
	ck_assert_int_ne(access(store_path, F_OK), 0);
	spill(store_path, "", 0);
	ck_assert_int_eq(try_open(true, &err), ST_NOENT);
	db = store_open();
	store_set(db, "root", "abc");
	db_free(db);
	db = NULL;
	STORE_OK(db_open(&store_env.env, store_path, true, false, &db, ERR));
	ck_assert_str_eq(store_get(db, "root"), "abc");
	ck_assert_int_eq(db_meta_set(db, "root", "x", &err), ST_IO);
}
END_TEST

START_TEST(a_rollback_leaves_what_was)
{
	/* Rolled back by hand and by db_free(). */
	AUTO(db) struct db *db = store_open();

	store_set(db, "root", "old");
	STORE_OK(db_begin(db, ERR));
	ck_assert(db_writing(db));
	store_set(db, "root", "new");
	db_rollback(db);
	ck_assert(!db_writing(db));
	ck_assert_str_eq(store_get(db, "root"), "old");
	db_rollback(db);

	STORE_OK(db_begin(db, ERR));
	store_set(db, "root", "new");
	db_free(db);
	db = store_open();
	ck_assert_str_eq(store_get(db, "root"), "old");
}
END_TEST

START_TEST(injected_faults_roll_back)
{
	/* BEGIN, a write, COMMIT fail with the errno asked for. */
	static const struct {
		const char *op;
		int errnum;
		enum status begin, write, commit;
	} rows[] = {
		{ "begin", EIO, ST_IO, ST_OK, ST_OK },
		{ "db", ENOSPC, ST_OK, ST_NOSPC, ST_OK },
		{ "commit", ENOSPC, ST_OK, ST_OK, ST_NOSPC },
		{ "commit", ENOMEM, ST_OK, ST_OK, ST_NOMEM },
		{ "commit", EIO, ST_OK, ST_OK, ST_IO },
	};
	AUTO(db) struct db *db = store_open();
	struct err err = { 0 };
	size_t i;

	store_set(db, "root", "old");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		store_env.fail = rows[i].op;
		store_env.errnum = rows[i].errnum;
		ck_assert_int_eq(db_begin(db, &err), rows[i].begin);
		if (rows[i].begin == ST_OK) {
			ck_assert_int_eq(db_meta_set(db, "root", "new", &err),
			    rows[i].write);
			if (rows[i].write != ST_OK)
				db_rollback(db);
			else
				ck_assert_int_eq(db_commit(db, &err),
				    rows[i].commit);
		}
		store_env.fail = NULL;
		ck_assert(!db_writing(db));
		ck_assert_str_eq(store_get(db, "root"), "old");
	}
	store_env.fail = "commit";
	ck_assert_int_eq(db_meta_set(db, "root", "new", &err), ST_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "journal: "));
	store_env.fail = NULL;
	ck_assert_str_eq(store_get(db, "root"), "old");
}
END_TEST

START_TEST(two_connections_see_each_other)
{
	/* A commit of one is seen by the other; what is not committed isn't. */
	AUTO(db) struct db *a = store_open();
	AUTO(db) struct db *b = store_open();

	store_set(a, "root", "1");
	ck_assert_str_eq(store_get(b, "root"), "1");
	STORE_OK(db_begin(b, ERR));
	store_set(b, "root", "2");
	ck_assert_str_eq(store_get(a, "root"), "1");
	STORE_OK(db_commit(b, ERR));
	ck_assert_str_eq(store_get(a, "root"), "2");
	STORE_OK(db_begin(a, ERR));
	store_set(a, "root", "3");
	STORE_OK(db_commit(a, ERR));
	ck_assert_str_eq(store_get(b, "root"), "3");
}
END_TEST

START_TEST(a_look_is_of_one_moment)
{
	/* It holds up no writer, and ends with db_look_end(). */
	AUTO(db) struct db *a = store_open();
	AUTO(db) struct db *b = store_open();

	store_set(b, "root", "1");
	STORE_OK(db_look(a, ERR));
	ck_assert_str_eq(store_get(a, "root"), "1");
	store_set(b, "root", "2");
	ck_assert_str_eq(store_get(a, "root"), "1");
	db_look_end(a);
	ck_assert_str_eq(store_get(a, "root"), "2");
	STORE_OK(db_begin(a, ERR));
	store_set(a, "root", "3");
	STORE_OK(db_commit(a, ERR));
	ck_assert_str_eq(store_get(b, "root"), "3");
}
END_TEST

START_TEST(a_second_writer_waits_and_then_is_told)
{
	/* BUSY after 20 s of the clock, no earlier. */
	AUTO(db) struct db *a = store_open();
	AUTO(db) struct db *b = store_open();
	struct err err = { 0 };

	STORE_OK(db_begin(a, ERR));
	store_env.jump = NSEC;
	store_env.ticks = 0;
	ck_assert_int_eq(db_begin(b, &err), ST_BUSY);
	ck_assert_int_gt(store_env.ticks, 20 * NSEC);
	ck_assert_int_lt(store_env.ticks, 25 * NSEC);
	STORE_OK(db_commit(a, ERR));
	STORE_OK(db_begin(b, ERR));
	STORE_OK(db_commit(b, ERR));
}
END_TEST

START_TEST(statements_are_shared_by_pointer)
{
	/* The same literal gives the same statement, reset and unbound. */
	static const char *const sql = "SELECT ?1";
	AUTO(db) struct db *db = store_open();
	sqlite3_stmt *a = NULL, *b = NULL;
	bool row;

	STORE_OK(db_prepare(db, sql, &a, ERR));
	sql_bind_int(a, 1, 7);
	STORE_OK(db_step(db, a, &row, ERR));
	ck_assert(row);
	ck_assert_int_eq(sqlite3_column_int(a, 0), 7);
	STORE_OK(db_prepare(db, sql, &b, ERR));
	ck_assert_ptr_eq(a, b);
	STORE_OK(db_step(db, b, &row, ERR));
	ck_assert(sql_is_null(b, 0));
	ck_assert_int_eq(db_prepare(db, "SELECT nothing", &b, NULL),
	    ST_DAMAGED);
}
END_TEST

static enum status
count_one(struct db *db, struct err *err)
{
	enum status st = db_begin(db, err);
	char value[32];

	if (st == ST_OK)
		st = db_meta_get(db, "n", value, sizeof(value), err);
	if (st != ST_OK)
		return st;
	snprintf(value, sizeof(value), "%d", atoi(value) + 1);
	st = db_meta_set(db, "n", value, err);
	return st == ST_OK ? db_commit(db, err) : st;
}

/* What a child does: open a file that many open, count up in it. */
static int
count_up(int rounds)
{
	AUTO(db) struct db *db = NULL;
	struct env env = { .ops = &env_real_ops };
	struct err err = { 0 };
	enum status st;

	st = db_open(&env, store_path, false, false, &db, &err);
	while (st == ST_OK && rounds-- > 0)
		st = count_one(db, &err);
	if (st != ST_OK)
		fprintf(stderr, "%s\n", err.text);
	return st == ST_OK ? 0 : 1;
}

START_TEST(many_processes_may_start_at_once)
{
	/* All make the same new file; no increment is lost. */
	AUTO(db) struct db *db = NULL;
	int i, status;

	for (i = 0; i < 8; i++) {
		pid_t pid = fork();

		ck_assert_int_ne(pid, -1);
		if (pid == 0)
			_exit(count_up(5));
	}
	for (i = 0; i < 8; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	db = store_open();
	ck_assert_str_eq(store_get(db, "n"), "40");
}
END_TEST

START_TEST(the_killed_leave_their_commits)
{
	/* Somebody dies with a full WAL: the next one has all of it. */
	AUTO(db) struct db *db = NULL;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		db = store_open();
		store_set(db, "root", "abc");
		if (db_begin(db, NULL) == ST_OK)
			store_set(db, "root", "never");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	db = store_open();
	ck_assert_str_eq(store_get(db, "root"), "abc");
}
END_TEST

START_TEST(an_older_one_is_taken_over)
{
	/* Readable as it is, and completed by a writer. */
	static const char *const older[DB_SCHEMA] = { NULL, STORE_OLDEST,
		STORE_OLDER, STORE_OLD };
	struct err err = { 0 };
	int i;

	{
		AUTO(db) struct db *db = store_open();

		store_set(db, "key", "value");
	}
	outside(older[_i]);
	for (i = 0; i < 2; i++)
		ck_assert_msg(try_open(true, &err) == ST_OK, "%s", err.text);
	ck_assert_int_eq(outside_number("PRAGMA user_version"), _i);
	for (i = 0; i < 2; i++) {
		AUTO(db) struct db *db = store_open();

		ck_assert_str_eq(store_get(db, "key"), "value");
	}
	ck_assert_int_eq(outside_number("PRAGMA user_version"), DB_SCHEMA);
	ck_assert_int_eq(outside_number("SELECT count(*) FROM client"), 0);
	ck_assert_int_eq(outside_number("SELECT count(*) FROM signature"), 0);
	ck_assert_int_eq(outside_number("SELECT count(*) FROM shelf"), 0);
}
END_TEST

/* Opens it; the exit code is 0 if it was as it should be. */
static pid_t
open_elsewhere(void)
{
	struct err err = { 0 };
	pid_t pid = fork();

	if (pid == 0)
		_exit(try_open(false, &err) == ST_OK ? 0 : 1);
	return pid;
}

START_TEST(many_take_an_older_one_over)
{
	/* At once: none of them finds it damaged, and one completes it. */
	pid_t pids[6];
	size_t i;
	int round, status;

	db_free(store_open());
	for (round = 0; round < 10; round++) {
		outside(STORE_OLDEST);
		for (i = 0; i < 6; i++)
			pids[i] = open_elsewhere();
		for (i = 0; i < 6; i++) {
			ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
			ck_assert_int_eq(status, 0);
		}
		ck_assert_int_eq(outside_number("PRAGMA user_version"),
		    DB_SCHEMA);
	}
}
END_TEST

START_TEST(a_failed_upgrade_is_none)
{
	/* Whatever fails, it is as old or as new, and opens the next time. */
	static const char *const ops[] = { "begin", "commit", "db" };
	struct err err = { 0 };
	size_t i;

	db_free(store_open());
	outside(STORE_OLDEST);
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		store_env.fail = ops[i];
		store_env.errnum = ENOSPC;
		ck_assert_int_eq(try_open(false, &err), ST_NOSPC);
		store_env.fail = NULL;
		ck_assert_int_eq(outside_number("PRAGMA user_version"), 1);
	}
	db_free(store_open());
	ck_assert_int_eq(outside_number("PRAGMA user_version"), DB_SCHEMA);
}
END_TEST

START_TEST(strangers_are_refused)
{
	/* Another file, another program's, a newer one, a changed schema. */
	static const struct {
		const char *sql;
		enum status want;
	} rows[] = {
		{ "PRAGMA user_version = 5", ST_NEWER },
		{ "PRAGMA user_version = 3", ST_DAMAGED },
		{ "PRAGMA user_version = 2", ST_DAMAGED },
		{ "PRAGMA user_version = 1", ST_DAMAGED },
		{ "DROP TABLE client", ST_DAMAGED },
		{ "DROP TABLE shelf", ST_DAMAGED },
		{ "DROP TABLE signature; PRAGMA user_version = 1", ST_DAMAGED },
		{ "DROP TABLE intent; " STORE_OLDEST, ST_DAMAGED },
		{ "PRAGMA user_version = 2147483647", ST_NEWER },
		{ "PRAGMA user_version = 0", ST_DAMAGED },
		{ "PRAGMA user_version = -1", ST_DAMAGED },
		{ "PRAGMA application_id = 1", ST_DAMAGED },
		{ "PRAGMA application_id = 0; PRAGMA user_version = 0",
		    ST_DAMAGED },
		{ "DROP TABLE intent", ST_DAMAGED },
		{ "DROP INDEX version_time", ST_DAMAGED },
		{ "CREATE TABLE x(y)", ST_DAMAGED },
		{ "DROP TABLE meta; CREATE TABLE meta(key, value)",
		    ST_DAMAGED },
		{ "CREATE TRIGGER t AFTER INSERT ON meta BEGIN"
		  " DELETE FROM file_state; END",
		    ST_DAMAGED },
		{ "DROP TABLE meta; CREATE VIEW meta AS SELECT 1 AS key",
		    ST_DAMAGED },
	};
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		db_free(store_open());
		outside(rows[i].sql);
		err = (struct err){ 0 };
		ck_assert_msg(try_open(false, &err) == rows[i].want, "%s: %s",
		    rows[i].sql, err.text);
		ck_assert_int_eq(err.code, rows[i].want);
		ck_assert_int_eq(try_open(true, NULL), rows[i].want);
		ck_assert_int_eq(unlink(store_path), 0);
		drop_side_files();
	}
}
END_TEST

START_TEST(other_files_are_refused)
{
	/* Text, a folder, a name too long: an error, never a crash. */
	char text[3000], name[700];
	struct db *db = NULL;
	struct err err;

	memset(text, 'x', sizeof(text));
	spill(store_path, text, sizeof(text));
	ck_assert_int_eq(try_open(false, &err), ST_DAMAGED);
	spill(store_path, text, 10);
	ck_assert_int_eq(try_open(false, &err), ST_DAMAGED);
	unlink(store_path);
	ck_assert_int_eq(mkdir(store_path, 0700), 0);
	ck_assert_int_eq(try_open(false, &err), ST_IO);
	memset(name, 'a', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	ck_assert_int_eq(db_open(&store_env.env, name, false, false, &db, &err),
	    ST_IO);
	ck_assert_int_eq(db_open(&store_env.env, "/nowhere/at/all/j.db", false,
			     false, &db, &err),
	    ST_NOENT);
	ck_assert_ptr_null(db);
}
END_TEST

START_TEST(a_zero_length_file_is_a_new_one)
{
	/* What a kill between creating and filling leaves. */
	AUTO(db) struct db *db = NULL;

	spill(store_path, "", 0);
	db = store_open();
	ck_assert_str_eq(store_get(db, "root"), "");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("store_db");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, store_setup, store_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_is_written_is_there_after_reopening);
	tcase_add_test(tc, a_value_that_does_not_fit_is_damage);
	tcase_add_test(tc, safeties_are_on);
	tcase_add_test(tc, a_network_journal_has_no_shared_memory);
	tcase_add_test(tc, read_only_writes_nothing_and_makes_nothing);
	tcase_add_test(tc, a_rollback_leaves_what_was);
	tcase_add_test(tc, injected_faults_roll_back);
	tcase_add_test(tc, two_connections_see_each_other);
	tcase_add_test(tc, a_look_is_of_one_moment);
	tcase_add_test(tc, a_second_writer_waits_and_then_is_told);
	tcase_add_test(tc, statements_are_shared_by_pointer);
	tcase_add_test(tc, many_processes_may_start_at_once);
	tcase_add_test(tc, the_killed_leave_their_commits);
	tcase_add_loop_test(tc, an_older_one_is_taken_over, 1, DB_SCHEMA);
	tcase_add_test(tc, many_take_an_older_one_over);
	tcase_add_test(tc, a_failed_upgrade_is_none);
	tcase_add_test(tc, strangers_are_refused);
	tcase_add_test(tc, other_files_are_refused);
	tcase_add_test(tc, a_zero_length_file_is_a_new_one);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
