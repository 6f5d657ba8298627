/* SPDX-License-Identifier: MIT */
/* Between the two verdicts lies enough that nobody changes his mind often. */
#include "config.h"

#include "net/pace.h"

#include "util/env.h"

#define PACE_SPAN  (NSEC / 5)
#define PACE_LEAST 65536 /* bytes; of fewer there is nothing to make quicker */

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
	/* Time in which there was nothing to do proves nothing. */
	if (p.waited > span / 5 * 3)
		return 1;
	return p.sent >= PACE_LEAST && p.waited < span / 5 ? -1 : 0;
}
