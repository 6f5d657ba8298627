/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_DIAL_H
#define DSYNC_NET_SSH_DIAL_H

#include "util/err.h"

struct ssh_target;

/*
 * A TCP connection to the target, by the first of its addresses that answers;
 * the descriptor does not block.  Takes as long as it takes.
 */
enum status ssh_dial(const struct ssh_target *target, int *ret_fd,
    struct err *err) MUST_CHECK;

#endif
