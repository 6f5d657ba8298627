/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SIGNALS_H
#define DSYNC_SIGNALS_H

#include <signal.h>

#include "util/err.h"

/* To our own session: end, without a word. */
#define SIGNALS_QUIETLY SIGUSR1

/*
 * From now on the first SIGINT, SIGTERM, SIGHUP (or the above) makes *ret_fd readable, and
 * a second one of its kind ends the process at once.  SIGPIPE is ignored, and
 * so is what the caller had ignored already.
 * Call it once; the descriptor stays open.
 */
enum status signals_catch(int *ret_fd, struct err *err) MUST_CHECK;

/*
 * For one that stays: SIGHUP does not end it, unless it is a terminal that
 * hangs up.
 */
enum status signals_catch_watch(int *ret_fd, struct err *err) MUST_CHECK;

/* Which one it was; 0: there was none. */
int signals_next(int fd);

/* For a peer: what a terminal sends to all of its group is the client's. */
enum status signals_catch_peer(int *ret_fd, struct err *err) MUST_CHECK;

#endif
