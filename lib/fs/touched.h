/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_TOUCHED_H
#define DSYNC_FS_TOUCHED_H

/*
 * The paths at which something happened, until somebody looks at them: each
 * once, with when it was first and last touched.  Its memory is bounded: what
 * would be too much below one folder becomes that folder, and what would be
 * too much in all becomes everything.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/auto.h"
#include "util/err.h"

#define TOUCHED_FOLDER_LIMIT 1024 /* paths below one folder */
#define TOUCHED_LIMIT	     4096 /* paths in all */
#define TOUCHED_BYTES	     (1024 * 1024) /* of all paths */

struct touched_path {
	int64_t first; /* by env_ticks() */
	int64_t last;
	bool deep; /* this, and all below it */
	char path[]; /* "": the root, so everything; then it is deep */
};

struct touched_list {
	size_t n;
	struct touched_path *v[]; /* in strcmp() order */
};

struct touched;

enum status touched_new(struct touched **ret) MUST_CHECK;
void touched_free(struct touched *t);
AUTO_DEFINE(touched);

/* Can't fail: out of memory, everything counts as touched. */
void touched_add(struct touched *t, const char *path, bool deep, int64_t now);

/* Forgets all of it. */
void touched_clear(struct touched *t);

/*
 * False if there is nothing.  Else the earliest times of all: by the rule of
 * touched_take() nothing is due before the one or the other is.
 */
bool touched_waiting(const struct touched *t, int64_t *ret_first,
    int64_t *ret_last);

/*
 * Hands over, and forgets, what was last touched at or before `quiet`, and
 * what was first touched at or before `overdue`, quiet or not (a log that is
 * written to without end).  May be an empty list.
 */
enum status touched_take(struct touched *t, int64_t quiet, int64_t overdue,
    struct touched_list **ret) MUST_CHECK;
void touched_list_free(struct touched_list *list);
AUTO_DEFINE(touched_list);

#endif
