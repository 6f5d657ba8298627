/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_PLACE_H
#define DSYNC_PLACE_H

/* What a person typed for a folder: here, or on another machine, or several. */

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

#define PLACE_SERVERS 8 /* that one place may name */

struct place {
	bool remote;
	char *login; /* as typed, up to the colon; NULL unless remote */
	char *servers[PLACE_SERVERS]; /* "user@host" or "host" of each */
	size_t n_servers;
	size_t turn; /* the one that is meant now */
	char *preset; /* NAME of host:/preset/NAME and host::NAME; or NULL */
	char *path; /* a folder: here, or there if there is no preset */
};

/*
 * As rsync and scp: a colon makes it remote unless a slash stands before it
 * ("./a:b" is here); "[::1]:..." is an address.  Commas stand between the
 * servers, where there are several.  A trailing slash means nothing.  ST_USAGE
 * says what is wrong.
 */
enum status place_parse(const char *text, struct place *ret,
    struct err *err) MUST_CHECK;
void place_fini(struct place *place);

/* Whose turn it is; borrowed. */
const char *place_host(const struct place *place);
/* Where the preset is there: to be freed, NULL: no memory. */
char *place_address(const struct place *place);

static inline void
auto_place(struct place *place)
{
	place_fini(place);
}

#endif
