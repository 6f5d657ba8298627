/* SPDX-License-Identifier: MIT */
/* Who is still there: beats, deadlines, and verdicts by a clock of ours. */
#include "config.h"

#include <limits.h>

#include "looping.h"

/* What happens in the steps of a run, each of which takes a second. */
static struct {
	int nap_step; /* this one takes 100 s more */
	int says, hears; /* a byte out, or in, every so many; 0: not */
	size_t drains; /* bytes that the other side takes in each */
} life;

/* A second goes by, and what is to happen in it. */
static void
live(void)
{
	uint8_t taken[65536];
	size_t left = life.drains;
	ssize_t n = 1;

	te.now += e.steps == life.nap_step ? 101 * NSEC : NSEC;
	if (life.says > 0 && e.steps % life.says == 0)
		ck_assert_int_eq(buf_put(&e.out, "o", 1), ST_OK);
	if (life.hears > 0 && e.steps % life.hears == 0)
		ck_assert_int_eq(write(theirs, "i", 1), 1);
	while (left > 0 && n > 0) {
		n = recv(theirs, taken,
		    left < sizeof(taken) ? left : sizeof(taken), MSG_DONTWAIT);
		left -= n > 0 ? (size_t)n : 0;
	}
}

/* A busy engine, each step of which takes a second of a clock of ours. */
static enum status
run_virtual(struct loop_opts opts, int64_t *ret_took)
{
	int64_t start = te.now;
	enum status st;

	te.env.ops = &testenv_ops;
	opts.in = opts.out = ours;
	opts.stop = -1;
	e.busy = INT_MAX;
	e.live = live;
	st = loop_run(&te.env, &opts, &ops, &e, &err);
	*ret_took = (te.now - start) / NSEC;
	return st;
}

static const struct {
	int says, hears, beats;
} talks[] = { { 0, 0, 6 }, { 5, 0, 6 }, { 0, 5, 6 }, { 5, 5, 0 }, { 14, 14, 0 },
	{ 20, 20, 5 } };

/* Silence of either side asks for a beat every 15 s; talk does not. */
START_TEST(beats)
{
	int64_t took;

	life.says = talks[_i].says;
	life.hears = talks[_i].hears;
	e.last_step = 101;
	ck_assert_int_eq(run_virtual((struct loop_opts){ .beat = LOOP_BEAT },
			     &took),
	    ST_OK);
	ck_assert_int_eq(e.beats, talks[_i].beats);
}
END_TEST

/* No beat where none is of use: to a stranger, or behind what waits. */
START_TEST(no_beats)
{
	int64_t took;

	e.stranger = _i == 0;
	if (_i == 0)
		e.last_step = 100;
	else
		put(LARGE);
	ck_assert_int_eq(run_virtual((struct loop_opts){ .beat = LOOP_BEAT,
					 .timeout = LOOP_TIMEOUT },
			     &took),
	    _i == 0 ? ST_OK : ST_TIMEOUT);
	ck_assert_int_eq(e.beats, 0);
}
END_TEST

/* A dead link is noticed after 45 s, whatever is still sent into it. */
START_TEST(dead)
{
	int64_t took;

	life.says = _i;
	ck_assert_int_eq(run_virtual((struct loop_opts){ .beat = LOOP_BEAT,
					 .timeout = LOOP_TIMEOUT },
			     &took),
	    ST_TIMEOUT);
	ck_assert_str_eq(err.text, "no answer for 45 s");
	ck_assert_int_ge(took, 45);
	ck_assert_int_le(took, 47);
	ck_assert_int_eq(e.failed, 1);
	ck_assert_int_eq(e.why, ST_TIMEOUT);
}
END_TEST

/* One that only answers beats is alive. */
START_TEST(alive)
{
	int64_t took;

	life.hears = 40;
	e.last_step = 300;
	ck_assert_int_eq(run_virtual((struct loop_opts){ .beat = LOOP_BEAT,
					 .timeout = LOOP_TIMEOUT },
			     &took),
	    ST_OK);
	ck_assert_int_ge(e.beats, 10);
}
END_TEST

