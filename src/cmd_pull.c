/* SPDX-License-Identifier: MIT */
/* dsync pull: one way, once, from the source to here. */
#include "config.h"

#include "command.h"
#include "options.h"
#include "run.h"

static enum exitcode
run_pull(const struct invocation *inv)
{
	static const struct run_kind kind = {
		.sides = { .order = SIDES_SERVER_FIRST, .make_second = true },
		.direction = DIRECTION_PULL,
	};

	return run(inv, &kind);
}

const struct command cmd_pull = {
	.name = "pull",
	.args = "[OPTION]... [SOURCE] TARGET",
	.what = "one way, once: SOURCE to TARGET, run by TARGET",
	.more =
	    "Carries what changed in SOURCE to TARGET; what changed in TARGET stays.\n"
	    "Where both changed a file, SOURCE wins and the other version is kept.\n",
	.groups = OPTIONS_ALL | OPTIONS_RUN | OPTIONS_LINK | OPTIONS_CHANGE |
	    OPTIONS_ONE_WAY,
	.max_args = 2,
	.run = run_pull,
};
