/* SPDX-License-Identifier: MIT */
/*
 * Hashing takes about as long as cutting into chunks, so of a large text each
 * has a core: a piece is hashed by a worker while the owner of the digest cuts
 * it and gets the next one.
 */
#include "config.h"

#include "core/digest.h"

#include <stdlib.h>

#include "core/chunk.h"
#include "util/worker.h"

#define LARGE (1u << 20) /* bytes of a text for which a thread is worth it, */
#define PIECE (1u << 14) /*  and of a piece to wake it for */

struct digest {
	struct hasher *hasher;
	struct chunker chunker;
	bool is_signed;
	bool is_large;
	struct worker *worker; /* NULL: none yet, or none to be had */
	/* The worker's, while it works: */
	const void *data;
	size_t len;
	enum status st;
};

enum status
digest_new(struct digest **ret)
{
	AUTO(digest) struct digest *d = calloc(1, sizeof(*d));

	if (d == NULL || hasher_new(&d->hasher) != ST_OK)
		return ST_NOMEM;
	*ret = d;
	d = NULL;
	return ST_OK;
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	worker_free(d->worker);
	hasher_free(d->hasher);
	free(d);
}

enum status
digest_start(struct digest *d, uint64_t size, struct buf *sig)
{
	enum status st;

	(void)!digest_wait(d);
	d->st = ST_OK;
	d->is_signed = sig != NULL && size >= CHUNK_WORTH;
	d->is_large = size >= LARGE;
	/* Without a thread it goes as well, only slower. */
	if (d->is_large && d->worker == NULL)
		(void)!worker_new(&d->worker);
	st = hasher_start(d->hasher);
	return st == ST_OK && d->is_signed ?
	    chunker_start(&d->chunker, chunk_bits(size), sig) :
	    st;
}

static void
hash_piece(void *ctx)
{
	struct digest *d = ctx;

	if (d->st == ST_OK)
		d->st = hasher_add(d->hasher, d->data, d->len);
}

enum status
digest_wait(struct digest *d)
{
	if (d->worker != NULL)
		worker_wait(d->worker);
	return d->st;
}

/* Into the hash, at once or while the caller goes on. */
static enum status
hash_some(struct digest *d, const void *data, size_t len)
{
	enum status st = digest_wait(d);

	if (st != ST_OK)
		return st;
	d->data = data;
	d->len = len;
	if (d->is_large && d->worker != NULL && len >= PIECE)
		worker_begin(d->worker, hash_piece, d);
	else
		hash_piece(d);
	return ST_OK;
}

enum status
digest_add(struct digest *d, const void *data, size_t len)
{
	enum status st = hash_some(d, data, len);

	return st == ST_OK && d->is_signed ?
	    chunker_add(&d->chunker, data, len) :
	    st;
}

enum status
digest_copy(struct digest *d, struct chunk_known *known, uint64_t offset,
    const void *data, size_t len)
{
	enum status st = hash_some(d, data, len);

	return st == ST_OK && d->is_signed ?
	    chunker_copy(&d->chunker, known, offset, data, len) :
	    st;
}

enum status
digest_end(struct digest *d, struct hash *ret)
{
	enum status st = digest_wait(d);

	if (st == ST_OK)
		st = hasher_end(d->hasher, ret);
	return st == ST_OK && d->is_signed ? chunker_end(&d->chunker) : st;
}
