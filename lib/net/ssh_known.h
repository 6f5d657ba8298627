/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_KNOWN_H
#define DSYNC_NET_SSH_KNOWN_H

/* known_hosts: what is written there of one host. */

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

#define SSH_KNOWN_NAME 320 /* room for "[host]:port" */

/* What the files say, gathered by ssh_known_look; lines count from 1. */
struct ssh_known {
	bool trusted; /* this very key */
	bool revoked; /* this very key, as one never to be trusted */
	bool authority; /* a CA, whose word we can't check */
	unsigned changed; /* line with another key of its type, or 0 */
	unsigned other; /* line with a key of another type, or 0 */
	const char *changed_file; /* as they were passed in */
	const char *other_file;
	char types[256]; /* of all its keys, comma between */
};

/* "host", or "[host]:port" for a port that is not 22; in lower case. */
void ssh_known_name(char name[SSH_KNOWN_NAME], const char *host, unsigned port);

struct ssh_known_key {
	const char *name; /* as ssh_known_name makes it */
	const char *type; /* "ssh-ed25519" */
	const char *key; /* base64; NULL: only types are gathered */
};

/* Looks for a host in a file and adds to *known what it finds. */
void ssh_known_look(struct ssh_known *known, const char *file, const char *text,
    const struct ssh_known_key *key);

/*
 * The line for a host, to be freed.  With a salt, SSH_KNOWN_SALT random bytes,
 * nobody can read the name in it.
 */
#define SSH_KNOWN_SALT 20
enum status ssh_known_line(const struct ssh_known_key *key,
    const unsigned char *salt, char **ret, struct err *err) MUST_CHECK;

#endif
