/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_SERVE_H
#define DSYNC_SYNC_SERVE_H

/*
 * What a client asks a peer to do with files.  Every operation passes the
 * same checks: is the path one that is synced here, does the policy allow it.
 * Whether the version to be replaced is the one the client means is judged by
 * the group protocol itself.
 */

#include <stdint.h>

#include "codec/record.h"
#include "core/reconcile.h"
#include "sync/policy.h"
#include "util/err.h"

struct answers;
struct apply;
struct message;
struct replica;
struct sender;

struct serve {
	struct replica *replica; /* all borrowed */
	struct apply *apply; /* NULL: read-only */
	struct sender *sender;
	struct answers *answers;
	enum access access;
	enum policy_op op; /* that the message at hand is for */
	bool deltas; /* the client takes them */
	uint64_t quota; /* bytes of all files; 0: none */
	uint64_t used; /* bytes of all files, as far as is known */
	struct record_scratch scratch;
};

/* GET, FILE_UPDATE, FILE_DELETE, FILE_MOVE */
enum status serve_records(struct serve *s, const struct message *m,
    const uint8_t *data, struct err *err) MUST_CHECK;

/* FILE_DATA */
enum status serve_data(struct serve *s, const struct message *m,
    const uint8_t *data, struct err *err) MUST_CHECK;

/* Carries out what waits, and answers. */
enum status serve_flush(struct serve *s, struct err *err) MUST_CHECK;

#endif
