/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_RATE_H
#define DSYNC_NET_RATE_H

/*
 * How many bytes may go, one way, if over time there are to be no more than
 * so many a second.  Knows no clock: whoever asks says what time it is.
 */

#include <stddef.h>
#include <stdint.h>

/* Any that is higher is none. */
#define RATE_MOST ((uint64_t)1 << 36)

struct rate {
	uint64_t limit; /* bytes a second; 0: none */
	int64_t slice; /* ns after which more is dealt out */
	uint64_t left; /* may go now */
	int64_t at; /* up to here it was dealt out */
};

/* Begins anew, with what a slice of time is worth. */
void rate_start(struct rate *rate, uint64_t limit, int64_t now);

/* So many bytes may go now; SIZE_MAX where there is no limit. */
size_t rate_allows(struct rate *rate, int64_t now);

/* So many went. */
void rate_spend(struct rate *rate, size_t len);

/* When rate_allows(), which was 0 just now, will be more. */
int64_t rate_due(const struct rate *rate);

#endif
