/* SPDX-License-Identifier: MIT */
/* The loop under a limit, by a clock of ours that moves with each look at it. */
#include "config.h"

#include <limits.h>

#include "looping.h"

#define TICK (NSEC / 100)

static size_t taken; /* by the other side */
static int looks;

/*
 * A hundredth of a second goes by with each look at the clock, of which there
 * is one a turn; so a turn is short, and no test has to wait for real.
 */
static int64_t
ticks(struct env *env)
{
	(void)env;
	looks++;
	return te.now += TICK;
}

static const struct env_ops moving = { .now = testenv_now,
	.ticks = ticks,
	.random = testenv_random,
	.fault = testenv_fault };

/* The other side takes all that came. */
static void
take(void)
{
	uint8_t data[65536];
	ssize_t n;

	while ((n = recv(theirs, data, sizeof(data), MSG_DONTWAIT)) > 0)
		taken += (size_t)n;
}

/* And says something, as much as goes. */
static void
chatter(void)
{
	static const uint8_t data[65536];

	take();
	while (send(theirs, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
}

/* A busy engine: the loop never waits. */
static enum status
run_moving(struct loop_opts opts, int64_t *ret_took)
{
	int64_t start = te.now;
	enum status st;

	te.env.ops = &moving;
	opts.in = opts.out = ours;
	opts.stop = -1;
	e.busy = INT_MAX;
	taken = 0;
	st = loop_run(&te.env, &opts, &ops, &e, &err);
	*ret_took = te.now - start;
	return st;
}

/* What goes out within ten seconds is ten seconds' worth, and comes steadily. */
START_TEST(out)
{
	int64_t took;

	put(LARGE);
	e.rate = 10000;
	e.live = take;
	e.fail_step = 1000;
	ck_assert_int_eq(run_moving((struct loop_opts){ 0 }, &took), ST_IO);
	take();
	ck_assert_uint_ge(taken, 98000);
	ck_assert_uint_le(taken, 108000);
}
END_TEST

/* All of it goes, the last of it too. */
START_TEST(all_out)
{
	int64_t took;

	put(3000);
	e.rate = 10000;
	e.live = take;
	e.last_step = 1;
	ck_assert_int_eq(run_moving((struct loop_opts){ 0 }, &took), ST_OK);
	take();
	ck_assert_uint_eq(taken, 3000);
	ck_assert_int_ge(took, NSEC / 4);
}
END_TEST

/* So it is with what comes in: the rest stays where it is. */
START_TEST(in)
{
	int64_t took;

	e.rate = 10000;
	e.wanted = SIZE_MAX;
	e.live = chatter;
	e.fail_step = 1000;
	ck_assert_int_eq(run_moving((struct loop_opts){ 0 }, &took), ST_IO);
	ck_assert_uint_ge(e.got, 98000);
	ck_assert_uint_le(e.got, 102000);
}
END_TEST

/* Each direction has its own limit, or none. */
START_TEST(one_way)
{
	int64_t took;

	put(1 << 20);
	e.rate = 10000;
	e.free_way = _i == 0 ? 'i' : 'o';
	e.wanted = SIZE_MAX;
	e.live = chatter;
	e.fail_step = 100;
	ck_assert_int_eq(run_moving((struct loop_opts){ 0 }, &took), ST_IO);
	ck_assert_uint_gt(_i == 0 ? e.got : taken, 100000);
	ck_assert_uint_lt(_i == 0 ? taken : e.got, 12000);
}
END_TEST

/* A slow link is no silence, even if patience is shorter than a slice. */
START_TEST(slow_is_alive)
{
	int64_t took;

	e.rate = 4;
	e.wanted = SIZE_MAX;
	e.stranger = _i == 1;
	e.live = chatter;
	e.fail_step = 2000;
	if (_i == 2)
		put(1 << 20);
	ck_assert_int_eq(run_moving((struct loop_opts){ .greet = NSEC,
					.timeout = NSEC / 10 },
			     &took),
	    ST_IO);
	ck_assert_uint_ge(e.got, 78);
	ck_assert_uint_le(e.got, 82);
}
END_TEST

/* One who is gone is noticed, in time, with output waiting or not. */
START_TEST(dead)
{
	int64_t took;

	e.rate = 10000;
	if (_i == 1) {
		put(1 << 20);
		e.live = take;
	}
	ck_assert_int_eq(run_moving((struct loop_opts){ .timeout = 5 * NSEC },
			     &took),
	    ST_TIMEOUT);
	ck_assert_int_ge(took, 5 * NSEC);
	ck_assert_int_le(took, 6 * NSEC);
}
END_TEST

static size_t waited; /* to go out, when the limit came */

static void
limit_later(void)
{
	take();
	if (e.steps == 20) {
		e.rate = 1000;
		waited = e.out.len;
	}
}

/* The engine may learn of a limit when the run has begun. */
START_TEST(later)
{
	int64_t took;

	put(LARGE);
	e.live = limit_later;
	e.fail_step = 1020;
	ck_assert_int_eq(run_moving((struct loop_opts){ 0 }, &took), ST_IO);
	ck_assert_uint_le(waited, LARGE - 100000);
	ck_assert_uint_ge(waited - e.out.len, 9800);
	ck_assert_uint_le(waited - e.out.len, 10800);
}
END_TEST

/* By a real clock: nothing is asked more often than 20 times a second. */
static int64_t
counted_ticks(struct env *env)
{
	looks++;
	return env_real_ops.ticks(env);
}

static const struct env_ops counting = { .now = testenv_now,
	.ticks = counted_ticks,
	.random = testenv_random,
	.fault = testenv_fault };

START_TEST(no_haste)
{
	const struct loop_opts opts = { .in = ours, .out = ours, .stop = -1 };

	te.env.ops = &counting;
	put(6000);
	e.rate = 10000;
	e.wanted = 0;
	looks = 0;
	ck_assert_int_eq(loop_run(&te.env, &opts, &ops, &e, &err), ST_OK);
	ck_assert_int_ge(looks, 6);
	ck_assert_int_le(looks, 60);
}
END_TEST

/* Last words keep to the limit, and are said if they can be. */
START_TEST(last_words)
{
	const struct loop_opts opts = { .in = ours, .out = ours, .stop = -1 };
	static char text[LARGE];
	ssize_t n;

	put(_i == 0 ? 20 : LARGE);
	e.rate = 10000;
	e.fail_step = 1;
	ck_assert_int_eq(loop_run(&te.env, &opts, &ops, &e, &err), ST_IO);
	n = read(theirs, text, sizeof(text) - 1);
	if (_i == 0)
		ck_assert_str_eq(text + 20, "last words");
	else
		ck_assert_int_le(n, 12000);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("net_loop_rate");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, out);
	tcase_add_test(t, all_out);
	tcase_add_test(t, in);
	tcase_add_loop_test(t, one_way, 0, 2);
	tcase_add_loop_test(t, slow_is_alive, 0, 3);
	tcase_add_loop_test(t, dead, 0, 2);
	tcase_add_test(t, later);
	tcase_add_test(t, no_haste);
	tcase_add_loop_test(t, last_words, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
