/* SPDX-License-Identifier: MIT */
/* A folder, as a run would find it; its journals are read from end to end. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkup.h"
#include "command.h"
#include "fs/probe.h"
#include "fs/root.h"
#include "fs/sys.h"
#include "history.h"
#include "steer_ask.h"
#include "store/activity.h"
#include "store/db.h"
#include "util/auto.h"
#include "util/env.h"
#include "util/str.h"

#define LITTLE (64ull * 1024 * 1024) /* free bytes: a few runs' worth */
#define NONE   (1024ull * 1024) /* not even a journal */

static void
check_space(struct checkup *c, struct root *root)
{
	uint64_t left, all;
	char size[16];

	if (sys_space(c->inv->env, root_fd(root), &left, &all) == -1)
		checkup_say(c, CHECKUP_WARN, "space", "unknown: %s",
		    strerror(errno));
	else if (left < NONE)
		checkup_say(c, CHECKUP_FAIL, "space",
		    "%s left: nothing can be written; make room",
		    str_size(size, left));
	else if (left < LITTLE)
		checkup_say(c, CHECKUP_WARN, "space",
		    "%s left: large files will not fit; make room",
		    str_size(size, left));
	else
		checkup_say(c, CHECKUP_OK, "space", "%s left",
		    str_size(size, left));
}

static void
check_rights(struct checkup *c, struct root *root)
{
	char show[STR_SHOW];

	str_show(show, root_path(root));
	if (!probe_folder(c->inv->env, root_path(root)))
		checkup_say(c, CHECKUP_FAIL, "folder",
		    "%s: %s; chown or chmod it for this account", show,
		    strerror(errno));
	else if (root_is_network(root))
		checkup_say(c, CHECKUP_WARN, "folder",
		    "%s: a network file system: what other machines save "
		    "there is seen by full checks only",
		    show);
	else
		checkup_say(c, CHECKUP_OK, "folder", "%s", show);
}

static enum status
on_last(void *ctx, const struct activity *a, struct err *err)
{
	(void)err;
	*(int64_t *)ctx = a->when;
	return ST_OK;
}

/* What the journal remembers; conflicts wait for a person. */
static enum status
tell_last(struct checkup *c, struct db *db, const char *name, struct err *err)
{
	char remote[PATH_MAX] = "", role[16] = "", show[STR_SHOW];
	char when[HISTORY_TIME] = "no change yet";
	uint64_t open = 0;
	int64_t last = 0;
	enum status st;

	st = db_meta_get(db, "role", role, sizeof(role), err);
	if (st == ST_OK)
		st = db_meta_get(db, "remote", remote, sizeof(remote), err);
	if (st == ST_OK)
		st = activity_each(db, NULL, 1, on_last, &last, err);
	if (st == ST_OK)
		st = conflict_count_open(db, &open, err);
	if (st != ST_OK)
		return st;
	if (last != 0)
		history_time(when, last);
	checkup_say(c, CHECKUP_OK, name, "sound; a %s's%s%s; last change: %s",
	    role, remote[0] == '\0' ? "" : " of ",
	    remote[0] == '\0' ? "" : str_show(show, remote), when);
	if (open > 0)
		checkup_say(c, CHECKUP_WARN, "conflicts",
		    "%" PRIu64 " wait to be decided: dsync conflicts", open);
	return ST_OK;
}

/* False: there is no such journal. */
static bool
check_journal(struct checkup *c, struct root *root, const char *name)
{
	AUTO(db) struct db *db = NULL;
	autofree char *path = NULL;
	struct err err;
	enum status st;

	if (asprintf(&path, "%s/.dsync/%s", root_path(root), name) == -1)
		return false;
	st = db_open(c->inv->env, path, true, root_is_network(root), &db, &err);
	if (st == ST_NOENT)
		return false;
	if (st == ST_OK)
		st = db_check(db, &err);
	if (st == ST_OK)
		st = tell_last(c, db, name, &err);
	if (st == ST_DAMAGED)
		checkup_say(c, CHECKUP_WARN, name,
		    "%s; the next run sets it aside and compares everything",
		    err.text);
	else if (st != ST_OK)
		checkup_say(c, CHECKUP_FAIL, name, "%s", err.text);
	return true;
}

static void
check_journals(struct checkup *c, struct root *root)
{
	static const char *const names[] = { "journal.db", "journal-client.db",
		"journal-server.db" };
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		any |= check_journal(c, root, names[i]);
	if (!any)
		checkup_say(c, CHECKUP_OK, "journal", "nothing synced yet");
}

/* Who watches it knows what he can't see. */
static void
check_watch(struct checkup *c, const char *path)
{
	json_t *answer = NULL;
	const char *state, *gap;
	char shown[STR_SHOW];
	struct err err;
	enum status st = steer_ask(c->inv->env, path, STEER_STATUS,
	    STEER_PATIENCE, -1, &answer, &err);

	if (st == ST_NOENT)
		return;
	if (st != ST_OK) {
		checkup_say(c, CHECKUP_WARN, "watch",
		    "%s: it is busy, or hangs; kill and begin it anew",
		    err.text);
		return;
	}
	state = json_string_value(json_object_get(answer, "state"));
	gap = json_string_value(json_object_get(answer, "unwatched"));
	if (gap != NULL && *gap != '\0')
		checkup_say(c, CHECKUP_WARN, "watch", "%s",
		    str_show(shown, gap));
	else
		checkup_say(c, CHECKUP_OK, "watch", "%s",
		    str_show(shown, state == NULL ? "?" : state));
	json_decref(answer);
}

void
checkup_folder(struct checkup *c, const char *path)
{
	AUTO(root) struct root *root = NULL;
	struct err err;

	if (root_open(c->inv->env, path, getenv("HOME"), true, &root, &err) !=
	    ST_OK) {
		checkup_say(c, CHECKUP_FAIL, "folder", "%s", err.text);
		return;
	}
	check_rights(c, root);
	check_space(c, root);
	check_journals(c, root);
	check_watch(c, path);
}
