/* SPDX-License-Identifier: MIT */
/*
 * Gathering a group: small contents are staged as they come, large ones part
 * by part; then group_run() does the rest and each asker is told.
 */
#include "config.h"

#include "sync/apply.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/text.h"
#include "fs/stage.h"
#include "sync/group.h"
#include "sync/job.h"
#include "sync/replica.h"
#include "util/hash.h"
#include "util/str.h"

#define STREAMS 4 /* large files under way at once */

struct stream {
	struct job *job; /* NULL: free */
	struct hasher *hasher;
	uint64_t offset;
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

enum status
apply_new(struct replica *r, const struct apply_opts *opts, struct apply **ret,
    struct err *err)
{
	struct apply *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return err_nomem(err);
	a->r = r;
	a->opts = *opts;
	snprintf(a->origin, sizeof(a->origin), "%s", opts->origin);
	snprintf(a->who, sizeof(a->who), "%s",
	    opts->who != NULL ? opts->who : opts->origin);
	*ret = a;
	return ST_OK;
}

void
apply_free(struct apply *a)
{
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->n; i++)
		job_free(a->jobs[i]);
	for (i = 0; i < STREAMS; i++) {
		job_free(a->stream[i].job);
		hasher_free(a->stream[i].hasher);
	}
	free(a);
}

bool
apply_due(const struct apply *a)
{
	return a->n >= GROUP_FILES - STREAMS || a->bytes >= GROUP_BYTES;
}

size_t
apply_waiting(const struct apply *a)
{
	return a->n;
}

/* Takes the job over; makes room first if the group is full. */
static enum status
add_job(struct apply *a, struct job *job, struct err *err)
{
	enum status st = ST_OK;

	if (a->n == GROUP_FILES)
		st = apply_flush(a, err);
	if (st != ST_OK) {
		job_free(job);
		return st;
	}
	if (a->n >= GROUP_FEW)
		job_close(job);
	a->jobs[a->n++] = job;
	a->bytes += job->op.want.size;
	return ST_OK;
}

enum status
apply_add(struct apply *a, const struct apply_op *op, struct err *err)
{
	struct job *job;
	enum status st = job_new(op, &job, err);

	if (st != ST_OK)
		return st;
	job->n = stage_next(a->r->stage);
	return add_job(a, job, err);
}

static enum status
stage_contents(struct apply *a, struct job *job, const void *data, size_t len,
    struct err *err)
{
	struct stage *stage = a->r->stage;
	enum status st;

	st = stage_create(stage, job->n, &job->fd, err);
	if (st == ST_OK)
		st = stage_write(stage, job->fd, data, len, err);
	return st == ST_OK ? stage_seal(stage, job->fd, job->op.want.mtime,
				 job->op.want.exec, err) :
			     st;
}

static enum status
not_text(const struct job *job, struct err *err)
{
	char show[STR_SHOW];

	return err_set(err, ST_REFUSED, "%s: what came is not text",
	    str_show(show, job->op.path));
}

static enum status
wrong_contents(const struct job *job, struct err *err)
{
	char show[STR_SHOW];

	return err_set(err, ST_PROTO,
	    "%s: what came is not what was announced; it was dropped",
	    str_show(show, job->op.path));
}

enum status
apply_put(struct apply *a, const struct apply_op *op, const void *data,
    size_t len, struct err *err)
{
	struct hash hash;
	struct job *job;
	struct err why;
	enum status st = job_new(op, &job, err);

	if (st != ST_OK)
		return st;
	job->n = stage_next(a->r->stage);
	if (hasher_once(a->r->hasher, data, len, &hash) != ST_OK)
		st = err_nomem(&why);
	else if (len != op->want.size || !hash_equal(&hash, &op->want.hash))
		st = wrong_contents(job, &why);
	else if (!text_check(data, len))
		st = not_text(job, &why);
	else
		st = stage_contents(a, job, data, len, &why);
	if (st != ST_OK)
		st = job_fails(job, st, &why, err);
	if (st != ST_OK) {
		job_free(job);
		return st;
	}
	return add_job(a, job, err);
}

static struct stream *
find_stream(struct apply *a, bool any, uint32_t id)
{
	size_t i;

	for (i = 0; i < STREAMS; i++)
		if (any ? a->stream[i].job == NULL :
			  a->stream[i].job != NULL &&
			    a->stream[i].job->op.id == id)
			return &a->stream[i];
	return NULL;
}

