/* SPDX-License-Identifier: MIT */
/* dsync verify: read all on both sides, compare, change nothing. */
#include "config.h"

#include "command.h"
#include "options.h"
#include "run.h"

static enum exitcode
run_verify(const struct invocation *inv)
{
	static const struct run_kind kind = {
		.sides = { .order = SIDES_SERVER_FIRST },
		.direction = DIRECTION_BOTH,
		.verify = true,
	};

	return run(inv, &kind);
}

const struct command cmd_verify = {
	.name = "verify",
	.args = "[OPTION]... [FOLDER] FOLDER",
	.what = "read and compare every file on both sides",
	.more =
	    "Trusts no journal and no time stamp, and changes nothing.  Exits with 41\n"
	    "if the two differ.\n",
	.groups = OPTIONS_ALL | OPTIONS_RUN | OPTIONS_LINK,
	.max_args = 2,
	.run = run_verify,
};
