/* SPDX-License-Identifier: MIT */
/*
 * One datagram to the socket that NOTIFY_SOCKET names; "@" stands for the NUL
 * of an abstract one.  Nobody minds if it does not arrive.
 */
#include "config.h"

#include "notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "util/auto.h"

void
notify(const char *lines)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	autoclose int fd = -1;
	socklen_t len;

	if (path == NULL || (*path != '/' && *path != '@') ||
	    strlen(path) >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, strlen(path) + 1);
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(path));
	if (*path == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd != -1)
		(void)!sendto(fd, lines, strlen(lines), MSG_DONTWAIT,
		    (const struct sockaddr *)&to, len);
}
