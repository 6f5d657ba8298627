/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_TARGET_H
#define DSYNC_NET_SSH_TARGET_H

/*
 * Where a connection goes, and all that is to be respected on the way: what
 * was asked for, before what the person's settings say, before the defaults.
 */

#include <stdbool.h>

#include "util/auto.h"
#include "util/err.h"

struct ssh_opts;
struct ssh_config;

enum ssh_strict {
	SSH_STRICT_ASK,
	SSH_STRICT_YES,
	SSH_STRICT_NEW
};

enum ssh_method { /* of logging in; bits */
	SSH_METHOD_KEY = 1,
	SSH_METHOD_QUESTIONS = 2,
	SSH_METHOD_PASSWORD = 4,
};

struct ssh_target {
	char *typed; /* the name that a person used */
	char *host;
	char *user;
	unsigned port;
	char *known_name; /* for known_hosts; see ssh_known_name */
	char **user_files; /* of known hosts; the first one grows */
	char **global_files;
	enum ssh_strict strict;
	bool hash_names;
	char **identities; /* paths of private keys */
	bool identities_named; /* else they are the usual ones */
	bool only_identities; /* no other key of the agent */
	char *agent; /* socket, or NULL */
	unsigned methods;
	bool may_ask;
	int family; /* AF_* */
	char *bind; /* own address, or NULL */
	char *proxy; /* a command instead of TCP, or NULL */
	struct ssh_config *config;
};

enum status ssh_target_new(const struct ssh_opts *opts, struct ssh_target **ret,
    struct err *err) MUST_CHECK;
void ssh_target_free(struct ssh_target *target);
AUTO_DEFINE(ssh_target);

#endif
