/* SPDX-License-Identifier: MIT */
/* Logging in with what a person types. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "net/ssh_auth_state.h"
#include "net/ssh_target.h"
#include "net/ssh_user.h"
#include "util/str.h"

#define ANSWER 1024 /* bytes of an answer */

static bool
ask(struct ssh_auth *auth, const char *question, bool echo, char answer[ANSWER])
{
	if (auth->target->may_ask &&
	    auth->person->ask(auth->person->ctx, question, echo, answer,
		ANSWER))
		return true;
	auth->unasked = true;
	return false;
}

/* One page of the server's questions; false: not all were answered. */
static bool
answer_all(struct ssh_auth *auth)
{
	const char *text = ssh_userauth_kbdint_getinstruction(auth->session);
	const int n = ssh_userauth_kbdint_getnprompts(auth->session);
	char answer[ANSWER], question[2 * STR_SHOW], above[STR_SHOW] = "";
	char shown[STR_SHOW], echo;
	bool done = true;
	int i;

	if (text != NULL && *text != '\0')
		str_show(above, text);
	for (i = 0; i < n && done; i++) {
		const char *prompt = ssh_userauth_kbdint_getprompt(
		    auth->session, (unsigned)i, &echo);

		snprintf(question, sizeof(question), "%s%s(%s) %s", above,
		    *above == '\0' ? "" : "\n", auth->target->host,
		    str_show(shown, prompt == NULL ? "" : prompt));
		*above = '\0';
		done = ask(auth, question, echo != 0, answer) &&
		    ssh_userauth_kbdint_setanswer(auth->session, (unsigned)i,
			answer) >= 0;
	}
	explicit_bzero(answer, sizeof(answer));
	return done;
}

int
ssh_auth_questions(struct ssh_auth *auth)
{
	int code = SSH_AUTH_DENIED, i;

	for (i = 0; i < SSH_AUTH_TRIES && code == SSH_AUTH_DENIED; i++) {
		do
			code = ssh_userauth_kbdint(auth->session, NULL, NULL);
		while (ssh_auth_again(auth, &code));
		while (code == SSH_AUTH_INFO) {
			if (!answer_all(auth))
				return SSH_AUTH_DENIED;
			if (i == 0)
				ssh_auth_note(auth, "keyboard-interactive");
			do
				code = ssh_userauth_kbdint(auth->session, NULL,
				    NULL);
			while (ssh_auth_again(auth, &code));
		}
	}
	return code;
}

int
ssh_auth_password(struct ssh_auth *auth)
{
	char question[STR_SHOW], answer[ANSWER];
	int code = SSH_AUTH_DENIED, i;

	snprintf(question, sizeof(question),
	    "%.100s@%.200s's password: ", auth->target->user,
	    auth->target->host);
	for (i = 0; i < SSH_AUTH_TRIES && code == SSH_AUTH_DENIED; i++) {
		if (!ask(auth, question, false, answer))
			break;
		if (i == 0)
			ssh_auth_note(auth, "password");
		do
			code = ssh_userauth_password(auth->session, NULL,
			    answer);
		while (ssh_auth_again(auth, &code));
	}
	explicit_bzero(answer, sizeof(answer));
	return code;
}
