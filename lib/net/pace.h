/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_PACE_H
#define DSYNC_NET_PACE_H

/*
 * Is it the link that everybody waits for, or is it us?  Judged by short
 * spans of time.  Knows no clock, as rate.h.
 */

#include <stddef.h>
#include <stdint.h>

struct pace {
	int64_t began; /* the span, */
	int64_t waited; /*  of which so much was spent waiting, */
	uint64_t sent; /*  and so many bytes went */
	uint64_t quick; /* bytes since the link was last waited for */
};

/* Time in which something was to go, and could not. */
void pace_waited(struct pace *pace, int64_t ns);

void pace_sent(struct pace *pace, size_t len);

/* > 0: the link, < 0: us; 0: it can't be told, or not yet. */
int pace_judge(struct pace *pace, int64_t now);

#endif
