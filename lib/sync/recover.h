/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_RECOVER_H
#define DSYNC_SYNC_RECOVER_H

#include "util/err.h"

struct replica;

/*
 * Ends what killed runs had begun: for each intent whose owner is gone, what
 * stands in its stage goes where it belongs, and nothing that somebody saved
 * is dropped.
 */
enum status recover(struct replica *r, struct err *err) MUST_CHECK;

#endif
