/* SPDX-License-Identifier: MIT */
/*
 * A lock says who watches, so that a socket may be taken away as soon as the
 * lock is held: whoever listened there is dead.
 */
#include "config.h"

#include "fs/control.h"

#include <sys/file.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "fs/root.h"
#include "fs/sys.h"
#include "util/auto.h"
#include "util/str.h"

#define LOCK   "watch"
#define SOCKET "control"

static enum status
take_lock(struct root *root, int *ret, struct err *err)
{
	autoclose int fd = sys_openat(root_env(root), root_private_fd(root),
	    LOCK, O_RDWR | O_CREAT, 0600);
	char show[STR_SHOW];

	if (fd == -1)
		return err_sys(err, errno, PATH_PRIVATE "/" LOCK);
	if (sys_flock(root_env(root), fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK)
			return err_sys(err, errno, PATH_PRIVATE "/" LOCK);
		return err_set(err, ST_BUSY,
		    "%s: it is watched already (dsync status)",
		    str_show(show, root_path(root)));
	}
	*ret = fd;
	fd = -1;
	return ST_OK;
}

enum status
control_open(struct root *root, struct control *ret, struct err *err)
{
	struct env *env = root_env(root);
	const int folder = root_private_fd(root);
	enum status st = take_lock(root, &ret->lock, err);

	if (st != ST_OK)
		return st;
	if (sys_unlinkat(env, folder, SOCKET, 0) == -1 && errno != ENOENT)
		return err_sys(err, errno, PATH_PRIVATE "/" SOCKET);
	ret->fd = sys_listen(env, folder, SOCKET);
	/* vfat and some network file systems: it is watched all the same. */
	return ST_OK;
}

/* The lock's file stays: who takes it away may take another's. */
void
control_close(struct root *root, struct control *control)
{
	if (control->fd != -1) {
		(void)!sys_unlinkat(root_env(root), root_private_fd(root),
		    SOCKET, 0);
		close(control->fd);
	}
	if (control->lock != -1)
		close(control->lock);
	control->fd = control->lock = -1;
}

int
control_accept(const struct control *control)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(who);
	autoclose int fd = accept4(control->fd, NULL, NULL,
	    SOCK_CLOEXEC | SOCK_NONBLOCK);
	int taken;

	if (fd == -1 ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == -1 ||
	    (who.uid != geteuid() && who.uid != 0))
		return -1;
	taken = fd;
	fd = -1;
	return taken;
}

enum status
control_dial(struct root *root, int *ret_fd, struct err *err)
{
	char show[STR_SHOW];
	int fd = -1;

	str_show(show, root_path(root));
	if (root_private_fd(root) != -1)
		fd = sys_dial(root_env(root), root_private_fd(root), SOCKET);
	if (fd == -1)
		return err_set(err, ST_NOENT, "%s: nobody watches it", show);
	*ret_fd = fd;
	return ST_OK;
}
