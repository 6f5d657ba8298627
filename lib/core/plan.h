/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_PLAN_H
#define DSYNC_CORE_PLAN_H

/* What a run is going to do: an ordered list of actions. */

#include <stddef.h>

#include "core/entry.h"
#include "core/reconcile.h"
#include "util/auto.h"
#include "util/err.h"

struct action {
	const char *path; /* borrowed from the listings it was made of */
	const char *from; /* of a move; else NULL */
	unsigned rank; /* plan_order()'s */
	bool first; /* plan_only_ignore_files()'s */
	struct decision what;
	struct entry base; /* path's three states; ABSENT where there is none */
	struct entry local;
	struct entry remote;
	struct entry gone; /* of a move: what stood at from, on the side */
	/* where the move is to be made */
};

struct plan {
	struct action *v;
	size_t n;
	size_t cap;
};

enum status plan_new(struct plan **ret) MUST_CHECK;
void plan_free(struct plan *plan);
AUTO_DEFINE(plan);

enum status plan_add(struct plan *plan, const struct action *action) MUST_CHECK;

/*
 * Where a text that is deleted on a side appears there under another path
 * with the same contents, mtime and exec bit, the two actions become one
 * move.  Each deletion pairs once; among equals those with the same name come
 * first, then the order of names.  Conflicts and ignore files never pair, nor
 * do deletions that make room for something else.  The plan is still in path
 * order.
 */
enum status plan_find_moves(struct plan *plan) MUST_CHECK;

/*
 * The order of doing: first adoptions and what costs nothing, then deletions
 * that make room (a file where a folder comes, files of a folder where a file
 * comes), then moves, then contents, small ones first, then the other
 * deletions, the last path first.  Called once, on a plan in path order.
 */
void plan_order(struct plan *plan);

/* After plan_order(): a deletion that something else waits for. */
bool plan_makes_room(const struct action *action);

/* Keeps only what concerns .dsyncignore files, and what makes room for them,
 * if there is any such action that moves something; true if it did.  (They are
 * synced before all else.) */
bool plan_only_ignore_files(struct plan *plan);

#endif
