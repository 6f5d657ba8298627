/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "later.h"

#include <sys/timerfd.h>

#include "util/env.h"

int
later(struct env *env, int64_t ns)
{
	const int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	struct itimerspec when = { 0 };
	uint16_t dice;

	env_random(env, &dice, sizeof(dice));
	ns = ns / 5 * 4 + ns / 5 * 2 * dice / UINT16_MAX;
	when.it_value = (struct timespec){ .tv_sec = ns / NSEC,
		.tv_nsec = ns % NSEC };
	if (fd != -1)
		timerfd_settime(fd, 0, &when, NULL);
	return fd;
}
