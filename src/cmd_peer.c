/* SPDX-License-Identifier: MIT */
/*
 * dsync peer: the server's side of one connection, on standard input and
 * output.  It tells its client what goes wrong and prints nothing itself; it
 * ends when its input ends.
 */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "net/loop.h"
#include "options.h"
#include "output.h"
#include "signals.h"
#include "sync/peer.h"
#include "sync/wire.h"

static enum status
engine_input(void *ctx, const void *data, size_t len, struct err *err)
{
	return wire_input(peer_wire(ctx), data, len, err);
}

static void
engine_ended(void *ctx)
{
	wire_input_ended(peer_wire(ctx));
}

static const uint8_t *
engine_output(void *ctx, size_t *ret_len)
{
	return wire_output(peer_wire(ctx), ret_len);
}

static void
engine_sent(void *ctx, size_t len)
{
	wire_sent(peer_wire(ctx), len);
}

static enum status
engine_step(void *ctx, bool *ret_done, struct err *err)
{
	return peer_step(ctx, ret_done, err);
}

static bool
engine_busy(void *ctx)
{
	return peer_busy(ctx);
}

static const struct loop_engine engine = {
	.input = engine_input,
	.ended = engine_ended,
	.output = engine_output,
	.sent = engine_sent,
	.step = engine_step,
	.busy = engine_busy,
};

static enum exitcode
run_peer(const struct invocation *inv)
{
	const struct peer_opts opts = { .home = getenv("HOME"),
		.access = ACCESS_FULL };
	struct loop_opts loop = { .in = STDIN_FILENO, .out = STDOUT_FILENO };
	AUTO(peer) struct peer *peer = NULL;
	struct err err;
	enum status st;

	if (isatty(STDIN_FILENO) == 1) {
		(void)!err_set(&err, ST_USAGE,
		    "peer: dsync starts this itself; see dsync --help");
		return output_fail(inv, &err);
	}
	st = signals_catch_peer(&loop.stop, &err);
	if (st == ST_OK)
		st = peer_new(inv->env, &opts, &peer, &err);
	if (st != ST_OK)
		return output_fail(inv, &err);
	return exitcode_of(loop_run(inv->env, &loop, &engine, peer, &err));
}

const struct command cmd_peer = {
	.name = "peer",
	.args = "",
	.what = "the other side of a connection; dsync starts it itself",
	.more = NULL,
	.groups = OPTIONS_ALL,
	.internal = true,
	.run = run_peer,
};
