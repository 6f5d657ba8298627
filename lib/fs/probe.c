/* SPDX-License-Identifier: MIT */
/* A call that can't succeed tells by its error whether the kernel knows it. */
#include "config.h"

#include "fs/probe.h"

#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/fs.h>

#include "fs/sys.h"
#include "util/amount.h"
#include "util/auto.h"
#include "util/env.h"

/* linux/landlock.h is younger than some kernels that have it. */
#ifndef SYS_landlock_create_ruleset
#	define SYS_landlock_create_ruleset 444
#endif
#define LANDLOCK_VERSION 1u

bool
probe_openat2(struct env *env)
{
	(void)env;
	return syscall(SYS_openat2, -1, NULL, NULL, (size_t)0) == -1 &&
	    errno != ENOSYS && errno != EPERM;
}

bool
probe_exchange(struct env *env)
{
	return sys_renameat2(env, AT_FDCWD, "", AT_FDCWD, "",
		   RENAME_EXCHANGE) == -1 &&
	    errno == ENOENT;
}

int
probe_landlock(struct env *env)
{
	long abi;

	(void)env;
	abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    LANDLOCK_VERSION);
	return abi > 0 ? (int)abi : 0;
}

bool
probe_number(struct env *env, const char *path, uint64_t *ret)
{
	autoclose int fd = sys_open_config(env, path, O_RDONLY);
	const char *rest;
	char text[32];
	ssize_t n = fd == -1 ? -1 : sys_read(env, fd, text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return amount_digits(text, ret, &rest);
}

bool
probe_folder(struct env *env, const char *path)
{
	int errnum = env_fault(env, "faccessat", NULL);

	errno = errnum;
	return errnum == 0 &&
	    faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK, AT_EACCESS) == 0;
}
