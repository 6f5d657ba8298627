/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STEER_ASK_H
#define DSYNC_STEER_ASK_H

/* The end of the control socket that asks. */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "steer.h"
#include "util/env.h"
#include "util/err.h"

/* Who asks how it is waits no longer. */
#define STEER_PATIENCE (2 * NSEC)

/* Does anybody watch that folder? */
bool steer_is_watched(struct env *env, const char *dir);

/*
 * *ret (a JSON object) is the answer of the one who watches dir.  ST_NOENT:
 * nobody does; ST_TIMEOUT: he has not answered in time (ns; 0: for ever);
 * ST_SIGNAL: `stop` was readable (-1: never).
 */
enum status steer_ask(struct env *env, const char *dir, enum steer_what what,
    int64_t timeout, int stop, json_t **ret, struct err *err) MUST_CHECK;

#endif
