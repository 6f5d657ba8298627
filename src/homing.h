/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_HOMING_H
#define DSYNC_HOMING_H

/*
 * Where a watch of several servers goes next: down the list while there is no
 * link, and home to the first once that is back.  Whether it is, a child of
 * our own finds out by asking it what it offers, now and then.
 */

#include <stdbool.h>
#include <stdint.h>

#include "child.h"
#include "exitcode.h"

struct invocation;
struct place;

struct homing {
	const struct invocation *inv;
	struct place *place; /* whose turn it is stands there */
	size_t failed; /* sessions in a row that did not come to rest */
	bool rested; /* this one has */
	int timer; /* readable: it is time to ask; -1: none */
	struct child asker;
	int64_t wait; /* before the next time, ns */
};

/* The place is borrowed; it may name one server, or none: nothing happens. */
void homing_init(struct homing *h, const struct invocation *inv,
    struct place *place);
void homing_fini(struct homing *h);

/* A session begins; it has come to rest. */
void homing_begin(struct homing *h);
void homing_rests(struct homing *h);

/*
 * The session has ended so.  True: the turn is another server's now, at once;
 * false: whoever goes on may wait first, all have been tried.
 */
bool homing_next(struct homing *h, enum exitcode code);

/*
 * While there is a session: readable when homing_hear() is due, or -1.  True:
 * the first one is back, and the turn is its; the session may end.
 * leave(ctx): what a child of ours closes.
 */
int homing_fd(const struct homing *h);
bool homing_hear(struct homing *h, void (*leave)(void *ctx), void *ctx);

#endif
