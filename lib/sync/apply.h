/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_APPLY_H
#define DSYNC_SYNC_APPLY_H

/*
 * Carrying out operations on a replica, in groups: stage, sync, write down
 * the intents, exchange and judge, journal.  The order is what makes every
 * promise about crashes and racing saves hold; see doc/design.md, "Applying".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/entry.h"
#include "core/reconcile.h"
#include "util/auto.h"
#include "util/err.h"

struct apply;
struct replica;

enum apply_kind {
	APPLY_PUT, /* these contents at path */
	APPLY_META, /* exec bit and mtime at path; the contents are there */
	APPLY_DELETE,
	APPLY_MOVE, /* from -> path */
};

struct apply_op {
	enum apply_kind kind;
	uint32_t id; /* the asker's */
	const char *path;
	const char *from; /* MOVE */
	struct entry want; /* PUT, META, MOVE: what will stand at path */
	struct entry expect; /* what may be displaced (MOVE: at from); ABSENT */
	enum reason why;
	bool conflict; /* what is displaced lost a conflict */
};

/* What came of an operation; all is borrowed for the call. */
struct apply_result {
	const struct apply_op *op;
	enum status status; /* ST_OK, or why not: err says */
	const struct err *err;
	struct entry now; /* not ST_OK: what stands at path */
	bool have_now; /*  if that is known */
	uint64_t seq; /* ST_OK on a server: the number of the change */
};

struct apply_opts {
	const char *origin; /* whose changes these are */
	const char *who; /* the same for the log; NULL: origin */
	void (*result)(void *ctx, const struct apply_result *result);
	void *ctx;
};

enum status apply_new(struct replica *r, const struct apply_opts *opts,
    struct apply **ret, struct err *err) MUST_CHECK;
void apply_free(struct apply *a); /* what was not flushed is dropped */
AUTO_DEFINE(apply);

/*
 * Takes an operation into the group; strings and contents are copied.
 * Contents that do not have the hash and size of op->want, or that can't be
 * staged, make a result that is not ST_OK; a returned error ends the session.
 * What a delta makes of another version than it is for is ST_CHANGED.
 */
enum status apply_put(struct apply *a, const struct apply_op *op,
    const void *data, size_t len, struct err *err) MUST_CHECK;
enum status apply_put_delta(struct apply *a, const struct apply_op *op,
    const struct base *base, const void *delta, size_t len,
    struct err *err) MUST_CHECK;
enum status apply_add(struct apply *a, const struct apply_op *op,
    struct err *err) MUST_CHECK; /* META, DELETE, MOVE */

/*
 * A large PUT in parts, in order, from offset on: so much of it is held in
 * .dsync/partial.  With a base (else NULL) they are the parts of a delta, which
 * makes what comes from there on.  If refused is not NULL the parts are dropped
 * as they come, and that is the result.  bad: the sender found that the file
 * was changed; the result is ST_CHANGED.
 */
enum status apply_stream_begin(struct apply *a, const struct apply_op *op,
    const struct base *base, uint64_t offset, const struct err *refused,
    struct err *err) MUST_CHECK;
enum status apply_stream_part(struct apply *a, uint32_t id, uint64_t offset,
    const void *data, size_t len, struct err *err) MUST_CHECK;
enum status apply_stream_end(struct apply *a, uint32_t id, bool bad,
    struct err *err) MUST_CHECK;

bool apply_has_stream(const struct apply *a); /* one more can begin */

/* True when the group is large enough to be carried out. */
bool apply_due(const struct apply *a);
size_t apply_waiting(const struct apply *a);

/* Carries the group out; a result for each operation. */
enum status apply_flush(struct apply *a, struct err *err) MUST_CHECK;

#endif