/* Who is to be patient for less than three beats beats sooner. */
START_TEST(short_timeout)
{
	int64_t took;

	ck_assert_int_eq(run_virtual((struct loop_opts){ .beat = LOOP_BEAT,
					 .timeout = 9 * NSEC },
			     &took),
	    ST_TIMEOUT);
	ck_assert_int_eq(e.beats, 2);
	ck_assert_int_le(took, 11);
}
END_TEST

/*
 * Stopped for 100 s (a shell's ^Z, a lid that was closed): what waits is read
 * first, and the time is not held against the other side.
 */
START_TEST(stopped_ourselves)
{
	int64_t took;

	life.nap_step = 20;
	e.wanted = 100;
	if (_i == 1)
		life.hears = 20;
	ck_assert_int_eq(run_virtual((struct loop_opts){ .beat = LOOP_BEAT,
					 .timeout = LOOP_TIMEOUT },
			     &took),
	    _i == 0 ? ST_TIMEOUT : ST_OK);
	if (_i == 0)
		ck_assert_int_ge(took, 144);
}
END_TEST

/* What goes out counts where what comes in is not read. */
START_TEST(held_up)
{
	int64_t took;

	put(LARGE);
	e.wanted = 1000;
	life.drains = 100000;
	life.hears = 10;
	e.fail_step = 180;
	ck_assert_int_eq(run_virtual((struct loop_opts){ .beat = LOOP_BEAT,
					 .timeout = LOOP_TIMEOUT },
			     &took),
	    ST_IO);
	ck_assert_uint_eq(e.got, 17);
	ck_assert_int_eq(e.beats, 0);
}
END_TEST

/* A greeting must be whole in time, however many bytes of it come. */
START_TEST(greeting)
{
	int64_t took;

	e.stranger = true;
	life.hears = 1;
	e.wanted = _i == 0 ? 1000 : 25;
	e.last_step = 200;
	ck_assert_int_eq(run_virtual((struct loop_opts){ .greet = 30 * NSEC,
					 .timeout = LOOP_TIMEOUT },
			     &took),
	    _i == 0 ? ST_CONNECT : ST_OK);
	if (_i == 1)
		return;
	ck_assert_ptr_nonnull(strstr(err.text, "HELLO within 30 s"));
	ck_assert_int_ge(took, 30);
	ck_assert_int_le(took, 32);
	ck_assert_int_eq(e.failed, 1);
}
END_TEST

/* One that came while we were stopped is in time. */
START_TEST(greeted_meanwhile)
{
	int64_t took;

	e.stranger = true;
	life.nap_step = 1;
	life.hears = 2;
	e.last_step = 40;
	ck_assert_int_eq(run_virtual((struct loop_opts){ .greet = 30 * NSEC },
			     &took),
	    ST_OK);
	ck_assert_uint_gt(e.got, 0);
}
END_TEST

/* The waiting itself: an idle engine is woken for a beat, and the verdict. */
START_TEST(woken)
{
	const struct loop_opts opts = { .in = ours,
		.out = ours,
		.stop = -1,
		.beat = NSEC,
		.timeout = NSEC * 3 / 10 };

	ck_assert_int_eq(loop_run(&te.env, &opts, &ops, &e, &err), ST_TIMEOUT);
	ck_assert_int_ge(e.beats, 1);
	ck_assert_int_le(e.steps, 12);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("net_loop_beat");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, beats, 0, 6);
	tcase_add_loop_test(t, no_beats, 0, 2);
	tcase_add_loop_test(t, dead, 0, 2);
	tcase_add_test(t, alive);
	tcase_add_test(t, short_timeout);
	tcase_add_loop_test(t, stopped_ourselves, 0, 2);
	tcase_add_test(t, held_up);
	tcase_add_loop_test(t, greeting, 0, 2);
	tcase_add_test(t, greeted_meanwhile);
	tcase_add_test(t, woken);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
