/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_EXPAND_H
#define DSYNC_NET_SSH_EXPAND_H

#include "util/err.h"

struct ssh_target;
struct ssh_user;

/*
 * "~/" in front, and %h, %n, %p, %r, %u, %d, %% anywhere; *ret is to be freed.
 * ST_USAGE: something else is to be expanded.
 */
enum status ssh_expand(const struct ssh_target *target,
    const struct ssh_user *person, const char *text, char **ret,
    struct err *err) MUST_CHECK;

/* Each of the words that is not "none"; *ret ends with NULL. */
enum status ssh_expand_list(const struct ssh_target *target,
    const struct ssh_user *person, const char *const *words, char ***ret,
    struct err *err) MUST_CHECK;

#endif
