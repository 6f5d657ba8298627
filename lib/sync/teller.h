/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_TELLER_H
#define DSYNC_SYNC_TELLER_H

/*
 * A peer's answer to "what has changed": a listing that goes out in CHANGES
 * messages as fast as the link takes them.
 */

#include <stdbool.h>

#include "codec/message.h"
#include "util/auto.h"
#include "util/err.h"

struct buf;
struct replica;
struct teller;
struct wire;

/*
 * What the replica, just surveyed, has that the cursor does not know: all of
 * it if the cursor is of another epoch, or of the future, or the replica is
 * read-only.  The teller's own cursor is where the client then is.  Of all of
 * it, what is equal by a sketch of the client's tree (if theirs is not empty;
 * it is checked) is not told, but that it is.  The last message has the
 * fingerprint, too, so that a client with nothing to send need not ask for it.
 */
enum status teller_new(struct replica *r, const struct message_cursor *since,
    const struct buf *theirs, struct teller **ret, struct err *err) MUST_CHECK;
/* Would it be all of it?  Then the survey has to be a whole one. */
bool teller_tells_all(const struct replica *r,
    const struct message_cursor *since);
void teller_free(struct teller *t);
AUTO_DEFINE(teller);

const struct message_cursor *teller_cursor(const struct teller *t);

/* Nobody asked: it says so, and which number it follows. */
void teller_unasked(struct teller *t, uint64_t since);

/* Sends while the wire wants more; *ret_done once all was said. */
enum status teller_pump(struct teller *t, struct wire *wire, bool *ret_done,
    struct err *err) MUST_CHECK;

#endif