enum status
apply_stream_begin(struct apply *a, const struct apply_op *op,
    const struct err *refused, struct err *err)
{
	struct stream *s = find_stream(a, true, 0);
	struct job *job;
	struct err why;
	enum status st;

	if (s == NULL || find_stream(a, false, op->id) != NULL)
		return err_set(err, ST_PROTO, "too many files at once");
	if (s->hasher == NULL && hasher_new(&s->hasher) != ST_OK)
		return err_nomem(err);
	if (hasher_start(s->hasher) != ST_OK)
		return err_nomem(err);
	st = job_new(op, &job, err);
	if (st != ST_OK)
		return st;
	job->n = stage_next(a->r->stage);
	if (refused != NULL)
		st = job_fails(job, refused->code, refused, err);
	else
		st = stage_create(a->r->stage, job->n, &job->fd, &why);
	if (st != ST_OK)
		st = job_fails(job, st, &why, err);
	if (st != ST_OK) {
		job_free(job);
		return st;
	}
	s->job = job;
	s->offset = 0;
	return ST_OK;
}

enum status
apply_stream_part(struct apply *a, uint32_t id, uint64_t offset,
    const void *data, size_t len, struct err *err)
{
	struct stream *s = find_stream(a, false, id);
	struct err why;
	enum status st;

	if (s == NULL || offset != s->offset ||
	    len > s->job->op.want.size - s->offset)
		return err_set(err, ST_PROTO, "a part of no file");
	s->offset += len;
	/* After a failure the rest still comes, and is dropped. */
	if (s->job->status != ST_OK)
		return ST_OK;
	if (hasher_add(s->hasher, data, len) != ST_OK)
		return err_nomem(err);
	st = text_check(data, len) ?
	    stage_write(a->r->stage, s->job->fd, data, len, &why) :
	    not_text(s->job, &why);
	return st == ST_OK ? ST_OK : job_fails(s->job, st, &why, err);
}

static enum status
stream_check(struct apply *a, struct stream *s, bool bad, struct err *err)
{
	struct job *job = s->job;
	struct hash hash;

	if (bad)
		return err_set(err, ST_CHANGED, "it changed while it was read");
	if (hasher_end(s->hasher, &hash) != ST_OK)
		return err_nomem(err);
	if (s->offset != job->op.want.size ||
	    !hash_equal(&hash, &job->op.want.hash))
		return wrong_contents(job, err);
	return stage_seal(a->r->stage, job->fd, job->op.want.mtime,
	    job->op.want.exec, err);
}

enum status
apply_stream_end(struct apply *a, uint32_t id, bool bad, struct err *err)
{
	struct stream *s = find_stream(a, false, id);
	struct job *job;
	struct err why;
	enum status st = ST_OK;

	if (s == NULL)
		return err_set(err, ST_PROTO, "the end of no file");
	job = s->job;
	if (job->status == ST_OK)
		st = stream_check(a, s, bad, &why);
	s->job = NULL;
	if (st != ST_OK)
		st = job_fails(job, st, &why, err);
	if (st != ST_OK) {
		job_free(job);
		return st;
	}
	return add_job(a, job, err);
}

static void
tell(struct apply *a, const struct job *job)
{
	struct apply_result result = { .op = &job->op,
		.status = job->status,
		.err = &job->err,
		.now = job->now,
		.have_now = job->have_now,
		.seq = job->seq };

	a->opts.result(a->opts.ctx, &result);
}

/* Results, and the end of what the stage held for the group. */
static void
finish(struct apply *a)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		struct job *job = a->jobs[i];

		/* A new file has left nothing behind. */
		if (!job->done || job->displaced)
			stage_drop(a->r->stage, job->n);
		tell(a, job);
		job_free(job);
	}
	a->n = 0;
	a->bytes = 0;
}

enum status
apply_flush(struct apply *a, struct err *err)
{
	struct group group = { .r = a->r,
		.origin = a->origin,
		.who = a->who,
		.jobs = a->jobs,
		.n = a->n };
	enum status st;

	if (a->n == 0)
		return ST_OK;
	st = group_run(&group, err);
	if (st == ST_OK)
		finish(a);
	return st;
}
