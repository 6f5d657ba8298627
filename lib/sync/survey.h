/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_SURVEY_H
#define DSYNC_SYNC_SURVEY_H

#include "util/err.h"

struct replica;

/*
 * Looks at the whole folder: fills the replica's disk and base.  Only what
 * the journal does not know is read.  Unless read-only, what was read goes
 * into the journal; on a server, what differs from it becomes a change with a
 * number of its own.  Trouble with single files is reported, not returned.
 */
enum status survey(struct replica *r, struct err *err) MUST_CHECK;

#endif
