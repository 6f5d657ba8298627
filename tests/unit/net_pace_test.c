/* SPDX-License-Identifier: MIT */
/* Who waits for whom, by a clock that is made up. */
#include "config.h"

#include "net/pace.h"
#include "unit.h"
#include "util/env.h"

#define MS (NSEC / 1000)

static const struct {
	int64_t span, waited;
	size_t sent;
	int verdict;
} spans[] = {
	{ 199 * MS, 199 * MS, 1 << 26, 0 }, /* too short to tell */
	{ 200 * MS, 150 * MS, 1 << 19, 1 },
	{ 200 * MS, 150 * MS, 1 << 20, 0 }, /* who is slow is not the link */
	{ 200 * MS, 150 * MS, 10, 1 }, /* a link so slow that little went */
	{ 200 * MS, 80 * MS, 1 << 26, 0 }, /* neither */
	{ 200 * MS, 10 * MS, 1 << 26, -1 },
	{ 200 * MS, 10 * MS, 1 << 20, 0 }, /* it may be in a buffer yet */
	{ 60 * NSEC, 150 * MS, 1 << 26, -1 }, /* mostly something else */
	{ 60 * NSEC, 0, 0, 0 },
};

START_TEST(verdicts)
{
	struct pace pace = { .began = 5 * NSEC };

	pace_waited(&pace, spans[_i].waited / 2);
	pace_waited(&pace, spans[_i].waited - spans[_i].waited / 2);
	pace_sent(&pace, spans[_i].sent);
	ck_assert_int_eq(pace_judge(&pace, 5 * NSEC + spans[_i].span),
	    spans[_i].verdict);
	/* A span that is judged is over. */
	ck_assert_int_eq(pace_judge(&pace, 6 * NSEC + spans[_i].span),
	    _i == 0 ? -1 : 0);
}
END_TEST

/* Quick counts together, up to the next time that somebody waits. */
START_TEST(quick)
{
	struct pace pace = { .began = 0 };
	int64_t now = 0;
	int i, verdict = 0;

	for (i = 0; i < 64 && verdict == 0; i++) {
		pace_sent(&pace, 1 << 20);
		if (_i == 1 && i % 20 == 19)
			pace_waited(&pace, 100 * MS);
		verdict = pace_judge(&pace, now += 200 * MS);
	}
	ck_assert_int_eq(verdict, _i == 0 ? -1 : 0);
	ck_assert_int_eq(i, _i == 0 ? 32 : 64);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("net_pace");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, verdicts, 0,
	    (int)(sizeof(spans) / sizeof(spans[0])));
	tcase_add_loop_test(t, quick, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
