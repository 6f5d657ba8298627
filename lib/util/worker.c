/* SPDX-License-Identifier: MIT */
/*
 * A thread that sleeps until there is work.  All signals are blocked in it:
 * they are for the thread that waits for them.
 */
#include "config.h"

#include "util/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* what stands below */
	void (*work)(void *ctx); /* NULL: there is none */
	void *ctx;
	bool ends;
};

static void *
run(void *arg)
{
	struct worker *w = arg;

	pthread_mutex_lock(&w->lock);
	while (w->work != NULL || !w->ends) {
		if (w->work == NULL) {
			pthread_cond_wait(&w->changed, &w->lock);
			continue;
		}
		pthread_mutex_unlock(&w->lock);
		w->work(w->ctx);
		pthread_mutex_lock(&w->lock);
		w->work = NULL;
		pthread_cond_signal(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static int
start(struct worker *w)
{
	sigset_t all, before;
	int failed;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

enum status
worker_new(struct worker **ret)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return ST_NOMEM;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	if (start(w) != 0) {
		pthread_cond_destroy(&w->changed);
		pthread_mutex_destroy(&w->lock);
		free(w);
		return ST_NOMEM;
	}
	*ret = w;
	return ST_OK;
}

static void
wait_idle(struct worker *w)
{
	while (w->work != NULL)
		pthread_cond_wait(&w->changed, &w->lock);
}

void
worker_wait(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	wait_idle(w);
	pthread_mutex_unlock(&w->lock);
}

void
worker_begin(struct worker *w, void (*work)(void *ctx), void *ctx)
{
	pthread_mutex_lock(&w->lock);
	wait_idle(w);
	w->work = work;
	w->ctx = ctx;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->ends = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
