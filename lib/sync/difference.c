/* SPDX-License-Identifier: MIT */
/*
 * The signature of the new version was made when it was read for its hash.  If
 * it was made with chunks of another size, or is not there, the file is read
 * once more for one that can be compared.
 */
#include "config.h"

#include "sync/difference.h"

#include <errno.h>
#include <stdlib.h>

#include "codec/delta.h"
#include "fs/sys.h"
#include "store/signature.h"
#include "sync/replica.h"
#include "util/buf.h"
#include "util/str.h"

#define PIECE	 ((size_t)256 * 1024)
#define COPY	 (8u * 1024 * 1024) /* in one step: the receiver has others */
#define OVERHEAD 64 /* bytes that a delta must save at least */

struct difference {
	struct replica *r;
	const char *path; /* borrowed, as the descriptor is */
	int fd;
	struct chunk_span *v;
	size_t n;
	size_t i; /* the span that is next, */
	uint64_t done; /*  so much of which is put */
	uint64_t at; /* in the file */
	struct delta_writer writer;
};

void
difference_free(struct difference *d)
{
	if (d == NULL)
		return;
	free(d->v);
	free(d);
}

static bool
any_old(const struct chunk_span *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].old)
			return true;
	return false;
}

static enum status
put_all(const struct chunk_span *v, size_t n, const uint8_t *data,
    struct buf *out)
{
	struct delta_writer w = { 0 };
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < n && st == ST_OK; data += v[i].len, i++) {
		if (v[i].old) {
			st = delta_put_copy(&w, v[i].offset, v[i].len, out);
			continue;
		}
		st = delta_put_data_head(v[i].len, out);
		if (st == ST_OK)
			st = buf_put(out, data, (size_t)v[i].len);
	}
	return st;
}

/* The base's signature, and its bits; 0: there is none, or it is damaged. */
static enum status
find_old(struct replica *r, const struct base *base, struct buf *ret,
    unsigned *ret_bits, struct err *err)
{
	bool have = false;
	enum status st = signature_get(r->db, base->path, &base->hash, &have,
	    ret, err);

	*ret_bits = chunk_signature_bits(buf_data(ret), ret->len);
	return st;
}

/* As chunk_match(), but that there is no match is no fault. */
static enum status
match(const struct buf *old, const struct buf *new, struct chunk_span **ret,
    size_t *ret_n, struct err *err)
{
	enum status st = chunk_match(buf_data(old), old->len, buf_data(new),
	    new->len, ret, ret_n);

	return st == ST_OK || st == ST_NOENT ? ST_OK : err_nomem(err);
}

enum status
difference_small(struct replica *r, const struct base *base, const void *data,
    size_t len, struct buf *out, bool *ret_have, struct err *err)
{
	AUTO(buf) struct buf old = { 0 }, new = { 0 };
	autofree struct chunk_span *v = NULL;
	const size_t before = out->len;
	size_t n = 0;
	unsigned bits;
	enum status st;

	*ret_have = false;
	st = find_old(r, base, &old, &bits, err);
	if (st != ST_OK || bits == 0)
		return st;
	if (chunk_once(bits, data, len, &new) != ST_OK)
		return err_nomem(err);
	st = match(&old, &new, &v, &n, err);
	*ret_have = any_old(v, n);
	if (st != ST_OK || !*ret_have)
		return st;
	if (put_all(v, n, data, out) != ST_OK)
		return err_nomem(err);
	*ret_have = out->len - before + OVERHEAD <= len;
	return ST_OK;
}

/* Reads the file for a signature with chunks of that size. */
static enum status
sign(struct difference *d, unsigned bits, struct buf *out, struct err *err)
{
	autofree uint8_t *piece = malloc(PIECE);
	struct chunker chunker;
	char show[STR_SHOW];
	uint64_t at = 0;
	ssize_t n = 1;

	buf_clear(out);
	if (piece == NULL || chunker_start(&chunker, bits, out) != ST_OK)
		return err_nomem(err);
	while (n > 0) {
		n = sys_pread(d->r->env, d->fd, piece, PIECE, (off_t)at);
		if (n == -1)
			return err_sys(err, errno, "%s: read",
			    str_show(show, d->path));
		if (chunker_add(&chunker, piece, (size_t)n) != ST_OK)
			return err_nomem(err);
		at += (uint64_t)n;
	}
	return chunker_end(&chunker) == ST_OK ? ST_OK : err_nomem(err);
}

