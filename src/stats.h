/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STATS_H
#define DSYNC_STATS_H

/* The numbers of a run: --stats for people, and the same for programs. */

#include <jansson.h>

struct summary;

/* Lines of those that are not zero. */
void stats_print(const struct summary *s);

/* Into o: all of them, and of the forms those that occurred. */
void stats_json(const struct summary *s, json_t *o);

#endif
