/* SPDX-License-Identifier: MIT */
/*
 * One table has the chunks of all known texts.  A new text's chunks are looked
 * up in it, and each text counts what of them is its own.  A chunk that many
 * texts have says little about which it was: only the first few are entered,
 * so that no chunk is dear.
 */
#include "config.h"

#include "core/similar.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/chunk.h"
#include "core/path.h"

#define SAME_MOST 8 /* texts that one chunk is entered for */
#define NONE	  SIZE_MAX

struct slot {
	uint64_t key;
	uint32_t text; /* 1 + its number; 0: empty */
};

struct name {
	const char *path;
	size_t number;
};

/* What a text has of the new one that is asked for. */
struct count {
	uint64_t question; /* which that was, if it is to count */
	uint64_t bytes;
};

struct similar {
	struct name *names;
	struct count *counts; /* by number */
	size_t n, cap;
	bool sorted; /* the names */
	struct slot *slots; /* linear probing, at most half full */
	size_t size, used;
	size_t bytes; /* of signatures */
	uint64_t question;
};

enum status
similar_new(struct similar **ret)
{
	struct similar *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ST_NOMEM;
	*ret = s;
	return ST_OK;
}

void
similar_free(struct similar *s)
{
	if (s == NULL)
		return;
	free(s->names);
	free(s->counts);
	free(s->slots);
	free(s);
}

bool
similar_full(const struct similar *s)
{
	return s->n >= SIMILAR_TEXTS || s->bytes >= SIMILAR_BYTES;
}

/* Chunks of texts that were cut in another way are others. */
static uint64_t
key_of(const struct chunk *c, unsigned bits)
{
	uint64_t x = c->hash ^ c->len << 40 ^ (uint64_t)bits << 60;

	x *= 0x9e3779b97f4a7c15;
	return x ^ x >> 32;
}

static enum status
grow_slots(struct similar *s)
{
	const size_t size = s->size == 0 ? 256 : s->size * 2;
	struct slot *slots;
	size_t i, at;

	if (s->used < s->size / 2)
		return ST_OK;
	slots = calloc(size, sizeof(*slots));
	if (slots == NULL)
		return ST_NOMEM;
	for (i = 0; i < s->size; i++) {
		if (s->slots[i].text == 0)
			continue;
		at = (size_t)s->slots[i].key & (size - 1);
		while (slots[at].text != 0)
			at = (at + 1) & (size - 1);
		slots[at] = s->slots[i];
	}
	free(s->slots);
	s->slots = slots;
	s->size = size;
	return ST_OK;
}

static void
enter(struct similar *s, uint64_t key, uint32_t text)
{
	size_t at = (size_t)key & (s->size - 1);
	unsigned same = 0;

	for (; s->slots[at].text != 0; at = (at + 1) & (s->size - 1)) {
		if (s->slots[at].key != key)
			continue;
		if (s->slots[at].text == text || ++same == SAME_MOST)
			return;
	}
	s->slots[at] = (struct slot){ .key = key, .text = text };
	s->used++;
}

static enum status
add_contents(struct similar *s, const void *sig, size_t len)
{
	const unsigned bits = chunk_signature_bits(sig, len);
	const uint32_t text = (uint32_t)s->n + 1;
	enum status st = ST_OK;
	struct chunk_walk w;
	struct chunk c;

	if (similar_full(s) || !chunk_walk_start(&w, sig, len))
		return ST_OK;
	s->bytes += len;
	while (st == ST_OK && chunk_walk_next(&w, &c)) {
		st = grow_slots(s);
		if (st == ST_OK)
			enter(s, key_of(&c, bits), text);
	}
	return st;
}

