/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_JOB_H
#define DSYNC_SYNC_JOB_H

/* One operation on its way through apply and group; theirs alone. */

#include "fs/swap.h"
#include "sync/apply.h"
#include "util/auto.h"
#include "util/buf.h"

struct job {
	struct apply_op op; /* its strings are the job's */
	uint64_t n; /* file in the stage */
	int fd; /* of it, while open; else -1 */
	struct buf sig; /* of a PUT: the signature, if it has one */
	enum status status;
	struct err err;
	struct swap_expect expect;
	struct stamp stamp; /* what stands at path now */
	bool done; /* the tree was changed */
	bool displaced; /* file n is the version that stood there */
	bool left; /* file n is a save that has to be kept */
	bool refused; /* before it was begun: not a word of what stands there */
	struct entry now;
	bool have_now;
	uint64_t seq;
};

/* Copies op and its strings. */
enum status job_new(const struct apply_op *op, struct job **ret,
    struct err *err) MUST_CHECK;
void job_free(struct job *job);
AUTO_DEFINE(job);

void job_close(struct job *job); /* the staged file; it stays */

/*
 * Trouble of one file is that file's: it is noted in the job and ST_OK
 * returned.  Out of memory is everybody's.
 */
enum status job_fails(struct job *job, enum status st, const struct err *why,
    struct err *err) MUST_CHECK;

#endif
