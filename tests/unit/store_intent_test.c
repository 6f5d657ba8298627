/* SPDX-License-Identifier: MIT */
/*
 * store/intent: what was about to be done is read back by whoever comes next,
 * in order, each stage's apart from the others'.
 */
#include "config.h"

#include "store/intent.h"
#include "store/sql.h"
#include "unit/store.h"

static struct db *db;

static void
setup(void)
{
	store_setup();
	db = store_open();
}

static void
teardown(void)
{
	db_free(db);
	store_teardown();
}

static const struct intent samples[] = {
	{ .stage = "s1",
	    .n = 7,
	    .kind = INTENT_IN,
	    .path = "new\nname",
	    .absent = true,
	    .want = { { 9, 8 } } },
	{ .stage = "s1",
	    .n = 1,
	    .kind = INTENT_IN,
	    .path = "a/b",
	    .expect = { { 1, 2 } },
	    .want = { { 3 } } },
	{ .stage = "s1",
	    .n = 3,
	    .kind = INTENT_OUT,
	    .path = "\377",
	    .expect = { { 4 } } },
	{ .stage = "s1",
	    .n = 2,
	    .kind = INTENT_MOVE,
	    .path = "to",
	    .from = "from",
	    .expect = { { 5 } },
	    .absent = true },
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void
put_all(const char *stage)
{
	struct intent in;
	size_t i;

	for (i = 0; i < SAMPLES; i++) {
		in = samples[i];
		in.stage = stage;
		STORE_OK(intent_put(db, &in, ERR));
	}
}

struct check {
	const char *stage;
	size_t n;
};

static enum status
check_one(void *ctx, const struct intent *in, struct err *err)
{
	struct check *check = ctx;
	const struct intent *want;

	(void)err;
	ck_assert_uint_lt(check->n, SAMPLES);
	want = &samples[check->n++];
	ck_assert_str_eq(in->stage, check->stage);
	ck_assert_uint_eq(in->n, want->n);
	ck_assert_int_eq(in->kind, want->kind);
	ck_assert_str_eq(in->path, want->path);
	ck_assert_pstr_eq(in->from, want->from);
	ck_assert_int_eq(in->absent, want->absent);
	ck_assert(hash_equal(&in->expect, &want->expect));
	ck_assert(hash_equal(&in->want, &want->want));
	return ST_OK;
}

static size_t
check_all(const char *stage)
{
	struct check check = { .stage = stage };

	STORE_OK(intent_each(db, stage, check_one, &check, ERR));
	return check.n;
}

START_TEST(intents_come_back_in_order)
{
	/* All fields, after a reopening, for each stage alone. */
	STORE_OK(db_begin(db, ERR));
	put_all("s1");
	put_all("s2");
	STORE_OK(db_commit(db, ERR));
	db_free(db);
	db = store_open();
	ck_assert_uint_eq(check_all("s1"), SAMPLES);
	ck_assert_uint_eq(check_all("s2"), SAMPLES);
	ck_assert_uint_eq(check_all("s3"), 0);
}
END_TEST

START_TEST(clearing_takes_one_stage)
{
	/* The others' stay; what comes after is in order again. */
	STORE_OK(db_begin(db, ERR));
	put_all("s1");
	put_all("s2");
	STORE_OK(intent_clear(db, "s2", ERR));
	STORE_OK(intent_clear(db, "none", ERR));
	STORE_OK(db_commit(db, ERR));
	ck_assert_uint_eq(check_all("s1"), SAMPLES);
	ck_assert_uint_eq(check_all("s2"), 0);
	STORE_OK(db_begin(db, ERR));
	put_all("s2");
	STORE_OK(intent_clear(db, "s1", ERR));
	STORE_OK(db_commit(db, ERR));
	ck_assert_uint_eq(check_all("s1"), 0);
	ck_assert_uint_eq(check_all("s2"), SAMPLES);
}
END_TEST

START_TEST(a_rolled_back_intent_was_never_there)
{
	/* Nothing may be done for it, so nobody may find it. */
	STORE_OK(db_begin(db, ERR));
	put_all("s1");
	db_rollback(db);
	ck_assert_uint_eq(check_all("s1"), 0);
}
END_TEST

static bool
stands(const char *path)
{
	bool there;

	STORE_OK(intent_stands(db, path, &there, ERR));
	return there;
}

START_TEST(who_is_at_a_path)
{
	/* Both ends of a move; nobody once it is cleared. */
	const struct intent move = { .stage = "s1",
		.n = 1,
		.kind = INTENT_MOVE,
		.path = "to",
		.from = "from" };

	STORE_OK(db_begin(db, ERR));
	ck_assert(!stands(NULL));
	STORE_OK(intent_put(db, &move, ERR));
	ck_assert(stands(NULL));
	ck_assert(stands("to"));
	ck_assert(stands("from"));
	ck_assert(!stands("t"));
	STORE_OK(intent_clear(db, "s1", ERR));
	ck_assert(!stands("to"));
	STORE_OK(db_commit(db, ERR));
}
END_TEST

static enum status
refuse(void *ctx, const struct intent *in, struct err *err)
{
	(void)in;
	++*(int *)ctx;
	return err_set(err, ST_SIGNAL, "stop");
}

START_TEST(the_callers_failure_ends_it)
{
	/* Its status and text come out; it is not called again. */
	struct err err = { 0 };
	int calls = 0;

	STORE_OK(db_begin(db, ERR));
	put_all("s1");
	STORE_OK(db_commit(db, ERR));
	ck_assert_int_eq(intent_each(db, "s1", refuse, &calls, &err),
	    ST_SIGNAL);
	ck_assert_str_eq(err.text, "stop");
	ck_assert_int_eq(calls, 1);
}
END_TEST

static enum status
clear_it(void *ctx, const struct intent *in, struct err *err)
{
	++*(int *)ctx;
	return intent_clear(db, in->stage, err);
}

START_TEST(the_caller_may_write_meanwhile)
{
	/* Clearing from within: no crash, and each was told at most once. */
	int calls = 0;

	STORE_OK(db_begin(db, ERR));
	put_all("s1");
	STORE_OK(intent_each(db, "s1", clear_it, &calls, ERR));
	STORE_OK(db_commit(db, ERR));
	ck_assert_int_ge(calls, 1);
	ck_assert_int_le(calls, (int)SAMPLES);
	ck_assert_uint_eq(check_all("s1"), 0);
}
END_TEST

START_TEST(impossible_intents_are_damage)
{
	/* Recovery must not act on what nobody wrote. */
	static const char *const changes[] = {
		"UPDATE intent SET kind = 0",
		"UPDATE intent SET kind = 4",
		"UPDATE intent SET n = -1",
		"UPDATE intent SET path = '../x'",
		"UPDATE intent SET path = '/etc/passwd'",
		"UPDATE intent SET source = 'x' WHERE kind = 1",
		"UPDATE intent SET source = NULL WHERE kind = 3",
		"UPDATE intent SET source = '..' WHERE kind = 3",
		"UPDATE intent SET expect = x'00'",
		"UPDATE intent SET want = 'x'",
	};
	struct check check;
	sqlite3_stmt *stmt;
	size_t i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		STORE_OK(db_begin(db, ERR));
		put_all("s1");
		STORE_OK(db_prepare(db, changes[i], &stmt, ERR));
		STORE_OK(db_run(db, stmt, ERR));
		check = (struct check){ .stage = "s1" };
		ck_assert_int_eq(intent_each(db, "s1", check_one, &check, ERR),
		    ST_DAMAGED);
		db_rollback(db);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("store_intent");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, intents_come_back_in_order);
	tcase_add_test(tc, clearing_takes_one_stage);
	tcase_add_test(tc, a_rolled_back_intent_was_never_there);
	tcase_add_test(tc, who_is_at_a_path);
	tcase_add_test(tc, the_callers_failure_ends_it);
	tcase_add_test(tc, the_caller_may_write_meanwhile);
	tcase_add_test(tc, impossible_intents_are_damage);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
