/* SPDX-License-Identifier: MIT */
/* Messages through a wire, plain and compressed, however the bytes are cut. */
#include "config.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "codec/stream.h"
#include "sync/wire.h"
#include "unit.h"

static struct wire *from, *to;
static struct err err;

#define OK(call) ck_assert_msg((call) == ST_OK, "%s", err.text)

static void
setup(void)
{
	ck_assert_int_eq(wire_new(&from), ST_OK);
	ck_assert_int_eq(wire_new(&to), ST_OK);
}

static void
teardown(void)
{
	wire_free(from);
	wire_free(to);
}

static void
compress_both(void)
{
	OK(wire_compress(from, &err));
	OK(wire_compress(to, &err));
}

/* PING number token, with len bytes that follow from it. */
static void
send(uint64_t token, size_t len)
{
	autofree uint8_t *data = malloc(len + 1);
	struct message m;
	size_t i;

	ck_assert_ptr_nonnull(data);
	for (i = 0; i < len; i++)
		data[i] = (uint8_t)(i * 31 + token);
	message_init(&m, MESSAGE_PING);
	m.token = token;
	m.data_len = len;
	OK(wire_send(from, &m, data, &err));
}

/* At most `most` bytes from one to the other; how many went. */
static size_t
carry(size_t most)
{
	size_t len;
	const uint8_t *data = wire_output(from, &len);

	if (len > most)
		len = most;
	if (len > 0)
		OK(wire_input(to, data, len, &err));
	wire_sent(from, len);
	return len;
}

/* False: there is nothing more. */
static bool
receive(uint64_t token, size_t len)
{
	AUTO(message) struct message m = { 0 };
	const uint8_t *data = NULL;
	bool have = false;
	size_t i;

	OK(wire_next(to, &have, &m, &data, &err));
	if (!have)
		return false;
	ck_assert_int_eq(m.type, MESSAGE_PING);
	ck_assert_uint_eq(m.token, token);
	ck_assert_uint_eq(m.data_len, len);
	for (i = 0; i < len; i++)
		ck_assert_uint_eq(data[i], (uint8_t)(i * 31 + token));
	return true;
}

static const size_t lengths[] = { 0, 1, 100, 70000, 3, FRAME_DATA_LIMIT, 0 };
#define N_LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static const size_t pieces[] = { 1, 2, 3, 7, 1000, 65536, 1 << 24 };
#define N_PIECES 7

/* What was sent comes out, in order, however the bytes are cut. */
static void
through(size_t piece)
{
	size_t i, got = 0, most = piece == 1 ? 3 : piece < 10 ? 5 : N_LENGTHS;

	for (i = 0; i < most; i++)
		send(i, lengths[i]);
	OK(wire_flush(from, &err));
	while (carry(piece) > 0)
		while (got < most && receive(got, lengths[got]))
			got++;
	ck_assert_uint_eq(got, most);
	ck_assert(!receive(0, 0));
	ck_assert_uint_eq(wire_bytes_out(from), wire_bytes_in(to));
	wire_input_ended(to);
	ck_assert(wire_at_end(to));
}

START_TEST(plain)
{
	through(pieces[_i]);
}
END_TEST

START_TEST(compressed)
{
	compress_both();
	through(pieces[_i]);
}
END_TEST

/* A burst can be read as soon as it is flushed, and not before it has to be. */
START_TEST(bursts)
{
	uint64_t i;

	compress_both();
	for (i = 0; i < 100; i++) {
		send(i, 10);
		ck_assert_uint_eq(carry(1 << 20), 0);
		OK(wire_flush(from, &err));
		ck_assert_uint_gt(carry(1 << 20), 0);
		ck_assert(receive(i, 10));
		ck_assert(!receive(0, 0));
		OK(wire_flush(from, &err));
		ck_assert_uint_eq(carry(1 << 20), 0);
	}
}
END_TEST

/* What is sent grows no larger than this before it is packed unasked. */
START_TEST(packed_unasked)
{
	size_t len;

	compress_both();
	send(1, FRAME_DATA_LIMIT);
	wire_output(from, &len);
	ck_assert_uint_gt(len, 0);
	carry(1 << 24);
	ck_assert(receive(1, FRAME_DATA_LIMIT));
}
END_TEST

/* How many bytes n messages take that have hashes, and text behind them. */
static size_t
packed(size_t records, size_t n)
{
	enum {
		HASHES = 16384,
		ALL = 32768
	};
	static const char letters[] = "eeeeeeeetttttaaaaooonnniishrdlu  ";
	uint8_t data[ALL];
	uint32_t state = 1;
	struct message m;
	size_t i, k, len;

	message_init(&m, MESSAGE_FILE_UPDATE);
	m.count = 1;
	m.records_len = records;
	m.data_len = ALL;
	for (k = 0; k < n; k++) {
		for (i = 0; i < ALL; i++) {
			state = state * 1103515245 + 12345;
			data[i] = i < HASHES ?
			    (uint8_t)(state >> 16) :
			    (uint8_t)letters[(state >> 16) % 33];
		}
		OK(wire_send(from, &m, data, &err));
	}
	OK(wire_flush(from, &err));
	wire_output(from, &len);
	return len;
}

