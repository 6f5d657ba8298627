/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_PLACE_H
#define DSYNC_PLACE_H

/* What a person typed for a folder: here, or on another machine. */

#include <stdbool.h>

#include "util/err.h"

struct place {
	bool remote;
	char *login; /* "user@host" or "host"; NULL unless remote */
	char *preset; /* NAME of host:/preset/NAME and host::NAME; or NULL */
	char *path; /* a folder: here, or there if there is no preset */
};

/*
 * As rsync and scp: a colon makes it remote unless a slash stands before it
 * ("./a:b" is here); "[::1]:..." is an address.  A trailing slash means
 * nothing.  ST_USAGE says what is wrong.
 */
enum status place_parse(const char *text, struct place *ret,
    struct err *err) MUST_CHECK;
void place_fini(struct place *place);

static inline void
auto_place(struct place *place)
{
	place_fini(place);
}

#endif
