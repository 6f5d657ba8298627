/* SPDX-License-Identifier: MIT */
/* When a plan deletes too much, and what a person may write as a limit. */
#include "config.h"

#include <stdint.h>

#include "core/guard.h"
#include "core/plan.h"
#include "unit.h"

static const struct {
	const char *text;
	bool good;
	size_t count;
	unsigned percent;
} limits[] = {
	{ "0", true, 0, 0 },
	{ "7", true, 7, 0 },
	{ "007", true, 7, 0 },
	{ "18446744073709551615", true, SIZE_MAX, 0 },
	{ "18446744073709551616", false, 0, 0 },
	{ "99999999999999999999999", false, 0, 0 },
	{ "0%", true, 0, 0 },
	{ "30%", true, 0, 30 },
	{ "100%", true, 0, 100 },
	{ "101%", false, 0, 0 },
	{ "", false, 0, 0 },
	{ "%", false, 0, 0 },
	{ "-1", false, 0, 0 },
	{ "+1", false, 0, 0 },
	{ " 1", false, 0, 0 },
	{ "1 ", false, 0, 0 },
	{ "1%%", false, 0, 0 },
	{ "1% ", false, 0, 0 },
	{ "1.5%", false, 0, 0 },
	{ "many", false, 0, 0 },
};

START_TEST(reads_a_limit)
{
	/* A count or a share, and nothing else; else it is left alone. */
	struct guard_limit limit = { .count = 123, .percent = 45 };
	bool good = guard_parse(limits[_i].text, &limit);

	ck_assert_int_eq(good, limits[_i].good);
	ck_assert_uint_eq(limit.count, good ? limits[_i].count : 123);
	ck_assert_uint_eq(limit.percent, good ? limits[_i].percent : 45);
}
END_TEST

static const struct {
	const char *limit; /* NULL: the default, not set by hand */
	size_t del_local;
	size_t del_remote;
	size_t local;
	size_t remote;
	size_t deletions; /* reported */
	bool tripped;
	bool emptied;
	bool on_remote;
} cases[] = {
	{ NULL, 0, 0, 0, 0, 0, false, false, false },
	{ NULL, 0, 0, 100, 100, 0, false, false, false },
	/* Both limits must be passed: 20 files, and 25 %. */
	{ NULL, 20, 0, 20, 20, 20, false, false, false },
	{ NULL, 21, 0, 21, 21, 21, true, false, false },
	{ NULL, 0, 21, 21, 21, 21, true, false, true },
	{ NULL, 21, 0, 84, 84, 21, false, false, false },
	{ NULL, 21, 0, 83, 83, 21, true, false, false },
	{ NULL, 0, 500, 1500, 2000, 500, false, false, true },
	{ NULL, 0, 501, 1500, 2000, 501, true, false, true },
	/* The share is of the side that would lose the files. */
	{ NULL, 0, 30, 10, 1000, 30, false, false, true },
	{ NULL, 30, 0, 100, 10, 30, true, false, false },
	/* The worse side is the one that is told. */
	{ NULL, 22, 30, 1000, 1000, 30, false, false, true },
	{ NULL, 30, 22, 1000, 1000, 30, false, false, false },
	{ NULL, 22, 30, 22, 1000, 22, true, false, false },
	{ NULL, 30, 22, 1000, 22, 22, true, false, true },
	{ NULL, 30, 22, 30, 22, 30, true, false, false },
	/* A side that lost all its files, at least two, trips always. */
	{ NULL, 0, 1, 0, 1, 1, false, false, true },
	{ NULL, 0, 2, 0, 2, 2, true, true, true },
	{ NULL, 0, 2, 0, 1000, 2, true, true, true },
	{ NULL, 0, 2, 1, 2, 2, false, false, true },
	{ NULL, 1, 0, 1, 0, 1, false, false, false },
	{ NULL, 2, 0, 2, 0, 2, true, true, false },
	{ NULL, 0, 100, 0, 100, 100, true, true, true },
	/* ... but not against a limit that somebody set. */
	{ "7", 0, 2, 0, 2, 2, false, false, true },
	{ "7", 7, 0, 7, 0, 7, false, false, false },
	{ "7", 8, 0, 1000, 0, 8, true, false, false },
	{ "0", 1, 0, 1000, 1000, 1, true, false, false },
	{ "0", 0, 0, 10, 10, 0, false, false, false },
	{ "30%", 3, 0, 10, 10, 3, false, false, false },
	{ "30%", 4, 0, 10, 10, 4, true, false, false },
	{ "30%", 0, 4, 10, 10, 4, true, false, true },
	{ "100%", 10, 0, 10, 0, 10, false, false, false },
	{ "0%", 1, 0, 100, 100, 1, true, false, false },
};

