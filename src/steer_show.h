/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STEER_SHOW_H
#define DSYNC_STEER_SHOW_H

/* What the one who watches has answered, for a person. */

#include <jansson.h>

#include "exitcode.h"
#include "steer.h"

struct options;

/* The answer to that, but to status; the code it says to end with. */
enum exitcode steer_show(const struct options *o, enum steer_what what,
    json_t *answer);

/* Lines of dsync status: how the watch is. */
void steer_show_status(const json_t *answer);

#endif
