/* SPDX-License-Identifier: MIT */
/* Deltas: what is written reads as it was meant, and nothing else does. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "codec/delta.h"
#include "core/chunk.h"
#include "nomem.h"
#include "unit.h"
#include "util/auto.h"

#define MOST 6000 /* bytes of a text */

static struct err err;
static uint32_t state;

static uint32_t
draw(uint32_t below)
{
	state = state * 1103515245 + 12345;
	return (state >> 8) % below;
}

/* Lines of words, so that versions have much in common. */
static size_t
text(uint8_t *out, size_t len, const char *end)
{
	static const char *const words[] = { "one ", "two", " three ", "four",
		"a longer line of a text" };
	size_t used = 0, n;
	const char *word;

	while (used < len) {
		word = draw(6) == 0 ? end : words[draw(5)];
		n = strlen(word) < len - used ? strlen(word) : len - used;
		memcpy(out + used, word, n);
		used += n;
	}
	return len;
}

/* A version of old, by one of the ways in which texts change. */
static size_t
edit(const uint8_t *old, size_t len, unsigned way, uint8_t *out)
{
	size_t at = len > 0 ? draw((uint32_t)len) : 0, n = draw(200);
	size_t keep = at + n < len ? len - at - n : 0;

	memcpy(out, old, len);
	switch (way) {
	case 0: /* insert */
		text(out + at, n, "\n");
		memcpy(out + at + n, old + at, len - at);
		return len + n;
	case 1: /* delete */
		memcpy(out + at, old + len - keep, keep);
		return at + keep;
	case 2: /* move a part to the front */
		memcpy(out, old + at, len - at);
		memcpy(out + len - at, old, at);
		return len;
	case 3: /* append */
		return len + text(out + len, n, "\n");
	case 4: /* truncate */
		return at;
	case 5: /* one byte */
		out[at] = 'Z';
		return len;
	case 6: /* another one */
		return text(out, n * 10, "\r\n");
	default: /* as it was */
		return len;
	}
}

static void
make(const uint8_t *old, size_t old_len, const uint8_t *new, size_t new_len,
    struct buf *out)
{
	autofree struct chunk_span *v = NULL;
	AUTO(buf) struct buf from = { 0 }, to = { 0 };
	struct delta_writer w = { 0 };
	uint64_t at = 0;
	size_t n, i;

	ck_assert_int_eq(chunk_once(6, old, old_len, &from), ST_OK);
	ck_assert_int_eq(chunk_once(6, new, new_len, &to), ST_OK);
	ck_assert_int_eq(chunk_match(buf_data(&from), from.len, buf_data(&to),
			     to.len, &v, &n),
	    ST_OK);
	for (i = 0; i < n; at += v[i].len, i++) {
		if (v[i].old) {
			ck_assert_int_eq(delta_put_copy(&w, v[i].offset,
					     v[i].len, out),
			    ST_OK);
			continue;
		}
		ck_assert_int_eq(delta_put_data_head(v[i].len, out), ST_OK);
		ck_assert_int_eq(buf_put(out, new + at, v[i].len), ST_OK);
	}
}

/* What comes out of it, read in pieces of that size. */
static enum status
apply(const struct buf *delta, const uint8_t *base, size_t base_len,
    uint64_t size, size_t piece, struct buf *out)
{
	struct delta_reader r = { .base_size = base_len, .left = size };
	const uint8_t *p = buf_data(delta);
	size_t left = delta->len, n, len;
	struct delta_step step;
	enum status st = ST_OK;
	bool have;

	for (; st == ST_OK && left > 0; left -= n) {
		n = len = piece < left ? piece : left;
		for (have = true; st == ST_OK && have;) {
			st = delta_next(&r, &p, &len, &have, &step, &err);
			if (st == ST_OK && have)
				ck_assert_int_eq(buf_put(out,
						     step.copy ?
							 base + step.offset :
							 step.data,
						     step.len),
				    ST_OK);
		}
		ck_assert(st != ST_OK || len == 0);
	}
	if (st == ST_OK)
		ck_assert(delta_complete(&r) == (out->len == size));
	return st;
}

static const size_t pieces[] = { 1, 2, 3, 7, 100, SIZE_MAX };

START_TEST(any_version_comes_out)
{
	/* Of random pairs of versions, at all sizes of pieces. */
	static uint8_t old[MOST], new[2 * MOST];
	AUTO(buf) struct buf delta = { 0 };
	size_t old_len, new_len, i;

	state = (uint32_t)_i;
	old_len = _i % 9 == 0 ? (size_t)_i % 3 : draw(MOST);
	text(old, old_len, _i % 2 ? "\n" : "\r\n");
	new_len = edit(old, old_len, (unsigned)_i % 8, new);
	make(old, old_len, new, new_len, &delta);
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		AUTO(buf) struct buf out = { 0 };

		ck_assert_int_eq(apply(&delta, old, old_len, new_len, pieces[i],
				     &out),
		    ST_OK);
		ck_assert_uint_eq(out.len, new_len);
		if (new_len > 0)
			ck_assert_mem_eq(buf_data(&out), new, new_len);
	}
}
END_TEST

