/* SPDX-License-Identifier: MIT */
/*
 * A sum of hashes.  A sum can be kept up to date entry by entry, which a hash
 * of the whole list cannot; that nobody can choose files for a wanted sum is
 * not asked of it: it finds mistakes, not attacks.
 */
#include "config.h"

#include "core/fingerprint.h"

#include <string.h>

#include "core/entry.h"

static enum status
entry_digest(struct hasher *h, const struct entry *e, struct hash *ret)
{
	const uint8_t exec = e->exec;
	enum status st = hasher_start(h);

	if (st == ST_OK)
		st = hasher_add(h, e->path, strlen(e->path) + 1);
	if (st == ST_OK)
		st = hasher_add(h, &exec, 1);
	if (st == ST_OK)
		st = hasher_add(h, e->hash.b, HASH_SIZE);
	return st == ST_OK ? hasher_end(h, ret) : st;
}

enum status
fingerprint_add(struct fingerprint *fp, struct hasher *h, const struct entry *e)
{
	unsigned carry = 0;
	struct hash digest;
	enum status st;
	size_t i;

	if (e->kind != ENTRY_TEXT)
		return ST_OK;
	st = entry_digest(h, e, &digest);
	if (st != ST_OK)
		return st;
	for (i = 0; i < HASH_SIZE; i++) {
		carry += (unsigned)fp->sum[i] + digest.b[i];
		fp->sum[i] = (uint8_t)carry;
		carry >>= 8;
	}
	fp->count++;
	return ST_OK;
}

enum status
fingerprint_remove(struct fingerprint *fp, struct hasher *h,
    const struct entry *e)
{
	unsigned carry = 1;
	struct hash digest;
	enum status st;
	size_t i;

	if (e->kind != ENTRY_TEXT)
		return ST_OK;
	st = entry_digest(h, e, &digest);
	if (st != ST_OK)
		return st;
	/* a - b is a + ~b + 1 */
	for (i = 0; i < HASH_SIZE; i++) {
		carry += (unsigned)fp->sum[i] + (uint8_t)~digest.b[i];
		fp->sum[i] = (uint8_t)carry;
		carry >>= 8;
	}
	fp->count--;
	return ST_OK;
}

bool
fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b)
{
	return a->count == b->count && memcmp(a->sum, b->sum, HASH_SIZE) == 0;
}
