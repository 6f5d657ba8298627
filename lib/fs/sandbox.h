/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_SANDBOX_H
#define DSYNC_FS_SANDBOX_H

/*
 * Gives up, for good, what this process needs no more once it listens to the
 * other side: Landlock takes all folders away but those that are named, a
 * seccomp filter the calls that Landlock knows nothing of (see
 * sandbox_seccomp.c for the list).  Children inherit it.
 *
 * To be entered before the first byte of the other side is read, after all
 * that is opened by path elsewhere is open and setlocale() was called, and
 * before any thread is started.  It may be entered again: then only what both
 * times allow is left (16 times at most, the kernel's limit).
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

struct env;

#define SANDBOX_TEXT 32 /* with its NUL: what HELLO has room for */

enum sandbox_level {
	SANDBOX_NONE = 0,
	SANDBOX_SECCOMP = 1,
	SANDBOX_LANDLOCK = 2,
	SANDBOX_FULL = SANDBOX_SECCOMP | SANDBOX_LANDLOCK,
};

/*
 * Paths are the operator's: symlinks are followed, "/proc/self/fd/3" is what
 * that descriptor is.  Neither / nor /proc may be given away.
 */
struct sandbox_opts {
	const char *const *writable; /* folders; nothing in them is executed */
	size_t n_writable;
	const char *const *readable; /* folders or files */
	size_t n_readable;
	/*
	 * A folder in which a file is made and removed again, to see that it
	 * can be: .dsync, or whatever may change without anybody minding.
	 * NULL, or not there yet: that is not tried.
	 */
	const char *scratch;
	bool network; /* sockets of all kinds, connected and bound */
	bool exec; /* what is readable may be executed */
	bool signals; /* processes started before may be signalled */
	bool required; /* less than SANDBOX_FULL is ST_REFUSED */
};

struct sandbox {
	enum sandbox_level level;
	int abi; /* of Landlock, as far as it is made use of; 0: none */
	char text[SANDBOX_TEXT]; /* "landlock 7 + seccomp", "none" */
};

/*
 * ST_FOLDER if something named is missing, ST_USAGE if threads run already,
 * ST_REFUSED if what was forbidden is not (or if required, and the kernel
 * can't).  After a failure the process may be half shut in: it should end.
 * What a kernel lacks is no failure: *ret says what was reached.
 */
enum status sandbox_enter(struct env *env, const struct sandbox_opts *opts,
    struct sandbox *ret, struct err *err) MUST_CHECK;

#endif
