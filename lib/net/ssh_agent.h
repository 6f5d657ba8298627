/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_AGENT_H
#define DSYNC_NET_SSH_AGENT_H

/* The keys of an ssh-agent, and a socket that shows one of them at a time. */

#include <stddef.h>

#include "util/auto.h"
#include "util/err.h"

struct ssh_agent_keys;

/* ST_LINK: no agent answers there. */
enum status ssh_agent_keys_new(const char *socket, struct ssh_agent_keys **ret,
    struct err *err) MUST_CHECK;
/* Not while somebody waits for an answer. */
void ssh_agent_keys_free(struct ssh_agent_keys *keys);
AUTO_DEFINE(ssh_agent_keys);

size_t ssh_agent_keys_count(const struct ssh_agent_keys *keys);
/* The public part in base64, as in a .pub file. */
const char *ssh_agent_keys_base64(const struct ssh_agent_keys *keys, size_t i);

/*
 * What speaks to this descriptor sees an agent whose only key is the i-th.
 * The first call makes it; it then belongs to the caller.
 */
enum status ssh_agent_keys_show(struct ssh_agent_keys *keys, size_t i,
    int *ret_fd, struct err *err) MUST_CHECK;

#endif
