/* SPDX-License-Identifier: MIT */
/*
 * Gathering a group: small contents are staged as they come, large ones part
 * by part; then group_run() does the rest and each asker is told.
 */
#include "config.h"

#include "sync/apply.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/digest.h"
#include "core/text.h"
#include "fs/stage.h"
#include "sync/apply_state.h"
#include "sync/replica.h"
#include "util/env.h"
#include "util/hash.h"
#include "util/str.h"

#define QUICK (NSEC / 5) /* for a whole group */

enum status
apply_new(struct replica *r, const struct apply_opts *opts, struct apply **ret,
    struct err *err)
{
	struct apply *a = calloc(1, sizeof(*a));
	size_t i;

	if (a == NULL)
		return err_nomem(err);
	a->r = r;
	a->opts = *opts;
	a->due = GROUP_FIRST;
	for (i = 0; i < STREAMS; i++)
		a->stream[i].base = -1;
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
	for (i = 0; i < STREAMS; i++)
		apply_stream_fini(&a->stream[i]);
	free(a);
}

bool
apply_due(const struct apply *a)
{
	return a->n >= a->due - STREAMS ||
	    a->bytes >= GROUP_BYTES * (a->due / GROUP_FIRST);
}

size_t
apply_waiting(const struct apply *a)
{
	return a->n;
}

bool
apply_has_stream(const struct apply *a)
{
	size_t i = 0;

	while (i < STREAMS && a->stream[i].job != NULL)
		i++;
	return i < STREAMS;
}

enum status
apply_add_job(struct apply *a, struct job *job, struct err *err)
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
apply_add_result(struct apply *a, struct job *job, enum status st,
    const struct err *why, struct err *err)
{
	if (st != ST_OK)
		st = job_fails(job, st, why, err);
	if (st == ST_OK)
		return apply_add_job(a, job, err);
	job_free(job);
	return st;
}

enum status
apply_add(struct apply *a, const struct apply_op *op, struct err *err)
{
	struct job *job;
	enum status st = job_new(op, &job, err);

	if (st != ST_OK)
		return st;
	job->n = stage_next(a->r->stage);
	return apply_add_job(a, job, err);
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

enum status
apply_not_text(const struct job *job, struct err *err)
{
	char show[STR_SHOW];

	return err_set(err, ST_REFUSED, "%s: what came is not text",
	    str_show(show, job->op.path));
}

enum status
apply_wrong_contents(const struct job *job, struct err *err)
{
	char show[STR_SHOW];

	return err_set(err, ST_PROTO,
	    "%s: what came is not what was announced; it was dropped",
	    str_show(show, job->op.path));
}

enum status
apply_take(struct apply *a, struct job *job, const void *data, size_t len,
    struct err *why)
{
	struct digest *digest = a->r->digest;
	struct hash hash;

	if (digest_start(digest, len, &job->sig) != ST_OK ||
	    digest_add(digest, data, len) != ST_OK ||
	    digest_end(digest, &hash) != ST_OK)
		return err_nomem(why);
	if (len != job->op.want.size || !hash_equal(&hash, &job->op.want.hash))
		return apply_wrong_contents(job, why);
	if (!text_check(data, len))
		return apply_not_text(job, why);
	return stage_contents(a, job, data, len, why);
}

enum status
apply_put(struct apply *a, const struct apply_op *op, const void *data,
    size_t len, struct err *err)
{
	struct job *job;
	struct err why;
	enum status st = job_new(op, &job, err);

	if (st != ST_OK)
		return st;
	job->n = stage_next(a->r->stage);
	st = apply_take(a, job, data, len, &why);
	return apply_add_result(a, job, st, &why, err);
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

/*
 * The disk is waited for four times a group, however large that is.  Where the
 * disk is quick, a long run makes its groups larger as it goes: what a kill
 * costs stays a part of what was done.
 */
static void
grow(struct apply *a, int64_t took)
{
	if (apply_due(a) && took < QUICK && a->due < GROUP_FILES)
		a->due *= 2;
}

enum status
apply_flush(struct apply *a, struct err *err)
{
	const int64_t start = env_ticks(a->r->env);
	struct group group = { .r = a->r,
		.origin = a->origin,
		.who = a->who,
		.jobs = a->jobs,
		.n = a->n };
	enum status st;

	if (a->n == 0)
		return ST_OK;
	st = group_run(&group, err);
	if (st != ST_OK)
		return st;
	grow(a, env_ticks(a->r->env) - start);
	finish(a);
	return ST_OK;
}
