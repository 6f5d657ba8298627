/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_CONFIG_H
#define DSYNC_NET_SSH_CONFIG_H

/*
 * What ssh_config(5) says about one host.  What is understood is followed as
 * ssh does it; what would change whom we trust, or who we are, and is not
 * understood, is an error.  The rest has no meaning here and is passed over.
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/auto.h"
#include "util/err.h"

enum ssh_setting {
	SSH_SET_HOSTNAME,
	SSH_SET_PORT,
	SSH_SET_USER,
	SSH_SET_IDENTITY_FILE,
	SSH_SET_IDENTITIES_ONLY,
	SSH_SET_IDENTITY_AGENT,
	SSH_SET_USER_KNOWN_HOSTS,
	SSH_SET_GLOBAL_KNOWN_HOSTS,
	SSH_SET_HOST_KEY_ALIAS,
	SSH_SET_STRICT,
	SSH_SET_HASH_KNOWN_HOSTS,
	SSH_SET_CIPHERS,
	SSH_SET_MACS,
	SSH_SET_KEX,
	SSH_SET_HOST_KEY_ALGORITHMS,
	SSH_SET_PUBKEY_ALGORITHMS,
	SSH_SET_PUBKEY_AUTH,
	SSH_SET_PASSWORD_AUTH,
	SSH_SET_KBDINT_AUTH,
	SSH_SET_PREFERRED_AUTH,
	SSH_SET_BATCH_MODE,
	SSH_SET_ADDRESS_FAMILY,
	SSH_SET_BIND_ADDRESS,
	SSH_SET_PROXY_COMMAND,
	SSH_SET_PROXY_JUMP,
	SSH_SET_IGNORE_UNKNOWN,
	SSH_SETTINGS
};

struct ssh_config;

/* Whom it is about, for Host and Match. */
struct ssh_config_who {
	const char *host; /* as typed */
	const char *user; /* as typed, or NULL */
	const char *local_user;
};

/*
 * Called for each "Include pattern": reads those files, and has each of them
 * taken by ssh_config_parse.
 */
typedef enum status ssh_config_include(void *ctx, struct ssh_config *config,
    const char *pattern, struct err *err);

/* who is borrowed. */
enum status ssh_config_new(const struct ssh_config_who *who,
    ssh_config_include *include, void *ctx, struct ssh_config **ret) MUST_CHECK;
void ssh_config_free(struct ssh_config *config);
AUTO_DEFINE(ssh_config);

/*
 * Takes what a file says; what was said first stays.  ST_USAGE: it makes no
 * sense, or can't be followed; the text has the file's name and the line.
 */
enum status ssh_config_parse(struct ssh_config *config, const char *name,
    const char *text, struct err *err) MUST_CHECK;

/* The words of a setting, NULL at the end; NULL if nothing is said of it. */
const char *const *ssh_config_words(const struct ssh_config *config,
    enum ssh_setting setting);
const char *ssh_config_word(const struct ssh_config *config,
    enum ssh_setting setting); /* the first one */

/* For those that say yes or no. */
bool ssh_config_yes(const struct ssh_config *config, enum ssh_setting setting,
    bool otherwise);

#endif
