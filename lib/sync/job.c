/* SPDX-License-Identifier: MIT */
/* An operation and what has become of it so far. */
#include "config.h"

#include "sync/job.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
job_close(struct job *job)
{
	if (job->fd != -1)
		close(job->fd);
	job->fd = -1;
}

void
job_free(struct job *job)
{
	if (job == NULL)
		return;
	job_close(job);
	free((char *)(uintptr_t)job->op.path);
	free((char *)(uintptr_t)job->op.from);
	buf_fini(&job->sig);
	free(job);
}

enum status
job_new(const struct apply_op *op, struct job **ret, struct err *err)
{
	AUTO(job) struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return err_nomem(err);
	job->fd = -1;
	job->op = *op;
	job->op.path = strdup(op->path);
	job->op.from = op->from == NULL ? NULL : strdup(op->from);
	if (job->op.path == NULL || (op->from != NULL && job->op.from == NULL))
		return err_nomem(err);
	job->op.want.path = job->op.path;
	*ret = job;
	job = NULL;
	return ST_OK;
}

enum status
job_fails(struct job *job, enum status st, const struct err *why,
    struct err *err)
{
	if (st == ST_NOMEM)
		return err_nomem(err);
	job->status = st;
	job->err = *why;
	return ST_OK;
}
