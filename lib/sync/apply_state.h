/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_APPLY_STATE_H
#define DSYNC_SYNC_APPLY_STATE_H

/*
 * What apply.c (groups), apply_stream.c (large files) and apply_delta.c share;
 * theirs alone.
 */

#include "codec/delta.h"
#include "core/chunk.h"
#include "sync/apply.h"
#include "sync/group.h"
#include "sync/job.h"

struct digest;

#define STREAMS 4 /* large files under way at once */

struct stream {
	struct job *job; /* NULL: free */
	struct digest *digest; /* its signature is the job's */
	uint64_t offset; /* of the whole: what is here */
	uint64_t begun; /* offset at which it began to come */
	uint64_t pushed; /* offset up to which the disk was told to write */
	uint64_t next; /* what the next part has to say for its own */
	bool is_delta;
	int base; /* with a delta: the file it is for; else -1 */
	struct delta_reader delta;
	struct buf base_sig; /* its signature, */
	struct chunk_known known; /*  if is_known */
	bool is_known;
	bool partial; /* its file is in .dsync/partial, under its hash */
};

struct apply {
	struct replica *r;
	struct apply_opts opts;
	char origin[64];
	char who[256];
	struct job *jobs[GROUP_FILES];
	size_t n;
	size_t due; /* so many are a group, */
	uint64_t bytes; /*  or so many bytes in proportion */
	struct stream stream[STREAMS];
};

/* Takes the job over; makes room first if the group is full. */
enum status apply_add_job(struct apply *a, struct job *job,
    struct err *err) MUST_CHECK;

/* The same with what came of its contents: st, and why if that is not ST_OK. */
enum status apply_add_result(struct apply *a, struct job *job, enum status st,
    const struct err *why, struct err *err) MUST_CHECK;

/* Contents that are whole: checked, signed and staged.  why: that job's. */
enum status apply_take(struct apply *a, struct job *job, const void *data,
    size_t len, struct err *why) MUST_CHECK;

/* Carries out first what is gathered and would change a base. */
enum status apply_settle_base(struct apply *a, const struct base *base,
    struct err *err) MUST_CHECK;
/* ST_CHANGED unless this version of it is synced here. */
enum status apply_open_base(struct apply *a, const struct base *base,
    int *ret_fd, uint64_t *ret_size, struct err *err) MUST_CHECK;
enum status apply_read_base(struct apply *a, int fd, uint64_t offset,
    void *data, size_t len, struct err *err) MUST_CHECK;

enum status apply_other_base(const struct job *job, struct err *err);
enum status apply_not_text(const struct job *job, struct err *err);
enum status apply_wrong_contents(const struct job *job, struct err *err);

void apply_stream_fini(struct stream *s);

#endif
