/* SPDX-License-Identifier: MIT */
/*
 * Large files, in parts.  What has come of one is kept under its hash while
 * it comes, so that a session which is cut has not been for nothing.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "core/digest.h"
#include "core/text.h"
#include "fs/partial.h"
#include "fs/root.h"
#include "fs/stage.h"
#include "fs/sys.h"
#include "store/signature.h"
#include "sync/apply_state.h"
#include "sync/replica.h"
#include "util/auto.h"
#include "util/hash.h"

#define PIECE	((size_t)512 * 1024) /* read at once */
#define PUSH	(8u * 1024 * 1024) /* given to the disk at once */
#define NOWHERE UINT64_MAX /* in the base */

static void
close_base(struct stream *s)
{
	if (s->base != -1)
		close(s->base);
	s->base = -1;
}

void
apply_stream_fini(struct stream *s)
{
	job_free(s->job);
	digest_free(s->digest);
	buf_fini(&s->base_sig);
	close_base(s);
}

static struct stream *
find_stream(struct apply *a, bool any, uint32_t id)
{
	size_t i;

	for (i = 0; i < STREAMS; i++)
		if (any ? a->stream[i].job == NULL :
			  a->stream[i].job != NULL &&
			    a->stream[i].job->op.id == id)
			return &a->stream[i];
	return NULL;
}

/* Where a file that is to come goes, and how it is found again. */
static enum status
open_file(struct apply *a, struct stream *s, struct job *job, uint64_t offset,
    struct err *err)
{
	char hex[HASH_HEX];
	uint64_t have;
	enum status st;

	hash_hex(&job->op.want.hash, hex);
	st = partial_open(a->r->root, hex, &job->fd, &have, err);
	s->partial = st == ST_OK;
	/* Another session is at it: then this one goes its own way. */
	if (st == ST_BUSY && offset == 0)
		return stage_create(a->r->stage, job->n, &job->fd, err);
	if (st == ST_OK && have < offset)
		return err_set(err, ST_CHANGED, "what had come of it is gone");
	if (st == ST_OK && sys_ftruncate(a->r->env, job->fd, offset) == -1)
		st = err_sys(err, errno, ".dsync/partial");
	return st;
}

/*
 * More of the whole, on its way into the file or in it already; from: where it
 * stands in the base.
 */
static enum status
look_at(struct stream *s, const void *data, size_t len, uint64_t from,
    struct err *err)
{
	const bool known = s->is_known && from != NOWHERE;

	if ((known ? digest_copy(s->digest, &s->known, from, data, len) :
		     digest_add(s->digest, data, len)) != ST_OK)
		return err_nomem(err);
	s->offset += len;
	return text_check(data, len) ? ST_OK : apply_not_text(s->job, err);
}

/* What had come before is a part of the whole, and checked like the rest. */
static enum status
hash_before(struct apply *a, struct stream *s, int fd, uint64_t offset,
    struct err *err)
{
	autofree uint8_t *piece = malloc(PIECE);
	enum status st = ST_OK;
	ssize_t n;

	if (piece == NULL)
		return err_nomem(err);
	while (st == ST_OK && s->offset < offset) {
		n = sys_read(a->r->env, fd, piece,
		    offset - s->offset < PIECE ? offset - s->offset : PIECE);
		if (n <= 0)
			return err_sys(err, n == 0 ? EIO : errno,
			    ".dsync/partial: read");
		st = look_at(s, piece, (size_t)n, NOWHERE, err);
		(void)!digest_wait(s->digest);
	}
	return st;
}

/* What of the base is copied need not be cut again. */
static enum status
know_base(struct apply *a, struct stream *s, const struct base *base,
    struct err *err)
{
	bool have = false;
	enum status st = signature_get(a->r->db, base->path, &base->hash, &have,
	    &s->base_sig, err);

	s->is_known = st == ST_OK &&
	    chunk_known_start(&s->known, buf_data(&s->base_sig),
		s->base_sig.len, chunk_bits(s->job->op.want.size));
	return st;
}

