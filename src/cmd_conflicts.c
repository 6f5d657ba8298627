/* SPDX-License-Identifier: MIT */
/* dsync conflicts: what was changed on both sides, and where the loser is. */
#include "config.h"

#include <stdio.h>

#include "command.h"
#include "history.h"
#include "json.h"
#include "options.h"
#include "quote.h"
#include "store/activity.h"
#include "util/str.h"

static void
print_json(const struct conflict *c)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("conflict"));
	json_put_time(o, "time", c->when);
	json_put_path(o, "path", c->path);
	json_object_set_new(o, "open", json_boolean(c->open));
	json_object_set_new(o, "kept_here", json_boolean(c->kept_local));
	json_put_path(o, "why", c->why);
	json_put_hash(o, c->open ? "ours" : "winner", &c->winner);
	json_put_hash(o, c->open ? "theirs" : "loser", &c->loser);
	json_print(o);
}

static void
print_line(const struct history_list *list, const struct conflict *c)
{
	char when[HISTORY_TIME], hash[HISTORY_HASH], shown[STR_SHOW];

	printf("%s  %s  %s", history_time(when, c->when),
	    c->open ? "open   " : "decided", str_show(shown, c->path));
	printf("  (%s)  ", str_show(shown, c->why));
	if (c->open) {
		printf("here %s, there ", history_hash(hash, &c->winner));
		printf("%s\n", history_hash(hash, &c->loser));
		return;
	}
	printf("lost: %s, kept ", history_hash(hash, &c->loser));
	if (!c->kept_local) {
		puts("on the other side");
		return;
	}
	fputs("here: dsync versions ", stdout);
	quote_path(stdout, list->history->root, c->path);
	putchar('\n');
}

static enum status
on_conflict(void *ctx, const struct conflict *c, struct err *err)
{
	struct history_list *list = ctx;

	(void)err;
	if (!history_asked(list->history, c->path))
		return ST_OK;
	list->any = true;
	if (list->json)
		print_json(c);
	else
		print_line(list, c);
	return ST_OK;
}

static enum status
on_journal(void *ctx, struct db *db, struct err *err)
{
	return conflict_each(db, NULL, on_conflict, ctx, err);
}

static enum exitcode
run_conflicts(const struct invocation *inv)
{
	return history_list(inv, on_journal, "no conflicts");
}

const struct command cmd_conflicts = {
	.name = "conflicts",
	.args = "[OPTION]... [PATH]",
	.what = "files that were changed on both sides",
	.more =
	    "PATH is a folder (this one if there is none) or a file.  An open conflict\n"
	    "was left to you by --conflict=manual: give the file the same contents on both\n"
	    "sides and sync again, or let --conflict=client or --conflict=server decide\n"
	    "all that are open.  Of a decided one, the version that lost is kept: see\n"
	    "dsync versions.\n",
	.groups = OPTIONS_ALL,
	.max_args = 1,
	.run = run_conflicts,
};
