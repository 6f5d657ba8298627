/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_EXITCODE_H
#define DSYNC_EXITCODE_H

/* What the shell is told; the numbers are rsync's where the meaning is. */

#include <stdbool.h>

#include "util/err.h"

struct summary;

enum exitcode {
	EXITCODE_OK = 0, /* in sync */
	EXITCODE_USAGE = 1,
	EXITCODE_PROTOCOL = 2, /* the other side speaks another protocol */
	EXITCODE_FOLDER = 3, /* missing, or may not be used */
	EXITCODE_PEER = 5, /* the peer did not start */
	EXITCODE_LINK = 10, /* the connection ended */
	EXITCODE_IO = 11,
	EXITCODE_DATA = 12, /* the other side breaks the protocol */
	EXITCODE_AUTH = 15, /* a host key, or who we are */
	EXITCODE_SIGNAL = 20,
	EXITCODE_MEMORY = 22,
	EXITCODE_PARTIAL = 23, /* some files could not be synced */
	EXITCODE_GUARD = 25,
	EXITCODE_SPACE = 28,
	EXITCODE_TIMEOUT = 30,
	EXITCODE_CONNECT_TIMEOUT = 35,
	EXITCODE_CONFLICTS = 40, /* left for a person */
	EXITCODE_PENDING = 41, /* -n --exit-code, verify: there is work */
	EXITCODE_BUSY = 42, /* another run holds the folder */
	EXITCODE_POLICY = 43,
};

/* For a run or command that ended with status. */
enum exitcode exitcode_of(enum status status);

/* The other side could not be reached, or was lost: it may pass. */
bool exitcode_is_link(enum exitcode code);

/* For a run that came to its end.  tell: pending changes count (41). */
enum exitcode exitcode_of_summary(const struct summary *s, bool tell);

#endif
