/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_TESTENV_H
#define DSYNC_TESTS_UNIT_TESTENV_H

/*
 * A struct env with a hand in it: a clock that stands where the test put it,
 * and a hook that is asked before each system call.  The hook may make the
 * call fail, or do in that moment what a user might.  While it runs, it is
 * not asked for what it does itself.
 */

#include <sys/random.h>
#include <sys/stat.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/env.h"
#include "util/hash.h"

struct testenv {
	struct env env; /* first: one is the other */
	int64_t now;
	/* Returns an errno, or 0.  count is of calls named op, from 1. */
	int (*hook)(struct testenv *te, const char *op, int count);
	void *ctx; /* the hook's */
	bool in_hook;
	int calls; /* of all names */
	struct {
		const char *op;
		int n;
	} seen[32];
	/* Without a hook: the fail_at-th call of fail_op (NULL: of any). */
	const char *fail_op;
	int fail_at;
	int fail_errno;
	bool failed;
	size_t shorten; /* reads and writes to this many bytes; 0: not */
};

static inline int64_t
testenv_now(struct env *env)
{
	return ((struct testenv *)env)->now;
}

static inline void
testenv_random(struct env *env, void *buf, size_t len)
{
	(void)env;
	ck_assert_int_eq(getrandom(buf, len, 0), (ssize_t)len);
}

static inline int
testenv_count(struct testenv *te, const char *op)
{
	size_t i = 0;

	while (te->seen[i].op != NULL && strcmp(te->seen[i].op, op) != 0)
		i++;
	ck_assert_uint_lt(i, 31);
	te->seen[i].op = op;
	return ++te->seen[i].n;
}

static inline int
testenv_fault(struct env *env, const char *op, size_t *len)
{
	struct testenv *te = (struct testenv *)env;
	int count, errnum = 0;

	if (te->in_hook)
		return 0;
	te->calls++;
	count = testenv_count(te, op);
	if (len != NULL && te->shorten != 0 && *len > te->shorten)
		*len = te->shorten;
	te->in_hook = true;
	if (te->hook != NULL)
		errnum = te->hook(te, op, count);
	te->in_hook = false;
	if (errnum == 0 && te->fail_at != 0 &&
	    (te->fail_op == NULL ?
		    te->calls == te->fail_at :
		    strcmp(op, te->fail_op) == 0 && count == te->fail_at)) {
		te->failed = true;
		errnum = te->fail_errno;
	}
	return errnum;
}

static const struct env_ops testenv_ops = {
	.now = testenv_now,
	.ticks = testenv_now,
	.random = testenv_random,
	.fault = testenv_fault,
};

static inline void
testenv_init(struct testenv *te)
{
	*te = (struct testenv){ .env = { &testenv_ops },
		.now = 1800000000 * NSEC };
}

/* Counts anew; from now on the k-th call named op (NULL: any) fails. */
static inline void
testenv_fail(struct testenv *te, const char *op, int k, int errnum)
{
	memset(te->seen, 0, sizeof(te->seen));
	te->calls = 0;
	te->fail_op = op;
	te->fail_at = k;
	te->fail_errno = errnum;
	te->failed = false;
}

/* A file of dir, made or overwritten in place. */
static inline void
testenv_write(const char *dir, const char *name, const char *text)
{
	char path[8192];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	ck_assert_msg(fd != -1, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* As careful editors do: a new file, renamed over the old one. */
static inline void
testenv_save(const char *dir, const char *name, const char *text)
{
	char temp[8192], path[8192];

	snprintf(temp, sizeof(temp), "%s/%s", dir, ".saving");
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	testenv_write(dir, ".saving", text);
	ck_assert_int_eq(rename(temp, path), 0);
}

/* Its contents; "" if there is no such file.  Overwritten by the next call. */
static inline const char *
testenv_read(const char *dir, const char *name)
{
	static char text[4096];
	char path[8192];
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd != -1) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static inline bool
testenv_exists(const char *dir, const char *name)
{
	char path[8192];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return lstat(path, &st) == 0;
}

static inline struct hash
testenv_hash(const char *text)
{
	AUTO(hasher) struct hasher *h = NULL;
	struct hash hash;

	ck_assert_int_eq(hasher_new(&h), ST_OK);
	ck_assert_int_eq(hasher_once(h, text, strlen(text), &hash), ST_OK);
	return hash;
}

#endif
