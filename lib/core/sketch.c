/* SPDX-License-Identifier: MIT */
/* Sums, as in fingerprint.c, of which only the lowest bits are kept. */
#include "config.h"

#include "core/sketch.h"

#include "core/entry.h"
#include "core/fingerprint.h"
#include "core/listing.h"
#include "util/auto.h"
#include "util/buf.h"

#define FILES 128 /* in a bucket, about: what one difference costs */

size_t
sketch_buckets(size_t files)
{
	size_t n = SKETCH_LEAST;

	while (n < SKETCH_MOST && n * FILES < files)
		n *= 2;
	return n;
}

bool
sketch_buckets_ok(size_t buckets)
{
	return buckets >= SKETCH_LEAST && buckets <= SKETCH_MOST &&
	    (buckets & (buckets - 1)) == 0;
}

size_t
sketch_bucket_of(size_t buckets, const char *path)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *path != '\0'; path++)
		hash = (hash ^ (uint8_t)*path) * 0x100000001b3;
	return (size_t)(hash & (buckets - 1));
}

/* Its part of the bucket it is in; 0 if it is no TEXT. */
static enum status
sum_of(struct hasher *h, const struct entry *e, uint64_t *ret)
{
	struct fingerprint fp = { 0 };
	enum status st = fingerprint_add(&fp, h, e);
	unsigned i;

	*ret = 0;
	for (i = 0; i < SKETCH_BUCKET; i++)
		*ret |= (uint64_t)fp.sum[i] << (8 * i);
	return st;
}

static enum status
put(const uint64_t *sums, size_t n, struct buf *out)
{
	uint8_t *p = buf_room(out, n * SKETCH_BUCKET);
	size_t i, k;

	if (p == NULL)
		return ST_NOMEM;
	for (i = 0; i < n; i++)
		for (k = 0; k < SKETCH_BUCKET; k++)
			*p++ = (uint8_t)(sums[i] >> (56 - 8 * k));
	buf_added(out, n * SKETCH_BUCKET);
	return ST_OK;
}

enum status
sketch_draw(const struct listing *list, size_t buckets, struct hasher *h,
    struct buf *out)
{
	autofree uint64_t *sums = calloc(buckets, sizeof(*sums));
	const struct entry *e;
	enum status st = ST_OK;
	uint64_t sum;
	size_t i;

	if (sums == NULL)
		return ST_NOMEM;
	for (i = 0; i < listing_count(list) && st == ST_OK; i++) {
		e = listing_at(list, i);
		st = sum_of(h, e, &sum);
		sums[sketch_bucket_of(buckets, e->path)] += sum;
	}
	return st == ST_OK ? put(sums, buckets, out) : st;
}
