/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SUMMARY_H
#define DSYNC_SUMMARY_H

/* The last line of a run. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "exitcode.h"
#include "sync/report.h"

struct logfile;
struct options;

/* How a run ended. */
struct outcome {
	enum status status; /* of the run itself */
	enum exitcode code;
	bool verify;
	bool silent; /* nobody is to be told that it was ended */
	bool began; /* both sides were there */
	int64_t start; /* ticks */
	struct summary s;
};

/*
 * --stats, and the line (or object), wherever options want them, and in the
 * log.  Of what never began there is only the object.
 */
void summary_print(const struct options *o, const struct outcome *end,
    struct logfile *log);

/* Files that were changed on either side, or would be. */
uint64_t summary_changes(const struct summary *s);

/* ", 2 files could not be synced, ...": what is not on both sides, if any is. */
void summary_left(FILE *f, const struct summary *s);

#endif
