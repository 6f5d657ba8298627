/* SPDX-License-Identifier: MIT */
/*
 * A chunk ends where a hash of the 8 bytes before says so; in a small text
 * with its line, first of all, for people edit by lines.  Blocks of a fixed
 * length, as rsync and librsync have them, have to be searched for at every
 * byte of the new version; here the pass that makes the signature, while the
 * file is read for its SHA-256 anyway, is the search as well.
 */
#include "config.h"

#include "core/chunk.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "util/auto.h"

#define BITS_MIN   6
#define BITS_MAX   12
#define LINE_MIN   24 /* bytes of a chunk that may end with its line */
#define WINDOW	   8 /* bytes that decide about a cut */
#define HASH_SMALL 3 /* bytes of a chunk's hash, where there are few, */
#define HASH_LARGE 5 /*  and where there may be many */
#define PRIME	   0x9e3779b97f4a7c15
#define NONE	   SIZE_MAX

struct chunks {
	struct chunk *v;
	size_t n;
};

unsigned
chunk_bits(uint64_t size)
{
	static const uint64_t limits[] = { 64ull << 10, 1ull << 20,
		1ull << 30 };
	size_t i = 0;

	while (i < 3 && size >= limits[i])
		i++;
	return BITS_MIN + 2 * (unsigned)i;
}

static size_t
hash_len(unsigned bits)
{
	return bits == BITS_MIN ? HASH_SMALL : HASH_LARGE;
}