/* A plan with these deletions among moves, clashes and other things. */
static size_t
fill(struct action *v, size_t del_local, size_t del_remote)
{
	static const enum action_type others[] = { ACTION_SEND, ACTION_FETCH,
		ACTION_MOVE_REMOTE, ACTION_MOVE_LOCAL, ACTION_FORGET,
		ACTION_LEAVE, ACTION_LET_GO, ACTION_ADOPT };
	size_t n = 0, i;

	for (i = 0; i < 40; i++)
		v[n++].what.type = others[i % 8];
	for (i = 0; i < del_local; i++) {
		v[n].what.reason = i % 2 == 0 ? REASON_CLASH : REASON_DELETED;
		v[n++].what.type = ACTION_DELETE_LOCAL;
	}
	for (i = 0; i < del_remote; i++) {
		v[n].what.conflict = i % 2 == 0;
		v[n++].what.type = ACTION_DELETE_REMOTE;
	}
	return n;
}

START_TEST(checks_a_plan)
{
	/* Only deletions count, whatever their reason, against each limit. */
	static struct action v[2000];
	struct guard_limit limit = GUARD_DEFAULT;
	struct guard_verdict verdict;
	struct plan plan = { .v = v };

	plan.n = fill(v, cases[_i].del_local, cases[_i].del_remote);
	if (cases[_i].limit != NULL)
		ck_assert(guard_parse(cases[_i].limit, &limit));
	guard_check(&plan, &(struct guard_side){ cases[_i].local, 0 },
	    &(struct guard_side){ cases[_i].remote, 0 }, &limit,
	    cases[_i].limit != NULL, &verdict);
	ck_assert_int_eq(verdict.tripped, cases[_i].tripped);
	ck_assert_int_eq(verdict.emptied, cases[_i].emptied);
	ck_assert_int_eq(verdict.remote, cases[_i].on_remote);
	ck_assert_uint_eq(verdict.deletions, cases[_i].deletions);
	ck_assert_uint_eq(verdict.files,
	    cases[_i].on_remote ? cases[_i].remote : cases[_i].local);
}
END_TEST

/* What went shortly before counts, but only with something that is to go. */
START_TEST(counts_what_is_gone)
{
	static struct action v[2000];
	const struct guard_limit limit = GUARD_DEFAULT;
	const struct guard_side most = { 80, 20 }, all = { 100, 0 };
	struct guard_verdict verdict;
	struct plan plan = { .v = v };
	size_t n;

	for (n = 0; n < 12; n++) {
		plan.n = fill(v, 0, n);
		guard_check(&plan, &all, &most, &limit, false, &verdict);
		/* 20 and n are more than a quarter of 100. */
		ck_assert_int_eq(verdict.tripped, n > 5);
		ck_assert_uint_eq(verdict.deletions, n);
		ck_assert_uint_eq(verdict.gone, n > 0 ? 20 : 0);
		plan.n = fill(v, n, 0);
		guard_check(&plan, &most, &all, &limit, false, &verdict);
		ck_assert_int_eq(verdict.tripped, n > 5);
	}
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *s = suite_create("core guard");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, reads_a_limit, 0, COUNT(limits));
	tcase_add_loop_test(t, checks_a_plan, 0, COUNT(cases));
	tcase_add_test(t, counts_what_is_gone);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