/* Neither makes the other larger; where there is little, all is together. */
START_TEST(text_is_packed_alone)
{
	size_t together, apart, both;

	compress_both();
	together = packed(1000, 1);
	teardown();
	setup();
	compress_both();
	apart = packed(16384, 1);
	teardown();
	setup();
	compress_both();
	both = packed(16384, 2);
	ck_assert_uint_lt(apart + 1000, together);
	/* Nor the text of one message the hashes of the next. */
	ck_assert_uint_lt(both, 2 * apart + 1000);
}
END_TEST

/* The first message plain, the rest compressed, and all of it in one piece. */
START_TEST(plain_first)
{
	size_t piece = pieces[_i];
	bool first = false, second = false;

	send(1, 300);
	OK(wire_compress(from, &err));
	send(2, 300);
	OK(wire_flush(from, &err));
	while (carry(piece) > 0) {
		if (!first && receive(1, 300)) {
			first = true;
			OK(wire_compress(to, &err));
		}
		second |= first && receive(2, 300);
	}
	ck_assert(first && second);
}
END_TEST

/* Output is given up byte by byte and its start moves on. */
START_TEST(sent_in_part)
{
	size_t before, after;
	uint8_t second;

	send(1, 50);
	second = wire_output(from, &before)[1];
	wire_sent(from, 1);
	ck_assert_uint_eq(wire_output(from, &after)[0], second);
	ck_assert_uint_eq(after, before - 1);
}
END_TEST

static void
packed_zeros(struct buf *out, size_t len)
{
	AUTO(stream_out) struct stream_out *s = NULL;
	static const uint8_t zeros[1 << 16];

	ck_assert_int_eq(stream_out_new(&s), ST_OK);
	for (; len > 0; len -= sizeof(zeros))
		ck_assert_int_eq(stream_pack(s, zeros, sizeof(zeros),
				     len == sizeof(zeros), out),
		    ST_OK);
}

static enum status
next(bool *ret_have)
{
	AUTO(message) struct message m = { 0 };
	const uint8_t *data;

	return wire_next(to, ret_have, &m, &data, &err);
}

/* 128 MiB of nothing is refused at its first bytes. */
START_TEST(bomb_of_no_frames)
{
	AUTO(buf) struct buf out = { 0 };
	bool have;

	packed_zeros(&out, 1u << 27);
	ck_assert_uint_lt(out.len, 1 << 20);
	OK(wire_compress(to, &err));
	OK(wire_input(to, buf_data(&out), out.len, &err));
	ck_assert_int_eq(next(&have), ST_PROTO);
	ck_assert_uint_lt(mallinfo2().uordblks + mallinfo2().hblkhd, 32 << 20);
}
END_TEST

/* Fifty large frames in a few bytes come one by one. */
START_TEST(bomb_of_frames)
{
	autofree uint8_t *zeros = calloc(1, FRAME_DATA_LIMIT);
	struct message m;
	size_t most = 0, now;
	int i;
	bool have = true;

	compress_both();
	message_init(&m, MESSAGE_PING);
	m.data_len = FRAME_DATA_LIMIT;
	for (i = 0; i < 50; i++)
		OK(wire_send(from, &m, zeros, &err));
	OK(wire_flush(from, &err));
	ck_assert_uint_lt(carry(1 << 20), 1 << 20);
	for (i = -1; have; i++) {
		OK(next(&have));
		now = mallinfo2().uordblks + mallinfo2().hblkhd;
		most = now > most ? now : most;
	}
	ck_assert_int_eq(i, 50);
	ck_assert_uint_lt(most, 32 << 20);
}
END_TEST

/* Nobody can make us hold more than FRAME_WAIT_LIMIT unread. */
START_TEST(too_much_waits)
{
	autofree uint8_t *zeros = calloc(1, 1 << 20);
	enum status st = ST_OK;
	int i;

	if (_i == 1)
		OK(wire_compress(to, &err));
	for (i = 0; i < 9 && st == ST_OK; i++)
		st = wire_input(to, zeros, 1 << 20, &err);
	ck_assert_int_eq(st, ST_PROTO);
	ck_assert_int_eq(i, 9);
}
END_TEST

/* Bytes that are no zstd, and plain frames where a stream should be. */
START_TEST(damaged)
{
	static const char junk[] = "this is no zstd stream at all";
	bool have = false;

	OK(wire_compress(to, &err));
	if (_i == 0) {
		OK(wire_input(to, junk, sizeof(junk), &err));
	} else {
		send(1, 100);
		carry(1 << 20);
	}
	ck_assert_int_eq(next(&have), ST_PROTO);
	ck_assert_str_ne(err.text, "");
}
END_TEST

