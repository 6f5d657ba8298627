/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_FOUND_H
#define DSYNC_SYNC_FOUND_H

/*
 * What a survey found that the journal does not say yet, and the writing
 * down of it: a row for each file that was read; on a server also a numbered
 * change for each that is not as it was.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/auto.h"
#include "util/err.h"

struct buf;
struct entry;
struct found;
struct listing;
struct replica;
struct stamp;

/* since: the last number that was given when the survey began. */
enum status found_new(struct replica *r, uint64_t since,
    struct found **ret) MUST_CHECK;
void found_free(struct found *found);
AUTO_DEFINE(found);

/*
 * A file that was read just now, in the order of paths.  Its signature is
 * written, too, if it has one (sig is not empty).  is_new: the journal has no
 * row of it.
 */
enum status found_add(struct found *found, const struct entry *entry,
    const struct stamp *stamp, bool is_new, const struct buf *sig,
    struct err *err) MUST_CHECK;

size_t found_waiting(const struct found *found); /* rows to be written */

/* The survey is through.  Both listings are sorted, and stay. */
enum status found_compare(struct found *found, const struct listing *base,
    const struct listing *disk, struct err *err) MUST_CHECK;

/*
 * Writes about `share` rows, as one transaction.  Where there is nothing to
 * say, nothing is written and no lock taken.
 */
enum status found_step(struct found *found, size_t share, bool *ret_done,
    struct err *err) MUST_CHECK;

#endif
