/* SPDX-License-Identifier: MIT */
/*
 * Small files of our own below .dsync: read whole, and replaced whole, so that
 * nobody ever sees half of one.
 */
#include "config.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "fs/root.h"
#include "fs/sys.h"
#include "util/env.h"
#include "util/str.h"

#define WRITE_TEMP "write.tmp"

static enum status
path_error(struct err *err, int errnum, const char *name)
{
	return err_sys(err, errnum, PATH_PRIVATE "/%s", name);
}

/* Some file systems can't fsync a folder, and need not. */
static enum status
sync_folder(struct root *root, int fd, const char *name, struct err *err)
{
	if (sys_fsync(root_env(root), fd) == -1 && errno != EINVAL)
		return path_error(err, errno, name);
	return ST_OK;
}

int
root_private_folder(struct root *root, const char *name, bool make)
{
	struct env *env = root_env(root);
	const int private = root_private_fd(root);
	int fd;

	fd = sys_openat(env, private, name, O_RDONLY | O_DIRECTORY, 0);
	if (fd != -1 || errno != ENOENT || !make)
		return fd;
	if (sys_mkdirat(env, private, name, 0700) == -1 && errno != EEXIST)
		return -1;
	return sys_openat(env, private, name, O_RDONLY | O_DIRECTORY, 0);
}

enum status
root_open_private(struct root *root, const char *name, int *ret_fd,
    struct err *err)
{
	int fd;

	if (root_private_fd(root) == -1)
		return path_error(err, ENOENT, name);
	fd = sys_open_beneath(root_env(root), root_private_fd(root), name,
	    O_RDONLY, false);
	if (fd == -1)
		return path_error(err, errno, name);
	*ret_fd = fd;
	return ST_OK;
}

enum status
root_read_private(struct root *root, const char *name, char *buf, size_t size,
    struct err *err)
{
	autoclose int fd = -1;
	enum status st = root_open_private(root, name, &fd, err);
	ssize_t n;

	if (st != ST_OK)
		return st;
	n = sys_read_all(root_env(root), fd, buf, size);
	if (n == -1)
		return path_error(err, errno, name);
	if ((size_t)n == size || memchr(buf, '\0', (size_t)n) != NULL)
		return err_set(err, ST_DAMAGED, PATH_PRIVATE "/%s: damaged",
		    name);
	buf[n] = '\0';
	return ST_OK;
}

static enum status
write_all(struct env *env, int fd, const char *text)
{
	size_t len = strlen(text);
	ssize_t n;

	while (len > 0) {
		n = sys_write(env, fd, text, len);
		if (n == -1)
			return ST_IO;
		text += n;
		len -= (size_t)n;
	}
	return ST_OK;
}

/*
 * The temporary file has one name, so that one which a dead process left is
 * overwritten; processes take turns by a lock on the folder itself.
 */
static int
replace_private(struct root *root, int lock, const char *name, const char *text,
    bool fresh)
{
	struct env *env = root_env(root);
	autoclose int fd = -1;
	struct stat sb;

	if (sys_flock(env, lock, LOCK_EX) == -1)
		return -1;
	if (fresh && sys_fstatat(env, lock, name, &sb) == 0) {
		errno = EEXIST;
		return -1;
	}
	if (sys_unlinkat(env, lock, WRITE_TEMP, 0) == -1 && errno != ENOENT)
		return -1;
	fd = sys_openat(env, lock, WRITE_TEMP, O_WRONLY | O_CREAT | O_EXCL,
	    0600);
	if (fd == -1 || write_all(env, fd, text) != ST_OK ||
	    sys_fsync(env, fd) == -1)
		return -1;
	return sys_renameat2(env, lock, WRITE_TEMP, lock, name, 0);
}

static enum status
put_private(struct root *root, const char *name, const char *text, bool fresh,
    struct err *err)
{
	autoclose int lock = -1;
	int errnum;

	/* A descriptor of its own: closing it gives the lock back. */
	lock = sys_openat(root_env(root), root_private_fd(root), ".",
	    O_RDONLY | O_DIRECTORY, 0);
	if (lock == -1)
		return path_error(err, errno, name);
	if (replace_private(root, lock, name, text, fresh) == -1) {
		errnum = errno;
		sys_unlinkat(root_env(root), lock, WRITE_TEMP, 0);
		return path_error(err, errnum, name);
	}
	return sync_folder(root, lock, name, err);
}

enum status
root_write_private(struct root *root, const char *name, const char *text,
    struct err *err)
{
	return put_private(root, name, text, false, err);
}

enum status
root_make_private(struct root *root, const char *name, const char *text,
    struct err *err)
{
	return put_private(root, name, text, true, err);
}

enum status
root_rename_private(struct root *root, const char *from, const char *to,
    struct err *err)
{
	if (sys_renameat2(root_env(root), root_private_fd(root), from,
		root_private_fd(root), to, 0) == -1)
		return path_error(err, errno, from);
	return sync_folder(root, root_private_fd(root), from, err);
}

enum status
root_drop_private(struct root *root, const char *name, struct err *err)
{
	if (sys_unlinkat(root_env(root), root_private_fd(root), name, 0) ==
		-1 &&
	    errno != ENOENT)
		return path_error(err, errno, name);
	return ST_OK;
}

enum status
root_check_above(struct env *env, const char *path, struct err *err)
{
	autofree char *above = strdup(path);
	autofree char *private = malloc(
	    strlen(path) + sizeof(PATH_PRIVATE) + 1);
	char show[STR_SHOW], show_above[STR_SHOW];
	struct stat st;
	char *slash;

	if (above == NULL || private == NULL)
		return err_nomem(err);
	while ((slash = strrchr(above, '/')) != NULL && slash != above) {
		*slash = '\0';
		memcpy(private, above, strlen(above));
		memcpy(private + strlen(above), "/" PATH_PRIVATE,
		    sizeof("/" PATH_PRIVATE));
		if (sys_fstatat(env, AT_FDCWD, private, &st) == 0 &&
		    S_ISDIR(st.st_mode))
			return err_set(err, ST_FOLDER,
			    "%s: lies in %s, which is synced itself",
			    str_show(show, path), str_show(show_above, above));
	}
	return ST_OK;
}
