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
#include "engine.h"
#include "net/loop.h"
#include "options.h"
#include "output.h"
#include "signals.h"
#include "sync/peer.h"

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
	return exitcode_of(engine_run_peer(inv->env, &loop, peer, &err));
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
