/* SPDX-License-Identifier: MIT */
/* Signatures of texts, and what two of them say about two versions. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/chunk.h"
#include "nomem.h"
#include "unit.h"
#include "util/auto.h"

#define TEXT (100 * 1000)

static uint32_t state;

static uint32_t
draw(void)
{
	state = state * 1103515245 + 12345;
	return state >> 8;
}

static void
fill(uint8_t *data, size_t len, uint32_t seed)
{
	size_t i;

	state = seed;
	for (i = 0; i < len; i++)
		data[i] = (uint8_t)("etaoin shrdlu\n cmfwyp"[draw() % 21]);
}

static void
sign(unsigned bits, const void *data, size_t len, struct buf *out)
{
	buf_clear(out);
	ck_assert_int_eq(chunk_once(bits, data, len, out), ST_OK);
}

/* The spans of new, given old; how many bytes of it are in old. */
static uint64_t
compare(const struct buf *old, const struct buf *new, uint64_t size)
{
	autofree struct chunk_span *v = NULL;
	uint64_t at = 0, common = 0;
	size_t n, i;

	ck_assert_int_eq(chunk_match(buf_data(old), old->len, buf_data(new),
			     new->len, &v, &n),
	    ST_OK);
	for (i = 0; i < n; i++) {
		ck_assert_uint_gt(v[i].len, 0);
		if (!v[i].old)
			ck_assert_uint_eq(v[i].offset, at);
		else
			common += v[i].len;
		at += v[i].len;
	}
	ck_assert_uint_eq(at, size);
	return common;
}

START_TEST(bits_grow_with_the_size)
{
	/* In few steps. */
	ck_assert_uint_eq(chunk_bits(0), 6);
	ck_assert_uint_eq(chunk_bits((64 << 10) - 1), 6);
	ck_assert_uint_eq(chunk_bits(64 << 10), 8);
	ck_assert_uint_eq(chunk_bits((1 << 20) - 1), 8);
	ck_assert_uint_eq(chunk_bits(1 << 20), 10);
	ck_assert_uint_eq(chunk_bits(1 << 30), 12);
	ck_assert_uint_eq(chunk_bits(UINT64_MAX), 12);
}
END_TEST

START_TEST(pieces_do_not_matter)
{
	/* However the text comes, its signature is the same. */
	static const size_t pieces[] = { 1, 2, 3, 7, 15, 16, 17, 100, 4096 };
	autofree uint8_t *data = malloc(TEXT);
	AUTO(buf) struct buf whole = { 0 }, parts = { 0 };
	const unsigned bits = 6 + 2 * ((unsigned)_i % 4);
	const size_t piece = pieces[_i / 4];
	struct chunker c;
	size_t at, n;

	fill(data, TEXT, 7);
	memset(data + 20000, '-', 20000); /* nothing to cut by */
	sign(bits, data, TEXT, &whole);
	ck_assert_int_eq(chunker_start(&c, bits, &parts), ST_OK);
	for (at = 0; at < TEXT; at += n) {
		n = TEXT - at < piece ? TEXT - at : piece;
		ck_assert_int_eq(chunker_add(&c, data + at, n), ST_OK);
	}
	ck_assert_int_eq(chunker_end(&c), ST_OK);
	ck_assert_uint_eq(parts.len, whole.len);
	ck_assert_mem_eq(buf_data(&parts), buf_data(&whole), whole.len);
}
END_TEST

START_TEST(chunks_are_small)
{
	/* A signature is a few hundredths of the text, if its lines are not
	 * as short as here. */
	autofree uint8_t *data = malloc(TEXT);
	AUTO(buf) struct buf sig = { 0 };

	fill(data, TEXT, 3);
	sign(6, data, TEXT, &sig);
	ck_assert_uint_lt(sig.len, TEXT / 10);
	sign(chunk_bits(TEXT), data, TEXT, &sig);
	ck_assert_uint_lt(sig.len, TEXT / 40);
}
END_TEST

START_TEST(same_text_is_one_span)
{
	autofree uint8_t *data = malloc(TEXT);
	autofree struct chunk_span *v = NULL;
	AUTO(buf) struct buf sig = { 0 };
	size_t n;

	fill(data, TEXT, 1);
	memset(data + 5000, 'x', 5000); /* the same chunk, many times */
	sign(8, data, TEXT, &sig);
	ck_assert_int_eq(chunk_match(buf_data(&sig), sig.len, buf_data(&sig),
			     sig.len, &v, &n),
	    ST_OK);
	ck_assert_uint_eq(n, 1);
	ck_assert(v[0].old && v[0].offset == 0 && v[0].len == TEXT);
}
END_TEST

