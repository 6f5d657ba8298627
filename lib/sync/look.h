/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_LOOK_H
#define DSYNC_SYNC_LOOK_H

/*
 * A side's look at its own folder in the course of a session: begun once what
 * was said before it is out, then a survey's step at a time, so that the side
 * hears and answers meanwhile.
 */

#include <stdbool.h>

#include "util/err.h"

struct replica;
struct survey;

/* All zero: no look. */
struct look {
	bool due;
	struct survey *survey;
};

void look_soon(struct look *look);
bool look_busy(const struct look *look); /* it is due or under way */

/* *ret_done: it is over just now. */
enum status look_step(struct look *look, struct replica *r, bool *ret_done,
    struct err *err) MUST_CHECK;

/* Over, wherever it is. */
void look_end(struct look *look);

#endif
