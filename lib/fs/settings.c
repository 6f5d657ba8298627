/* SPDX-License-Identifier: MIT */
/*
 * Configuration is trusted because of who could have written it, as ssh does
 * with its own: symlinks to it are the operator's business.
 */
#include "config.h"

#include "fs/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fs/sys.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/str.h"

static enum status
trust(struct env *env, int fd, const char *path, struct err *err)
{
	char show[STR_SHOW];
	struct stat st;

	if (sys_fstat(env, fd, &st) == -1)
		return err_sys(err, errno, "%s", str_show(show, path));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ST_REFUSED, "%s: not a file",
		    str_show(show, path));
	if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
	    (st.st_mode & 022) != 0)
		return err_set(err, ST_REFUSED,
		    "%s: others could have written it; make it yours, and "
		    "chmod go-w it",
		    str_show(show, path));
	if (st.st_size > SETTINGS_LIMIT)
		return err_set(err, ST_REFUSED, "%s: too large",
		    str_show(show, path));
	return ST_OK;
}

enum status
settings_read(struct env *env, const char *path, struct buf *ret,
    struct err *err)
{
	autoclose int fd = sys_open_config(env, path, O_RDONLY);
	char show[STR_SHOW];
	uint8_t *room;
	ssize_t n = 1;
	enum status st;

	if (fd == -1)
		return err_sys(err, errno, "%s", str_show(show, path));
	st = trust(env, fd, path, err);
	while (st == ST_OK && n > 0 && ret->len <= SETTINGS_LIMIT) {
		room = buf_room(ret, 4096);
		if (room == NULL)
			return err_nomem(err);
		n = sys_read(env, fd, room, 4095);
		if (n == -1)
			return err_sys(err, errno, "%s", str_show(show, path));
		buf_added(ret, (size_t)n);
	}
	if (st == ST_OK && buf_put(ret, "", 1) != ST_OK)
		return err_nomem(err);
	if (st == ST_OK)
		ret->len--;
	return st;
}

static int
write_whole(struct env *env, const char *path, const char *text, mode_t mode)
{
	autoclose int fd = -1;
	size_t len = strlen(text);
	ssize_t n;

	if (sys_unlinkat(env, AT_FDCWD, path, 0) == -1 && errno != ENOENT)
		return -1;
	fd = sys_open_config(env, path, O_WRONLY | O_CREAT | O_EXCL);
	if (fd == -1 || sys_fchmod(env, fd, mode) == -1)
		return -1;
	while (len > 0) {
		n = sys_write(env, fd, text, len);
		if (n == -1)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return sys_fsync(env, fd);
}

/*
 * Where the file really is, so that a symlink to it stays one, and its mode;
 * NULL: no memory.
 */
static char *
real_place(struct env *env, const char *path, mode_t *mode)
{
	autoclose int fd = sys_open_config(env, path, O_RDONLY);
	struct stat st;

	*mode &= ~sys_umask();
	if (fd == -1)
		return strdup(path);
	if (sys_fstat(env, fd, &st) == 0)
		*mode = st.st_mode & 07777;
	return sys_resolve(env, fd, path);
}

/* The folders above path; if that fails, so does what follows, and says so. */
static void
make_folders(struct env *env, const char *path, mode_t mode)
{
	autofree char *folder = strdup(path);
	char *slash = folder == NULL ? NULL : strchr(folder + 1, '/');

	for (; slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)!sys_mkdirat(env, AT_FDCWD, folder,
		    mode | (mode >> 2 & 0111));
		*slash = '/';
	}
}

/* What a rename did there is on the disk. */
static void
sync_folder(struct env *env, char *path)
{
	char *slash = strrchr(path, '/');
	autoclose int fd = -1;

	if (slash == NULL)
		return;
	slash[slash == path ? 1 : 0] = '\0';
	fd = sys_open_root(env, path);
	if (fd != -1)
		(void)!sys_fsync(env, fd);
}

enum status
settings_write(struct env *env, const char *path, const char *text, mode_t mode,
    struct err *err)
{
	autofree char *place = NULL;
	autofree char *temp = NULL;
	char show[STR_SHOW];
	int errnum;

	make_folders(env, path, mode);
	place = real_place(env, path, &mode);
	if (place == NULL || asprintf(&temp, "%s.new", place) == -1)
		return err_nomem(err);
	if (write_whole(env, temp, text, mode) == 0 &&
	    sys_renameat2(env, AT_FDCWD, temp, AT_FDCWD, place, 0) == 0) {
		sync_folder(env, place);
		return ST_OK;
	}
	errnum = errno;
	(void)!sys_unlinkat(env, AT_FDCWD, temp, 0);
	return err_sys(err, errnum, "%s", str_show(show, place));
}
