/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_SANDBOX_PART_H
#define DSYNC_FS_SANDBOX_PART_H

/*
 * The two halves of the sandbox, for sandbox.c.  Both want PR_SET_NO_NEW_PRIVS
 * set, and neither believes what it is told: that is sandbox.c's to test.
 */

#include <stdbool.h>

#include "util/err.h"

struct env;
struct sandbox_opts;

/*
 * Calls that came with Linux 5.1 or later have one number on all machines, but
 * for an offset on some.  So those that are newer than the headers have names.
 */
#define SANDBOX_CALL(n) (SYS_openat2 - 437 + (n))

/* env_fault() under the name op: true, and errno set, if a test wants it. */
bool sandbox_faulted(struct env *env, const char *op);

/* *ret_abi is 0 if the kernel has no Landlock. */
enum status sandbox_landlock(struct env *env, const struct sandbox_opts *opts,
    int *ret_abi, struct err *err) MUST_CHECK;

/* *ret_done is false if the kernel has no filters. */
enum status sandbox_seccomp(struct env *env, const struct sandbox_opts *opts,
    bool *ret_done, struct err *err) MUST_CHECK;

#endif
