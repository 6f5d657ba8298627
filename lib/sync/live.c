/* SPDX-License-Identifier: MIT */
/*
 * fs/watch with a clock: a path is due when it was quiet for as long as it
 * takes to settle, or when it was not quiet for too long.  Where the kernel
 * gives us no inotify nothing is ever due, and it is for the full looks from
 * time to time to find what happened.
 */
#include "config.h"

#include "sync/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/path.h"
#include "core/scope.h"
#include "fs/touched.h"
#include "fs/watch.h"
#include "sync/replica.h"
#include "util/env.h"
#include "util/str.h"

#define SHARE	2000 /* of a step: folders and names */
#define OVERDUE (2 * NSEC) /* a file that is written to without end */
#define LATER	(NSEC / 5) /* beside the time to settle */

struct live {
	struct replica *r;
	const struct filter *filter; /* that it goes by; NULL: not begun */
	struct watch *watch; /* NULL though it has begun: there can be none */
	struct err why; /*  for that */
	int64_t settle;
};

enum status
live_new(struct replica *r, int64_t settle, struct live **ret)
{
	struct live *live = calloc(1, sizeof(*live));

	if (live == NULL)
		return ST_NOMEM;
	live->r = r;
	live->settle = settle;
	*ret = live;
	return ST_OK;
}

void
live_free(struct live *live)
{
	if (live == NULL)
		return;
	watch_free(live->watch);
	free(live);
}

/* The watch goes by the filter that the replica has. */
static enum status
begin(struct live *live, struct err *err)
{
	enum status st;

	watch_free(live->watch);
	live->watch = NULL;
	live->filter = live->r->filter;
	st = watch_new(live->r->root, live->filter, &live->watch, &live->why);
	if (st == ST_NOMEM)
		return err_nomem(err);
	live_again(live);
	return ST_OK;
}

static bool
begun(const struct live *live)
{
	return live->filter == live->r->filter;
}

enum status
live_step(struct live *live, struct err *err)
{
	enum status st = begun(live) ? ST_OK : begin(live, err);

	if (st != ST_OK || live->watch == NULL)
		return st;
	st = watch_read(live->watch, err);
	return st == ST_OK ? watch_step(live->watch, SHARE, err) : st;
}

bool
live_ready(const struct live *live)
{
	return begun(live) && (live->watch == NULL || watch_idle(live->watch));
}

void
live_forget(struct live *live)
{
	if (live->watch != NULL)
		touched_clear(watch_touched(live->watch));
}

void
live_again(struct live *live)
{
	if (live->watch != NULL)
		watch_begin(live->watch);
}

static enum status
fill(struct scope *scope, const struct touched_list *list)
{
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < list->n && st == ST_OK; i++)
		st = scope_add(scope, list->v[i]->path, list->v[i]->deep);
	return st == ST_OK ? scope_close(scope) : st;
}

enum status
live_take(struct live *live, struct scope **ret, struct err *err)
{
	const int64_t now = env_ticks(live->r->env);
	AUTO(touched_list) struct touched_list *list = NULL;
	AUTO(scope) struct scope *scope = NULL;

	*ret = NULL;
	if (!live_ready(live) || live_due(live) > now)
		return ST_OK;
	/*
	 * What was touched a moment after what is due goes with it: a folder
	 * that moves is gone at one path before it is there at the other.
	 */
	if (touched_take(watch_touched(live->watch), now - live->settle / 2,
		now - OVERDUE, &list) != ST_OK ||
	    scope_new(&scope) != ST_OK || fill(scope, list) != ST_OK)
		return err_nomem(err);
	if (list->n == 0)
		return ST_OK;
	*ret = scope;
	scope = NULL;
	return ST_OK;
}

void
live_put_back(struct live *live, const struct scope *scope)
{
	const int64_t when = env_ticks(live->r->env) + LATER;
	struct touched *touched;
	char path[PATH_LIMIT];
	size_t i;

	if (live->watch == NULL)
		return;
	touched = watch_touched(live->watch);
	if (scope == NULL) {
		touched_add(touched, "", true, when);
		return;
	}
	for (i = 0; i < scope_count(scope); i++) {
		const bool below = scope_path(scope_at(scope, i), path);

		touched_add(touched, path, below, when);
	}
}

int64_t
live_due(const struct live *live)
{
	int64_t first, last;

	if (!live_ready(live))
		return 0;
	if (live->watch == NULL ||
	    !touched_waiting(watch_touched(live->watch), &first, &last))
		return INT64_MAX;
	first += OVERDUE;
	last += live->settle;
	return first < last ? first : last;
}

int
live_fd(const struct live *live)
{
	return live->watch == NULL ? -1 : watch_fd(live->watch);
}

void
live_gap(const struct live *live, char *buf, size_t size)
{
	char path[PATH_LIMIT], show[STR_SHOW];
	int errnum = 0;
	size_t n;

	*buf = '\0';
	if (live->watch == NULL) {
		snprintf(buf, size, "nothing can be watched (%s)",
		    live->why.text);
		return;
	}
	n = watch_gaps(live->watch, path, &errnum);
	if (n > 0)
		snprintf(buf, size, "%zu folders can't be watched, %s is one%s",
		    n, str_show(show, path),
		    errnum != ENOSPC ?
			"" :
			"; the limit is fs.inotify.max_user_watches (sysctl)");
}
