/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_SETTLE_H
#define DSYNC_SYNC_SETTLE_H

/* The end of a client's round: what it knows now goes into its journal. */

#include "util/err.h"

struct fingerprint;
struct listing;
struct message_cursor;
struct plan;
struct replica;
struct transfer;

/*
 * Writes down what the server has that was not taken (pending), that the
 * server is known up to cursor, and which conflicts are open.
 */
enum status settle(struct replica *r, const struct listing *remote,
    const struct plan *plan, const struct transfer *transfer,
    const struct message_cursor *cursor, struct err *err) MUST_CHECK;

/* The server is known further than was written down: its own word for it. */
enum status settle_cursor(struct replica *r, const struct message_cursor *was,
    const struct message_cursor *is, struct err *err) MUST_CHECK;

/* The fingerprint of what the server is believed to have. */
enum status settle_fingerprint(struct replica *r, struct fingerprint *ret,
    struct err *err) MUST_CHECK;

#endif