static enum status
grow_texts(struct similar *s)
{
	const size_t cap = s->cap == 0 ? 64 : s->cap * 2;
	struct count *counts;
	struct name *names;

	if (s->n < s->cap)
		return ST_OK;
	names = reallocarray(s->names, cap, sizeof(*names));
	if (names == NULL)
		return ST_NOMEM;
	s->names = names;
	counts = reallocarray(s->counts, cap, sizeof(*counts));
	if (counts == NULL)
		return ST_NOMEM;
	s->counts = counts;
	s->cap = cap;
	return ST_OK;
}

enum status
similar_add(struct similar *s, const char *path, const void *sig, size_t len)
{
	enum status st = grow_texts(s);

	if (st != ST_OK)
		return st;
	s->names[s->n] = (struct name){ .path = path, .number = s->n };
	s->counts[s->n] = (struct count){ 0 };
	st = add_contents(s, sig, len);
	if (st != ST_OK)
		return st;
	s->n++;
	s->sorted = false;
	return ST_OK;
}

/* So many more bytes of that text; true if it has more than best then. */
static bool
count(struct similar *s, size_t text, uint64_t len, size_t best)
{
	struct count *c = &s->counts[text];

	if (c->question != s->question)
		*c = (struct count){ .question = s->question };
	c->bytes += len;
	return best == NONE || c->bytes > s->counts[best].bytes;
}

bool
similar_by_contents(struct similar *s, const void *sig, size_t len, size_t *ret)
{
	const unsigned bits = chunk_signature_bits(sig, len);
	size_t best = NONE, at;
	struct chunk_walk w;
	struct chunk c;
	uint64_t key;

	if (s->used == 0 || !chunk_walk_start(&w, sig, len))
		return false;
	s->question++;
	while (chunk_walk_next(&w, &c)) {
		key = key_of(&c, bits);
		at = (size_t)key & (s->size - 1);
		for (; s->slots[at].text != 0; at = (at + 1) & (s->size - 1))
			if (s->slots[at].key == key &&
			    count(s, s->slots[at].text - 1, c.len, best))
				best = s->slots[at].text - 1;
	}
	if (best == NONE || s->counts[best].bytes < w.offset / 2)
		return false;
	*ret = best;
	return true;
}

static size_t
common_end(const char *a, const char *b)
{
	const size_t na = strlen(a), nb = strlen(b);
	size_t n = 0;

	while (n < na && n < nb && a[na - n - 1] == b[nb - n - 1])
		n++;
	return n;
}

/* By name, then by the path read from its end: the likest are neighbours. */
static int
compare_paths(const char *a, const char *b)
{
	const size_t na = strlen(a), nb = strlen(b), n = common_end(a, b);
	int c = strcmp(path_name(a), path_name(b));

	if (c != 0)
		return c;
	if (n == na || n == nb)
		return (n < na) - (n < nb);
	return (uint8_t)a[na - n - 1] - (uint8_t)b[nb - n - 1];
}

static int
compare_names(const void *va, const void *vb)
{
	const struct name *a = va, *b = vb;
	int c = compare_paths(a->path, b->path);

	return c != 0 ? c : (a->number > b->number) - (a->number < b->number);
}

/* The first one that does not stand before path. */
static size_t
find_name(const struct similar *s, const char *path)
{
	size_t low = 0, high = s->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (compare_paths(s->names[mid].path, path) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
has_name(const struct similar *s, size_t i, const char *path)
{
	return i < s->n &&
	    strcmp(path_name(s->names[i].path), path_name(path)) == 0;
}

bool
similar_by_name(struct similar *s, const char *path, size_t *ret)
{
	size_t at;

	if (!s->sorted && s->n > 0)
		qsort(s->names, s->n, sizeof(*s->names), compare_names);
	s->sorted = true;
	at = find_name(s, path);
	if (at > 0 && has_name(s, at - 1, path) &&
	    (!has_name(s, at, path) ||
		common_end(s->names[at - 1].path, path) >=
		    common_end(s->names[at].path, path)))
		at--;
	if (!has_name(s, at, path))
		return false;
	*ret = s->names[at].number;
	return true;
}
