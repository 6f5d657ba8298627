/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_GROUP_H
#define DSYNC_SYNC_GROUP_H

/* The jobs that are carried out together; apply's alone. */

#include <stddef.h>

#include "util/err.h"

struct job;
struct replica;

#define GROUP_FIRST 512 /* files in a run's first groups, */
#define GROUP_FILES 4096 /*  and at most */
#define GROUP_BYTES (8u * 1024 * 1024) /* of GROUP_FIRST; more in more */
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
