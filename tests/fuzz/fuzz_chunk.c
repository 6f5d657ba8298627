/* SPDX-License-Identifier: MIT */
/*
 * Bytes as two signatures, the first after its length, and as two texts.
 * What signatures that were only claimed have in common lies inside what they
 * claim; what those of two texts have in common makes up the new one; and what
 * has half of it in common is found by that.
 */
#include "config.h"

#include "core/chunk.h"
#include "core/similar.h"
#include "fuzz.h"
#include "util/auto.h"

#define SMALL 6 /* bits of the smallest chunks, with the shortest hashes */
#define BITS  8 /* of those whose hashes nobody meets twice by chance */

/*
 * What a signature claims to be a signature of; false if it is none.  The
 * bytes of a hash say themselves how many they are.
 */
static bool
claimed(const uint8_t *sig, size_t len, uint64_t *ret)
{
	const size_t hash = len > 0 && sig[0] == SMALL ? 3 : 5;
	size_t at = 1, i;

	*ret = 0;
	while (at < len) {
		uint64_t n = 0;

		for (i = 0;; i++, at++) {
			if (at == len || i == 5)
				return false;
			n |= (uint64_t)(sig[at] & 0x7f) << (7 * i);
			if (sig[at] < 0x80)
				break;
		}
		at++;
		if (n == 0 || len - at < hash)
			return false;
		at += hash;
		*ret += n;
	}
	return len > 0;
}

/* One behind the other, and those of the old version inside it. */
static void
check_spans(const struct chunk_span *v, size_t n, uint64_t old, uint64_t new)
{
	uint64_t at = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		FUZZ_CHECK(v[i].len > 0);
		if (v[i].old)
			FUZZ_CHECK(v[i].offset <= old &&
			    v[i].len <= old - v[i].offset);
		else
			FUZZ_CHECK(v[i].offset == at);
		at += v[i].len;
	}
	FUZZ_CHECK(at == new);
}

/* Where the old version has so many bytes of the new one, of so many. */
static void
check_similar(const uint8_t *old, size_t old_len, const uint8_t *new,
    size_t new_len, const uint64_t of[2])
{
	AUTO(similar) struct similar *s = NULL;
	size_t at = 1;

	FUZZ_CHECK(similar_new(&s) == ST_OK);
	FUZZ_CHECK(similar_add(s, "a", old, old_len) == ST_OK);
	if (similar_by_contents(s, new, new_len, &at))
		FUZZ_CHECK(at == 0);
	else
		FUZZ_CHECK(of[0] == 0 || of[0] < of[1] / 2);
}

static uint64_t
total_old(const struct chunk_span *v, size_t n)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += v[i].old ? v[i].len : 0;
	return sum;
}

static void
check_claims(const uint8_t *old, size_t old_len, const uint8_t *new,
    size_t new_len)
{
	autofree struct chunk_span *v = NULL;
	const unsigned bits = chunk_signature_bits(old, old_len);
	uint64_t sizes[2];
	const bool from = claimed(old, old_len, &sizes[0]);
	const bool to = claimed(new, new_len, &sizes[1]);
	size_t n = 0;
	enum status st;

	st = chunk_match(old, old_len, new, new_len, &v, &n);
	FUZZ_CHECK(st == ST_OK || (st == ST_NOENT && v == NULL));
	FUZZ_CHECK((st == ST_OK) ==
	    (from && to && bits != 0 &&
		chunk_signature_bits(new, new_len) == bits));
	if (st == ST_OK)
		check_spans(v, n, sizes[0], sizes[1]);
	sizes[0] = total_old(v, n);
	check_similar(old, old_len, new, new_len, sizes);
}

/* In one piece, and in pieces, and its signature says how long it is. */
static void
sign(const uint8_t *text, size_t len, size_t piece, struct buf *ret)
{
	AUTO(buf) struct buf pieces = { 0 };
	struct chunker c;
	uint64_t size;
	size_t n;

	FUZZ_CHECK(chunk_once(BITS, text, len, ret) == ST_OK);
	FUZZ_CHECK(claimed(buf_data(ret), ret->len, &size) && size == len);
	FUZZ_CHECK(chunker_start(&c, BITS, &pieces) == ST_OK);
	for (; len > 0; text += n, len -= n) {
		n = piece < len ? piece : len;
		FUZZ_CHECK(chunker_add(&c, text, n) == ST_OK);
	}
	FUZZ_CHECK(chunker_end(&c) == ST_OK && pieces.len == ret->len);
	FUZZ_CHECK(memcmp(buf_data(&pieces), buf_data(ret), ret->len) == 0);
}

/* The new text is the old one with another start. */
static void
check_texts(const uint8_t *text, size_t len, size_t cut, size_t piece)
{
	AUTO(buf) struct buf old = { 0 }, new = { 0 };
	autofree struct chunk_span *v = NULL;
	size_t n = 0, i, at = 0;

	sign(text, len, piece, &old);
	sign(text + cut, len - cut, piece, &new);
	FUZZ_CHECK(chunk_match(buf_data(&old), old.len, buf_data(&new), new.len,
		       &v, &n) == ST_OK);
	check_spans(v, n, len, len - cut);
	for (i = 0; i < n; at += v[i].len, i++)
		FUZZ_CHECK(!v[i].old ||
		    memcmp(text + v[i].offset, text + cut + at, v[i].len) == 0);
	FUZZ_CHECK(cut > 0 || n == (len > 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t piece = 1 + (size_t)fuzz_byte(&data, &size);
	size_t first = fuzz_byte(&data, &size);

	if (first > size)
		first = size;
	check_claims(data, first, data + first, size - first);
	check_texts(data, size, first, piece);
	return 0;
}
