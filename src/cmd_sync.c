/* SPDX-License-Identifier: MIT */
/* dsync sync: both ways, once. */
#include "config.h"

#include <limits.h>
#include <string.h>

#include "command.h"
#include "options.h"
#include "output.h"
#include "run.h"
#include "steer_ask.h"
#include "steer_show.h"
#include "sync/client.h"

/* What is asked for is what a watch does anyway. */
static bool
is_plain(const struct options *o)
{
	return !o->dry_run && !o->checksum && !o->have_guard &&
	    !o->have_conflict && !o->rebind && !o->hidden && o->n_rules == 0 &&
	    o->max_size == 0;
}

/* The folder is being watched, and synced with that very other one. */
static bool
is_watched(const struct invocation *inv, const struct sides *sides)
{
	char known[PATH_MAX];

	return sides->client.path != NULL && !sides->client.missing &&
	    steer_is_watched(inv->env, sides->client.path) &&
	    client_remembered(inv->env, sides->client.path, known,
		sizeof(known), NULL) == ST_OK &&
	    strcmp(known, side_name(&sides->server)) == 0;
}

/* Who watches holds the folder, and can do it: false if there is nobody. */
static bool
ask_watcher(const struct invocation *inv, const struct sides *sides,
    enum exitcode *ret)
{
	json_t *answer = NULL;
	enum status st;
	struct err err;

	if (!is_plain(inv->options) || !is_watched(inv, sides))
		return false;
	st = steer_ask(inv->env, sides->client.path, STEER_FLUSH, 0, -1,
	    &answer, &err);
	/* It has just ended. */
	if (st == ST_NOENT)
		return false;
	*ret = st == ST_OK ? steer_show(inv->options, STEER_FLUSH, answer) :
			     output_fail(inv, &err);
	json_decref(answer);
	return true;
}

static enum exitcode
run_sync(const struct invocation *inv)
{
	static const struct run_kind kind = {
		.sides = { .order = SIDES_SERVER_FIRST, .make_second = true },
		.direction = DIRECTION_BOTH,
		.instead = ask_watcher,
	};

	return run(inv, &kind);
}

const struct command cmd_sync = {
	.name = "sync",
	.args = "[OPTION]... [FOLDER] FOLDER",
	.what = "both ways, once",
	.more =
	    "Makes two folders the same.  The one named first plays the server; later\n"
	    "runs need only the other: dsync sync FOLDER.  HOST,HOST:/preset/NAME is the\n"
	    "first that there is a link to.\n",
	.groups = OPTIONS_ALL | OPTIONS_RUN | OPTIONS_LINK | OPTIONS_CHANGE,
	.max_args = 2,
	.run = run_sync,
};
