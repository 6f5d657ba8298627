/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_AFTER_H
#define DSYNC_AFTER_H

/*
 * --exec-after: a command that is run when something has come in.  One at a
 * time; what comes in meanwhile is one more run.
 */

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

struct logfile;

struct after {
	const char *command; /* for a shell; NULL: there is none */
	const char *folder;
	pid_t pid; /* it runs; or 0 */
	uint64_t fetched, deleted, moved; /* that no run was told of */
};

/* So many files came in. */
void after_count(struct after *a, uint64_t fetched, uint64_t deleted,
    uint64_t moved);

/*
 * Sees if the last one is over, and starts the next if there is a reason.  That
 * it failed is said, in the log (NULL: none), too.
 */
void after_step(struct after *a, struct logfile *log);

/* after_step() has to be called now and then. */
bool after_runs(const struct after *a);

#endif
