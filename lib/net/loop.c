/* SPDX-License-Identifier: MIT */
/*
 * One ppoll over the link and the stop signal.  The engine is stepped once
 * for all that came in; input is left in the kernel while a lot waits to go
 * out, so a slow reader holds the other side back instead of our memory.
 */
#include "config.h"

#include "net/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "util/auto.h"
#include "util/env.h"

#define LOOP_READ     (256 * 1024)
#define LOOP_MUCH     (8u * 1024 * 1024) /* waiting output that stops input */
#define LOOP_FAREWELL (NSEC / 2) /* for the last words after an error */
#define LOOP_HEAR     64 /* reads of the other side's */

struct loop {
	struct env *env;
	const struct loop_opts *opts;
	const struct loop_engine *engine;
	void *ctx;
	uint8_t *piece;
	bool done;
	bool input_open;
	int64_t heard; /* ticks of the last byte in or out */
};

static size_t
waiting(const struct loop *loop)
{
	size_t len;

	loop->engine->output(loop->ctx, &len);
	return len;
}

static enum status
write_some(struct loop *loop, struct err *err)
{
	const uint8_t *data;
	size_t len;
	ssize_t n;

	data = loop->engine->output(loop->ctx, &len);
	if (len == 0)
		return ST_OK;
	n = write(loop->opts->out, data, len);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return ST_OK;
	if (n == -1)
		return err_set(err, ST_LINK, "the connection was closed");
	loop->engine->sent(loop->ctx, (size_t)n);
	loop->heard = env_ticks(loop->env);
	return ST_OK;
}

static enum status
read_some(struct loop *loop, struct err *err)
{
	ssize_t n = read(loop->opts->in, loop->piece, LOOP_READ);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return ST_OK;
	if (n <= 0) {
		loop->input_open = false;
		loop->engine->ended(loop->ctx);
		return ST_OK;
	}
	loop->heard = env_ticks(loop->env);
	return loop->engine->input(loop->ctx, loop->piece, (size_t)n, err);
}

static int
aside(const struct loop *loop)
{
	return loop->opts->aside == NULL ?
	    -1 :
	    loop->opts->aside(loop->opts->aside_ctx);
}

/* Waits for something to do; at most `longest` ns, for ever if negative. */
static enum status
wait(struct loop *loop, int64_t longest, bool *ret_readable, struct err *err)
{
	size_t out = waiting(loop);
	bool reading = loop->input_open && !loop->done && out < LOOP_MUCH;
	struct pollfd p[4] = {
		{ .fd = reading ? loop->opts->in : -1, .events = POLLIN },
		{ .fd = out > 0 ? loop->opts->out : -1, .events = POLLOUT },
		{ .fd = loop->opts->stop, .events = POLLIN },
		{ .fd = aside(loop), .events = POLLIN },
	};
	struct timespec ts = { .tv_sec = longest / NSEC,
		.tv_nsec = longest % NSEC };

	*ret_readable = false;
	if (ppoll(p, 4, longest < 0 ? NULL : &ts, NULL) == -1) {
		if (errno == EINTR)
			return ST_OK;
		return err_sys(err, errno, "poll");
	}
	if (p[2].revents != 0)
		return err_set(err, ST_SIGNAL, "interrupted");
	*ret_readable = p[0].revents != 0;
	if (p[3].revents != 0)
		loop->opts->hear(loop->opts->aside_ctx);
	return ST_OK;
}

static enum status
turn(struct loop *loop, struct err *err)
{
	int64_t timeout = loop->opts->timeout;
	bool readable;
	enum status st;

	if (!loop->done && !loop->input_open)
		return err_set(err, ST_LINK,
		    "the other side closed the connection");
	st = wait(loop,
	    loop->engine->busy(loop->ctx) ? 0 :
		timeout > 0		  ? timeout :
					    -1,
	    &readable, err);
	if (st == ST_OK)
		st = write_some(loop, err);
	if (st == ST_OK && readable)
		st = read_some(loop, err);
	if (st == ST_OK && timeout > 0 &&
	    env_ticks(loop->env) - loop->heard >= timeout)
		st = err_set(err, ST_TIMEOUT, "no answer for %lld s",
		    (long long)(timeout / NSEC));
	return st;
}

/* After an error: the engine may have left a word of why for the other side. */
static void
farewell(struct loop *loop)
{
	int64_t end = env_ticks(loop->env) + LOOP_FAREWELL;
	struct err ignored;
	struct pollfd p = { .fd = loop->opts->out, .events = POLLOUT };

	while (waiting(loop) > 0 && env_ticks(loop->env) < end) {
		if (poll(&p, 1, 100) <= 0 || (p.revents & POLLOUT) == 0)
			return;
		if (write_some(loop, &ignored) != ST_OK)
			return;
	}
}

/*
 * The link broke while this side spoke.  What the other side had said before
 * it went may be why; if not, err stays as it is.
 */
static enum status
hear_out(struct loop *loop, struct err *err)
{
	struct pollfd p = { .fd = loop->opts->in, .events = POLLIN };
	enum status st = ST_OK;
	struct err why;
	int i;

	for (i = 0; i < LOOP_HEAR && st == ST_OK && loop->input_open &&
	     poll(&p, 1, 0) > 0;
	     i++)
		st = read_some(loop, &why);
	if (st == ST_OK && i > 0 && !loop->done)
		st = loop->engine->step(loop->ctx, &loop->done, &why);
	if (st == ST_OK || st == ST_LINK)
		return ST_LINK;
	*err = why;
	return st;
}

static enum status
run(struct loop *loop, struct err *err)
{
	enum status st = ST_OK;
	size_t had;

	while (st == ST_OK && !(loop->done && waiting(loop) == 0)) {
		if (!loop->done)
			st = loop->engine->step(loop->ctx, &loop->done, err);
		had = waiting(loop);
		if (st == ST_OK && had > 0)
			st = write_some(loop, err);
		/* All is out: an engine that had held back may have more. */
		if (st == ST_OK &&
		    !(waiting(loop) == 0 && (had > 0 || loop->done)))
			st = turn(loop, err);
	}
	if (st == ST_LINK && loop->input_open)
		st = hear_out(loop, err);
	else if (st != ST_OK && st != ST_LINK)
		farewell(loop);
	return st;
}

static enum status
set_nonblocking(int fd, struct err *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return err_sys(err, errno, "descriptor %d", fd);
	return ST_OK;
}

enum status
loop_run(struct env *env, const struct loop_opts *opts,
    const struct loop_engine *engine, void *ctx, struct err *err)
{
	autofree uint8_t *piece = malloc(LOOP_READ);
	struct loop loop = { .env = env,
		.opts = opts,
		.engine = engine,
		.ctx = ctx,
		.piece = piece,
		.input_open = true,
		.heard = env_ticks(env) };
	enum status st;

	if (piece == NULL)
		return err_nomem(err);
	st = set_nonblocking(opts->in, err);
	if (st == ST_OK)
		st = set_nonblocking(opts->out, err);
	return st == ST_OK ? run(&loop, err) : st;
}