/* A bijection that leaves no bit where it was (the finalizer of splitmix64). */
static uint64_t
stir(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static void
mix_word(struct chunker *c, uint64_t word)
{
	c->mix = (c->mix ^ word) * 0x9fb21c651e98df25;
	c->mix ^= c->mix >> 32;
}

static void
mix_byte(struct chunker *c, uint8_t byte)
{
	c->word |= (uint64_t)byte << c->filled;
	c->filled += 8;
	if (c->filled < 64)
		return;
	mix_word(c, c->word);
	c->word = 0;
	c->filled = 0;
}

static uint64_t
load(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* The chunk's hash depends on its bytes, not on the pieces they come in. */
static void
absorb(struct chunker *c, const uint8_t *data, size_t len)
{
	c->len += len;
	for (; len > 0 && c->filled != 0; len--)
		mix_byte(c, *data++);
	for (; len >= 8; data += 8, len -= 8)
		mix_word(c, load(data));
	for (; len > 0; len--)
		mix_byte(c, *data++);
}

/* The last bytes of what came before and n more, the newest one on top. */
static uint64_t
window(uint64_t before, const uint8_t *data, size_t n)
{
	size_t i;

	if (n >= WINDOW)
		return load(data + n - WINDOW);
	for (i = 0; i < n; i++)
		before = before >> 8 | (uint64_t)data[i] << 56;
	return before;
}

/* Of a small text: where the line ends with which the open chunk may end. */
static const uint8_t *
find_line(const struct chunker *c, const uint8_t *data, size_t end)
{
	const size_t skip = c->len < LINE_MIN - 1 ?
	    (size_t)(LINE_MIN - 1 - c->len) :
	    0;

	return c->bits == BITS_MIN && skip < end ?
	    memchr(data + skip, '\n', end - skip) :
	    NULL;
}

/*
 * How much of data belongs to the open chunk, and whether that ends there.
 * One that is too short yet is not looked at.  No test depends on the one
 * before, which is what makes this quicker than a hash that rolls.
 */
static size_t
find_cut(const struct chunker *c, const uint8_t *data, size_t len,
    bool *ret_cut)
{
	const uint64_t avg = 1ULL << c->bits, max = avg * 8;
	const uint64_t min = c->bits == BITS_MIN ? avg : avg / 4;
	const uint64_t limit = 1ULL << (64 - c->bits);
	const uint64_t left = max - c->len;
	size_t end = left < len ? (size_t)left : len, i = 0;
	const uint8_t *line = find_line(c, data, end);

	if (line != NULL)
		end = (size_t)(line + 1 - data);
	if (c->len < min)
		i = min - c->len < end ? (size_t)(min - c->len) : end;
	*ret_cut = true;
	for (; i < end && i < WINDOW; i++)
		if (window(c->last, data, i + 1) * PRIME < limit)
			return i + 1;
	for (; i < end; i++)
		if (load(data + i + 1 - WINDOW) * PRIME < limit)
			return i + 1;
	*ret_cut = line != NULL || i == left;
	return i;
}

static size_t
put_number(uint8_t *out, uint64_t value)
{
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		out[n++] = (uint8_t)(value | 0x80);
	out[n++] = (uint8_t)value;
	return n;
}

static enum status
put_record(struct chunker *c, uint64_t len, uint64_t hash)
{
	uint8_t *out = buf_room(c->out, 16);
	size_t n, i;

	if (out == NULL)
		return ST_NOMEM;
	n = put_number(out, len);
	for (i = 0; i < hash_len(c->bits); i++)
		out[n++] = (uint8_t)(hash >> (8 * i));
	buf_added(c->out, n);
	return ST_OK;
}

static enum status
put_chunk(struct chunker *c)
{
	const uint64_t len = c->len;
	uint64_t mix;

	mix_word(c, c->word);
	mix = c->mix;
	c->len = 0;
	c->mix = 0;
	c->word = 0;
	c->filled = 0;
	return put_record(c, len, stir(mix ^ len));
}

enum status
chunker_start(struct chunker *c, unsigned bits, struct buf *out)
{
	uint8_t head = (uint8_t)bits;

	*c = (struct chunker){ .out = out, .bits = bits };
	return buf_put(out, &head, 1);
}

/* Up to the next cut, or the end of data. */
static enum status
add_some(struct chunker *c, const uint8_t *data, size_t len, size_t *ret_n)
{
	bool cut;

	*ret_n = find_cut(c, data, len, &cut);
	c->last = window(c->last, data, *ret_n);
	absorb(c, data, *ret_n);
	return cut ? put_chunk(c) : ST_OK;
}

enum status
chunker_add(struct chunker *c, const void *data, size_t len)
{
	const uint8_t *p = data;
	enum status st = ST_OK;
	size_t n;

	for (; st == ST_OK && len > 0; p += n, len -= n)
		st = add_some(c, p, len, &n);
	return st;
}

enum status
chunker_end(struct chunker *c)
{
	return c->len == 0 ? ST_OK : put_chunk(c);
}

enum status
chunk_once(unsigned bits, const void *data, size_t len, struct buf *out)
{
	struct chunker c;
	enum status st = chunker_start(&c, bits, out);

	if (st == ST_OK)
		st = chunker_add(&c, data, len);
	return st == ST_OK ? chunker_end(&c) : st;
}

unsigned
chunk_signature_bits(const void *sig, size_t len)
{
	unsigned bits = len > 0 ? *(const uint8_t *)sig : 0;

	return bits >= BITS_MIN && bits <= BITS_MAX ? bits : 0;
}

static bool
take_number(struct chunk_walk *w, uint64_t *ret)
{
	unsigned shift = 0;
	uint8_t byte = 0x80;

	*ret = 0;
	for (; byte >= 0x80; shift += 7) {
		if (w->left == 0 || shift > 28)
			return false;
		byte = *w->sig++;
		w->left--;
		*ret |= (uint64_t)(byte & 0x7f) << shift;
	}
	return true;
}

bool
chunk_walk_start(struct chunk_walk *w, const void *sig, size_t len)
{
	unsigned bits = chunk_signature_bits(sig, len);

	if (bits == 0)
		return false;
	*w = (struct chunk_walk){ .sig = (const uint8_t *)sig + 1,
		.left = len - 1,
		.hash_len = hash_len(bits) };
	return true;
}

bool
chunk_walk_next(struct chunk_walk *w, struct chunk *ret)
{
	struct chunk_walk next = *w;
	struct chunk c = { .offset = w->offset };
	size_t i;

	if (!take_number(&next, &c.len) || c.len == 0 ||
	    next.left < next.hash_len)
		return false;
	for (i = 0; i < next.hash_len; i++)
		c.hash |= (uint64_t)next.sig[i] << (8 * i);
	next.sig += next.hash_len;
	next.left -= next.hash_len;
	next.offset += c.len;
	*w = next;
	*ret = c;
	return true;
}

bool
chunk_known_start(struct chunk_known *k, const void *sig, size_t len,
    unsigned bits)
{
	*k = (struct chunk_known){ .have = false };
	if (chunk_signature_bits(sig, len) != bits ||
	    !chunk_walk_start(&k->w, sig, len))
		return false;
	k->have = chunk_walk_next(&k->w, &k->next);
	return true;
}

/*
 * Whether one begins here depends on nothing but what comes then; where it
 * ends, too, unless it was the text that ended.
 */
static bool
is_known(const struct chunker *c, struct chunk_known *k, uint64_t offset,
    size_t len)
{
	while (k->have && k->next.offset < offset)
		k->have = chunk_walk_next(&k->w, &k->next);
	return k->have && c->len == 0 && k->next.offset == offset &&
	    k->next.len <= len && k->w.left > 0;
}

enum status
chunker_copy(struct chunker *c, struct chunk_known *k, uint64_t offset,
    const void *data, size_t len)
{
	const uint8_t *p = data;
	enum status st = ST_OK;
	size_t n;

	for (; st == ST_OK && len > 0; p += n, offset += n, len -= n) {
		if (!is_known(c, k, offset, len)) {
			st = add_some(c, p, len, &n);
			continue;
		}
		n = (size_t)k->next.len;
		c->last = window(c->last, p, n);
		st = put_record(c, k->next.len, k->next.hash);
	}
	return st;
}

static enum status
read_chunks(const void *sig, size_t len, struct chunks *ret)
{
	struct chunk_walk w;

	if (!chunk_walk_start(&w, sig, len))
		return ST_NOENT;
	/* None has fewer bytes than its hash and a length. */
	ret->v = calloc(w.left / (w.hash_len + 1) + 1, sizeof(*ret->v));
	if (ret->v == NULL)
		return ST_NOMEM;
	while (chunk_walk_next(&w, &ret->v[ret->n]))
		ret->n++;
	return w.left == 0 ? ST_OK : ST_NOENT;
}

static bool
same_chunk(const struct chunk *a, const struct chunk *b)
{
	return a->hash == b->hash && a->len == b->len;
}

/* Where chunks of the old version are found by their hash. */
struct index {
	size_t *slot; /* 1 + position in it; 0: empty */
	size_t mask;
};

static size_t
slot_of(const struct index *index, const struct chunks *old,
    const struct chunk *c)
{
	size_t i = (size_t)stir(c->hash + c->len) & index->mask;

	while (
	    index->slot[i] != 0 && !same_chunk(&old->v[index->slot[i] - 1], c))
		i = (i + 1) & index->mask;
	return i;
}

static enum status
index_new(const struct chunks *old, struct index *ret)
{
	size_t size = 16, i, at;

	while (size < 2 * old->n)
		size *= 2;
	ret->slot = calloc(size, sizeof(*ret->slot));
	if (ret->slot == NULL)
		return ST_NOMEM;
	ret->mask = size - 1;
	for (i = 0; i < old->n; i++) {
		at = slot_of(ret, old, &old->v[i]);
		if (ret->slot[at] == 0)
			ret->slot[at] = i + 1;
	}
	return ST_OK;
}

/* Its position in the old version; after `before`, if it is there, too. */
static size_t
find_chunk(const struct index *index, const struct chunks *old,
    const struct chunk *c, size_t before)
{
	if (before != NONE && before + 1 < old->n &&
	    same_chunk(&old->v[before + 1], c))
		return before + 1;
	return index->slot[slot_of(index, old, c)] - 1;
}

/* One more, or the last one is longer. */
static void
add_span(struct chunk_span *v, size_t *n, bool old, const struct chunk *c)
{
	struct chunk_span *last = *n > 0 ? &v[*n - 1] : NULL;

	if (last != NULL && last->old == old &&
	    last->offset + last->len == c->offset)
		last->len += c->len;
	else
		v[(*n)++] = (struct chunk_span){ .offset = c->offset,
			.len = c->len,
			.old = old };
}

static enum status
match(const struct chunks *old, const struct chunks *new,
    struct chunk_span **ret, size_t *ret_n)
{
	struct index index = { 0 };
	autofree struct chunk_span *v = calloc(new->n + 1, sizeof(*v));
	size_t i, n = 0, at = NONE;

	if (v == NULL || index_new(old, &index) != ST_OK)
		return ST_NOMEM;
	for (i = 0; i < new->n; i++) {
		at = find_chunk(&index, old, &new->v[i], at);
		add_span(v, &n, at != NONE,
		    at != NONE ? &old->v[at] : &new->v[i]);
	}
	free(index.slot);
	*ret = v;
	*ret_n = n;
	v = NULL;
	return ST_OK;
}

enum status
chunk_match(const void *old, size_t old_len, const void *new, size_t new_len,
    struct chunk_span **ret, size_t *ret_n)
{
	struct chunks from = { 0 }, to = { 0 };
	enum status st = ST_NOENT;

	if (chunk_signature_bits(old, old_len) ==
	    chunk_signature_bits(new, new_len))
		st = read_chunks(old, old_len, &from);
	if (st == ST_OK)
		st = read_chunks(new, new_len, &to);
	if (st == ST_OK)
		st = match(&from, &to, ret, ret_n);
	free(from.v);
	free(to.v);
	return st;
}
