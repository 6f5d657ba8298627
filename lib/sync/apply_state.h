/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_APPLY_STATE_H
#define DSYNC_SYNC_APPLY_STATE_H

/* What apply.c (groups) and apply_stream.c (large files) share; theirs alone. */

#include "sync/apply.h"
#include "sync/group.h"
#include "sync/job.h"

struct hasher;

#define STREAMS 4 /* large files under way at once */

struct stream {
	struct job *job; /* NULL: free */
	struct hasher *hasher;
	uint64_t offset;
	uint64_t begun; /* offset at which it began to come */
	bool partial; /* its file is in .dsync/partial, under its hash */
};

struct apply {
	struct replica *r;
	struct apply_opts opts;
	char origin[64];
	char who[256];
	struct job *jobs[GROUP_FILES];
	size_t n;
	uint64_t bytes;
	struct stream stream[STREAMS];
};

/* Takes the job over; makes room first if the group is full. */
enum status apply_add_job(struct apply *a, struct job *job,
    struct err *err) MUST_CHECK;

enum status apply_not_text(const struct job *job, struct err *err);
enum status apply_wrong_contents(const struct job *job, struct err *err);

void apply_stream_fini(struct stream *s);

#endif
