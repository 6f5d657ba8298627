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

struct live;
struct replica;
struct scope;
struct survey;

/* All zero: no look. */
struct look {
	bool due;
	bool whole; /* of the one that is due: see survey_new() */
	struct scope *scope; /* of it; NULL: everything */
	struct survey *survey;
	struct live *live; /* heard between looks; borrowed, or NULL */
};

/* whole: as survey_new() has it. */
void look_soon(struct look *look, bool whole);
/* At a part of it alone; the scope is closed, and taken over. */
void look_soon_at(struct look *look, struct scope *scope);
bool look_busy(const struct look *look); /* it is due or under way */

/*
 * *ret_done: it is over just now.  A look at everything waits until whatever
 * happens from there on is heard of.
 */
enum status look_step(struct look *look, struct replica *r, bool *ret_done,
    struct err *err) MUST_CHECK;

/* Over, wherever it is. */
void look_end(struct look *look);

#endif
