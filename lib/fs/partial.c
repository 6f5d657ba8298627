/* SPDX-License-Identifier: MIT */
/*
 * A flock says whose a partial file is; it ends with its process.  Between
 * opening and locking it may have become somebody's file: so after locking
 * one looks whether the name still leads to it.
 */
#include "config.h"

#include "fs/partial.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "fs/root.h"
#include "fs/stage.h"
#include "fs/sys.h"
#include "util/auto.h"
#include "util/env.h"
#include "util/hash.h"

#define FOLDER "partial"

static enum status
partial_error(struct err *err, int errnum)
{
	return err_sys(err, errnum, ".dsync/" FOLDER);
}

static bool
still_there(struct env *env, int folder, const char *hex,
    const struct stat *mine)
{
	struct stat named;

	return sys_fstatat(env, folder, hex, &named) == 0 &&
	    named.st_dev == mine->st_dev && named.st_ino == mine->st_ino;
}

enum status
partial_open(struct root *root, const char *hex, int *ret_fd,
    uint64_t *ret_size, struct err *err)
{
	struct env *env = root_env(root);
	autoclose int folder = root_private_folder(root, FOLDER, true);
	autoclose int fd = -1;
	struct stat st;

	if (folder == -1)
		return partial_error(err, errno);
	fd = sys_openat(env, folder, hex, O_RDWR | O_CREAT, 0600);
	if (fd == -1)
		return partial_error(err, errno);
	if (sys_flock(env, fd, LOCK_EX | LOCK_NB) == -1)
		return err_set(err, ST_BUSY, ".dsync/" FOLDER "/%s: in use",
		    hex);
	if (sys_fstat(env, fd, &st) == -1)
		return partial_error(err, errno);
	if (!S_ISREG(st.st_mode) || !still_there(env, folder, hex, &st))
		return err_set(err, ST_BUSY, ".dsync/" FOLDER "/%s: in use",
		    hex);
	*ret_size = (uint64_t)st.st_size;
	*ret_fd = fd;
	fd = -1;
	return ST_OK;
}

enum status
partial_take(struct stage *stage, const char *hex, uint64_t n, struct err *err)
{
	struct root *root = stage_root(stage);
	autoclose int folder = root_private_folder(root, FOLDER, false);
	char name[STAGE_NAME];

	stage_name(n, name);
	if (folder == -1 ||
	    sys_renameat2(root_env(root), folder, hex, stage_fd(stage), name,
		0) == -1)
		return partial_error(err, errno);
	return ST_OK;
}

void
partial_drop(struct root *root, const char *hex)
{
	autoclose int folder = root_private_folder(root, FOLDER, false);

	if (folder != -1)
		sys_unlinkat(root_env(root), folder, hex, 0);
}

uint64_t
partial_size(struct root *root, const char *hex)
{
	autoclose int folder = root_private_folder(root, FOLDER, false);
	struct stat st;

	if (folder == -1 ||
	    sys_fstatat(root_env(root), folder, hex, &st) == -1 ||
	    !S_ISREG(st.st_mode))
		return 0;
	return (uint64_t)st.st_size;
}

static bool
too_old(struct env *env, const struct stat *st)
{
	const int64_t age = env_now(env) / NSEC - st->st_mtim.tv_sec;

	return age > PARTIAL_AGE / NSEC;
}

enum status
partial_each(struct root *root,
    enum status (
	*each)(void *ctx, const char *hex, uint64_t size, struct err *err),
    void *ctx, struct err *err)
{
	struct env *env = root_env(root);
	int folder = root_private_folder(root, FOLDER, false);
	enum status result = ST_OK;
	struct dirent *d;
	struct stat st;
	DIR *dir;

	if (folder == -1)
		return errno == ENOENT ? ST_OK : partial_error(err, errno);
	dir = sys_fdopendir(env, folder);
	if (dir == NULL) {
		result = partial_error(err, errno);
		close(folder);
		return result;
	}
	while (result == ST_OK && (d = sys_readdir(env, dir)) != NULL) {
		if (strlen(d->d_name) != HASH_HEX - 1 ||
		    sys_fstatat(env, dirfd(dir), d->d_name, &st) == -1 ||
		    !S_ISREG(st.st_mode))
			continue;
		if (too_old(env, &st))
			sys_unlinkat(env, dirfd(dir), d->d_name, 0);
		else if (st.st_size > 0)
			result = each(ctx, d->d_name, (uint64_t)st.st_size,
			    err);
	}
	closedir(dir);
	return result;
}