START_TEST(an_edit_costs_its_neighbourhood)
{
	/* A line put in, taken out or changed: most of the rest is found. */
	autofree uint8_t *old = malloc(TEXT), *new = malloc(TEXT + 100);
	AUTO(buf) struct buf sold = { 0 }, snew = { 0 };
	const size_t at = (size_t)_i * (TEXT - 100) / 20;
	size_t len = TEXT;
	uint64_t common;

	fill(old, TEXT, 2);
	memcpy(new, old, at);
	switch (_i % 3) {
	case 0:
		memcpy(new + at, "a line more\n", 12);
		memcpy(new + at + 12, old + at, TEXT - at);
		len += 12;
		break;
	case 1:
		memcpy(new + at, old + at + 50, TEXT - at - 50);
		len -= 50;
		break;
	default:
		memcpy(new + at, old + at, TEXT - at);
		memset(new + at, 'X', 10);
		break;
	}
	sign(6, old, TEXT, &sold);
	sign(6, new, len, &snew);
	common = compare(&sold, &snew, len);
	ck_assert_uint_gt(common, len - 700);
	sign(8, old, TEXT, &sold);
	sign(8, new, len, &snew);
	common = compare(&sold, &snew, len);
	ck_assert_uint_gt(common, len - 2800);
}
END_TEST

START_TEST(a_line_is_edited_alone)
{
	/* Of a small text whose lines are neither short nor long. */
	enum {
		LINE = 60,
		LINES = 40,
		EDITED = 17
	};
	uint8_t old[LINE * LINES], new[LINE * LINES];
	AUTO(buf) struct buf sold = { 0 }, snew = { 0 };
	size_t i;

	fill(old, sizeof(old), 6);
	for (i = 0; i < sizeof(old); i++)
		if (old[i] == '\n' || i % LINE == LINE - 1)
			old[i] = i % LINE == LINE - 1 ? '\n' : ' ';
	memcpy(new, old, sizeof(old));
	memset(new + EDITED *LINE + 20, 'X', 10);
	sign(6, old, sizeof(old), &sold);
	sign(6, new, sizeof(new), &snew);
	ck_assert_uint_eq(compare(&sold, &snew, sizeof(new)),
	    sizeof(new) - LINE);
	/* Of each line the signature has a length and three bytes. */
	ck_assert_uint_lt(sold.len, sizeof(old) / 14);
}
END_TEST

START_TEST(what_is_moved_is_found)
{
	/* Two halves that change places, and a text that is another. */
	autofree uint8_t *old = malloc(TEXT), *new = malloc(TEXT);
	AUTO(buf) struct buf sold = { 0 }, snew = { 0 };

	fill(old, TEXT, 4);
	memcpy(new, old + TEXT / 2, TEXT / 2);
	memcpy(new + TEXT / 2, old, TEXT / 2);
	sign(6, old, TEXT, &sold);
	sign(6, new, TEXT, &snew);
	ck_assert_uint_gt(compare(&sold, &snew, TEXT), TEXT - 1500);
	fill(new, TEXT, 5);
	sign(6, new, TEXT, &snew);
	ck_assert_uint_eq(compare(&sold, &snew, TEXT), 0);
}
END_TEST

/* A text of copies and of new bytes, and its signature made on the way. */
static void
copy_and_sign(const uint8_t *old, const struct buf *sig, size_t piece,
    uint32_t seed, struct buf *text, struct buf *ret)
{
	struct chunk_known known;
	struct chunker c;
	size_t from = 0, len, at, n;
	int i;

	buf_clear(ret);
	ck_assert(chunk_known_start(&known, buf_data(sig), sig->len, 8));
	ck_assert_int_eq(chunker_start(&c, 8, ret), ST_OK);
	state = seed;
	for (i = 0; i < 40; i++) {
		/* Forth and now and then back, some over the end. */
		from = draw() % 5 == 0 ? draw() % TEXT : from + draw() % 3000;
		from = from < TEXT ? from : 0;
		len = draw() % 9000 + 1;
		len = len < TEXT - from ? len : TEXT - from;
		ck_assert_int_eq(buf_put(text, old + from, len), ST_OK);
		for (at = 0; at < len; at += n) {
			n = piece < len - at ? piece : len - at;
			ck_assert_int_eq(chunker_copy(&c, &known, from + at,
					     old + from + at, n),
			    ST_OK);
		}
		from += len;
		if (draw() % 3 == 0)
			continue;
		len = draw() % 200;
		ck_assert_int_eq(buf_put(text, old + i, len), ST_OK);
		ck_assert_int_eq(chunker_add(&c, old + i, len), ST_OK);
	}
	ck_assert_int_eq(chunker_end(&c), ST_OK);
}

START_TEST(copies_need_not_be_cut)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 100, 1000, 4096, TEXT };
	autofree uint8_t *old = malloc(TEXT);
	AUTO(buf) struct buf sig = { 0 }, got = { 0 }, want = { 0 };
	AUTO(buf) struct buf text = { 0 };
	const size_t piece = pieces[_i % 8];

	fill(old, TEXT, 4);
	memset(old + 30000, '-', 20000); /* nothing to cut by */
	sign(8, old, TEXT, &sig);
	copy_and_sign(old, &sig, piece, (uint32_t)_i, &text, &got);
	sign(8, buf_data(&text), text.len, &want);
	ck_assert_uint_eq(got.len, want.len);
	ck_assert_mem_eq(buf_data(&got), buf_data(&want), want.len);
}
END_TEST

