/* SPDX-License-Identifier: MIT */
/*
 * Settings that somebody else can write are not the person's: they could name
 * a command to run.
 */
#include "config.h"

#include "sshfiles.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/auto.h"
#include "util/str.h"

#define FILE_LIMIT (16 * 1024 * 1024)

static enum status
check_owner(int fd, const char *path, size_t *ret_size, struct err *err)
{
	char shown[STR_SHOW];
	struct stat st;

	if (fstat(fd, &st) == -1)
		return err_sys(err, errno, "%s", str_show(shown, path));
	if (S_ISCHR(st.st_mode)) {
		*ret_size = 0; /* /dev/null */
		return ST_OK;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_LIMIT)
		return err_set(err, ST_USAGE, "%s: not a file of SSH",
		    str_show(shown, path));
	if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
	    (st.st_mode & S_IWOTH) != 0)
		return err_set(err, ST_USAGE,
		    "%s: others may write to it, so it is not used",
		    str_show(shown, path));
	*ret_size = (size_t)st.st_size;
	return ST_OK;
}

enum status
sshfiles_read(void *ctx, const char *path, char **ret, struct err *err)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	autofree char *text = NULL;
	char shown[STR_SHOW];
	size_t size = 0, used = 0;
	enum status st;
	ssize_t n = 1;

	(void)ctx;
	if (fd == -1)
		return err_sys(err, errno, "%s", str_show(shown, path));
	st = check_owner(fd, path, &size, err);
	if (st != ST_OK)
		return st;
	text = malloc(size + 1);
	if (text == NULL)
		return err_nomem(err);
	while (used < size && n != 0) {
		n = read(fd, text + used, size - used);
		if (n == -1 && errno != EINTR)
			return err_sys(err, errno, "%s", str_show(shown, path));
		used += n > 0 ? (size_t)n : 0;
	}
	text[used] = '\0';
	*ret = text;
	text = NULL;
	return ST_OK;
}

/* The pointers, and behind them the names: one block. */
enum status
sshfiles_find(void *ctx, const char *pattern, char ***ret, struct err *err)
{
	size_t i, bytes = 0;
	glob_t found;
	char **list, *p;
	int code;

	(void)ctx;
	code = glob(pattern, 0, NULL, &found);
	if (code == GLOB_NOMATCH)
		found.gl_pathc = 0;
	else if (code != 0)
		return err_nomem(err);
	for (i = 0; i < found.gl_pathc; i++)
		bytes += strlen(found.gl_pathv[i]) + 1;
	list = malloc((found.gl_pathc + 1) * sizeof(*list) + bytes);
	if (list != NULL) {
		p = (char *)(list + found.gl_pathc + 1);
		for (i = 0; i < found.gl_pathc; i++) {
			const size_t len = strlen(found.gl_pathv[i]) + 1;

			list[i] = memcpy(p, found.gl_pathv[i], len);
			p += len;
		}
		list[i] = NULL;
	}
	globfree(&found);
	*ret = list;
	return list == NULL ? err_nomem(err) : ST_OK;
}

static enum status
make_folder_of(const char *path, struct err *err)
{
	autofree char *folder = strdup(path);
	char shown[STR_SHOW], *slash;

	if (folder == NULL)
		return err_nomem(err);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return ST_OK;
	*slash = '\0';
	if (mkdir(folder, 0700) == -1 && errno != EEXIST)
		return err_sys(err, errno, "%s", str_show(shown, folder));
	return ST_OK;
}

/* In one write, so that two of us do not mix their lines. */
enum status
sshfiles_append(void *ctx, const char *path, const char *line, struct err *err)
{
	autofree char *text = NULL, *whole = NULL;
	autoclose int fd = -1;
	char shown[STR_SHOW];
	size_t len, before;
	enum status st;

	st = make_folder_of(path, err);
	if (st == ST_OK)
		st = sshfiles_read(ctx, path, &text, err);
	if (st != ST_OK && st != ST_NOENT)
		return st;
	before = text == NULL ? 0 : strlen(text);
	if (asprintf(&whole, "%s%s",
		before > 0 && text[before - 1] != '\n' ? "\n" : "", line) == -1)
		return err_nomem(err);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd == -1)
		return err_sys(err, errno, "%s", str_show(shown, path));
	len = strlen(whole);
	if (write(fd, whole, len) != (ssize_t)len)
		return err_sys(err, errno, "%s", str_show(shown, path));
	return ST_OK;
}
