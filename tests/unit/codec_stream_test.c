/* SPDX-License-Identifier: MIT */
/* Streams: bursts at all sizes, and what is no stream. */
#include "config.h"

#include <sys/resource.h>

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "codec/stream.h"
#include "nomem.h"
#include "unit.h"

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define BIG (300 * 1000)

static struct err err;

/* Text that compresses, but not to nothing. */
static void
fill(uint8_t *data, size_t len)
{
	uint32_t v = 12345;
	size_t i;

	for (i = 0; i < len; i++) {
		v = v * 1103515245 + 12345;
		data[i] = (uint8_t)("etaoin shrdlu\n "[(v >> 16) % 15]);
	}
}

static void
pack(struct stream_out *s, const void *data, size_t len, struct buf *out)
{
	ck_assert_int_eq(stream_pack(s, data, len, true, out), ST_OK);
}

/* Unpacks all, in pieces of at most cut bytes, out at most limit at once. */
static void
unpack(struct stream_in *s, struct buf *wire, size_t cut, size_t limit,
    struct buf *out)
{
	while (wire->len > 0) {
		const size_t piece = cut < wire->len ? cut : wire->len;
		const uint8_t *p = buf_data(wire);
		size_t left = piece, added = limit;

		while (left > 0 || added == limit) {
			ck_assert_int_eq(stream_unpack(s, &p, &left, limit, out,
					     &added, &err),
			    ST_OK);
			ck_assert_uint_le(added, limit);
		}
		ck_assert_ptr_eq(p, buf_data(wire) + piece);
		buf_take(wire, piece);
	}
}

static const size_t sizes[] = { 1, 2, 3, 7, 15, 100, 1000, 65536, SIZE_MAX };

START_TEST(test_sizes)
{
	/* Bursts and pieces of all sizes come out as they went in. */
	const size_t cut = sizes[_i / N(sizes)], limit = sizes[_i % N(sizes)];
	static const size_t bursts[] = { 0, 1, 2, 3, 7, 15, 100, 5000 };
	AUTO(stream_out) struct stream_out *o = NULL;
	AUTO(stream_in) struct stream_in *i = NULL;
	AUTO(buf) struct buf wire = { 0 }, out = { 0 };
	uint8_t data[5000];
	size_t k;

	fill(data, sizeof(data));
	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	ck_assert_int_eq(stream_in_new(&i), ST_OK);
	for (k = 0; k < sizeof(bursts) / sizeof(bursts[0]); k++) {
		pack(o, data, bursts[k], &wire);
		unpack(i, &wire, cut, limit, &out);
		ck_assert_uint_eq(out.len, bursts[k]);
		if (bursts[k] > 0)
			ck_assert_mem_eq(buf_data(&out), data, bursts[k]);
		buf_clear(&out);
	}
}
END_TEST

START_TEST(test_parts)
{
	/* A burst packed in parts of any size is the same burst. */
	const size_t part = sizes[_i] < BIG ? sizes[_i] : BIG;
	AUTO(stream_out) struct stream_out *o = NULL;
	AUTO(stream_in) struct stream_in *i = NULL;
	AUTO(buf) struct buf wire = { 0 }, out = { 0 };
	autofree uint8_t *data = malloc(BIG);
	size_t at, n;

	ck_assert_ptr_nonnull(data);
	fill(data, BIG);
	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	ck_assert_int_eq(stream_in_new(&i), ST_OK);
	for (at = 0; at < BIG; at += n) {
		n = part < BIG - at ? part : BIG - at;
		ck_assert_int_eq(stream_pack(o, data + at, n, false, &wire),
		    ST_OK);
	}
	pack(o, NULL, 0, &wire);
	ck_assert_uint_lt(wire.len, BIG * 2 / 3);
	unpack(i, &wire, SIZE_MAX, SIZE_MAX, &out);
	ck_assert_uint_eq(out.len, BIG);
	ck_assert_mem_eq(buf_data(&out), data, BIG);
}
END_TEST

