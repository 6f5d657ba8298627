/* SPDX-License-Identifier: MIT */
/*
 * dsync SRC DST, for fingers that know rsync: a one-way copy in the order
 * typed.  A word that is no command ends up here, too, and is told apart.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "options.h"
#include "output.h"
#include "run.h"
#include "util/str.h"

/* "dsync statsu notes": two words, and the first is no folder's name. */
static bool
is_misspelt(const struct invocation *inv)
{
	const char *first = inv->args[0];

	return inv->n_args != 2 ||
	    (strpbrk(first, "/:") == NULL && access(first, F_OK) == -1);
}

static enum exitcode
refuse(const struct invocation *inv)
{
	char shown[STR_SHOW];
	struct err err;

	if (inv->n_args == 0)
		(void)!err_set(&err, ST_USAGE,
		    "a command or two folders are missing; see dsync --help");
	else
		(void)!err_set(&err, ST_USAGE,
		    "%s: no such command; see dsync --help",
		    str_show(shown, inv->args[0]));
	return output_fail(inv, &err);
}

static enum exitcode
run_copy(const struct invocation *inv)
{
	static const struct run_kind kind = {
		.sides = { .order = SIDES_CLIENT_FIRST,
		    .make_second = true,
		    .as_typed = true },
		.direction = DIRECTION_PUSH,
		.copy = true,
	};
	const struct options *o = inv->options;

	if (inv->n_args == 0 || is_misspelt(inv))
		return refuse(inv);
	if (!o->quiet && !o->json)
		fputs("dsync: copying one way; \"dsync sync\" keeps two "
		      "folders the same, both ways\n",
		    stderr);
	return run(inv, &kind);
}

const struct command cmd_copy = {
	.name = "",
	.args = "[OPTION]... SOURCE TARGET",
	.what = "one way, once, as rsync does it; nothing is deleted",
	.more =
	    "With no command: makes what is in SOURCE equal in TARGET.  What only TARGET\n"
	    "has stays, unless --delete is given.  Displaced versions are kept.\n",
	.groups = OPTIONS_ALL | OPTIONS_RUN | OPTIONS_LINK | OPTIONS_CHANGE |
	    OPTIONS_ONE_WAY,
	.max_args = SIZE_MAX,
	.run = run_copy,
};
