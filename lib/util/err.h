/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_UTIL_ERR_H
#define DSYNC_UTIL_ERR_H

/*
 * The one error type.  A function that can fail returns an enum status and,
 * when it fails, has written one line of text into the caller's struct err:
 * what was tried, on which path, and why.  Callers pass the status on; they
 * never reword it.  Names in a text are escaped (see str.h).
 */

#include <stdarg.h>

#define MUST_CHECK		__attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

enum status {
	ST_OK = 0,
	ST_NOMEM = -1, /* out of memory */
	ST_IO = -2, /* a file or folder could not be read or written */
	ST_NOSPC = -3, /* no space, no inodes, over quota */
	ST_NOENT = -4, /* there is no such thing */
	ST_EXIST = -5, /* something is there already */
	ST_CHANGED = -6, /* a file is not the version it was thought to be */
	ST_REFUSED = -7, /* a policy or a safety rule says no */
	ST_PROTO = -8, /* the other side breaks the protocol */
	ST_VERSION = -9, /* the other side speaks another protocol */
	ST_DAMAGED = -10, /* a file of ours is damaged */
	ST_NEWER = -11, /* a file of ours was written by a newer dsync */
	ST_BUSY = -12, /* another run holds the folder */
	ST_GUARD = -13, /* too much would be lost; nothing was changed */
	ST_LINK = -14, /* the connection ended */
	ST_TIMEOUT = -15, /* the other side was silent for too long */
	ST_SIGNAL = -16, /* told to stop */
	ST_PEER = -17, /* the peer did not start */
	ST_USAGE = -18, /* the caller asked for something that makes no sense */
	ST_FOLDER = -19, /* a folder is missing or may not be used */
	ST_AUTH =
	    -20, /* the host is not who it should be, or we are not let in */
	ST_CONNECT = -21, /* no connection within the time allowed for it */
	ST_LAST = ST_CONNECT
};

struct err {
	enum status code;
	int sys; /* the errno behind it, or 0 */
	char text[600]; /* one line, no newline; cut between characters */
};

/* Fills err (which may be NULL) and returns code. */
enum status err_set(struct err *err, enum status code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/*
 * Fills err with the text, ": " and the meaning of errnum; the code follows
 * from errnum (ENOENT: ST_NOENT, ENOSPC: ST_NOSPC, ... else ST_IO).
 */
enum status err_sys(struct err *err, int errnum, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

enum status err_nomem(struct err *err);

/* A short name for a code, "no space" and the like. */
const char *err_name(enum status code);

#endif
