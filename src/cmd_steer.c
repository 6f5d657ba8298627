/* SPDX-License-Identifier: MIT */
/* dsync pause, resume, flush: a word to the one who watches a folder. */
#include "config.h"

#include "command.h"
#include "history.h"
#include "options.h"
#include "output.h"
#include "signals.h"
#include "steer_ask.h"
#include "steer_show.h"
#include "util/env.h"

#define SOON (10 * NSEC) /* to pause or to go on takes no longer */

static enum status
ask(const struct invocation *inv, enum steer_what what, int64_t patience,
    json_t **ret, struct err *err)
{
	__attribute__((cleanup(auto_history))) struct history h = { 0 };
	int stop = -1;
	enum status st = history_find(inv, &h, err);

	if (st == ST_OK)
		st = signals_catch(&stop, err);
	if (st == ST_OK)
		st = steer_ask(inv->env, h.root, what, patience, stop, ret,
		    err);
	return st;
}

static enum exitcode
steer(const struct invocation *inv, enum steer_what what, int64_t patience)
{
	json_t *answer = NULL;
	struct err err;
	enum exitcode code;

	if (ask(inv, what, patience, &answer, &err) != ST_OK)
		return output_fail(inv, &err);
	code = steer_show(inv->options, what, answer);
	json_decref(answer);
	return code;
}

static enum exitcode
run_pause(const struct invocation *inv)
{
	return steer(inv, STEER_PAUSE, SOON);
}

static enum exitcode
run_resume(const struct invocation *inv)
{
	return steer(inv, STEER_RESUME, SOON);
}

static enum exitcode
run_flush(const struct invocation *inv)
{
	return steer(inv, STEER_FLUSH, inv->options->patience);
}

const struct command cmd_pause = {
	.name = "pause",
	.args = "[OPTION]... [FOLDER]",
	.what = "let go of a folder that is watched, for a while",
	.more =
	    "The connection is closed; nothing is synced until dsync resume.\n",
	.groups = OPTIONS_ALL,
	.max_args = 1,
	.run = run_pause,
};

const struct command cmd_resume = {
	.name = "resume",
	.args = "[OPTION]... [FOLDER]",
	.what = "go on watching after dsync pause",
	.more = "What was changed on both sides meanwhile is merged.\n",
	.groups = OPTIONS_ALL,
	.max_args = 1,
	.run = run_resume,
};

const struct command cmd_flush = {
	.name = "flush",
	.args = "[OPTION]... [FOLDER]",
	.what = "wait until a folder that is watched is in sync",
	.more =
	    "Returns when what was saved before, on either side, is on both.  Looks at\n"
	    "everything, so it finds also what no event tells.\n",
	.groups = OPTIONS_ALL | OPTIONS_FLUSH,
	.max_args = 1,
	.run = run_flush,
};
