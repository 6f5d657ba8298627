/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_LINES_H
#define DSYNC_LINES_H

/* One line for one action, for people. */

#include <stdio.h>

struct action;
struct output;

/* An action that was (or would be) carried out. */
void lines_change(const struct output *out, const struct action *a, FILE *f);

/* A path that stands as it is, and why. */
void lines_left(const struct output *out, const struct action *a, FILE *f);
/* One that can't be synced, and why. */
void lines_skipped(const char *path, const char *text, FILE *f);

/* rsync's eleven characters for an action. */
void lines_itemize(const struct action *a, char ret[12]);

#endif
