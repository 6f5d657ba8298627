/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STEER_H
#define DSYNC_STEER_H

/*
 * What is said through the control socket of a folder that is watched.  Who
 * asks sends a line, "status" or "flush 7" (a number that was told before),
 * and gets a line: a JSON object with "exit", the code to end with, and
 * "text" if there is something to say; or with "again", a number: ask again
 * with that, in a moment.  No answer means ask again, too: there was nobody
 * just then who could have known.
 */

#include <stddef.h>

enum steer_what {
	STEER_STATUS,
	STEER_FLUSH, /* answered when what was saved before is in sync */
	STEER_PAUSE,
	STEER_RESUME,
	STEER__MAX,
};

#define STEER_LINE 32 /* of who asks, with its end */

const char *steer_word(enum steer_what what);

#endif
