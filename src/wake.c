/* SPDX-License-Identifier: MIT */
/*
 * A timer that never comes, on the wall clock, and that is cancelled when this
 * clock jumps: by somebody who sets it, or because the machine was asleep.
 * Which of the two, and for how long, two other clocks tell, of which one
 * stands still meanwhile.
 */
#include "config.h"

#include "wake.h"

#include <sys/timerfd.h>

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "util/env.h"

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts = { 0 };

	clock_gettime(id, &ts);
	return ts.tv_sec * NSEC + ts.tv_nsec;
}

static int64_t
asleep(void)
{
	return read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC);
}

static void
arm(const struct wake *w)
{
	const struct itimerspec never = {
		.it_value.tv_sec = INT64_MAX / NSEC,
	};

	timerfd_settime(w->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
	    &never, NULL);
}

void
wake_open(struct wake *w)
{
	w->asleep = asleep();
	w->fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (w->fd != -1)
		arm(w);
}

void
wake_close(struct wake *w)
{
	if (w->fd != -1)
		close(w->fd);
	w->fd = -1;
}

int64_t
wake_slept(struct wake *w)
{
	const int64_t before = w->asleep;
	uint64_t times;

	/* ECANCELED, and that is taken away by it. */
	(void)!read(w->fd, &times, sizeof(times));
	arm(w);
	w->asleep = asleep();
	return w->asleep - before;
}
