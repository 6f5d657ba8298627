/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_LOOPING_H
#define DSYNC_TESTS_UNIT_LOOPING_H

/* An engine for the loop, and a socket whose other end the test holds. */

#include <sys/socket.h>

#include <signal.h>
#include <stdlib.h>

#include "net/loop.h"
#include "testenv.h"
#include "unit.h"
#include "util/buf.h"

#define LARGE (20u << 20)

/* An engine that is done when it got `wanted` bytes, or as it is told. */
struct engine {
	struct buf out;
	size_t got, wanted; /* bytes */
	uint8_t sum; /* of what came */
	bool ended, done_at_end;
	int busy; /* steps that ask for another */
	int pieces; /* still to be made, each when the one before is out */
	int steps;
	int fail_step; /* this step fails, or 0 */
	bool refuse; /* input fails */
	bool stranger; /* not greeted before `wanted` bytes came */
	int beats;
	int failed; /* calls of fail() */
	enum status why;
	void (*live)(void); /* called in each step; or NULL */
	int last_step; /* done after so many; 0: not */
};

static struct engine e;
static struct testenv te;
static struct err err;
static int ours, theirs, stop[2];

static inline enum status
on_input(void *ctx, const void *data, size_t len, struct err *why)
{
	size_t i;

	(void)ctx;
	for (i = 0; i < len; i++)
		e.sum = (uint8_t)(e.sum + ((const uint8_t *)data)[i]);
	e.got += len;
	return e.refuse ? err_set(why, ST_PROTO, "not that") : ST_OK;
}

static inline void
on_ended(void *ctx)
{
	(void)ctx;
	e.ended = true;
}

static inline const uint8_t *
on_output(void *ctx, size_t *ret_len)
{
	(void)ctx;
	*ret_len = e.out.len;
	return buf_data(&e.out);
}

static inline void
on_sent(void *ctx, size_t len)
{
	(void)ctx;
	buf_take(&e.out, len);
}

static inline enum status
on_step(void *ctx, bool *ret_done, struct err *why)
{
	(void)ctx;
	if (e.busy > 0)
		e.busy--;
	if (e.pieces > 0 && e.out.len == 0) {
		ck_assert_int_eq(buf_put(&e.out, "piece", 5), ST_OK);
		e.pieces--;
	}
	e.steps++;
	if (e.live != NULL)
		e.live();
	if (e.last_step > 0)
		*ret_done = e.steps >= e.last_step;
	if (e.steps == e.fail_step) {
		ck_assert_int_eq(buf_put(&e.out, "last words", 10), ST_OK);
		return err_set(why, ST_IO, "step failed");
	}
	if (e.last_step == 0)
		*ret_done = e.pieces == 0 &&
		    (e.done_at_end ? e.ended : e.got >= e.wanted);
	return ST_OK;
}

static inline bool
on_busy(void *ctx)
{
	(void)ctx;
	return e.busy > 0;
}

static inline bool
on_greeted(void *ctx)
{
	(void)ctx;
	return !e.stranger || e.got >= e.wanted;
}

static inline enum status
on_beat(void *ctx, struct err *why)
{
	(void)ctx;
	(void)why;
	ck_assert_uint_eq(e.out.len, 0);
	e.beats++;
	return buf_put(&e.out, "beat", 4);
}

static inline void
on_fail(void *ctx, const struct err *why)
{
	(void)ctx;
	e.failed++;
	e.why = why->code;
	ck_assert_int_eq(buf_put(&e.out, "farewell", 8), ST_OK);
}

static const struct loop_engine ops = { on_input, on_ended, on_output, on_sent,
	on_step, on_busy, on_greeted, on_beat, on_fail };

/* The clock of the timeout is the real one, but where a test says so. */
static inline int64_t
real_ticks(struct env *env)
{
	return env_real_ops.ticks(env);
}

static const struct env_ops env_ops = { .now = testenv_now,
	.ticks = real_ticks,
	.random = testenv_random,
	.fault = testenv_fault };

static inline void
setup(void)
{
	int pair[2];

	signal(SIGPIPE, SIG_IGN);
	testenv_init(&te);
	te.env.ops = &env_ops;
	e = (struct engine){ .wanted = 1 };
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	ours = pair[0];
	theirs = pair[1];
	ck_assert_int_eq(pipe(stop), 0);
}

static inline void
teardown(void)
{
	buf_fini(&e.out);
	close(ours);
	if (theirs != -1)
		close(theirs);
	close(stop[0]);
	close(stop[1]);
}

static inline enum status
run(int64_t timeout)
{
	const struct loop_opts opts = { .in = ours,
		.out = ours,
		.stop = stop[0],
		.timeout = timeout };

	return loop_run(&te.env, &opts, &ops, &e, &err);
}

static inline void
put(size_t len)
{
	uint8_t *room = buf_room(&e.out, len);

	ck_assert_ptr_nonnull(room);
	memset(room, 'o', len);
	buf_added(&e.out, len);
}

#endif
