/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_CONTROL_H
#define DSYNC_FS_CONTROL_H

/*
 * The door of the one process that watches a replica: a socket in .dsync by
 * which the person's other commands reach it.
 */

#include "util/err.h"

struct root;

struct control {
	int lock; /* held: nobody else watches */
	int fd; /* listening; -1: this file system has no sockets */
};

#define CONTROL_NONE                                                           \
	{                                                                      \
		.lock = -1, .fd = -1                                           \
	}

/* ST_BUSY if somebody else has it.  What a dead one left is taken away. */
enum status control_open(struct root *root, struct control *ret,
    struct err *err) MUST_CHECK;
void control_close(struct root *root, struct control *control);

/* Takes one who has come, non-blocking; -1: nobody has, or he isn't us. */
int control_accept(const struct control *control);

/* To the one who watches; ST_NOENT if nobody does. */
enum status control_dial(struct root *root, int *ret_fd,
    struct err *err) MUST_CHECK;

#endif
