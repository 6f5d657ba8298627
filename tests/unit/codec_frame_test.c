/* SPDX-License-Identifier: MIT */
/* Frames: however the bytes are cut, the same messages; lies are refused. */
#include "config.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "codec/message.h"
#include "nomem.h"
#include "unit.h"
#include "util/auto.h"

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))

static void
auto_reader(struct frame_reader *reader)
{
	frame_reader_fini(reader);
}

static struct err err;

/* PINGs with payloads of these sizes are one stream of frames. */
static const size_t payloads[] = { 0, 1, 100, 0, 4096, 3, 70000 };

static uint8_t
byte_at(size_t i)
{
	return (uint8_t)(i * 31 + i / 256);
}

static void
put_ping(struct buf *out, uint64_t token, size_t len)
{
	AUTO(message) struct message m = { 0 };
	autofree uint8_t *data = malloc(len + 1);
	size_t i;

	ck_assert_ptr_nonnull(data);
	for (i = 0; i < len; i++)
		data[i] = byte_at(i);
	message_init(&m, MESSAGE_PING);
	m.token = token;
	m.data_len = len;
	ck_assert_int_eq(frame_put(out, &m, len == 0 ? NULL : data, &err),
	    ST_OK);
}

static void
put_all(struct buf *out)
{
	size_t i;

	for (i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
		put_ping(out, i, payloads[i]);
}

/* Takes the frames that are there; *seen counts all so far. */
static void
take_frames(struct frame_reader *reader, size_t *seen)
{
	bool have = true;

	while (have) {
		AUTO(message) struct message m = { 0 };
		const uint8_t *data;
		size_t i;

		ck_assert_int_eq(frame_next(reader, &have, &m, &data, &err),
		    ST_OK);
		if (!have)
			break;
		ck_assert_uint_eq(m.token, *seen);
		ck_assert_uint_eq(m.data_len, payloads[*seen]);
		for (i = 0; i < m.data_len; i++)
			if (data[i] != byte_at(i))
				ck_abort_msg("byte %zu differs", i);
		(*seen)++;
	}
}

static const size_t cuts[] = { 1, 2, 3, 7, 15, 100, 1000, 65536, SIZE_MAX };

START_TEST(test_cuts)
{
	/* The pieces in which bytes come don't matter. */
	AUTO(reader) struct frame_reader reader = { 0 };
	AUTO(buf) struct buf bytes = { 0 };
	const uint8_t *p;
	size_t n, seen = 0;

	put_all(&bytes);
	for (p = buf_data(&bytes); bytes.len > 0; p += n, bytes.len -= n) {
		n = cuts[_i] < bytes.len ? cuts[_i] : bytes.len;
		ck_assert_int_eq(frame_feed(&reader, p, n, &err), ST_OK);
		take_frames(&reader, &seen);
	}
	ck_assert_int_eq((int)seen, N(payloads));
	ck_assert_uint_eq(reader.in.len, 0);
}
END_TEST

START_TEST(test_bytes)
{
	/* A frame is a length, a header and a payload. */
	AUTO(buf) struct buf buf = { 0 };
	static const char expected[] =
	    "\0\0\0\x1f{\"t\":\"PING\",\"token\":7,\"data\":2}\0\x1f";

	put_ping(&buf, 7, 2);
	ck_assert_uint_eq(buf.len, sizeof(expected) - 1);
	ck_assert_mem_eq(buf_data(&buf), expected, buf.len);
}
END_TEST

START_TEST(test_largest)
{
	/* A payload may be as long as its limit. */
	AUTO(reader) struct frame_reader reader = { 0 };
	AUTO(message) struct message m = { 0 };
	AUTO(buf) struct buf buf = { 0 };
	const uint8_t *data;
	bool have;

	put_ping(&buf, 1, FRAME_DATA_LIMIT);
	ck_assert_int_eq(frame_feed(&reader, buf_data(&buf), buf.len - 1, &err),
	    ST_OK);
	ck_assert_int_eq(frame_next(&reader, &have, &m, &data, &err), ST_OK);
	ck_assert(!have);
	ck_assert_int_eq(frame_feed(&reader, buf_data(&buf) + buf.len - 1, 1,
			     &err),
	    ST_OK);
	ck_assert_int_eq(frame_next(&reader, &have, &m, &data, &err), ST_OK);
	ck_assert(have);
	ck_assert_uint_eq(m.data_len, FRAME_DATA_LIMIT);
	ck_assert_uint_eq(data[FRAME_DATA_LIMIT - 1],
	    byte_at(FRAME_DATA_LIMIT - 1));
}
END_TEST

/* Feeds a length and what follows it. */
static void
feed(struct frame_reader *reader, uint32_t len, const char *header)
{
	const uint8_t b[] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16),
		(uint8_t)(len >> 8), (uint8_t)len };

	ck_assert_int_eq(frame_feed(reader, b, sizeof(b), &err), ST_OK);
	ck_assert_int_eq(frame_feed(reader, header, strlen(header), &err),
	    ST_OK);
}

