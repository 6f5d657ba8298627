/* SPDX-License-Identifier: MIT */
/* dsync versions: what is kept of a file, the newest first. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "history.h"
#include "json.h"
#include "options.h"
#include "store/versions.h"
#include "util/str.h"

static void
print_json(const struct version *v)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("version"));
	json_put_path(o, "path", v->path);
	json_put_hash(o, "sha256", &v->hash);
	json_object_set_new(o, "size", json_integer((json_int_t)v->size));
	json_put_time(o, "mtime", v->mtime);
	json_put_time(o, "displaced", v->when);
	json_object_set_new(o, "exec", json_boolean(v->exec));
	json_put_path(o, "why", v->why);
	json_print(o);
}

static void
print_line(const struct version *v, bool name)
{
	char when[HISTORY_TIME], hash[HISTORY_HASH], shown[STR_SHOW], size[16];

	printf("%s  %8s  %s  %s", history_time(when, v->when),
	    str_size(size, v->size), history_hash(hash, &v->hash),
	    str_show(shown, v->why));
	if (name)
		printf("  %s", str_show(shown, v->path));
	putchar('\n');
}

static enum status
on_version(void *ctx, const struct version *v, struct err *err)
{
	struct history_list *list = ctx;
	const char *asked = list->history->path;

	(void)err;
	if (!history_asked(list->history, v->path))
		return ST_OK;
	list->any = true;
	if (list->json)
		print_json(v);
	else
		print_line(v, strcmp(v->path, asked) != 0);
	return ST_OK;
}

static enum status
on_journal(void *ctx, struct db *db, struct err *err)
{
	return versions_each(db, NULL, on_version, ctx, err);
}

static enum exitcode
run_versions(const struct invocation *inv)
{
	return history_list(inv, on_journal,
	    "no version was ever displaced here (what was displaced on the "
	    "other side is kept there)");
}

const struct command cmd_versions = {
	.name = "versions",
	.args = "[OPTION]... PATH",
	.what = "the kept versions of a file",
	.more =
	    "Each line: when it was displaced, its size, the beginning of its hash, and\n"
	    "why.  The newest comes first.  Of a folder: of all files in it.\n",
	.groups = OPTIONS_ALL,
	.min_args = 1,
	.max_args = 1,
	.run = run_versions,
};
