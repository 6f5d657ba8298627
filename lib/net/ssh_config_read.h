/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_CONFIG_READ_H
#define DSYNC_NET_SSH_CONFIG_READ_H

#include "util/err.h"

struct ssh_config;
struct ssh_config_who;
struct ssh_user;

/*
 * All that the person's and the machine's settings say about one host.  *who
 * is borrowed as long as *ret lives.
 */
enum status ssh_config_read(const struct ssh_config_who *who,
    const struct ssh_user *person, struct ssh_config **ret,
    struct err *err) MUST_CHECK;

#endif
