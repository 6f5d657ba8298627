/* SPDX-License-Identifier: MIT */
/*
 * Keys are tried at once, for to ask first which methods the server takes is a
 * round trip.  It says so with its refusal; then each is tried once in the
 * order keys, questions, password, and after a part of what it wants (a key
 * AND a code) it is asked again.
 */
#include "config.h"

#include "net/ssh_auth.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "net/ssh_auth_state.h"
#include "net/ssh_target.h"
#include "net/ssh_user.h"
#include "util/str.h"

#define PARTS 4 /* methods that a server may want one after the other */

void
ssh_auth_note(struct ssh_auth *auth, const char *fmt, ...)
{
	char word[120];
	size_t used = strlen(auth->tried);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(word, sizeof(word), fmt, ap);
	va_end(ap);
	snprintf(auth->tried + used, sizeof(auth->tried) - used, "%s%s",
	    used == 0 ? "" : ", ", word);
}

/*
 * A libssh that blocks waits for ever if the server closes while an agent's
 * socket is open beside (0.10): so it does not block, and we wait.
 */
bool
ssh_auth_again(struct ssh_auth *auth, int *code)
{
	const int flags = ssh_get_poll_flags(auth->session);
	struct pollfd p = { .fd = ssh_get_fd(auth->session),
		.events = (short)(POLLIN |
		    (flags & SSH_WRITE_PENDING ? POLLOUT : 0)) };

	if (*code != SSH_AUTH_AGAIN)
		return false;
	if (ssh_is_connected(auth->session) &&
	    (poll(&p, 1, -1) != -1 || errno == EINTR))
		return true;
	*code = SSH_AUTH_ERROR;
	return false;
}

static const struct {
	unsigned method;
	int libssh;
	const char *name;
	int (*run)(struct ssh_auth *auth);
} ways[] = {
	{ SSH_METHOD_KEY, SSH_AUTH_METHOD_PUBLICKEY, "publickey",
	    ssh_auth_keys },
	{ SSH_METHOD_QUESTIONS, SSH_AUTH_METHOD_INTERACTIVE,
	    "keyboard-interactive", ssh_auth_questions },
	{ SSH_METHOD_PASSWORD, SSH_AUTH_METHOD_PASSWORD, "password",
	    ssh_auth_password },
};

#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

/* All ways that the server offers now. */
static int
try_ways(struct ssh_auth *auth, int offered, unsigned *used)
{
	int code = SSH_AUTH_DENIED;
	size_t i;

	for (i = 0; i < N_WAYS && code == SSH_AUTH_DENIED; i++) {
		if ((offered & ways[i].libssh) == 0 ||
		    (auth->target->methods & ways[i].method) == 0 ||
		    (*used & ways[i].method) != 0)
			continue;
		code = ways[i].run(auth);
		if (code == SSH_AUTH_PARTIAL)
			*used |= ways[i].method;
	}
	return code;
}

static enum status
denied(const struct ssh_auth *auth, int offered, struct err *err)
{
	char user[STR_SHOW], host[STR_SHOW], names[80] = "";
	size_t i;

	for (i = 0; i < N_WAYS; i++) {
		size_t len = strlen(names);

		if (offered & ways[i].libssh)
			snprintf(names + len, sizeof(names) - len, "%s%s",
			    len == 0 ? "" : ", ", ways[i].name);
	}
	return err_set(err, ST_AUTH,
	    "permission denied for %s at %s (tried: %s; the server offers: "
	    "%s%s)",
	    str_show_n(user, 64, auth->target->user),
	    str_show_n(host, 120, auth->target->host),
	    *auth->tried == '\0' ? "nothing" : auth->tried,
	    *names == '\0' ? "nothing that dsync knows" : names,
	    auth->locked      ? "; a key has a passphrase: load it "
				"into an agent" :
		auth->unasked ? "; there is no terminal to ask on" :
				"");
}

/* The connection ended while we were at it. */
static enum status
broken(const struct ssh_auth *auth, struct err *err)
{
	char host[STR_SHOW], why[STR_SHOW];

	return err_set(err, ST_AUTH,
	    "%s ended the login (tried: %s): %s; with too many keys, name "
	    "the right one with --identity",
	    str_show_n(host, 120, auth->target->host),
	    *auth->tried == '\0' ? "nothing" : auth->tried,
	    str_show_n(why, 160, ssh_get_error(auth->session)));
}

/*
 * What the server says to our keys, or, if there are none, to nobody.
 * *ret_tried: the ways that need not be tried again for its answer.
 */
static int
greet(struct ssh_auth *auth, int *ret_tried)
{
	int code = SSH_AUTH_DENIED;

	if (auth->target->methods & SSH_METHOD_KEY)
		code = ssh_auth_keys(auth);
	*ret_tried = SSH_AUTH_METHOD_PUBLICKEY;
	if (code != SSH_AUTH_DENIED ||
	    ssh_userauth_list(auth->session, NULL) != 0)
		return code;
	do
		code = ssh_userauth_none(auth->session, NULL);
	while (ssh_auth_again(auth, &code));
	return code;
}

enum status
ssh_auth(ssh_session session, const struct ssh_target *target,
    const struct ssh_user *person, struct err *err)
{
	struct ssh_auth auth = { .session = session,
		.target = target,
		.person = person };
	unsigned used = 0;
	int code, parts, offered = 0, tried;

	ssh_set_blocking(session, 0);
	code = greet(&auth, &tried);
	if (code == SSH_AUTH_PARTIAL)
		used = SSH_METHOD_KEY;
	for (parts = 0; parts < PARTS && code != SSH_AUTH_SUCCESS; parts++) {
		if (code == SSH_AUTH_ERROR)
			return broken(&auth, err);
		offered = ssh_userauth_list(session, NULL);
		code = try_ways(&auth, offered & ~tried, &used);
		tried = 0;
		if (code == SSH_AUTH_DENIED)
			return denied(&auth, offered, err);
	}
	if (code != SSH_AUTH_SUCCESS)
		return denied(&auth, offered, err);
	ssh_set_blocking(session, 1);
	return ST_OK;
}
