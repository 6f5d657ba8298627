/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_DEADLINE_H
#define DSYNC_DEADLINE_H

/*
 * An end from outside, for what can't be trusted to come back: when the time
 * is over the program writes its last words on standard error and exits with
 * EXITCODE_CONNECT_TIMEOUT.  There is one; it belongs to the program.
 */

#include <stdint.h>

/* From now on, ns for what follows; text is copied (cut to 300 bytes). */
void deadline_set(int64_t ns, const char *text);
void deadline_clear(void);

/* A person is being waited for: the clock stands still in between. */
void deadline_pause(void);
void deadline_resume(void);

#endif
