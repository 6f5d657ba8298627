/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_SURVEY_H
#define DSYNC_SYNC_SURVEY_H

/*
 * A look at the folder, or at a part of it: fills the replica's disk and base,
 * and says in its scope which part that is.  After a look at the whole folder
 * they lack what is the same in both, so that a large folder costs no memory;
 * but if `whole` says that all of it is wanted.  Only what the journal does not
 * know is read.  Unless read-only, what was read goes
 * into the journal; on a server, what differs from it becomes a change with a
 * number of its own.  Trouble with single files is reported, not returned.
 */

#include <stdbool.h>

#include "util/auto.h"
#include "util/err.h"

struct replica;
struct scope;
struct survey;

/*
 * The scope is closed, and taken over, also if this fails; NULL, or that of
 * everything: the whole folder.  Where there are .dsyncignore files in the
 * part it is the whole folder in the end.
 */
enum status survey_new(struct replica *r, struct scope *scope, bool whole,
    struct survey **ret) MUST_CHECK;
/* Also one that is not through: the replica's disk and base stay as they are. */
void survey_free(struct survey *survey);
AUTO_DEFINE(survey);

/*
 * Does a bounded amount of work: about 2,000 files looked at, or 8 MiB read
 * (a single file is read to its end).  Between steps nothing may be written to
 * the journal through this replica, nor its filter be used.
 */
enum status survey_step(struct survey *survey, bool *ret_done,
    struct err *err) MUST_CHECK;

/* All of it at once. */
enum status survey(struct replica *r, bool whole, struct err *err) MUST_CHECK;

#endif
