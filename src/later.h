/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_LATER_H
#define DSYNC_LATER_H

#include <stdint.h>

struct env;

/*
 * A descriptor that is readable after about so long, a fifth more or less: so
 * that many clients of a server that was away do not come all at once.  Time
 * in which the machine sleeps counts.  -1: there can be none.
 */
int later(struct env *env, int64_t ns);

#endif