#define HONEST 0xabcdef /* stands for the length of the header */

static const struct {
	uint32_t len;
	const char *header;
	const char *why;
} lies[] = {
	{ 0, "", "0 bytes" },
	{ FRAME_HEADER_LIMIT + 1, "", "262145 bytes" },
	{ 0x80000000, "", "2147483648 bytes" },
	{ 0xffffffff, "", "4294967295 bytes" },
	{ 0x5353482d, "2.0-OpenSSH", "1397966893 bytes" },
	{ HONEST, "{", "bad message" },
	{ HONEST, "{}", "no type" },
	{ HONEST, "ABCD", "bad message" },
	{ 10, "{\"t\":\"BYE\"}", "bad message" },
	{ HONEST, "{\"t\":\"BYE\"}x", "bad message" },
	{ HONEST, "{\"t\":\"NO\"}", "unknown type" },
	{ HONEST, "{\"t\":\"BYE\",\"data\":1048577}", "range" },
	{ HONEST, "{\"t\":\"BYE\",\"data\":4294967296}", "range" },
	{ HONEST, "{\"t\":\"BYE\",\"data\":-1}", "range" },
};

START_TEST(test_lies)
{
	/* A bad length, header or payload is refused, now and ever after. */
	AUTO(reader) struct frame_reader reader = { 0 };
	AUTO(message) struct message m = { 0 };
	const uint8_t *data;
	bool have = true;
	int i;

	if (lies[_i].len == HONEST)
		feed(&reader, (uint32_t)strlen(lies[_i].header),
		    lies[_i].header);
	else
		feed(&reader, lies[_i].len, lies[_i].header);
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(frame_next(&reader, &have, &m, &data, &err),
		    ST_PROTO);
		ck_assert_msg(strstr(err.text, lies[_i].why) != NULL, "%s",
		    err.text);
		ck_assert(!have);
	}
}
END_TEST

static const struct {
	uint32_t len;
	const char *header;
} beginnings[] = {
	{ 1, "" },
	{ FRAME_HEADER_LIMIT, "{" },
	{ 11, "{\"t\":\"BYE\"" },
	{ 20, "{\"t\":\"BYE\",\"data\":1}" },
	{ 20, "{\"t\":\"BYE\",\"data\":9}12345678" },
};

START_TEST(test_beginnings)
{
	/* What may still become a frame is waited for, without allocating. */
	AUTO(reader) struct frame_reader reader = { 0 };
	AUTO(message) struct message m = { 0 };
	const uint8_t *data;
	bool have = true;

	feed(&reader, beginnings[_i].len, beginnings[_i].header);
	ck_assert_int_eq(frame_next(&reader, &have, &m, &data, &err), ST_OK);
	ck_assert(!have);
	ck_assert_int_eq(frame_next(&reader, &have, &m, &data, &err), ST_OK);
	ck_assert(!have);
	ck_assert_uint_le(reader.in.cap, 4096);
}
END_TEST

START_TEST(test_waiting)
{
	/* The reader takes up to its limit, and no byte more. */
	AUTO(reader) struct frame_reader reader = { 0 };
	static uint8_t zeros[1024 * 1024];
	size_t i;

	for (i = 0; i < FRAME_WAIT_LIMIT / sizeof(zeros); i++)
		ck_assert_int_eq(frame_feed(&reader, zeros, sizeof(zeros),
				     &err),
		    ST_OK);
	ck_assert_int_eq(frame_feed(&reader, zeros, 0, &err), ST_OK);
	ck_assert_int_eq(frame_feed(&reader, zeros, 1, &err), ST_PROTO);
	ck_assert_ptr_nonnull(strstr(err.text, "waiting"));
	ck_assert_int_eq(frame_feed(&reader, zeros, SIZE_MAX, &err), ST_PROTO);
	ck_assert_uint_eq(reader.in.len, FRAME_WAIT_LIMIT);
}
END_TEST

