/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_UTIL_ENV_H
#define DSYNC_UTIL_ENV_H

/*
 * All that a run takes from outside and a test wants to hold in its hand:
 * the clock, randomness, and the moments at which a system call may fail or
 * the machine may die.  Everything below src/ gets these from here alone.
 */

#include <stddef.h>
#include <stdint.h>

#define NSEC 1000000000LL

struct env;
struct stat;

struct env_ops {
	int64_t (*now)(struct env *); /* wall clock, ns since 1970 */
	int64_t (*ticks)(struct env *); /* a clock that never jumps, ns */
	void (*random)(struct env *, void *buf, size_t len);
	/*
	 * Asked before every call that touches a file, and before every
	 * commit of the journal.  op is the call's name.  Returns 0 to go on
	 * or the errno to fail with; may shorten *len, for calls that have a
	 * length (else len is NULL).  NULL in production.
	 */
	int (*fault)(struct env *, const char *op, size_t *len);
	/*
	 * Shown what is known of a file, and may change it: a file system has
	 * a clock of its own.  NULL in production.
	 */
	void (*filed)(struct env *, struct stat *st);
};

struct env {
	const struct env_ops *ops;
};

/* The real thing. */
extern const struct env_ops env_real_ops;

int64_t env_now(struct env *env);
int64_t env_ticks(struct env *env);
void env_random(struct env *env, void *buf, size_t len);
int env_fault(struct env *env, const char *op, size_t *len);
void env_filed(struct env *env, struct stat *st);

/* Fills id with len-1 random lower-case hex digits and a NUL. */
void env_id(struct env *env, char *id, size_t len);

#endif