START_TEST(test_whole_at_once)
{
	/* One call reads all of a flushed burst, however large. */
	AUTO(stream_out) struct stream_out *o = NULL;
	AUTO(stream_in) struct stream_in *i = NULL;
	AUTO(buf) struct buf wire = { 0 }, out = { 0 };
	autofree uint8_t *data = malloc(BIG);
	const uint8_t *p;
	size_t left, added;

	ck_assert_ptr_nonnull(data);
	fill(data, BIG);
	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	ck_assert_int_eq(stream_in_new(&i), ST_OK);
	pack(o, data, BIG, &wire);
	p = buf_data(&wire);
	left = wire.len;
	ck_assert_int_eq(stream_unpack(i, &p, &left, SIZE_MAX, &out, &added,
			     &err),
	    ST_OK);
	ck_assert_uint_eq(left, 0);
	ck_assert_uint_eq(added, BIG);
	ck_assert_uint_eq(out.len, BIG);
	ck_assert_mem_eq(buf_data(&out), data, BIG);
}
END_TEST

START_TEST(test_history)
{
	/* What was said before makes the same cheap to say again. */
	AUTO(stream_out) struct stream_out *o = NULL;
	AUTO(buf) struct buf wire = { 0 };
	uint8_t data[4000];
	size_t first;

	fill(data, sizeof(data));
	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	pack(o, data, sizeof(data), &wire);
	first = wire.len;
	pack(o, data, sizeof(data), &wire);
	ck_assert_uint_lt((wire.len - first) * 20, first);
}
END_TEST

START_TEST(test_levels)
{
	/* The level may change between bursts, whatever the pieces are. */
	static const bool harder[] = { true, true, true, true, false, true,
		false, false, false, false, false, true };
	static const size_t cuts[] = { 1, 2, 3, 7, 100, 65536 };
	AUTO(stream_out) struct stream_out *o = NULL;
	AUTO(stream_in) struct stream_in *i = NULL;
	AUTO(buf) struct buf wire = { 0 }, out = { 0 };
	autofree uint8_t *data = malloc(BIG);
	const size_t part = BIG / N(harder);
	int k;

	ck_assert_ptr_nonnull(data);
	fill(data, BIG);
	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	ck_assert_int_eq(stream_in_new(&i), ST_OK);
	for (k = 0; k < N(harder); k++) {
		stream_out_press(o, harder[k]);
		pack(o, data + (size_t)k * part, part, &wire);
	}
	unpack(i, &wire, cuts[_i], _i % 2 == 0 ? 10 : BIG, &out);
	ck_assert_uint_eq(out.len, (size_t)N(harder) * part);
	ck_assert_mem_eq(buf_data(&out), data, out.len);
}
END_TEST

START_TEST(test_harder_is_smaller)
{
	AUTO(buf) struct buf wire = { 0 };
	autofree uint8_t *data = malloc(BIG);
	size_t len[2] = { 0 }, at;
	int way, k;

	ck_assert_ptr_nonnull(data);
	fill(data, BIG);
	/* Said again and again, each time in another order. */
	for (at = 10000; at + 50 < BIG; at += 50)
		memcpy(data + at, data + at * 7919 % 9950, 50);
	for (way = 0; way < 2; way++) {
		AUTO(stream_out) struct stream_out *o = NULL;

		ck_assert_int_eq(stream_out_new(&o), ST_OK);
		for (k = 0; k < 5; k++)
			stream_out_press(o, way == 1);
		buf_clear(&wire);
		pack(o, data, BIG, &wire);
		len[way] = wire.len;
	}
	ck_assert_uint_lt(len[1], len[0]);
}
END_TEST

