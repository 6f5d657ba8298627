/* SPDX-License-Identifier: MIT */
/*
 * Folders exist where they hold a file.  So one that holds none, however deep,
 * gives way to a file of its name.  rmdir() refuses whatever is not empty:
 * nothing can be lost here, and nothing has to be looked at first.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "fs/root.h"
#include "fs/sys.h"

/* A folder in dir; true if it is gone. */
static bool
vacate(struct env *env, int dir, const char *name, unsigned depth)
{
	struct dirent *d;
	bool empty = true;
	DIR *list;
	int fd;

	if (sys_unlinkat(env, dir, name, AT_REMOVEDIR) == 0)
		return true;
	if ((errno != ENOTEMPTY && errno != EEXIST) ||
	    depth == PATH_DEPTH_LIMIT)
		return false;
	fd = sys_openat(env, dir, name, O_RDONLY | O_DIRECTORY, 0);
	list = fd == -1 ? NULL : sys_fdopendir(env, fd);
	if (list == NULL) {
		if (fd != -1)
			close(fd);
		return false;
	}
	while (empty && (d = sys_readdir(env, list)) != NULL)
		empty = vacate(env, fd, d->d_name, depth + 1);
	closedir(list);
	return empty && sys_unlinkat(env, dir, name, AT_REMOVEDIR) == 0;
}

bool
root_vacate(struct root *root, const char *path)
{
	const char *name;
	bool gone;
	int fd;

	if (root_parent(root, path, false, &fd, &name, NULL) != ST_OK)
		return false;
	gone = vacate(root_env(root), fd, name, 1);
	root_forget(root);
	return gone;
}
