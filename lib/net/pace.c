/* SPDX-License-Identifier: MIT */
/*
 * That nothing had to wait says little at first: there are buffers on the way,
 * which take some megabytes before a slow link shows.
 *
 * Where much goes and all the same there was a wait, it is the receiver who is
 * slow; he may be on a processor that we share, and to pack harder would be to
 * take it from him.
 */
#include "config.h"

#include "net/pace.h"

#include "util/env.h"

#define PACE_SPAN  (NSEC / 5)
#define PACE_QUICK (32u << 20) /* bytes that went without waiting */
#define PACE_SLOW  4096 /* bytes in a millisecond */

void
pace_waited(struct pace *pace, int64_t ns)
{
	pace->waited += ns;
}

void
pace_sent(struct pace *pace, size_t len)
{
	pace->sent += len;
}

int
pace_judge(struct pace *pace, int64_t now)
{
	const int64_t span = now - pace->began;
	const struct pace p = *pace;

	if (span < PACE_SPAN)
		return 0;
	*pace = (struct pace){ .began = now };
	if (p.waited > span / 5 * 3)
		return p.sent / PACE_SLOW < (uint64_t)span / (NSEC / 1000);
	if (p.waited < span / 5)
		pace->quick = p.quick + p.sent;
	if (pace->quick < PACE_QUICK)
		return 0;
	pace->quick = 0;
	return -1;
}