START_TEST(what_is_not_known)
{
	AUTO(buf) struct buf sig = { 0 };
	struct chunk_known known;

	sign(8, "a few words", 11, &sig);
	ck_assert(chunk_known_start(&known, buf_data(&sig), sig.len, 8));
	ck_assert(!chunk_known_start(&known, buf_data(&sig), sig.len, 10));
	ck_assert(!chunk_known_start(&known, buf_data(&sig), 0, 8));
	/* Damaged: as far as it goes. */
	ck_assert(chunk_known_start(&known, buf_data(&sig), sig.len - 1, 8));
}
END_TEST

START_TEST(nothing_is_in_nothing)
{
	AUTO(buf) struct buf none = { 0 }, some = { 0 };

	sign(6, "", 0, &none);
	sign(6, "one\n", 4, &some);
	ck_assert_uint_eq(compare(&none, &none, 0), 0);
	ck_assert_uint_eq(compare(&none, &some, 4), 0);
	ck_assert_uint_eq(compare(&some, &none, 0), 0);
	ck_assert_uint_eq(compare(&some, &some, 4), 4);
}
END_TEST

static const struct {
	const char *sig;
	size_t len;
} damaged[] = {
	{ "", 0 }, { "\0", 1 }, /* no bits */
	{ "\5", 1 }, /* too few */
	{ "\15", 1 }, /* too many */
	{ "\10", 1 }, /* others */
	{ "\6\4", 2 }, /* no hash */
	{ "\6\4ab", 4 }, /* half of one */
	{ "\6\0abc", 5 }, /* an empty chunk */
	{ "\6\200", 2 }, /* half a length */
	{ "\6\200\200\200\200\200\1abc", 10 }, /* too long a one */
};

START_TEST(damage_is_no_match)
{
	/* What is not a signature matches nothing, on either side. */
	AUTO(buf) struct buf good = { 0 };
	struct chunk_span *v;
	size_t n;

	sign(6, "one\n", 4, &good);
	/* Nor two of them each other, though they are the same. */
	if (chunk_signature_bits(damaged[_i].sig, damaged[_i].len) == 0)
		ck_assert_int_eq(chunk_match(damaged[_i].sig, damaged[_i].len,
				     damaged[_i].sig, damaged[_i].len, &v, &n),
		    ST_NOENT);
	ck_assert_int_eq(chunk_match(buf_data(&good), good.len, damaged[_i].sig,
			     damaged[_i].len, &v, &n),
	    ST_NOENT);
	ck_assert_int_eq(chunk_match(damaged[_i].sig, damaged[_i].len,
			     buf_data(&good), good.len, &v, &n),
	    ST_NOENT);
}
END_TEST

START_TEST(memory_can_end)
{
	autofree uint8_t *data = malloc(TEXT);
	AUTO(buf) struct buf sig = { 0 };
	struct chunk_span *v = NULL;
	enum status st;
	size_t n;
	long k;

	fill(data, TEXT, 6);
	for (k = 1, st = ST_NOMEM; st != ST_OK; k++) {
		AUTO(buf) struct buf out = { 0 };

		nomem_at(k);
		st = chunk_once(8, data, TEXT, &out);
		nomem_at(0);
		ck_assert(st == ST_OK || st == ST_NOMEM);
	}
	ck_assert_int_gt(k, 3);
	sign(8, data, TEXT, &sig);
	for (k = 1, st = ST_NOMEM; st != ST_OK; k++) {
		nomem_at(k);
		st = chunk_match(buf_data(&sig), sig.len, buf_data(&sig),
		    sig.len, &v, &n);
		nomem_at(0);
		ck_assert(st == ST_OK || st == ST_NOMEM);
	}
	ck_assert_int_gt(k, 4);
	free(v);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("chunk");
	TCase *t = tcase_create("chunk");

	tcase_add_test(t, bits_grow_with_the_size);
	tcase_add_loop_test(t, pieces_do_not_matter, 0, 36);
	tcase_add_test(t, chunks_are_small);
	tcase_add_test(t, same_text_is_one_span);
	tcase_add_loop_test(t, an_edit_costs_its_neighbourhood, 0, 21);
	tcase_add_test(t, a_line_is_edited_alone);
	tcase_add_test(t, what_is_moved_is_found);
	tcase_add_loop_test(t, copies_need_not_be_cut, 0, 80);
	tcase_add_test(t, what_is_not_known);
	tcase_add_test(t, nothing_is_in_nothing);
	tcase_add_loop_test(t, damage_is_no_match, 0,
	    (int)(sizeof(damaged) / sizeof(damaged[0])));
	tcase_add_test(t, memory_can_end);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
