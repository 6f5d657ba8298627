/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_LINK_H
#define DSYNC_NET_LINK_H

/* A peer process and the two descriptors that lead to it. */

#include "util/auto.h"
#include "util/err.h"

struct link;

/*
 * Starts argv[0] (a path, or a name that is looked up) with a socket as its
 * standard input and output; its standard error stays ours.
 */
enum status link_open(const char *const argv[], struct link **ret,
    struct err *err) MUST_CHECK;
/* Closes the descriptors, waits for the child (kills it after 2 s). */
void link_free(struct link *link);
AUTO_DEFINE(link);

int link_in(const struct link *link);
int link_out(const struct link *link);

/*
 * After the link ended early: why the child is gone, as ST_PEER with a text
 * that says what to do next; ST_OK if it ended well or still runs.
 */
enum status link_why(struct link *link, struct err *err) MUST_CHECK;

#endif
