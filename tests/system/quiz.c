/* SPDX-License-Identifier: MIT */
/*
 * quiz PORT HOSTKEY: an SSH server for one client after the other, that lets
 * in who answers two questions: "Code: " (42, shown) and "Word: " (sesame, not
 * shown).  Whoever is in gets "in" from any command.  Writes "listening" when
 * it does.  A private sshd can't ask like this without the machine's PAM.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libssh/libssh.h>
#include <libssh/server.h>

static void
ask(ssh_message m)
{
	const char *prompts[] = { "Code: ", "Word\033[31m: " };
	char echo[] = { 1, 0 };

	ssh_message_auth_interactive_request(m, "quiz", "Two questions", 2,
	    prompts, echo);
}

static int
is_right(ssh_session session, unsigned i, const char *wanted)
{
	const char *answer = ssh_userauth_kbdint_getanswer(session, i);

	return answer != NULL && strcmp(answer, wanted) == 0;
}

/* True once the client is in. */
static int
login(ssh_session session, ssh_message m)
{
	ssh_message_auth_set_methods(m, SSH_AUTH_METHOD_INTERACTIVE);
	if (ssh_message_type(m) != SSH_REQUEST_AUTH ||
	    ssh_message_subtype(m) != SSH_AUTH_METHOD_INTERACTIVE) {
		ssh_message_reply_default(m);
	} else if (!ssh_message_auth_kbdint_is_response(m)) {
		ask(m);
	} else if (is_right(session, 0, "42") &&
	    is_right(session, 1, "sesame")) {
		ssh_message_auth_reply_success(m, 0);
		return 1;
	} else {
		ssh_message_reply_default(m);
	}
	return 0;
}

/* True once the command has been answered. */
static int
command(ssh_message m, ssh_channel *channel)
{
	if (ssh_message_type(m) == SSH_REQUEST_CHANNEL_OPEN) {
		*channel = ssh_message_channel_request_open_reply_accept(m);
	} else if (ssh_message_type(m) == SSH_REQUEST_CHANNEL &&
	    ssh_message_subtype(m) == SSH_CHANNEL_REQUEST_EXEC) {
		ssh_message_channel_request_reply_success(m);
		ssh_channel_write(*channel, "in\n", 3);
		ssh_channel_request_send_exit_status(*channel, 0);
		ssh_channel_send_eof(*channel);
		ssh_channel_close(*channel);
		return 1;
	} else {
		ssh_message_reply_default(m);
	}
	return 0;
}

static void
serve(ssh_session session)
{
	ssh_channel channel = NULL;
	int in = 0, done = 0;
	ssh_message m;

	if (ssh_handle_key_exchange(session) != SSH_OK)
		return;
	while (!done && (m = ssh_message_get(session)) != NULL) {
		if (in)
			done = command(m, &channel);
		else
			in = login(session, m);
		ssh_message_free(m);
	}
	/* Until the client has gone, too. */
	while (done && (m = ssh_message_get(session)) != NULL)
		ssh_message_free(m);
}

int
main(int argc, char **argv)
{
	ssh_bind server = ssh_bind_new();

	if (argc != 3 || server == NULL ||
	    ssh_bind_options_set(server, SSH_BIND_OPTIONS_BINDADDR,
		"127.0.0.1") != SSH_OK ||
	    ssh_bind_options_set(server, SSH_BIND_OPTIONS_BINDPORT_STR,
		argv[1]) != SSH_OK ||
	    ssh_bind_options_set(server, SSH_BIND_OPTIONS_HOSTKEY, argv[2]) !=
		SSH_OK ||
	    ssh_bind_listen(server) != SSH_OK)
		return 1;
	puts("listening");
	fflush(stdout);
	for (;;) {
		ssh_session session = ssh_new();

		if (session != NULL &&
		    ssh_bind_accept(server, session) == SSH_OK)
			serve(session);
		ssh_free(session);
	}
}
