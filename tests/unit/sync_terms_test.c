/* SPDX-License-Identifier: MIT */
/*
 * What a server leaves out of its preset: heard, remembered, and never more
 * than what this side's own user wants.
 */
#include "config.h"

#include <string.h>

#include "codec/message.h"
#include "nomem.h"
#include "store.h"
#include "sync/replica.h"
#include "sync/terms.h"

static struct terms terms, other;

static void
setup(void)
{
	store_setup();
	memset(&terms, 0, sizeof(terms));
	memset(&other, 0, sizeof(other));
}

static void
teardown(void)
{
	terms_fini(&terms);
	terms_fini(&other);
	store_teardown();
}

static enum status
hear_terms(struct terms *t, bool hidden, uint64_t max_size, const char *rules)
{
	const struct message_hello h = { .hidden = hidden,
		.max_size = max_size };
	const size_t len = rules == NULL ? 0 : strlen(rules);

	return terms_hear(t, &h, (const uint8_t *)rules, len, ERR);
}

START_TEST(test_hear)
{
	/* As the HELLO says; the last one counts. */
	STORE_OK(hear_terms(&terms, true, 0, NULL));
	ck_assert(terms.hidden);
	ck_assert_uint_eq(terms.max_size, 0);
	ck_assert_str_eq(terms.rules, "");
	STORE_OK(hear_terms(&terms, false, 77, "*.o\n!a.o\n"));
	ck_assert(!terms.hidden);
	ck_assert_uint_eq(terms.max_size, 77);
	ck_assert_str_eq(terms.rules, "*.o\n!a.o\n");
	terms_fini(&terms);
	ck_assert_ptr_null(terms.rules);
}
END_TEST

START_TEST(test_hear_nonsense)
{
	/* What no server would say changes nothing. */
	const struct message_hello h = { .hidden = true };
	static uint8_t much[TERMS_LIMIT + 1];

	STORE_OK(hear_terms(&terms, false, 77, "*.o\n"));
	memset(much, 'x', sizeof(much));
	ck_assert_int_eq(terms_hear(&terms, &h, much, sizeof(much), ERR),
	    ST_PROTO);
	ck_assert_int_eq(terms_hear(&terms, &h, (const uint8_t *)"a\0b", 3,
			     ERR),
	    ST_PROTO);
	ck_assert(!terms.hidden);
	ck_assert_str_eq(terms.rules, "*.o\n");
	STORE_OK(terms_hear(&terms, &h, much, TERMS_LIMIT, ERR));
	ck_assert_uint_eq(strlen(terms.rules), TERMS_LIMIT);
}
END_TEST

START_TEST(test_equal)
{
	/* Each of the three tells two apart. */
	STORE_OK(hear_terms(&terms, true, 5, "a\n"));
	STORE_OK(hear_terms(&other, true, 5, "a\n"));
	ck_assert(terms_equal(&terms, &other));
	STORE_OK(hear_terms(&other, false, 5, "a\n"));
	ck_assert(!terms_equal(&terms, &other));
	STORE_OK(hear_terms(&other, true, 6, "a\n"));
	ck_assert(!terms_equal(&terms, &other));
	STORE_OK(hear_terms(&other, true, 5, "b\n"));
	ck_assert(!terms_equal(&terms, &other));
}
END_TEST

START_TEST(test_remembered)
{
	/* A journal gives back what it was given, the longest rules too. */
	static const char *const rules[] = { "", "*.o\n", "\n", " 7 8\n",
		"caf\xc3\xa9\n", NULL };
	static char much[TERMS_LIMIT + 1];
	AUTO(db) struct db *db = store_open();
	size_t i;

	memset(much, 'x', TERMS_LIMIT);
	for (i = 0; i == 0 || rules[i - 1] != NULL; i++) {
		const char *r = rules[i] == NULL ? much : rules[i];

		STORE_OK(hear_terms(&terms, i % 2 == 0, UINT64_MAX - i, r));
		STORE_OK(terms_save(&terms, db, ERR));
		STORE_OK(terms_load(&other, db, ERR));
		ck_assert(terms_equal(&terms, &other));
	}
}
END_TEST

START_TEST(test_nothing_remembered)
{
	/* Then all is allowed, until the server has spoken. */
	static const char *const odd[] = { "", "x", "1", "1 2", "1 2x\n" };
	AUTO(db) struct db *db = store_open();
	size_t i;

	STORE_OK(terms_load(&terms, NULL, ERR));
	ck_assert(terms.hidden);
	ck_assert_uint_eq(terms.max_size, 0);
	ck_assert_str_eq(terms.rules, "");
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		store_set(db, "terms", odd[i]);
		STORE_OK(terms_load(&other, db, ERR));
		ck_assert_msg(terms_equal(&terms, &other), "%s", odd[i]);
	}
}
END_TEST

START_TEST(test_apply)
{
	/* Both sides have to want it. */
	struct replica_opts opts = { .hidden = true, .max_size = 100 };

	STORE_OK(hear_terms(&terms, true, 200, ""));
	terms_apply(&terms, &opts);
	ck_assert(opts.hidden);
	ck_assert_uint_eq(opts.max_size, 100);
	ck_assert_ptr_null(opts.policy);

	STORE_OK(hear_terms(&terms, false, 50, "*.o\n"));
	terms_apply(&terms, &opts);
	ck_assert(!opts.hidden);
	ck_assert_uint_eq(opts.max_size, 50);
	ck_assert_str_eq(opts.policy, "*.o\n");

	opts = (struct replica_opts){ .hidden = false };
	STORE_OK(hear_terms(&terms, true, REPLICA_MAX_SIZE + 1, ""));
	terms_apply(&terms, &opts);
	ck_assert(!opts.hidden);
	ck_assert_uint_eq(opts.max_size, 0);
	STORE_OK(hear_terms(&terms, true, REPLICA_MAX_SIZE - 1, ""));
	terms_apply(&terms, &opts);
	ck_assert_uint_eq(opts.max_size, REPLICA_MAX_SIZE - 1);
}
END_TEST

START_TEST(test_alike)
{
	/* What this client leaves out anyway makes no difference to it. */
	const struct replica_opts plain = { .hidden = false };
	const struct replica_opts all = { .hidden = true, .max_size = 100 };

	STORE_OK(hear_terms(&terms, true, 0, ""));
	STORE_OK(hear_terms(&other, false, REPLICA_MAX_SIZE, ""));
	ck_assert(!terms_equal(&terms, &other));
	ck_assert(terms_alike(&terms, &other, &plain));
	ck_assert(!terms_alike(&terms, &other, &all));
	STORE_OK(hear_terms(&other, true, 99, ""));
	ck_assert(!terms_alike(&terms, &other, &all));
	STORE_OK(hear_terms(&other, true, 0, "*.o\n"));
	ck_assert(!terms_alike(&terms, &other, &plain));
}
END_TEST

START_TEST(test_no_memory)
{
	nomem_at(1);
	ck_assert_int_eq(terms_load(&terms, NULL, ERR), ST_NOMEM);
	nomem_at(0);
	ck_assert_ptr_null(terms.rules);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_terms");
	TCase *t = tcase_create("terms");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_hear);
	tcase_add_test(t, test_hear_nonsense);
	tcase_add_test(t, test_equal);
	tcase_add_test(t, test_remembered);
	tcase_add_test(t, test_nothing_remembered);
	tcase_add_test(t, test_apply);
	tcase_add_test(t, test_alike);
	tcase_add_test(t, test_no_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
