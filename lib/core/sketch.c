/* SPDX-License-Identifier: MIT */
/* Sums, as in fingerprint.c, of which only the lowest bits are kept. */
#include "config.h"

#include "core/sketch.h"

#include "core/entry.h"
#include "core/fingerprint.h"
#include "util/buf.h"

#define FILES 128 /* in a bucket, about: what one difference costs */

struct sketch {
	size_t n;
	uint64_t sum[];
};

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

enum status
sketch_new(size_t buckets, struct sketch **ret)
{
	struct sketch *s = calloc(1, sizeof(*s) + buckets * sizeof(s->sum[0]));

	if (s == NULL)
		return ST_NOMEM;
	s->n = buckets;
	*ret = s;
	return ST_OK;
}

void
sketch_free(struct sketch *s)
{
	free(s);
}

size_t
sketch_bucket_of(size_t buckets, const char *path)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *path != '\0'; path++)
		hash = (hash ^ (uint8_t)*path) * 0x100000001b3;
	return (size_t)(hash & (buckets - 1));
}

enum status
sketch_add(struct sketch *s, struct hasher *h, const struct entry *e)
{
	struct fingerprint fp = { 0 };
	enum status st = fingerprint_add(&fp, h, e);
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < SKETCH_BUCKET; i++)
		sum |= (uint64_t)fp.sum[i] << (8 * i);
	if (fp.count > 0)
		s->sum[sketch_bucket_of(s->n, e->path)] += sum;
	return st;
}

enum status
sketch_put(const struct sketch *s, struct buf *out)
{
	uint8_t *p = buf_room(out, s->n * SKETCH_BUCKET);
	size_t i, k;

	if (p == NULL)
		return ST_NOMEM;
	for (i = 0; i < s->n; i++)
		for (k = 0; k < SKETCH_BUCKET; k++)
			*p++ = (uint8_t)(s->sum[i] >> (56 - 8 * k));
	buf_added(out, s->n * SKETCH_BUCKET);
	return ST_OK;
}
