/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_WAKE_H
#define DSYNC_WAKE_H

/* Notices that the machine was asleep, at the moment when it wakes up. */

#include <stdint.h>

struct wake {
	int fd; /* readable: wake_slept(); -1: it can't be known */
	int64_t asleep; /* in all, since the machine began, ns */
};

/* What can't be had is done without. */
void wake_open(struct wake *w);
void wake_close(struct wake *w);

/* For how long it was, since the last time this was asked, ns. */
int64_t wake_slept(struct wake *w);

#endif
