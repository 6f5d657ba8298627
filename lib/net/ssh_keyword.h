/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_KEYWORD_H
#define DSYNC_NET_SSH_KEYWORD_H

/* The keywords of ssh_config(5), and what becomes of each. */

#include <stddef.h>

#include "net/ssh_config.h"

enum ssh_keyword_kind {
	SSH_KEYWORD_KEEP, /* the first one counts */
	SSH_KEYWORD_ADD, /* all of them count */
	SSH_KEYWORD_RAW, /* as KEEP, but its words are a command */
	SSH_KEYWORD_PASS, /* of no meaning to us */
	SSH_KEYWORD_REFUSE, /* unless it has the value `harmless` */
	SSH_KEYWORD_HOST,
	SSH_KEYWORD_MATCH,
	SSH_KEYWORD_INCLUDE
};

struct ssh_keyword {
	const char *name;
	enum ssh_keyword_kind kind;
	enum ssh_setting setting; /* where the value goes */
	const char *harmless;
};

/* NULL if there is none; *ret_index is unique. */
const struct ssh_keyword *ssh_keyword_find(const char *name, size_t *ret_index);

#define SSH_KEYWORDS 128 /* room for all indices */

#endif
