/* SPDX-License-Identifier: MIT */
/*
 * store/activity: the log and the conflict list come back newest first, whole,
 * by path; open conflicts are one a path and can be counted and settled.
 */
#include "config.h"

#include "store/activity.h"
#include "store/sql.h"
#include "unit/store.h"

static struct db *db;

static void
setup(void)
{
	store_setup();
	db = store_open();
	STORE_OK(db_begin(db, ERR));
}

static void
teardown(void)
{
	db_free(db);
	store_teardown();
}

static void
log_one(const char *path, const char *from, int64_t when)
{
	struct activity a = {
		.when = when,
		.run = "r1",
		.path = path,
		.from = from,
		.what = from == NULL ? "change" : "move",
		.who = "anna",
		.why = "changed here\nonly",
		.has_before = when % 2 == 0,
		.before = { { 1 } },
		.has_after = when % 3 == 0,
		.after = { { 2 } },
	};

	STORE_OK(activity_put(db, &a, ERR));
}

/* What each saw: the times, joined. */
struct seen {
	char text[400];
	int64_t last_id;
	unsigned stop_after;
};

static enum status
see_activity(void *ctx, const struct activity *a, struct err *err)
{
	struct seen *seen = ctx;
	size_t used = strlen(seen->text);

	ck_assert_str_eq(a->run, "r1");
	ck_assert_str_eq(a->who, "anna");
	ck_assert_str_eq(a->why, "changed here\nonly");
	ck_assert_str_eq(a->what, a->from == NULL ? "change" : "move");
	ck_assert_int_eq(a->has_before, a->when % 2 == 0);
	ck_assert_int_eq(a->before.b[0], a->has_before ? 1 : 0);
	ck_assert_int_eq(a->has_after, a->when % 3 == 0);
	ck_assert_int_eq(a->after.b[0], a->has_after ? 2 : 0);
	ck_assert(seen->last_id == 0 || a->id < seen->last_id);
	seen->last_id = a->id;
	snprintf(seen->text + used, sizeof(seen->text) - used, "%s%s:%d ",
	    a->path, a->from == NULL ? "" : a->from, (int)a->when);
	if (--seen->stop_after == 0)
		return err_set(err, ST_SIGNAL, "stop");
	return ST_OK;
}

static void
check_log(const char *path, unsigned limit, const char *want)
{
	struct seen seen = { 0 };

	STORE_OK(activity_each(db, path, limit, see_activity, &seen, ERR));
	ck_assert_str_eq(seen.text, want);
}

START_TEST(the_log_is_read_from_its_end)
{
	/* All, of a path (also as a move's origin), and no more than asked. */
	log_one("a", NULL, 10);
	log_one("b", NULL, 9);
	log_one("a", NULL, 12);
	log_one("c", "a", 11);
	STORE_OK(db_commit(db, ERR));
	check_log(NULL, 100, "ca:11 a:12 b:9 a:10 ");
	check_log(NULL, 2, "ca:11 a:12 ");
	check_log(NULL, 0, "");
	check_log("a", 100, "ca:11 a:12 a:10 ");
	check_log("a", 1, "ca:11 ");
	check_log("c", 100, "ca:11 ");
	check_log("none", 100, "");
}
END_TEST

START_TEST(the_readers_failure_ends_it)
{
	/* With its status; after the second row. */
	struct seen seen = { .stop_after = 2 };

	log_one("a", NULL, 1);
	log_one("a", NULL, 2);
	log_one("a", NULL, 3);
	ck_assert_int_eq(activity_each(db, NULL, 9, see_activity, &seen, ERR),
	    ST_SIGNAL);
	ck_assert_str_eq(seen.text, "a:3 a:2 ");
}
END_TEST

static void
dispute(const char *path, bool open, int64_t when)
{
	struct conflict c = {
		.when = when,
		.path = path,
		.kept_local = when % 2 == 0,
		.open = open,
		.winner = { { 1 } },
		.loser = { { 0, 2 } },
		.why = "both changed it",
	};

	STORE_OK(conflict_put(db, &c, ERR));
}

static enum status
see_conflict(void *ctx, const struct conflict *c, struct err *err)
{
	struct seen *seen = ctx;
	size_t used = strlen(seen->text);

	(void)err;
	ck_assert_str_eq(c->why, "both changed it");
	ck_assert_int_eq(c->kept_local, c->when % 2 == 0);
	ck_assert_int_eq(c->winner.b[0], 1);
	ck_assert_int_eq(c->loser.b[1], 2);
	snprintf(seen->text + used, sizeof(seen->text) - used, "%s%s:%d ",
	    c->path, c->open ? "?" : "", (int)c->when);
	return ST_OK;
}

