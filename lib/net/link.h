/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_LINK_H
#define DSYNC_NET_LINK_H

/* A process that leads to the other side, and the descriptors to it. */

#include <stdbool.h>

#include "util/auto.h"
#include "util/err.h"

struct link;

struct link_opts {
	const char *const *argv; /* argv[0]: a path, or a name to look up */
	const char *host; /* for messages; NULL: on this machine */
	bool own; /* argv is our SSH helper: its exit codes are statuses */
	bool one; /* one socket both ways: link_in() is written to as well */
};

/*
 * Starts it with sockets as its standard input and output.  With a host its
 * standard error leads to link_hear(), else it stays ours.  ST_PEER if it
 * can't be started.
 */
enum status link_open(const struct link_opts *opts, struct link **ret,
    struct err *err) MUST_CHECK;
/*
 * Closes the descriptors and waits for the child, which ends when its input
 * does: told to after 1 s, killed after 1.4, so that whoever is interrupted
 * has ended within two.
 */
void link_free(struct link *link);
AUTO_DEFINE(link);

/*
 * The same without waiting: what is left to the child is to deliver what it
 * was given, and it may outlive us by that.
 */
void link_leave(struct link *link);

int link_in(const struct link *link);
int link_out(const struct link *link);

/* Readable when link_hear() has something to read; -1: no more. */
int link_aside(const struct link *link);

/* Calls line for each whole line that came on its standard error by now. */
void link_hear(struct link *link, void (*line)(void *ctx, const char *text),
    void *ctx);

/*
 * After the link ended early: why the child is gone, with a text that says
 * what to do next; ST_OK if it ended well or still runs.  What was left of
 * its standard error is read first, by link_hear() with line and ctx.
 */
enum status link_why(struct link *link,
    void (*line)(void *ctx, const char *text), void *ctx,
    struct err *err) MUST_CHECK;

#endif
