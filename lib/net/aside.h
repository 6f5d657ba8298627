/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_ASIDE_H
#define DSYNC_NET_ASIDE_H

/*
 * What a program says on its standard error, in lines; and why it has ended,
 * by its exit code and its last one.
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

#define ASIDE_LINE 1024 /* bytes with the NUL; a longer one comes in pieces */

/* All zero in the beginning, but for own. */
struct aside {
	bool own; /* it is our SSH helper: its exit codes are statuses */
	char text[ASIDE_LINE]; /* an unfinished line */
	size_t len;
	char last[ASIDE_LINE]; /* the last whole one */
};

/*
 * Is called with each line that is not empty; it may hold any bytes but ends
 * of lines and NUL.
 */
typedef void aside_line(void *ctx, const char *text);

void aside_take(struct aside *a, const char *data, size_t n, aside_line *line,
    void *ctx);
void aside_end(struct aside *a, aside_line *line, void *ctx);

/*
 * A program that led to the host of that name has ended with this code: why,
 * and what to do next; ST_OK if it does not say.  name is safe to show.
 */
enum status aside_why(const struct aside *a, const char *name, int code,
    struct err *err) MUST_CHECK;

#endif
