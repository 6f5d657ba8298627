/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_GROUP_H
#define DSYNC_SYNC_GROUP_H

/* The jobs that are carried out together; apply's alone. */

#include <stddef.h>

#include "util/err.h"

struct job;
struct replica;

#define GROUP_FILES 512
#define GROUP_BYTES (8u * 1024 * 1024)
#define GROUP_FEW   8 /* up to here one fsync each, above one syncfs */

struct group {
	struct replica *r;
	const char *origin; /* whose changes these are */
	const char *who; /* the same for the log */
	struct job *const *jobs;
	size_t n;
};

/*
 * Carries out all jobs; what became of each stands in it.  After an error the
 * session is over and the stage is left for recover().
 */
enum status group_run(struct group *group, struct err *err) MUST_CHECK;

#endif
