/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_BASES_H
#define DSYNC_SYNC_BASES_H

/*
 * Which other files the receiver can make those of a plan from: it has the
 * same contents under another name, or what it is about to delete was renamed
 * and edited.
 *
 * Only what both sides agreed on counts, still has on the receiver's side, and
 * stands there when the file's turn comes.
 */

#include <stddef.h>

#include "util/auto.h"
#include "util/err.h"

struct base;
struct bases;
struct listing;
struct plan;
struct replica;

/* The plan is in its order; it, remote and the replica's listings outlive it. */
enum status bases_new(struct replica *r, const struct plan *plan,
    const struct listing *remote, struct bases **ret,
    struct err *err) MUST_CHECK;
void bases_free(struct bases *b);
AUTO_DEFINE(bases);

/*
 * What to make an action's file from, or NULL.  For a SEND any such file of
 * the server, for a FETCH a file here with the very contents.
 */
const struct base *bases_of(const struct bases *b, size_t action);

#endif
