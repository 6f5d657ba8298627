/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_AGENT_LIST_H
#define DSYNC_NET_SSH_AGENT_LIST_H

/* An agent's answer to the question which keys it has. */

#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

#define SSH_AGENT_LIST 12 /* the type of this message */

struct ssh_agent_key {
	const uint8_t *entry; /* blob and comment, each with its length */
	size_t len;
	char *base64; /* of the blob */
};

struct ssh_agent_list {
	struct ssh_agent_key *keys; /* their entries point into the answer */
	size_t n;
};

/*
 * Reads a message from its type on, which has to outlive *ret.  ST_LINK: it
 * is no such list.
 */
enum status ssh_agent_list_parse(const uint8_t *message, size_t len,
    struct ssh_agent_list *ret, struct err *err) MUST_CHECK;
void ssh_agent_list_fini(struct ssh_agent_list *list);

static inline void
auto_ssh_agent_list(struct ssh_agent_list *list)
{
	ssh_agent_list_fini(list);
}

#endif
