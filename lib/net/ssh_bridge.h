/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_BRIDGE_H
#define DSYNC_NET_SSH_BRIDGE_H

#include <libssh/libssh.h>

#include "util/err.h"

struct env;
struct ssh_opts;
struct ssh_result;

/*
 * Starts the command on a channel of the session.  ST_PEER: it was not
 * allowed.
 */
enum status ssh_bridge_start(ssh_session session, const char *command,
    ssh_channel *ret, struct err *err) MUST_CHECK;

/*
 * Moves the bytes of a running command until it has ended, and frees the
 * channel.  ST_LINK: the connection was lost first.
 */
enum status ssh_bridge_run(ssh_session session, ssh_channel channel,
    struct env *env, const struct ssh_opts *opts, struct ssh_result *ret,
    struct err *err) MUST_CHECK;

#endif
