/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SIGNALS_H
#define DSYNC_SIGNALS_H

#include "util/err.h"

/*
 * From now on the first SIGINT, SIGTERM or SIGHUP makes *ret_fd readable, and
 * a second one of its kind ends the process at once.  SIGPIPE is ignored, and
 * so is what the caller had ignored already.
 * Call it once; the descriptor stays open.
 */
enum status signals_catch(int *ret_fd, struct err *err) MUST_CHECK;

/* For a peer: what a terminal sends to all of its group is the client's. */
enum status signals_catch_peer(int *ret_fd, struct err *err) MUST_CHECK;

#endif
