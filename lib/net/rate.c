/* SPDX-License-Identifier: MIT */
/*
 * A bucket that is filled a slice of time at a time, and never holds more than
 * two: a slice is long enough that nobody is woken for a handful of bytes, and
 * two are short enough that a link which was idle is not flooded afterwards.
 */
#include "config.h"

#include "net/rate.h"

#include "util/env.h"

#define RATE_SLICE (NSEC / 20)

static uint64_t
worth(const struct rate *rate, int64_t ns)
{
	return rate->limit * (uint64_t)ns / NSEC;
}

void
rate_start(struct rate *rate, uint64_t limit, int64_t now)
{
	*rate = (struct rate){ .limit = limit > RATE_MOST ? 0 : limit,
		.slice = RATE_SLICE,
		.at = now };
	if (rate->limit == 0)
		return;
	/* A slice in which not one byte may go would be of no use. */
	if (worth(rate, rate->slice) == 0)
		rate->slice = NSEC / (int64_t)rate->limit + 1;
	rate->left = worth(rate, rate->slice);
}

size_t
rate_allows(struct rate *rate, int64_t now)
{
	int64_t passed = now - rate->at;
	uint64_t most, more;

	if (rate->limit == 0)
		return SIZE_MAX;
	if (passed < rate->slice)
		return rate->left;
	if (passed > 2 * rate->slice)
		rate->at = now - 2 * rate->slice;
	passed = now - rate->at;
	most = worth(rate, 2 * rate->slice);
	more = worth(rate, passed);
	rate->left = rate->left + more < most ? rate->left + more : most;
	/* What was not worth a byte counts next time. */
	rate->at += (int64_t)(more * NSEC / rate->limit);
	return rate->left;
}

void
rate_spend(struct rate *rate, size_t len)
{
	rate->left -= len < rate->left ? len : rate->left;
}

int64_t
rate_due(const struct rate *rate)
{
	return rate->at + rate->slice;
}
