/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_ANSWERS_H
#define DSYNC_SYNC_ANSWERS_H

/*
 * What a peer has to say about single files: done, or not and why.  Gathered,
 * and sent together.
 */

#include <stdint.h>

#include "util/buf.h"
#include "util/err.h"

struct entry;
struct wire;

struct answers {
	struct wire *wire; /* borrowed */
	struct buf acks;
	struct buf refusals;
	uint64_t n_acks;
	uint64_t n_refusals;
};

void answers_fini(struct answers *a);

enum status answers_ack(struct answers *a, uint32_t id, uint64_t seq,
    struct err *err) MUST_CHECK;

/* now: what stands there instead; NULL if that is not the client's to know. */
enum status answers_refuse(struct answers *a, uint32_t id,
    const struct err *why, const struct entry *now, struct err *err) MUST_CHECK;

enum status answers_send(struct answers *a, struct err *err) MUST_CHECK;

#endif
