/* SPDX-License-Identifier: MIT */
/* A call that can't succeed tells by its error whether the kernel knows it. */
#include "config.h"

#include "fs/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <linux/fs.h>

#include "fs/sys.h"
#include "util/amount.h"
#include "util/auto.h"

bool
probe_openat2(struct env *env)
{
	return sys_knows_openat2(env);
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
	const int abi = sys_landlock_abi(env);

	return abi > 0 ? abi : 0;
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
	return sys_access(env, path, R_OK | W_OK | X_OK) == 0;
}
