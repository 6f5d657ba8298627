/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_UTIL_WORKER_H
#define DSYNC_UTIL_WORKER_H

/*
 * A second thread, that does one thing while its owner does another.  It only
 * computes: files, the journal and the wire are the owner's alone.
 */

#include "util/auto.h"
#include "util/err.h"

struct worker;

/* ST_NOMEM also if there can be no thread. */
enum status worker_new(struct worker **ret) MUST_CHECK;
void worker_free(struct worker *w); /* waits first */
AUTO_DEFINE(worker);

/* Begins with work(ctx); waits first until the work before is done. */
void worker_begin(struct worker *w, void (*work)(void *ctx), void *ctx);

void worker_wait(struct worker *w); /* until nothing is being done */

#endif
