/* SPDX-License-Identifier: MIT */
/* dsync log: every change that was made here by a run, the newest first. */
#include "config.h"

#include <limits.h>
#include <stdio.h>

#include "command.h"
#include "history.h"
#include "json.h"
#include "options.h"
#include "store/activity.h"
#include "util/str.h"

static void
print_json(const struct activity *a)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("log"));
	json_put_time(o, "time", a->when);
	json_object_set_new(o, "run", json_string(a->run));
	json_object_set_new(o, "what", json_string(a->what));
	json_put_path(o, "path", a->path);
	json_put_path(o, "from", a->from);
	json_put_path(o, "who", a->who);
	json_put_path(o, "why", a->why);
	if (a->has_before)
		json_put_hash(o, "before", &a->before);
	if (a->has_after)
		json_put_hash(o, "after", &a->after);
	json_print(o);
}

static void
print_line(const struct activity *a)
{
	char when[HISTORY_TIME], hash[HISTORY_HASH], shown[STR_SHOW];

	printf("%s  %-6s  ", history_time(when, a->when), a->what);
	if (a->from != NULL)
		printf("%s => ", str_show(shown, a->from));
	fputs(str_show(shown, a->path), stdout);
	printf("  (%s", str_show(shown, a->who));
	printf(": %s)", str_show(shown, a->why));
	if (a->has_before || a->has_after) {
		printf("  %s",
		    a->has_before ? history_hash(hash, &a->before) : "-");
		printf(" %s",
		    a->has_after ? history_hash(hash, &a->after) : "-");
	}
	putchar('\n');
}

static enum status
on_activity(void *ctx, const struct activity *a, struct err *err)
{
	struct history_list *log = ctx;

	(void)err;
	if (!history_asked(log->history, a->path) &&
	    !history_asked(log->history, a->from))
		return ST_OK;
	log->any = true;
	if (log->json)
		print_json(a);
	else
		print_line(a);
	return ST_OK;
}

static enum status
on_journal(void *ctx, struct db *db, struct err *err)
{
	return activity_each(db, NULL, UINT_MAX, on_activity, ctx, err);
}

static enum exitcode
run_log(const struct invocation *inv)
{
	return history_list(inv, on_journal, NULL);
}

const struct command cmd_log = {
	.name = "log",
	.args = "[OPTION]... [PATH]",
	.what = "what was changed: when, by whom, why",
	.more =
	    "PATH is a file, or a folder (this one if there is none).  The newest change\n"
	    "comes first.  The two hashes are those of the contents before and after.\n",
	.groups = OPTIONS_ALL,
	.max_args = 1,
	.run = run_log,
};
