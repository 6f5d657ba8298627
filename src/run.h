/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_RUN_H
#define DSYNC_RUN_H

/* One run between two folders: what sync, push, pull, verify share. */

#include <stdbool.h>

#include "core/reconcile.h"
#include "exitcode.h"
#include "sides.h"

struct invocation;

struct run_kind {
	struct sides_wish sides;
	enum direction direction;
	bool copy; /* SRC DST: the target becomes equal, nothing is deleted */
	bool verify;
	int live; /* told (a byte) when a session that stays rests; 0: none */
	bool hush; /* why there is no link was said before */
};

enum exitcode run(const struct invocation *inv, const struct run_kind *kind);

#endif
