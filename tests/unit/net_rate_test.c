/* SPDX-License-Identifier: MIT */
/* So many bytes a second, by a clock that is made up. */
#include "config.h"

#include "net/rate.h"
#include "unit.h"
#include "util/env.h"

#define START (77 * NSEC)

static const uint64_t limits[] = { 1, 3, 19, 20, 1000, 1024, 100 * 1024,
	123456789, (uint64_t)1 << 30, RATE_MOST };

/* Sleeps until more may go, whenever nothing may; what went within `ns`. */
static uint64_t
run(uint64_t limit, size_t piece, int64_t ns, unsigned *ret_wakes)
{
	struct rate rate;
	uint64_t gone = 0;
	int64_t now = START;
	size_t n;

	*ret_wakes = 0;
	rate_start(&rate, limit, now);
	while (now < START + ns) {
		n = rate_allows(&rate, now);
		if (n == 0) {
			ck_assert_int_gt(rate_due(&rate), now);
			now = rate_due(&rate);
			++*ret_wakes;
			continue;
		}
		n = n < piece ? n : piece;
		rate_spend(&rate, n);
		gone += n;
	}
	return gone;
}

/* Over ten seconds it is what was wanted, but for a tenth of a second. */
START_TEST(as_wanted)
{
	const uint64_t limit = limits[_i];
	unsigned wakes;
	uint64_t gone = run(limit, SIZE_MAX, 10 * NSEC, &wakes);

	ck_assert_uint_ge(gone, limit * 10 - limit / 10 - 1);
	ck_assert_uint_le(gone, limit * 10 + limit / 10 + 1);
	/* And for that nobody is woken more often than 20 times a second. */
	ck_assert_uint_le(wakes, 201);
}
END_TEST

/* The same however small the pieces are in which it goes. */
START_TEST(in_pieces)
{
	unsigned wakes;

	ck_assert_uint_eq(run(10240, 7, 10 * NSEC, &wakes),
	    run(10240, SIZE_MAX, 10 * NSEC, &wakes));
}
END_TEST

/* What was not used is worth a tenth of a second, however long that was. */
START_TEST(no_flood)
{
	struct rate rate;

	rate_start(&rate, 1000, START);
	ck_assert_uint_eq(rate_allows(&rate, START), 50);
	ck_assert_uint_eq(rate_allows(&rate, START + NSEC / 20 - 1), 50);
	ck_assert_uint_eq(rate_allows(&rate, START + NSEC / 20), 100);
	ck_assert_uint_eq(rate_allows(&rate, START + 3600 * NSEC), 100);
	rate_spend(&rate, 100);
	ck_assert_uint_eq(rate_allows(&rate, START + 3600 * NSEC), 0);
	ck_assert_int_eq(rate_due(&rate), START + 3600 * NSEC + NSEC / 20);
	ck_assert_uint_eq(rate_allows(&rate, rate_due(&rate)), 50);
}
END_TEST

/* Looked at in odd moments, no byte is lost: what is left over counts later. */
START_TEST(odd_moments)
{
	struct rate rate;
	uint64_t gone = 0;
	int64_t now = START;
	size_t n;

	rate_start(&rate, 1111, now);
	for (; now < START + 100 * NSEC; now += 57654321) {
		n = rate_allows(&rate, now);
		rate_spend(&rate, n);
		gone += n;
	}
	ck_assert_uint_ge(gone, 111100 - 111);
	ck_assert_uint_le(gone, 111100 + 111);
}
END_TEST

/* More than was allowed: it is not counted against what comes. */
START_TEST(overspent)
{
	struct rate rate;

	rate_start(&rate, 1000, START);
	rate_spend(&rate, 1000000);
	ck_assert_uint_eq(rate_allows(&rate, START), 0);
	ck_assert_uint_eq(rate_allows(&rate, START + NSEC / 20), 50);
}
END_TEST

START_TEST(no_limit)
{
	const uint64_t none[] = { 0, RATE_MOST + 1, UINT64_MAX };
	struct rate rate;

	rate_start(&rate, none[_i], START);
	ck_assert(rate_allows(&rate, START) == SIZE_MAX);
	rate_spend(&rate, SIZE_MAX);
	ck_assert(rate_allows(&rate, START) == SIZE_MAX);
	ck_assert(rate_allows(&rate, INT64_MAX) == SIZE_MAX);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("net_rate");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, as_wanted, 0,
	    (int)(sizeof(limits) / sizeof(limits[0])));
	tcase_add_test(t, in_pieces);
	tcase_add_test(t, no_flood);
	tcase_add_test(t, odd_moments);
	tcase_add_test(t, overspent);
	tcase_add_loop_test(t, no_limit, 0, 3);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