START_TEST(test_nothing_to_do)
{
	/* Asking when there is nothing, or room for nothing, does no harm. */
	AUTO(stream_out) struct stream_out *o = NULL;
	AUTO(stream_in) struct stream_in *i = NULL;
	AUTO(buf) struct buf wire = { 0 }, out = { 0 };
	const uint8_t *p = NULL;
	size_t left = 0, added = 1, k;

	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	ck_assert_int_eq(stream_in_new(&i), ST_OK);
	for (k = 0; k < 100; k++) {
		ck_assert_int_eq(stream_unpack(i, &p, &left, 100, &out, &added,
				     &err),
		    ST_OK);
		ck_assert_uint_eq(added, 0);
	}
	pack(o, "abc", 3, &wire);
	pack(o, NULL, 0, &wire);
	p = buf_data(&wire);
	left = wire.len;
	for (k = 0; k < 100; k++) {
		ck_assert_int_eq(stream_unpack(i, &p, &left, 0, &out, &added,
				     &err),
		    ST_OK);
		ck_assert_uint_eq(added, 0);
		ck_assert_uint_eq(left, wire.len);
	}
	unpack(i, &wire, SIZE_MAX, 1, &out);
	ck_assert_uint_eq(out.len, 3);
}
END_TEST

START_TEST(test_bomb)
{
	/* Little that becomes much comes out in pieces of the limit. */
	static uint8_t zeros[1024 * 1024];
	AUTO(stream_out) struct stream_out *o = NULL;
	AUTO(stream_in) struct stream_in *i = NULL;
	AUTO(buf) struct buf wire = { 0 }, out = { 0 };
	const size_t limit = 100 * 1000;
	size_t left, added, total = 0, k;
	const uint8_t *p;

	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	ck_assert_int_eq(stream_in_new(&i), ST_OK);
	for (k = 0; k < 20; k++)
		pack(o, zeros, sizeof(zeros), &wire);
	ck_assert_uint_lt(wire.len, 10 * 1000);
	p = buf_data(&wire);
	left = wire.len;
	do {
		ck_assert_int_eq(stream_unpack(i, &p, &left, limit, &out,
				     &added, &err),
		    ST_OK);
		ck_assert_uint_le(added, limit);
		ck_assert_uint_eq(out.len, added);
		ck_assert_uint_le(out.cap, 4 * limit);
		buf_clear(&out);
		total += added;
	} while (left > 0 || added == limit);
	ck_assert_uint_eq(total, 20 * sizeof(zeros));
}
END_TEST

/* True if all of the bytes are taken without an error. */
static bool
is_taken(const uint8_t *data, size_t len, struct buf *out)
{
	AUTO(stream_in) struct stream_in *i = NULL;
	size_t added;
	enum status st;

	memset(&err, 0, sizeof(err));
	ck_assert_int_eq(stream_in_new(&i), ST_OK);
	st = stream_unpack(i, &data, &len, SIZE_MAX, out, &added, &err);
	ck_assert(st == ST_OK || st == ST_PROTO);
	ck_assert_int_eq(st == ST_OK, err.text[0] == '\0');
	return st == ST_OK;
}

START_TEST(test_cut_short)
{
	/* A stream that is cut gives a beginning of what was said. */
	AUTO(stream_out) struct stream_out *o = NULL;
	AUTO(buf) struct buf wire = { 0 };
	uint8_t data[300];
	size_t len;

	fill(data, sizeof(data));
	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	pack(o, data, 100, &wire);
	pack(o, data + 100, 200, &wire);
	for (len = 0; len < wire.len; len++) {
		AUTO(buf) struct buf out = { 0 };

		ck_assert(is_taken(buf_data(&wire), len, &out));
		ck_assert_uint_lt(out.len, sizeof(data));
		if (out.len > 0)
			ck_assert_mem_eq(buf_data(&out), data, out.len);
	}
}
END_TEST

START_TEST(test_damaged)
{
	/* A flipped bit is refused or changes the text, and does no harm. */
	AUTO(stream_out) struct stream_out *o = NULL;
	AUTO(buf) struct buf wire = { 0 };
	autofree uint8_t *copy = NULL;
	uint8_t data[500];
	size_t bit, refused = 0;

	fill(data, sizeof(data));
	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	pack(o, data, sizeof(data), &wire);
	copy = malloc(wire.len);
	ck_assert_ptr_nonnull(copy);
	for (bit = 0; bit < 8 * wire.len; bit += 5) {
		AUTO(buf) struct buf out = { 0 };

		memcpy(copy, buf_data(&wire), wire.len);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		refused += !is_taken(copy, wire.len, &out);
	}
	ck_assert_uint_gt(refused, 5);
}
END_TEST

