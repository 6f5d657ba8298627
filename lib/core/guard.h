/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_GUARD_H
#define DSYNC_CORE_GUARD_H

/*
 * The last look before anything is done: a plan that deletes more than a
 * person is likely to mean is not carried out.  Moves are no deletions.
 */

#include <stdbool.h>
#include <stddef.h>

struct plan;

/* --max-delete=N or N%; both limits must be passed to trip. */
struct guard_limit {
	size_t count; /* trips above this many */
	unsigned percent; /* and above this share of what a side has */
};

#define GUARD_DEFAULT ((struct guard_limit){ .count = 20, .percent = 25 })

/* What a plan is held against, of one side. */
struct guard_side {
	size_t files; /* TEXT entries it has now */
	size_t gone; /* deleted so shortly before that they count, too */
};

struct guard_verdict {
	bool tripped;
	bool emptied; /* a side that had files has none any more */
	bool remote; /* the deletions would be made on the server */
	size_t deletions; /* on the worse side, */
	size_t gone; /*  beside those of shortly before */
	size_t files; /* that side has now */
};

/* "7" (count, no percentage) or "30%" (no count); false if neither. */
bool guard_parse(const char *text, struct guard_limit *ret);

/*
 * A side that had at least two files in the base and has lost all of them
 * trips whatever the numbers, unless the limit was set by hand (explicit).
 */
void guard_check(const struct plan *plan, const struct guard_side *here,
    const struct guard_side *there, const struct guard_limit *limit,
    bool explicit, struct guard_verdict *ret);

#endif