/* One byte that was changed is a fault or another message, never worse. */
START_TEST(flipped)
{
	const uint8_t *data;
	autofree uint8_t *copy = NULL;
	size_t len, i;

	OK(wire_compress(from, &err));
	send(5, 200);
	OK(wire_flush(from, &err));
	data = wire_output(from, &len);
	copy = malloc(len);
	for (i = 0; i < len; i++) {
		bool have = true;

		memcpy(copy, data, len);
		copy[i] ^= (uint8_t)(1 << _i * 7);
		wire_free(to);
		ck_assert_int_eq(wire_new(&to), ST_OK);
		OK(wire_compress(to, &err));
		OK(wire_input(to, copy, len, &err));
		while (have)
			if (next(&have) != ST_OK)
				break;
	}
}
END_TEST

/* The end of input is an end only when all that came was taken. */
START_TEST(end_of_input)
{
	if (_i == 1)
		compress_both();
	ck_assert(!wire_at_end(to));
	send(1, FRAME_DATA_LIMIT);
	OK(wire_flush(from, &err));
	while (carry(1 << 16) > 0)
		;
	wire_input_ended(to);
	ck_assert(_i == 0 || !wire_at_end(to));
	ck_assert(receive(1, FRAME_DATA_LIMIT));
	ck_assert(!receive(0, 0));
	ck_assert(wire_at_end(to));
}
END_TEST

/* A beat is a PING that can be read at once; so is a last word. */
START_TEST(beat)
{
	struct err why;
	int i;

	if (_i == 1)
		compress_both();
	ck_assert(!wire_greeted(to));
	OK(wire_beat(from, &err));
	carry(5);
	ck_assert(!receive(0, 0));
	ck_assert(!wire_greeted(to));
	for (i = 0; i < 2; i++) {
		carry(SIZE_MAX);
		ck_assert(receive(0, 0));
		ck_assert(wire_greeted(to));
		OK(wire_beat(from, &err));
	}
	carry(SIZE_MAX);
	ck_assert(receive(0, 0));
	ck_assert_int_eq(err_set(&why, ST_TIMEOUT, "no answer"), ST_TIMEOUT);
	wire_fail(from, &why);
	carry(SIZE_MAX);
	{
		AUTO(message) struct message m = { 0 };
		const uint8_t *data;
		bool have;

		OK(wire_next(to, &have, &m, &data, &err));
		ck_assert(have);
		ck_assert_int_eq(m.type, MESSAGE_ERROR);
		ck_assert_int_eq(m.code, ST_TIMEOUT);
		ck_assert_str_eq(m.text, "no answer");
	}
}
END_TEST

/* A message that was put back comes again, before all others, and whole. */
START_TEST(put_back)
{
	AUTO(message) struct message m = { 0 };
	const uint8_t *data = NULL;
	bool have;
	int i;

	send(1, 5000);
	send(2, 10);
	carry(SIZE_MAX);
	OK(wire_next(to, &have, &m, &data, &err));
	/* Once what it came in, then what it waits in. */
	for (i = 0; i < 2; i++) {
		OK(wire_put_back(to, &m, data, &err));
		ck_assert_ptr_null(m.hello);
		wire_input_ended(to);
		ck_assert(!wire_at_end(to));
		send(3, 300000);
		carry(SIZE_MAX);
		OK(wire_next(to, &have, &m, &data, &err));
		ck_assert(have && m.token == 1);
	}
	OK(wire_put_back(to, &m, data, &err));
	ck_assert(receive(1, 5000));
	ck_assert(receive(2, 10));
	ck_assert(receive(3, 300000));
	ck_assert(receive(3, 300000));
	ck_assert(!receive(0, 0));
	ck_assert(wire_at_end(to));
}
END_TEST

/* Also a HELLO, which has memory of its own. */
START_TEST(hello_back)
{
	struct message_hello hello = { .version = "7" };
	AUTO(message) struct message m = { 0 };
	struct message out;
	const uint8_t *data = NULL;
	bool have;

	message_init(&out, MESSAGE_HELLO);
	out.hello = &hello;
	OK(wire_send(from, &out, NULL, &err));
	carry(SIZE_MAX);
	OK(wire_next(to, &have, &m, &data, &err));
	OK(wire_put_back(to, &m, data, &err));
	ck_assert_ptr_null(m.hello);
	if (_i == 0)
		return; /* freed with the wire */
	OK(wire_next(to, &have, &m, &data, &err));
	ck_assert_str_eq(m.hello->version, "7");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_wire");
	TCase *t = tcase_create("wire");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, plain, 0, N_PIECES);
	tcase_add_loop_test(t, compressed, 0, N_PIECES);
	tcase_add_test(t, bursts);
	tcase_add_test(t, packed_unasked);
	tcase_add_test(t, text_is_packed_alone);
	tcase_add_loop_test(t, plain_first, 0, N_PIECES);
	tcase_add_test(t, sent_in_part);
	tcase_add_test(t, bomb_of_no_frames);
	tcase_add_test(t, bomb_of_frames);
	tcase_add_loop_test(t, too_much_waits, 0, 2);
	tcase_add_loop_test(t, damaged, 0, 2);
	tcase_add_loop_test(t, flipped, 0, 2);
	tcase_add_loop_test(t, end_of_input, 0, 2);
	tcase_add_loop_test(t, beat, 0, 2);
	tcase_add_test(t, put_back);
	tcase_add_loop_test(t, hello_back, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
