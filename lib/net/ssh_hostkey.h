/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_HOSTKEY_H
#define DSYNC_NET_SSH_HOSTKEY_H

/* Is the host the one that it should be? */

#include <libssh/libssh.h>

#include "util/err.h"

struct env;
struct ssh_target;
struct ssh_user;

/*
 * Before the connection: has the session ask for a key of a type that is
 * known, as a host has several and any other one would look like a change.
 */
enum status ssh_hostkey_prefer(ssh_session session,
    const struct ssh_target *target, const struct ssh_user *person,
    struct err *err) MUST_CHECK;

/*
 * After it, and before anything is told: ST_AUTH, unless the key is known, or
 * a person says that it is right; then it is written down.
 */
enum status ssh_hostkey_check(ssh_session session, struct env *env,
    const struct ssh_target *target, const struct ssh_user *person,
    struct err *err) MUST_CHECK;

#endif
