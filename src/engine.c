/* SPDX-License-Identifier: MIT */
/*
 * The bytes of both go through a wire, so only what is done with them is
 * asked of the side itself.
 */
#include "config.h"

#include "engine.h"

#include "net/loop.h"
#include "sync/ask.h"
#include "sync/client.h"
#include "sync/peer.h"
#include "sync/wire.h"

/* One of the three, the others are NULL. */
struct engine {
	struct wire *wire;
	struct ask *ask;
	struct client *client;
	struct peer *peer;
};

static enum status
on_input(void *ctx, const void *data, size_t len, struct err *err)
{
	return wire_input(((struct engine *)ctx)->wire, data, len, err);
}

static void
on_ended(void *ctx)
{
	wire_input_ended(((struct engine *)ctx)->wire);
}

static const uint8_t *
on_output(void *ctx, size_t *ret_len)
{
	return wire_output(((struct engine *)ctx)->wire, ret_len);
}

static void
on_sent(void *ctx, size_t len)
{
	wire_sent(((struct engine *)ctx)->wire, len);
}

static enum status
on_step(void *ctx, bool *ret_done, struct err *err)
{
	struct engine *e = ctx;

	if (e->ask != NULL)
		return ask_step(e->ask, ret_done, err);
	return e->client != NULL ? client_step(e->client, ret_done, err) :
				   peer_step(e->peer, ret_done, err);
}

static bool
on_busy(void *ctx)
{
	struct engine *e = ctx;

	if (e->ask != NULL)
		return false;
	return e->client != NULL ? client_busy(e->client) : peer_busy(e->peer);
}

static int64_t
on_due(void *ctx)
{
	struct engine *e = ctx;

	if (e->ask != NULL)
		return INT64_MAX;
	return e->client != NULL ? client_due(e->client) : peer_due(e->peer);
}

static int
on_fd(void *ctx)
{
	struct engine *e = ctx;

	if (e->ask != NULL)
		return -1;
	return e->client != NULL ? client_fd(e->client) : peer_fd(e->peer);
}

static bool
on_greeted(void *ctx)
{
	return wire_greeted(((struct engine *)ctx)->wire);
}

static enum status
on_beat(void *ctx, struct err *err)
{
	return wire_beat(((struct engine *)ctx)->wire, err);
}

static uint64_t
on_rate(void *ctx, bool out)
{
	struct engine *e = ctx;

	if (e->ask != NULL)
		return 0;
	if (e->client != NULL)
		return client_rate(e->client);
	return out ? peer_rate_out(e->peer) : peer_rate_in(e->peer);
}

static void
on_press(void *ctx, bool harder)
{
	wire_press(((struct engine *)ctx)->wire, harder);
}

/* The other side is told.  A client's person must know on which side it was. */
static void
on_fail(void *ctx, const struct err *why)
{
	struct engine *e = ctx;
	struct err there;

	if (e->client != NULL) {
		wire_fail(e->wire, why);
		return;
	}
	(void)!err_set(&there, why->code == ST_SIGNAL ? ST_LINK : why->code,
	    "on the server: %s", why->text);
	wire_fail(e->wire, &there);
}

static const struct loop_engine ops = {
	.input = on_input,
	.ended = on_ended,
	.output = on_output,
	.sent = on_sent,
	.step = on_step,
	.busy = on_busy,
	.due = on_due,
	.fd = on_fd,
	.greeted = on_greeted,
	.beat = on_beat,
	.rate = on_rate,
	.press = on_press,
	.fail = on_fail,
};

enum status
engine_run_client(struct env *env, const struct loop_opts *opts,
    struct client *client, struct err *err)
{
	struct engine e = { .wire = client_wire(client), .client = client };

	return loop_run(env, opts, &ops, &e, err);
}

enum status
engine_run_ask(struct env *env, const struct loop_opts *opts, struct ask *ask,
    struct err *err)
{
	struct engine e = { .wire = ask_wire(ask), .ask = ask };

	return loop_run(env, opts, &ops, &e, err);
}

enum status
engine_run_peer(struct env *env, const struct loop_opts *opts,
    struct peer *peer, struct err *err)
{
	struct engine e = { .wire = peer_wire(peer), .peer = peer };

	return loop_run(env, opts, &ops, &e, err);
}
