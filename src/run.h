/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_RUN_H
#define DSYNC_RUN_H

/* One run between two folders: what sync, push, pull, verify share. */

#include <stdbool.h>

#include "core/reconcile.h"
#include "exitcode.h"
#include "sides.h"

struct invocation;
struct session;

struct run_kind {
	struct sides_wish sides;
	enum direction direction;
	bool copy; /* SRC DST: the target becomes equal, nothing is deleted */
	bool verify;
	/* Once the sides are known: somebody else does it; or NULL. */
	bool (*instead)(const struct invocation *inv, const struct sides *sides,
	    enum exitcode *ret);
	struct session *session; /* it stays, and is heard here; or NULL */
	bool hush; /* why there is no link was said before */
	const char *next; /* the server that is tried if this one is away */
	int passed; /* told (a byte) if that is so */
};

enum exitcode run(const struct invocation *inv, const struct run_kind *kind);

/*
 * The same between two that were found; what is missing is made.  Of several
 * servers it is the one whose turn it is.
 */
enum exitcode run_between(const struct invocation *inv,
    const struct run_kind *kind, struct sides *sides);

#endif
