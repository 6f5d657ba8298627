/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_AUTH_STATE_H
#define DSYNC_NET_SSH_AUTH_STATE_H

/* A login under way; only for the files of that name. */

#include <stdbool.h>
#include <stddef.h>

#include <libssh/libssh.h>

struct ssh_target;
struct ssh_user;

#define SSH_AUTH_TRIES 3 /* of a person; as ssh */

struct ssh_auth {
	ssh_session session;
	const struct ssh_target *target;
	const struct ssh_user *person;
	char tried[240]; /* for people: "agent 2 keys, id_ed25519" */
	bool locked; /* a key needs a passphrase, and nobody gave one */
	bool unasked; /* a method needs a person, and there is none */
};

/* Adds a word to what was tried. */
void ssh_auth_note(struct ssh_auth *auth, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * True if libssh's call is to be made again, after waiting until it can go on;
 * false if it is done, or the connection is over (SSH_AUTH_ERROR).
 */
bool ssh_auth_again(struct ssh_auth *auth, int *code);

/*
 * Each a way to log in, with libssh's SSH_AUTH_SUCCESS, _PARTIAL (something
 * more is wanted), _DENIED or _ERROR (the connection is over).
 */
int ssh_auth_keys(struct ssh_auth *auth);
int ssh_auth_questions(struct ssh_auth *auth);
int ssh_auth_password(struct ssh_auth *auth);

#endif
