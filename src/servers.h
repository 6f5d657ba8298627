/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SERVERS_H
#define DSYNC_SERVERS_H

/* A place that names several servers: which of them it is this time. */

#include "exitcode.h"

struct invocation;
struct run_kind;
struct sides;

/*
 * A run with the first that there is a link to, in the order typed.  Each is a
 * process of its own.  One that answers is the one, whatever it says: nobody
 * goes round a host key that is wrong, or a refusal.
 */
enum exitcode servers_run(const struct invocation *inv,
    const struct run_kind *kind, struct sides *sides);

#endif
