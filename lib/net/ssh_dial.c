/* SPDX-License-Identifier: MIT */
/*
 * libssh would try one address only, and tell little of why it failed.  A
 * descriptor that does not block is what makes libssh not block later: it
 * leaves one that it is given as it is.
 */
#include "config.h"

#include "net/ssh_dial.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "net/ssh_target.h"
#include "util/auto.h"
#include "util/str.h"

/* For an address that does not answer, if there is another one. */
#define PATIENCE_MS 5000

/*
 * Bytes that the kernel takes beyond those under way.  It would take megabytes,
 * and it would be long before anybody sees that a link is slow.
 */
#define UNSENT (128 * 1024)

static void
auto_addresses(struct addrinfo **list)
{
	if (*list != NULL)
		freeaddrinfo(*list);
}

#define AUTO_ADDRESSES __attribute__((cleanup(auto_addresses)))

static enum status
resolve(const char *host, unsigned port, int family, struct addrinfo **ret,
    struct err *err)
{
	struct addrinfo hints = { .ai_family = family,
		.ai_socktype = SOCK_STREAM };
	char service[16], shown[STR_SHOW];
	int code;

	snprintf(service, sizeof(service), "%u", port);
	code = getaddrinfo(host, service, &hints, ret);
	if (code == 0)
		return ST_OK;
	return err_set(err, ST_LINK, "the name %s: %s", str_show(shown, host),
	    code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
}

static int
bind_to(int fd, const char *address, int family)
{
	AUTO_ADDRESSES struct addrinfo *own = NULL;
	struct err ignored;

	if (resolve(address, 0, family, &own, &ignored) != ST_OK) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	return bind(fd, own->ai_addr, own->ai_addrlen);
}

/* 0, or why not. */
static int
await(int fd, bool last)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int n, why = 0;

	do
		n = poll(&p, 1, last ? -1 : PATIENCE_MS);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno;
	if (n == 0)
		return ETIMEDOUT;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) == -1 ? errno :
									why;
}

/* A descriptor, or -1 with errno. */
static int
dial_one(const struct ssh_target *target, const struct addrinfo *address)
{
	autoclose int fd = -1;
	int ret, on = 1, unsent = UNSENT;

	fd = socket(address->ai_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (target->bind != NULL &&
	    bind_to(fd, target->bind, address->ai_family) == -1)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	if (connect(fd, address->ai_addr, address->ai_addrlen) == -1) {
		if (errno != EINPROGRESS && errno != EINTR)
			return -1;
		errno = await(fd, address->ai_next == NULL);
		if (errno != 0)
			return -1;
	}
	ret = fd;
	fd = -1;
	return ret;
}

enum status
ssh_dial(const struct ssh_target *target, int *ret_fd, struct err *err)
{
	AUTO_ADDRESSES struct addrinfo *list = NULL;
	const struct addrinfo *address;
	char shown[STR_SHOW];
	enum status st;
	int fd = -1;

	st = resolve(target->host, target->port, target->family, &list, err);
	if (st != ST_OK)
		return st;
	for (address = list; address != NULL && fd == -1;
	     address = address->ai_next)
		fd = dial_one(target, address);
	if (fd == -1)
		return err_set(err, ST_LINK, "%s port %u: %s",
		    str_show(shown, target->host), target->port,
		    strerror(errno));
	*ret_fd = fd;
	return ST_OK;
}
