/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_USER_H
#define DSYNC_NET_SSH_USER_H

/*
 * What a connection needs of the person and the machine it is made for, and
 * can't do itself: files of ~/.ssh, questions on a terminal, and an end for
 * what takes too long.
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

struct ssh_user {
	void *ctx;
	const char *home;
	const char *name; /* the account here */
	const char *agent; /* socket of an agent, or NULL */

	/* A whole small file, to be freed; ST_NOENT if there is none. */
	enum status (
	    *file)(void *ctx, const char *path, char **ret, struct err *err);
	/* The paths that match, NULL at the end: one block to be freed. */
	enum status (*find)(void *ctx, const char *pattern, char ***ret,
	    struct err *err);
	/* One line more at a file's end; the file is made if need be. */
	enum status (*append)(void *ctx, const char *path, const char *line,
	    struct err *err);
	/*
	 * Asks; false: there is nobody to ask, or no answer.  What is typed
	 * is shown only if echo is set.
	 */
	bool (*ask)(void *ctx, const char *question, bool echo, char *answer,
	    size_t size);
	/*
	 * From now on the program ends, with this as its last words and
	 * ST_CONNECT, unless this is called again in time; NULL: no more.
	 * The time for an answer does not count.
	 */
	void (*hurry)(void *ctx, const char *what);
	/*
	 * The command runs, no byte of it was read yet: from now on neither
	 * files nor programs are needed, only what is open.
	 */
	enum status (*settled)(void *ctx, struct err *err);
};

#endif