static const struct {
	const char *bytes;
	size_t len;
} no_streams[] = {
	{ "SSH-2.0-OpenSSH_9.2", 19 },
	{ "\0\0\0\0\0\0\0\0\0\0\0\0", 12 },
	{ "{\"t\":\"PING\",\"token\":1}", 22 },
	/* a frame that is whole, and then something else; skippable frames */
	{ "\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00\x99\xe9\xd8\x51"
	  "SSH-2.0",
	    20 },
	{ "\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00\x99\xe9\xd8\x51"
	  "\x50\x2a\x4d\x18\x01\x00\x00\x00x",
	    22 },
	{ "\x50\x2a\x4d\x18\x01\x00\x00\x00x", 9 },
	{ "\x28\xb5\x2f\xfd\x00\x00\x01\x00\x00SSH", 12 },
	/* formats of before 1.0, which some builds of libzstd still read */
	{ "\x25\xb5\x2f\xfd\x00\x00\x00\x00\x00\x00\x00\x00", 12 },
	{ "\x26\xb5\x2f\xfd\x04\x58\x61\x02\x00\x00\x00\x00", 12 },
	{ "\x27\xb5\x2f\xfd\x04\x58\x61\x02\x00\x00\x00\x00", 12 },
	{ "\x26", 1 },
	/* one that is skipped */
	{ "\x50\x2a\x4d\x18\x01\x00\x00\x00x", 9 },
	/* window of 2^24, of the largest there is; a dictionary */
	{ "\x28\xb5\x2f\xfd\x00\x70\x00\x00\x00", 9 },
	{ "\x28\xb5\x2f\xfd\x00\xff\x00\x00\x00", 9 },
	{ "\x28\xb5\x2f\xfd\x01\x00\x07\x00\x00\x00", 10 },
};

START_TEST(test_no_streams)
{
	/* What is no stream, or asks for more than is given, is refused. */
	AUTO(buf) struct buf out = { 0 };

	ck_assert(!is_taken((const uint8_t *)no_streams[_i].bytes,
	    no_streams[_i].len, &out));
	ck_assert_int_eq(strncmp(err.text, "bad stream: ", 12), 0);
}
END_TEST

START_TEST(test_window)
{
	/* The largest window allowed is taken, the next one is not. */
	AUTO(buf) struct buf out = { 0 };
	uint8_t data[5000];
	uint8_t wire[8000];
	ZSTD_CCtx *z = ZSTD_createCCtx();
	ZSTD_outBuffer o = { wire, sizeof(wire), 0 };
	ZSTD_inBuffer in = { data, sizeof(data), 0 };

	fill(data, sizeof(data));
	ck_assert(!ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog,
	    STREAM_WINDOW_LOG + _i)));
	ck_assert_uint_eq(ZSTD_compressStream2(z, &o, &in, ZSTD_e_flush), 0);
	ck_assert_int_eq(is_taken(wire, o.pos, &out), _i == 0);
	ZSTD_freeCCtx(z);
}
END_TEST