#define D(s) s, sizeof(s) - 1

/* What comes out: nothing, for it is for another base. */
static const char beside[] = "";

/* Each of them is for a base of 10 bytes, and 8 that are to come out. */
static const struct {
	const char *delta;
	size_t len;
	const char *out; /* NULL: refused */
} samples[] = {
	{ D("\x11\x00"), "01234567" },
	{ D("\x10"
	    "abcdefgh"),
	    "abcdefgh" },
	{ D("\x04"
	    "ab\x05\x04\x09\x07"),
	    "ab230123" },
	{ D("\x11\x04"), "23456789" },
	{ D("\x05\x10\x0d\x0b"), "89456789" },
	{ D(""), "" }, /* too little, as the reader can be asked */
	{ D("\x04"
	    "a"),
	    "a" },
	{ D("\x11"), "" },
	{ D("\x80"), "" },
	{ D("\x11\x06"), beside }, /* beside its end */
	{ D("\x05\x12"), beside }, /* the last byte, and one more */
	{ D("\x05\x14"), beside }, /* at its end */
	{ D("\x05\x16"), beside }, /* behind it */
	{ D("\x05\x01"), beside }, /* before it begins */
	{ D("\x13\x00"), NULL }, /* nine */
	{ D("\x12"
	    "abcdefghi"),
	    NULL },
	{ D("\x11\x00\x02"
	    "a"),
	    NULL }, /* one more than eight */
	{ D("\x00"), NULL }, /* no bytes */
	{ D("\x01\x00"), NULL },
	{ D("\x91\x00\x00"), NULL }, /* a number with a zero on top */
	{ D("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), NULL },
	{ D("\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"), NULL },
	{ D("\x05\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"), beside },
	{ D("\x05\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), beside },
};

#define N_SAMPLES ((int)(sizeof(samples) / sizeof(samples[0])))

START_TEST(nothing_else_is_read)
{
	/* What is not exactly a delta is refused, however it comes. */
	static const uint8_t base[] = "0123456789";
	const size_t piece = pieces[_i / N_SAMPLES];
	const char *want = samples[_i % N_SAMPLES].out;
	AUTO(buf) struct buf delta = { 0 }, out = { 0 };
	enum status st;

	ck_assert_int_eq(buf_put(&delta, samples[_i % N_SAMPLES].delta,
			     samples[_i % N_SAMPLES].len),
	    ST_OK);
	st = apply(&delta, base, 10, 8, piece, &out);
	if (want == beside) {
		ck_assert_int_eq(st, ST_CHANGED);
		ck_assert_uint_le(out.len, 8);
		return;
	}
	if (want == NULL) {
		ck_assert_int_eq(st, ST_PROTO);
		ck_assert_int_eq(strncmp(err.text, "bad delta: ", 11), 0);
		ck_assert_uint_le(out.len, 8);
		return;
	}
	ck_assert_int_eq(st, ST_OK);
	ck_assert_uint_eq(out.len, strlen(want));
	if (out.len > 0)
		ck_assert_mem_eq(buf_data(&out), want, out.len);
}
END_TEST

START_TEST(large_numbers_travel)
{
	/* Places far in a large base, forward and back. */
	static const uint64_t places[] = { 0, 127, 1ULL << 40, 5, 1ULL << 60 };
	struct delta_writer w = { 0 };
	struct delta_reader r = { .base_size = 1ULL << 61, .left = 500 };
	AUTO(buf) struct buf delta = { 0 };
	struct delta_step step;
	const uint8_t *p;
	size_t len, i;
	bool have;

	for (i = 0; i < 5; i++)
		ck_assert_int_eq(delta_put_copy(&w, places[i], 100, &delta),
		    ST_OK);
	p = buf_data(&delta);
	len = delta.len;
	for (i = 0; i < 5; i++) {
		ck_assert_int_eq(delta_next(&r, &p, &len, &have, &step, &err),
		    ST_OK);
		ck_assert(have && step.copy);
		ck_assert_uint_eq(step.offset, places[i]);
		ck_assert_uint_eq(step.len, 100);
	}
	ck_assert(delta_complete(&r));
}
END_TEST

START_TEST(memory_can_end)
{
	AUTO(buf) struct buf delta = { 0 };
	struct delta_writer w = { 0 };
	enum status copy, data;

	nomem_at(1);
	copy = delta_put_copy(&w, 0, 1, &delta);
	nomem_at(1);
	data = delta_put_data_head(1, &delta);
	nomem_at(0);
	ck_assert_int_eq(copy, ST_NOMEM);
	ck_assert_int_eq(data, ST_NOMEM);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("delta");
	TCase *t = tcase_create("delta");

	tcase_add_loop_test(t, any_version_comes_out, 0, 400);
	tcase_add_loop_test(t, nothing_else_is_read, 0, 6 * N_SAMPLES);
	tcase_add_test(t, large_numbers_travel);
	tcase_add_test(t, memory_can_end);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
