/* SPDX-License-Identifier: MIT */
/* dsync sync: both ways, once. */
#include "config.h"

#include "command.h"
#include "options.h"
#include "run.h"

static enum exitcode
run_sync(const struct invocation *inv)
{
	static const struct run_kind kind = {
		.sides = { .order = SIDES_SERVER_FIRST, .make_second = true },
		.direction = DIRECTION_BOTH,
	};

	return run(inv, &kind);
}

const struct command cmd_sync = {
	.name = "sync",
	.args = "[OPTION]... [FOLDER] FOLDER",
	.what = "both ways, once",
	.more =
	    "Makes two folders the same.  The one named first plays the server; later\n"
	    "runs need only the other: dsync sync FOLDER.\n",
	.groups = OPTIONS_ALL | OPTIONS_RUN | OPTIONS_LINK | OPTIONS_CHANGE,
	.max_args = 2,
	.run = run_sync,
};
