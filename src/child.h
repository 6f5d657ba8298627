/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CHILD_H
#define DSYNC_CHILD_H

/*
 * A process of our own, which says on a pipe how it is; its end closes the
 * pipe, whatever becomes of it.  When its parent ends it is told to (SIGTERM).
 */

#include <sys/types.h>

#include "util/err.h"

struct child {
	pid_t pid; /* 0: there is none; or this is the child itself */
	int fd; /* what it says is read here; it writes it here; -1: none */
};

#define CHILD_NONE ((struct child){ .fd = -1 })

/* Forks: ST_OK twice. */
enum status child_fork(struct child *ret, struct err *err) MUST_CHECK;

/*
 * Waits for its end; what waitpid() says of it, or -1 if there was none.
 * Nothing is heard from it meanwhile.
 */
int child_wait(struct child *child);

#endif