static void
check_conflicts(const char *path, const char *want)
{
	struct seen seen = { 0 };

	STORE_OK(conflict_each(db, path, see_conflict, &seen, ERR));
	ck_assert_str_eq(seen.text, want);
}

static uint64_t
open_ones(void)
{
	uint64_t n = 99;

	STORE_OK(conflict_count_open(db, &n, ERR));
	return n;
}

START_TEST(an_open_conflict_is_one_a_path)
{
	/* A new one, open or decided, replaces it; decided ones pile up. */
	ck_assert_uint_eq(open_ones(), 0);
	dispute("a", false, 1);
	dispute("a", true, 2);
	dispute("b", true, 3);
	ck_assert_uint_eq(open_ones(), 2);
	dispute("a", true, 4);
	ck_assert_uint_eq(open_ones(), 2);
	check_conflicts(NULL, "a?:4 b?:3 a:1 ");
	dispute("a", false, 5);
	ck_assert_uint_eq(open_ones(), 1);
	check_conflicts("a", "a:5 a:1 ");
	check_conflicts("c", "");
}
END_TEST

START_TEST(settling_drops_the_open_one)
{
	/* Of that path alone; where there is none, nothing happens. */
	dispute("a", false, 1);
	dispute("a", true, 2);
	dispute("b", true, 3);
	STORE_OK(conflict_settle(db, "a", ERR));
	STORE_OK(conflict_settle(db, "a", ERR));
	STORE_OK(conflict_settle(db, "none", ERR));
	STORE_OK(db_commit(db, ERR));
	check_conflicts(NULL, "b?:3 a:1 ");
	ck_assert_uint_eq(open_ones(), 1);
}
END_TEST

START_TEST(trimming_keeps_the_newest_and_the_open)
{
	/* Both lists; keep may be more than there is. */
	int i;

	STORE_OK(activity_trim(db, 3, ERR));
	dispute("open", true, 1);
	for (i = 2; i <= 6; i++) {
		log_one("a", NULL, i);
		dispute("a", false, i);
	}
	STORE_OK(activity_trim(db, 100, ERR));
	check_log(NULL, 100, "a:6 a:5 a:4 a:3 a:2 ");
	STORE_OK(activity_trim(db, 3, ERR));
	check_log(NULL, 100, "a:6 a:5 a:4 ");
	check_conflicts(NULL, "a:6 a:5 a:4 open?:1 ");
	STORE_OK(activity_trim(db, 0, ERR));
	check_log(NULL, 100, "");
	check_conflicts(NULL, "open?:1 ");
}
END_TEST

START_TEST(impossible_rows_are_damage)
{
	/* Paths and hashes are checked here as everywhere. */
	static const char *const changes[] = {
		"UPDATE activity SET path = '../x'",
		"UPDATE activity SET source = '/x'",
		"UPDATE activity SET before = 'x'",
		"UPDATE activity SET after = x'00'",
		"UPDATE conflict SET path = x'00'",
		"UPDATE conflict SET winner = 'x'",
		"UPDATE conflict SET loser = 'x'",
	};
	struct seen seen = { 0 };
	sqlite3_stmt *stmt;
	enum status st;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		log_one("a", NULL, 6);
		dispute("a", true, 1);
		STORE_OK(db_prepare(db, changes[i], &stmt, ERR));
		STORE_OK(db_run(db, stmt, ERR));
		st = activity_each(db, NULL, 9, see_activity, &seen, ERR);
		if (st == ST_OK)
			st = conflict_each(db, NULL, see_conflict, &seen, ERR);
		ck_assert_msg(st == ST_DAMAGED, "%s: %d", changes[i], (int)st);
		seen = (struct seen){ 0 };
		db_rollback(db);
		STORE_OK(db_begin(db, ERR));
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("store_activity");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_log_is_read_from_its_end);
	tcase_add_test(tc, the_readers_failure_ends_it);
	tcase_add_test(tc, an_open_conflict_is_one_a_path);
	tcase_add_test(tc, settling_drops_the_open_one);
	tcase_add_test(tc, trimming_keeps_the_newest_and_the_open);
	tcase_add_test(tc, impossible_rows_are_damage);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