START_TEST(test_hello)
{
	/* A HELLO's own memory goes to the caller, or with the reader. */
	AUTO(reader) struct frame_reader reader = { 0 };
	AUTO(message) struct message m = { 0 }, got = { 0 };
	AUTO(buf) struct buf buf = { 0 };
	const uint8_t *data;
	bool have;

	message_init(&m, MESSAGE_HELLO);
	m.hello = calloc(1, sizeof(*m.hello));
	ck_assert_ptr_nonnull(m.hello);
	m.hello->clock = 99;
	m.data_len = 1;
	ck_assert_int_eq(frame_put(&buf, &m, "x", &err), ST_OK);
	ck_assert_int_eq(frame_put(&buf, &m, "y", &err), ST_OK);
	ck_assert_int_eq(frame_feed(&reader, buf_data(&buf), buf.len - 1, &err),
	    ST_OK);
	ck_assert_int_eq(frame_next(&reader, &have, &got, &data, &err), ST_OK);
	ck_assert(have);
	ck_assert_int_eq(got.hello->clock, 99);
	ck_assert_uint_eq(data[0], 'x');
	message_fini(&got);
	ck_assert_int_eq(frame_next(&reader, &have, &got, &data, &err), ST_OK);
	ck_assert(!have);
	ck_assert_ptr_nonnull(reader.message);
}
END_TEST

START_TEST(test_no_memory_put)
{
	/* Whichever allocation fails, no part of a frame is put. */
	AUTO(message) struct message m = { 0 };
	enum status st = ST_NOMEM;
	long k;

	json_set_alloc_funcs(malloc, free);
	message_init(&m, MESSAGE_PONG);
	m.data_len = 3;
	for (k = 1; st != ST_OK; k++) {
		AUTO(buf) struct buf buf = { 0 };

		nomem_at(k);
		st = frame_put(&buf, &m, "abc", &err);
		nomem_at(0);
		ck_assert(st == ST_OK || st == ST_NOMEM);
		ck_assert_int_eq(st == ST_OK, buf.len > 0);
	}
	ck_assert_int_gt((int)k, 4);
}
END_TEST

START_TEST(test_no_memory_read)
{
	/* Out of memory is said, and the frame is still there afterwards. */
	AUTO(reader) struct frame_reader reader = { 0 };
	AUTO(message) struct message m = { 0 };
	AUTO(buf) struct buf buf = { 0 };
	const uint8_t *data;
	bool have;

	json_set_alloc_funcs(malloc, free);
	put_ping(&buf, 5, 0);
	nomem_at(1);
	ck_assert_int_eq(frame_feed(&reader, buf_data(&buf), buf.len, &err),
	    ST_NOMEM);
	nomem_at(0);
	ck_assert_int_eq(frame_feed(&reader, buf_data(&buf), buf.len, &err),
	    ST_OK);
	nomem_at(1);
	ck_assert_int_eq(frame_next(&reader, &have, &m, &data, &err), ST_NOMEM);
	nomem_at(2);
	ck_assert_int_eq(frame_next(&reader, &have, &m, &data, &err), ST_NOMEM);
	nomem_at(0);
	ck_assert_int_eq(frame_next(&reader, &have, &m, &data, &err), ST_OK);
	ck_assert(have);
	ck_assert_uint_eq(m.token, 5);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("codec/frame");
	TCase *tc = tcase_create("frame");

	tcase_add_loop_test(tc, test_cuts, 0, N(cuts));
	tcase_add_test(tc, test_bytes);
	tcase_add_test(tc, test_largest);
	tcase_add_loop_test(tc, test_lies, 0, N(lies));
	tcase_add_loop_test(tc, test_beginnings, 0, N(beginnings));
	tcase_add_test(tc, test_waiting);
	tcase_add_test(tc, test_hello);
	tcase_add_test(tc, test_no_memory_put);
	tcase_add_test(tc, test_no_memory_read);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
