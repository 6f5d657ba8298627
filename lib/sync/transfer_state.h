/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_TRANSFER_STATE_H
#define DSYNC_SYNC_TRANSFER_STATE_H

/*
 * What transfer.c (asking), transfer_answer.c, transfer_copy.c and
 * transfer_record.c share; theirs alone.
 */

#include "codec/message.h"
#include "codec/record.h"
#include "sync/report.h"
#include "sync/transfer.h"
#include "util/buf.h"

struct apply;
struct apply_op;
struct bases;
struct sender;

#define TRANSFER_BARRIER 1 /* token; heartbeats have 0 */

struct transfer {
	struct replica *r;
	struct wire *wire;
	const struct plan *plan;
	struct transfer_opts opts;
	uint8_t *state; /* enum transfer_state, one an action */
	uint8_t *form; /* enum tally_form, of those that are COMING */
	size_t next; /* action */
	struct bases *bases; /* NULL: no deltas */
	struct apply *apply;
	struct sender *sender;
	/* operations of one type that wait to be sent in one message */
	struct buf records;
	enum message_type records_type;
	uint64_t n_records;
	uint64_t fetching; /* asked for and not yet applied */
	uint64_t remote; /* said to the peer and not yet answered */
	uint64_t weight; /* of that, what it is to make from what it has */
	uint64_t copied; /* in this step, by this side */
	bool begun; /* what costs nothing is done */
	bool barrier; /* PING was sent behind the last operation, */
	bool passed; /*  and answered */
	struct progress progress;
	uint64_t bytes_before; /* sent in earlier rounds */
	struct record_scratch scratch;
};

static inline const struct action *
transfer_action_of(const struct transfer *t, size_t i)
{
	return &t->plan->v[i];
}

/* The receiver has the contents already; only exec bit and mtime differ. */
bool transfer_is_meta(const struct action *a);

/* The contents of this one may come as a delta against what is here. */
bool transfer_has_base(const struct transfer *t, const struct action *a);

/* What a question that is answered now was counted as in weight. */
void transfer_answered(struct transfer *t, size_t i);

void transfer_set_done(struct transfer *t, size_t i);

/* Somebody was faster: not a problem, but a reason to look again. */
void transfer_set_not_done(struct transfer *t, size_t i, const struct err *why);

/* What both sides have now goes into the journal; in a transaction. */
enum status transfer_agree_action(struct transfer *t, const struct action *a,
    struct err *err) MUST_CHECK;

/*
 * A file to fetch has the contents of another one here: made of that, and not
 * asked for; unless *ret_made is false.
 */
enum status transfer_copy(struct transfer *t, size_t i, bool *ret_made,
    struct err *err) MUST_CHECK;

/* The fields that every operation on the server has. */
void transfer_operation(const struct action *a, size_t i, struct record *rec);

/* What of it the receiver has from a session that was cut. */
void transfer_offset(const struct transfer *t, const struct action *a,
    struct record *rec);

/* The operation that an action is, done here. */
void transfer_local_op(const struct action *a, size_t i, struct apply_op *op);

#endif
