/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_AUTH_H
#define DSYNC_NET_SSH_AUTH_H

#include <libssh/libssh.h>

#include "util/err.h"

struct ssh_target;
struct ssh_user;

/*
 * Logs in: with keys of the agent, keys in files, answers to the server's
 * questions, a password; a person is asked where there is one.  ST_AUTH with
 * all that was tried.
 */
enum status ssh_auth(ssh_session session, const struct ssh_target *target,
    const struct ssh_user *person, struct err *err) MUST_CHECK;

#endif