static enum status
begin_contents(struct apply *a, struct stream *s, const struct base *base,
    uint64_t offset, struct err *err)
{
	enum status st = ST_OK;

	s->delta.left = s->job->op.want.size - offset;
	/* First: without it, what is held is worth as much as before. */
	if (base != NULL)
		st = apply_open_base(a, base, &s->base, &s->delta.base_size,
		    err);
	if (st == ST_OK && base != NULL)
		st = know_base(a, s, base, err);
	if (st == ST_OK)
		st = open_file(a, s, s->job, offset, err);
	return st == ST_OK ? hash_before(a, s, s->job->fd, offset, err) : st;
}

/* All zero but for what is worth keeping. */
static enum status
begin_stream(struct stream *s, struct job *job, uint64_t offset,
    const struct base *base, struct err *err)
{
	const uint64_t size = job->op.want.size;
	struct digest *digest = s->digest;
	struct buf sig = s->base_sig;

	buf_clear(&sig);
	*s = (struct stream){ .job = job,
		.digest = digest,
		.base_sig = sig,
		.begun = offset,
		.next = base == NULL ? offset : 0,
		.is_delta = base != NULL,
		.base = -1 };
	return digest_start(digest, size, &job->sig) == ST_OK ? ST_OK :
								err_nomem(err);
}

enum status
apply_stream_begin(struct apply *a, const struct apply_op *op,
    const struct base *base, uint64_t offset, const struct err *refused,
    struct err *err)
{
	struct stream *s = find_stream(a, true, 0);
	struct job *job;
	struct err why;
	enum status st = ST_OK;

	if (s == NULL || find_stream(a, false, op->id) != NULL)
		return err_set(err, ST_PROTO, "too many files at once");
	if (offset > op->want.size)
		return err_set(err, ST_PROTO, "a file begins behind its end");
	if (s->digest == NULL && digest_new(&s->digest) != ST_OK)
		return err_nomem(err);
	if (base != NULL && refused == NULL)
		st = apply_settle_base(a, base, err);
	if (st == ST_OK)
		st = job_new(op, &job, err);
	if (st != ST_OK)
		return st;
	job->n = stage_next(a->r->stage);
	st = begin_stream(s, job, offset, base, err);
	if (st != ST_OK)
		return st;
	job->refused = refused != NULL;
	if (refused != NULL)
		return job_fails(job, refused->code, refused, err);
	st = begin_contents(a, s, base, offset, &why);
	return st == ST_OK ? ST_OK : job_fails(job, st, &why, err);
}

static enum status
put_contents(struct apply *a, struct stream *s, const void *data, size_t len,
    uint64_t from, struct err *why)
{
	enum status st = look_at(s, data, len, from, why);

	if (st == ST_OK)
		st = stage_write(a->r->stage, s->job->fd, data, len, why);
	/* Else all of it would be written when somebody waits for it. */
	if (st == ST_OK && s->offset - s->pushed >= PUSH) {
		stage_push(a->r->stage, s->job->fd);
		s->pushed = s->offset;
	}
	return st;
}

/* Two pieces take turns: one is looked at while the next one is read. */
static enum status
put_copy(struct apply *a, struct stream *s, const struct delta_step *step,
    struct err *why)
{
	const bool large = step->len > PIECE;
	const size_t most = large ? PIECE : (size_t)step->len;
	autofree uint8_t *buf = malloc(large ? 2 * most : most);
	uint8_t *piece = buf;
	enum status st = ST_OK;
	uint64_t at = 0;
	size_t n;

	if (buf == NULL)
		return err_nomem(why);
	for (; st == ST_OK && at < step->len; at += n) {
		n = step->len - at < most ? (size_t)(step->len - at) : most;
		st = apply_read_base(a, s->base, step->offset + at, piece, n,
		    why);
		if (st == ST_OK)
			st = put_contents(a, s, piece, n, step->offset + at,
			    why);
		if (large)
			piece = piece == buf ? buf + most : buf;
	}
	(void)!digest_wait(s->digest);
	return st;
}

