/* SPDX-License-Identifier: MIT */
/* dsync push: one way, once, from here to the target. */
#include "config.h"

#include "command.h"
#include "options.h"
#include "run.h"

static enum exitcode
run_push(const struct invocation *inv)
{
	static const struct run_kind kind = {
		.sides = { .order = SIDES_CLIENT_FIRST, .make_second = true },
		.direction = DIRECTION_PUSH,
	};

	return run(inv, &kind);
}

const struct command cmd_push = {
	.name = "push",
	.args = "[OPTION]... SOURCE [TARGET]",
	.what = "one way, once: SOURCE to TARGET",
	.more =
	    "Carries what changed in SOURCE to TARGET; what changed in TARGET stays.\n"
	    "Where both changed a file, SOURCE wins and the other version is kept.\n",
	.groups = OPTIONS_ALL | OPTIONS_RUN | OPTIONS_LINK | OPTIONS_CHANGE |
	    OPTIONS_ONE_WAY,
	.max_args = 2,
	.run = run_push,
};
