/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_TRANSFER_H
#define DSYNC_SYNC_TRANSFER_H

/*
 * A client carries out a plan: what is to be done on the server is said in
 * the plan's order, what is to be done here is applied in that order, and
 * both go on at the same time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/plan.h"
#include "util/auto.h"
#include "util/err.h"
#include "util/hash.h"

struct listing;
struct message;
struct replica;
struct summary;
struct transfer;
struct wire;

enum transfer_state {
	TRANSFER_TODO,
	TRANSFER_ASKED, /* the peer was asked; no answer yet */
	TRANSFER_COMING, /* it has answered with the contents */
	TRANSFER_DONE,
	TRANSFER_AGAIN, /* a side had changed meanwhile: decide again */
	TRANSFER_FAILED,
};

/* What the server holds of a file that did not come whole. */
struct transfer_held {
	struct hash hash; /* of the whole */
	uint64_t size; /* of what it holds */
};

#define TRANSFER_HELD 64 /* more than these are not believed */

struct transfer_opts {
	const char *name; /* of this machine, for the log */
	const struct listing *remote; /* what the server has */
	const struct transfer_held *held;
	size_t n_held;
	bool whole; /* no deltas: they are not known, or one was wrong */
	bool proof; /* the last answer is to say what the server has then */
	const struct report *report;
	struct summary *summary; /* counted into */
};

/* The plan is in its order, and borrowed like all else. */
enum status transfer_new(struct replica *r, struct wire *wire,
    const struct plan *plan, const struct transfer_opts *opts,
    struct transfer **ret, struct err *err) MUST_CHECK;
void transfer_free(struct transfer *t);
AUTO_DEFINE(transfer);

/* FILE_UPDATE, FILE_DATA, ACK, REFUSED */
enum status transfer_message(struct transfer *t, const struct message *m,
    const uint8_t *data, struct err *err) MUST_CHECK;

/* Does what can be done now; *ret_done when every action has its state. */
enum status transfer_step(struct transfer *t, bool *ret_done,
    struct err *err) MUST_CHECK;

/* It has more to do without an answer: it is to be stepped again at once. */
bool transfer_busy(const struct transfer *t);

/*
 * The link is gone: what came whole is put in its place all the same, so that
 * it need not come again.
 */
enum status transfer_rescue(struct transfer *t, struct err *err) MUST_CHECK;

enum transfer_state transfer_state(const struct transfer *t, size_t action);

/* It is done by the server; of all else it only hears. */
bool transfer_is_remote(enum action_type type);

#endif