/* A delta that is none ends the session; all else is this file's trouble. */
static enum status
put_delta(struct apply *a, struct stream *s, const uint8_t *data, size_t len,
    struct err *err)
{
	struct delta_step step;
	enum status st = ST_OK;
	bool have = true;
	struct err why;

	while (st == ST_OK && have) {
		st = delta_next(&s->delta, &data, &len, &have, &step, &why);
		if (st != ST_OK || !have)
			break;
		st = step.copy ? put_copy(a, s, &step, &why) :
				 put_contents(a, s, step.data, (size_t)step.len,
				     NOWHERE, &why);
	}
	if (st == ST_PROTO) {
		*err = why;
		return st;
	}
	return st == ST_OK ? ST_OK : job_fails(s->job, st, &why, err);
}

enum status
apply_stream_part(struct apply *a, uint32_t id, uint64_t offset,
    const void *data, size_t len, struct err *err)
{
	struct stream *s = find_stream(a, false, id);
	struct err why;
	enum status st;

	if (s == NULL || offset != s->next ||
	    (!s->is_delta && len > s->job->op.want.size - s->next))
		return err_set(err, ST_PROTO, "a part of no file");
	s->next += len;
	/* After a failure the rest still comes, and is dropped. */
	if (s->job->status != ST_OK)
		return ST_OK;
	if (s->is_delta) {
		st = put_delta(a, s, data, len, err);
	} else {
		st = put_contents(a, s, data, len, NOWHERE, &why);
		if (st != ST_OK)
			st = job_fails(s->job, st, &why, err);
	}
	/* What came is the caller's again. */
	(void)!digest_wait(s->digest);
	return st;
}

static void
drop_partial(struct apply *a, struct stream *s)
{
	char hex[HASH_HEX];

	hash_hex(&s->job->op.want.hash, hex);
	if (s->partial)
		partial_drop(a->r->root, hex);
	s->partial = false;
}

static enum status
take_partial(struct apply *a, struct stream *s, struct err *err)
{
	char hex[HASH_HEX];

	hash_hex(&s->job->op.want.hash, hex);
	return s->partial ? partial_take(a->r->stage, hex, s->job->n, err) :
			    ST_OK;
}

static enum status
stream_check(struct apply *a, struct stream *s, bool bad, struct err *err)
{
	struct job *job = s->job;
	struct hash hash;
	enum status st;

	if (bad)
		return err_set(err, ST_CHANGED, "it changed while it was read");
	if (digest_end(s->digest, &hash) != ST_OK)
		return err_nomem(err);
	if (s->is_delta &&
	    (!delta_complete(&s->delta) ||
		!hash_equal(&hash, &job->op.want.hash)))
		return apply_other_base(job, err);
	if (s->offset == job->op.want.size &&
	    !hash_equal(&hash, &job->op.want.hash) && s->begun > 0)
		return err_set(err, ST_CHANGED,
		    "what was held of it is no part of it");
	if (s->offset != job->op.want.size ||
	    !hash_equal(&hash, &job->op.want.hash))
		return apply_wrong_contents(job, err);
	st = stage_seal(a->r->stage, job->fd, job->op.want.mtime,
	    job->op.want.exec, err);
	return st == ST_OK ? take_partial(a, s, err) : st;
}

enum status
apply_stream_end(struct apply *a, uint32_t id, bool bad, struct err *err)
{
	struct stream *s = find_stream(a, false, id);
	struct job *job;
	struct err why;
	enum status st = ST_OK;

	if (s == NULL)
		return err_set(err, ST_PROTO, "the end of no file");
	job = s->job;
	if (job->status == ST_OK)
		st = stream_check(a, s, bad, &why);
	/* All of it has come, and it is not what it should be. */
	if (st != ST_OK || job->status != ST_OK)
		drop_partial(a, s);
	s->job = NULL;
	close_base(s);
	return apply_add_result(a, job, st, &why, err);
}
