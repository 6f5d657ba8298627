/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_UTIL_PUBKEY_H
#define DSYNC_UTIL_PUBKEY_H

/* A public key of SSH, as in id_ed25519.pub: one line of text. */

#include <stddef.h>

#include "util/err.h"

struct pubkey {
	char *type; /* "ssh-ed25519" */
	char *base64;
	char *comment; /* safe to show; "" if there is none */
};

/*
 * The one key in text; ST_REFUSED says what else it is, name is its file's:
 * a private key above all.
 */
enum status pubkey_parse(const char *text, const char *name, struct pubkey *ret,
    struct err *err) MUST_CHECK;
void pubkey_fini(struct pubkey *key);

/*
 * The number of the line of an authorized_keys text that has this key, 0 if
 * none has; *ret is that line.
 */
unsigned pubkey_find(const struct pubkey *key, const char *text,
    const char **ret, size_t *ret_len);

static inline void
auto_pubkey(struct pubkey *key)
{
	pubkey_fini(key);
}

#endif
