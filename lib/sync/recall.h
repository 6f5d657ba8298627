/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_RECALL_H
#define DSYNC_SYNC_RECALL_H

/*
 * A brief survey leaves out what is the same on the disk and in the journal.
 * Where somebody else speaks of such a file, it is put back.
 */

#include "util/err.h"

struct listing;
struct replica;

/*
 * Into the replica's disk and base: what they lack of these paths.  Nothing
 * was written to the journal since the survey.
 */
enum status recall(struct replica *r, const struct listing *paths,
    struct err *err) MUST_CHECK;

#endif
