/* SPDX-License-Identifier: MIT */
/* Sockets by a name in a folder: see sys.h. */
#include "config.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "fs/sys.h"
#include "fs/sys_part.h"

/* There is no bindat(2), and the path of a folder may be too long for it. */
static int
open_socket(int folder, const char *name, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/%s",
	    folder, name);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int
closed(int fd)
{
	const int errnum = errno;

	if (fd != -1)
		close(fd);
	errno = errnum;
	return -1;
}

int
sys_listen(struct env *env, int folder, const char *name)
{
	struct sockaddr_un to;
	int fd;

	if (sys_faulted(env, "listen", NULL))
		return -1;
	fd = open_socket(folder, name, &to);
	if (fd == -1 || fchmod(fd, 0600) == -1 ||
	    bind(fd, (const struct sockaddr *)&to, sizeof(to)) == -1 ||
	    listen(fd, SOMAXCONN) == -1)
		return closed(fd);
	return fd;
}

int
sys_dial(struct env *env, int folder, const char *name)
{
	struct sockaddr_un to;
	int fd;

	if (sys_faulted(env, "dial", NULL))
		return -1;
	fd = open_socket(folder, name, &to);
	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) == -1)
		return closed(fd);
	return fd;
}