/* The part that the receiver has already is not put. */
static void
skip(struct difference *d, uint64_t offset)
{
	d->at = offset;
	while (d->i < d->n && offset >= d->v[d->i].len)
		offset -= d->v[d->i++].len;
	d->done = offset;
}

static uint64_t
total(const struct difference *d, bool old)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < d->n; i++)
		sum += d->v[i].old == old ? d->v[i].len : 0;
	return sum;
}

uint64_t
difference_size(const struct difference *d)
{
	return total(d, true) + total(d, false);
}

enum status
difference_new(struct replica *r, const struct base *base,
    const struct base *file, int fd, uint64_t offset, struct difference **ret,
    struct err *err)
{
	AUTO(difference) struct difference *d = calloc(1, sizeof(*d));
	AUTO(buf) struct buf old = { 0 }, new = { 0 };
	bool have = false;
	unsigned bits;
	enum status st;

	*ret = NULL;
	if (d == NULL)
		return err_nomem(err);
	d->r = r;
	d->path = file->path;
	d->fd = fd;
	st = find_old(r, base, &old, &bits, err);
	if (st != ST_OK || bits == 0)
		return st;
	st = signature_get(r->db, file->path, &file->hash, &have, &new, err);
	if (st == ST_OK &&
	    bits != chunk_signature_bits(buf_data(&new), new.len))
		st = sign(d, bits, &new, err);
	if (st == ST_OK)
		st = match(&old, &new, &d->v, &d->n, err);
	/* A version with little in common is better streamed as it is. */
	if (st != ST_OK || total(d, true) < total(d, false))
		return st;
	skip(d, offset);
	*ret = d;
	d = NULL;
	return ST_OK;
}

enum status
difference_copy(struct replica *r, uint64_t size, uint64_t offset,
    struct difference **ret, struct err *err)
{
	AUTO(difference) struct difference *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return err_nomem(err);
	d->r = r;
	d->fd = -1;
	d->v = calloc(1, sizeof(*d->v));
	if (d->v == NULL)
		return err_nomem(err);
	d->n = 1;
	d->v[0] = (struct chunk_span){ .len = size, .old = true };
	skip(d, offset);
	*ret = d;
	d = NULL;
	return ST_OK;
}

static enum status
put_data(struct difference *d, size_t len, struct buf *out, struct err *err)
{
	char show[STR_SHOW];
	uint8_t *room;
	ssize_t n;

	if (delta_put_data_head(len, out) != ST_OK)
		return err_nomem(err);
	room = buf_room(out, len);
	if (room == NULL)
		return err_nomem(err);
	n = sys_pread_all(d->r->env, d->fd, room, len, (off_t)d->at);
	if (n == -1)
		return err_sys(err, errno, "%s: read", str_show(show, d->path));
	if ((size_t)n < len)
		return err_set(err, ST_CHANGED, "%s: it was changed meanwhile",
		    str_show(show, d->path));
	buf_added(out, len);
	return ST_OK;
}

static enum status
put_step(struct difference *d, size_t some, struct buf *out, struct err *err)
{
	const struct chunk_span *span = &d->v[d->i];
	const uint64_t most = span->old ? COPY : some;
	const uint64_t left = span->len - d->done;
	const uint64_t len = left < most ? left : most;
	enum status st = ST_OK;

	if (!span->old)
		st = put_data(d, (size_t)len, out, err);
	else if (delta_put_copy(&d->writer, span->offset + d->done, len, out) !=
	    ST_OK)
		st = err_nomem(err);
	d->at += len;
	d->done += len;
	if (d->done == span->len) {
		d->i++;
		d->done = 0;
	}
	return st;
}

enum status
difference_next(struct difference *d, size_t some, struct buf *out,
    bool *ret_last, struct err *err)
{
	const size_t before = out->len;
	uint64_t from = d->at;
	enum status st = ST_OK;

	while (st == ST_OK && d->i < d->n && out->len - before < some &&
	    d->at - from < COPY)
		st = put_step(d, some - (out->len - before), out, err);
	*ret_last = d->i == d->n;
	return st;
}