START_TEST(test_no_memory)
{
	/* Our own allocations may fail: first the object, then the buffer. */
	struct stream_out *o = NULL;
	struct stream_in *i = NULL;
	AUTO(buf) struct buf wire = { 0 }, out = { 0 }, more = { 0 };
	const uint8_t *p;
	size_t left, added = 77;

	nomem_at(1);
	ck_assert_int_eq(stream_out_new(&o), ST_NOMEM);
	nomem_at(1);
	ck_assert_int_eq(stream_in_new(&i), ST_NOMEM);
	nomem_at(0);
	ck_assert_ptr_null(o);
	ck_assert_ptr_null(i);
	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	ck_assert_int_eq(stream_in_new(&i), ST_OK);
	nomem_at(1);
	ck_assert_int_eq(stream_pack(o, "abc", 3, true, &wire), ST_NOMEM);
	nomem_at(0);
	pack(o, "abc", 3, &wire);
	p = buf_data(&wire);
	left = wire.len;
	nomem_at(1);
	ck_assert_int_eq(stream_unpack(i, &p, &left, 100, &out, &added, &err),
	    ST_NOMEM);
	nomem_at(0);
	ck_assert_ptr_eq(p, buf_data(&wire));
	ck_assert_uint_eq(added, 77);
	/* So may the end of a frame. */
	stream_out_press(o, true);
	nomem_at(1);
	ck_assert_int_eq(stream_pack(o, "abc", 3, true, &more), ST_NOMEM);
	nomem_at(0);
	stream_out_free(o);
	stream_in_free(i);
}
END_TEST

#ifndef __SANITIZE_ADDRESS__

/* From here on this process gets no more memory than it has. */
static void
take_memory_away(void)
{
	const struct rlimit none = { 0, 0 };

	ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
}

START_TEST(test_no_memory_in_zstd)
{
	/* Zstd's own allocations may fail, too (each test is a process). */
	struct stream_out *o = NULL;
	struct stream_in *i = NULL;
	AUTO(buf) struct buf wire = { 0 }, out = { 0 };
	const uint8_t *p;
	size_t left, added;

	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	ck_assert_int_eq(stream_in_new(&i), ST_OK);
	pack(o, "abc", 3, &wire);
	stream_out_free(o);
	ck_assert_int_eq(stream_out_new(&o), ST_OK);
	/* room for what is ours, before there is none */
	ck_assert_ptr_nonnull(buf_room(&out, 1024 * 1024));
	p = buf_data(&wire);
	left = wire.len;
	take_memory_away();
	ck_assert_int_eq(stream_unpack(i, &p, &left, 100, &out, &added, &err),
	    ST_NOMEM);
	ck_assert_int_eq(stream_pack(o, "abc", 3, true, &out), ST_NOMEM);
	stream_out_free(o);
	stream_in_free(i);
}
END_TEST

START_TEST(test_no_memory_for_new)
{
	/* When zstd can't even begin, no stream is made. */
	struct stream_out *outs[1000];
	struct stream_in *ins[1000];
	enum status st = ST_OK;
	size_t n, k;

	take_memory_away();
	for (n = 0; st == ST_OK && n < 1000; n++)
		st = _i == 0 ? stream_out_new(&outs[n]) :
			       stream_in_new(&ins[n]);
	ck_assert_int_eq(st, ST_NOMEM);
	for (k = 0; k + 1 < n; k++) {
		if (_i == 0)
			stream_out_free(outs[k]);
		else
			stream_in_free(ins[k]);
	}
}
END_TEST

#endif

static Suite *
suite(void)
{
	Suite *s = suite_create("codec/stream");
	TCase *tc = tcase_create("stream");

	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, test_sizes, 0, N(sizes) * N(sizes));
	tcase_add_loop_test(tc, test_parts, 0, N(sizes));
	tcase_add_test(tc, test_whole_at_once);
	tcase_add_test(tc, test_history);
	tcase_add_loop_test(tc, test_levels, 0, 6);
	tcase_add_test(tc, test_harder_is_smaller);
	tcase_add_test(tc, test_nothing_to_do);
	tcase_add_test(tc, test_bomb);
	tcase_add_test(tc, test_cut_short);
	tcase_add_test(tc, test_damaged);
	tcase_add_loop_test(tc, test_no_streams, 0, N(no_streams));
	tcase_add_loop_test(tc, test_window, 0, 2);
	tcase_add_test(tc, test_no_memory);
#ifndef __SANITIZE_ADDRESS__
	tcase_add_test(tc, test_no_memory_in_zstd);
	tcase_add_loop_test(tc, test_no_memory_for_new, 0, 2);
#endif
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
