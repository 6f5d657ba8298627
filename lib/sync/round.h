/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_ROUND_H
#define DSYNC_SYNC_ROUND_H

/*
 * One pass of a client over both folders: what the server has is gathered, a
 * plan is made of it and looked at, carried out, and written down.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/guard.h"
#include "core/reconcile.h"
#include "util/auto.h"
#include "util/err.h"

struct message;
struct message_cursor;
struct record;
struct replica;
struct report;
struct round;
struct summary;
struct wire;

struct round_opts {
	const char *name; /* of this machine */
	struct guard_limit guard;
	bool guard_explicit;
	size_t gone_local, gone_remote; /* deletions that count with the new */
	bool retold; /* faults were told in the round before */
	const struct report *report;
	struct summary *summary;
};

/* The replica was just surveyed, or will be before round_plan(). */
enum status round_new(struct replica *r, struct wire *wire,
    const struct round_opts *opts, struct round **ret,
    struct err *err) MUST_CHECK;
void round_free(struct round *round);
AUTO_DEFINE(round);

/*
 * A record of CHANGES: an entry, a fault that the server met, or what it
 * holds of a file that did not come whole.
 */
enum status round_add(struct round *round, const struct record *rec,
    struct err *err) MUST_CHECK;

/*
 * The server has what this side has of some buckets of its sketch: a bit each,
 * for that many.  The replica was surveyed.
 */
enum status round_add_same(struct round *round, const uint8_t *same,
    size_t buckets, struct err *err) MUST_CHECK;

/* All changes are in; full: they are all that the server has. */
enum status round_plan(struct round *round, const struct rules *rules,
    bool full, struct err *err) MUST_CHECK;

/* Files that the plan deletes, on both sides. */
size_t round_deletions(const struct round *round);

/*
 * ST_GUARD if that is too much; the deletions were reported then.  If not, the
 * plan is ready to be carried out.
 */
enum status round_guard(struct round *round, struct err *err) MUST_CHECK;

bool round_is_empty(const struct round *round); /* there is nothing to do */

/* A dry run: reports and counts what would be done. */
void round_tell(struct round *round);

/*
 * Begins to carry the plan out; round_step() until done.  whole: no contents
 * are to travel as deltas; proof: with its last answer the server says what it
 * has then.
 */
enum status round_begin(struct round *round, bool whole, bool proof,
    struct err *err) MUST_CHECK;
enum status round_message(struct round *round, const struct message *m,
    const uint8_t *data, struct err *err) MUST_CHECK;
enum status round_step(struct round *round, bool *ret_done,
    struct err *err) MUST_CHECK;
bool round_busy(const struct round *round); /* to be stepped again at once */

/* Some of it has to be tried again, for a side was changed meanwhile. */
bool round_failed(const struct round *round);

/*
 * Writes down what is known of the server now, up to cursor.  *ret_again: a
 * side was changed meanwhile, or the ignore rules were: another round is due.
 */
enum status round_settle(struct round *round,
    const struct message_cursor *cursor, bool *ret_again,
    struct err *err) MUST_CHECK;

/* The server was told to change something. */
bool round_changes_remote(const struct round *round);

/* As transfer_rescue(). */
enum status round_rescue(struct round *round, struct err *err) MUST_CHECK;

/* After the last round: reports what is still not done. */
void round_tell_again(struct round *round);

#endif
