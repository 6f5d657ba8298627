/* SPDX-License-Identifier: MIT */
/* The outside world as the rest of the house sees it: see env.h. */
#include "config.h"

#include "util/env.h"

#include <sys/random.h>

#include <assert.h>
#include <time.h>

static int64_t
clock_ns(clockid_t id)
{
	struct timespec ts = { 0 };

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * NSEC + ts.tv_nsec;
}

static int64_t
real_now(struct env *env)
{
	(void)env;
	return clock_ns(CLOCK_REALTIME);
}

static int64_t
real_ticks(struct env *env)
{
	(void)env;
	return clock_ns(CLOCK_MONOTONIC);
}

static void
real_random(struct env *env, void *buf, size_t len)
{
	ssize_t n;

	(void)env;
	/* Up to 256 bytes getrandom() neither blocks half way nor fails. */
	assert(len <= 256);
	n = getrandom(buf, len, 0);
	assert(n == (ssize_t)len);
	(void)n;
}

const struct env_ops env_real_ops = {
	.now = real_now,
	.ticks = real_ticks,
	.random = real_random,
	.fault = NULL,
};

int64_t
env_now(struct env *env)
{
	return env->ops->now(env);
}

int64_t
env_ticks(struct env *env)
{
	return env->ops->ticks(env);
}

void
env_random(struct env *env, void *buf, size_t len)
{
	env->ops->random(env, buf, len);
}

int
env_fault(struct env *env, const char *op, size_t *len)
{
	return env->ops->fault == NULL ? 0 : env->ops->fault(env, op, len);
}

void
env_filed(struct env *env, struct stat *st)
{
	if (env->ops->filed != NULL)
		env->ops->filed(env, st);
}

void
env_id(struct env *env, char *id, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t b;
	size_t i;

	assert(len > 0);
	for (i = 0; i + 1 < len; i++) {
		env_random(env, &b, 1);
		id[i] = digits[b & 15];
	}
	id[i] = '\0';
}
