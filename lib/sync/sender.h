/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_SENDER_H
#define DSYNC_SYNC_SENDER_H

/*
 * The giving half of a transfer: a queue of files that become FILE_UPDATE
 * and FILE_DATA messages as fast as the link takes them.  Small files share a
 * frame; of a large one only a piece is in memory.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/record.h"
#include "util/auto.h"
#include "util/err.h"

#define SENDER_QUEUE 8192 /* files that may wait */
#define SENDER_SMALL (256u * 1024) /* sent inline up to this size */

struct base;
struct replica;
struct sender;
struct tally;
struct wire;

struct sender_opts {
	/*
	 * The file is not what the record says, or can't be read; now is what
	 * stands there.  Nothing was sent for it.  (Of a stream that turns out
	 * bad half way only the receiver is told, by the stream itself.)
	 */
	enum status (*failed)(void *ctx, uint32_t id, const struct err *why,
	    const struct entry *now, struct err *err);
	void *ctx;
	struct tally *tally; /* counted into; or NULL */
};

enum status sender_new(struct replica *r, struct wire *wire,
    const struct sender_opts *opts, struct sender **ret,
    struct err *err) MUST_CHECK;
void sender_free(struct sender *s);
AUTO_DEFINE(sender);

bool sender_full(const struct sender *s);
bool sender_idle(const struct sender *s); /* all is in the wire */

/*
 * Queues the file at path.  record is sent as it is, but for its form, which
 * is chosen here unless it is META; its hash and size are what is expected.
 * With an offset, a large file is sent from there on; with a base (else NULL)
 * as a delta against it, if that is shorter; the record names a base that is
 * another file's.  Strings are copied.
 */
enum status sender_add(struct sender *s, const char *path,
    const struct record *record, const struct base *base,
    struct err *err) MUST_CHECK;

/*
 * Sends while the wire wants more, or until the first of it should be on its
 * way: then it is eager.  *ret_moved if anything was done.
 */
bool sender_eager(const struct sender *s);
enum status sender_pump(struct sender *s, bool *ret_moved,
    struct err *err) MUST_CHECK;

uint64_t sender_bytes(const struct sender *s); /* of contents, so far */

#endif
