/* SPDX-License-Identifier: MIT */
/*
 * A file is made, locked, and then given its name to tell, so that an empty
 * one is somebody who is just coming: he is left alone, whether the lock is
 * there yet or not, and shows up the next time.
 */
#include "config.h"

#include "fs/presence.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/root.h"
#include "fs/sys.h"
#include "util/env.h"

#define FOLDER "here"
#define COMING (60 * NSEC) /* whoever has come by then is dead */

struct presence {
	struct root *root;
	char id[64];
	int folder;
	int fd;
};

static enum status
presence_error(struct err *err)
{
	return err_sys(err, errno, ".dsync/" FOLDER);
}

static enum status
come(struct presence *p, const char *name, struct err *err)
{
	struct env *env = root_env(p->root);

	p->folder = root_private_folder(p->root, FOLDER, true);
	if (p->folder == -1)
		return presence_error(err);
	p->fd = sys_openat(env, p->folder, p->id, O_RDWR | O_CREAT | O_EXCL,
	    0600);
	if (p->fd == -1 || sys_flock(env, p->fd, LOCK_EX | LOCK_NB) == -1 ||
	    sys_write(env, p->fd, name, strlen(name)) == -1)
		return presence_error(err);
	return ST_OK;
}

enum status
presence_new(struct root *root, const char *id, const char *name,
    struct presence **ret, struct err *err)
{
	AUTO(presence) struct presence *p = calloc(1, sizeof(*p));
	enum status st;

	if (p == NULL)
		return err_nomem(err);
	p->root = root;
	p->folder = p->fd = -1;
	snprintf(p->id, sizeof(p->id), "%s", id);
	st = come(p, *name == '\0' ? "?" : name, err);
	if (st != ST_OK)
		return st;
	*ret = p;
	p = NULL;
	return ST_OK;
}

void
presence_free(struct presence *p)
{
	if (p == NULL)
		return;
	if (p->fd != -1) {
		sys_unlinkat(root_env(p->root), p->folder, p->id, 0);
		close(p->fd);
	}
	if (p->folder != -1)
		close(p->folder);
	free(p);
}

/* True: it is somebody who lives. */
static bool
lives(struct presence *p, const char *id, char name[PRESENCE_NAME])
{
	struct env *env = root_env(p->root);
	autoclose int fd = sys_openat(env, p->folder, id, O_RDONLY, 0);
	struct stat st;
	ssize_t n;

	if (fd == -1 || sys_fstat(env, fd, &st) == -1 || !S_ISREG(st.st_mode))
		return false;
	if (sys_flock(env, fd, LOCK_SH | LOCK_NB) == 0) {
		if (st.st_size > 0 ||
		    env_now(env) / NSEC - st.st_mtim.tv_sec > COMING / NSEC)
			sys_unlinkat(env, p->folder, id, 0);
		return false;
	}
	n = sys_read_all(env, fd, name, PRESENCE_NAME - 1);
	name[n > 0 ? n : 0] = '\0';
	return n > 0;
}

size_t
presence_others(struct presence *p, char names[][PRESENCE_NAME], size_t room)
{
	struct env *env = root_env(p->root);
	int folder = sys_openat(env, p->folder, ".", O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = folder == -1 ? NULL : sys_fdopendir(env, folder);
	struct dirent *d;
	size_t n = 0;

	if (dir == NULL) {
		if (folder != -1)
			close(folder);
		return 0;
	}
	while (n < room && (d = sys_readdir(env, dir)) != NULL) {
		if (strcmp(d->d_name, p->id) != 0 &&
		    lives(p, d->d_name, names[n]))
			n++;
	}
	closedir(dir);
	return n;
}
