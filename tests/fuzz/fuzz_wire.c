/* SPDX-License-Identifier: MIT */
/*
 * Bytes as a whole stream, compressed or not, in pieces of a size (the first
 * byte).  The messages are the same in whatever pieces it comes, and when
 * they are said again they are heard as they were.
 */
#include "config.h"

#include "codec/frame.h"
#include "codec/message.h"
#include "fuzz.h"
#include "sync/wire.h"
#include "util/auto.h"
#include "util/buf.h"

/* No more than this is heard of one input. */
#define MOST (4u * 1024 * 1024)

/* Writes each message that is there as a frame. */
static enum status
take(struct wire *wire, struct buf *ret)
{
	const uint8_t *data;
	bool have = true;
	struct err err;
	enum status st = ST_OK;

	while (have && ret->len < MOST) {
		AUTO(message) struct message m = { 0 };

		st = wire_next(wire, &have, &m, &data, &err);
		if (st != ST_OK) {
			fuzz_error(&err, ST_PROTO);
			return st;
		}
		if (have)
			FUZZ_CHECK(frame_put(ret, &m, data, &err) == ST_OK);
	}
	return ST_OK;
}

static enum status
hear(const uint8_t *data, size_t size, size_t piece, bool packed,
    struct buf *ret)
{
	AUTO(wire) struct wire *wire = NULL;
	enum status st = ST_OK;
	struct err err;
	size_t n;

	FUZZ_CHECK(wire_new(&wire) == ST_OK);
	if (packed)
		FUZZ_CHECK(wire_compress(wire, &err) == ST_OK);
	for (; st == ST_OK && size > 0 && ret->len < MOST; size -= n) {
		n = piece < size ? piece : size;
		FUZZ_CHECK(wire_input(wire, data, n, &err) == ST_OK);
		data += n;
		st = take(wire, ret);
	}
	wire_input_ended(wire);
	if (st == ST_OK && ret->len < MOST)
		FUZZ_CHECK(wire_at_end(wire));
	return st;
}

/* All frames as messages into another wire, whose output comes back. */
static void
say(const struct buf *frames, bool packed, struct buf *ret)
{
	AUTO(wire) struct wire *from = NULL, *to = NULL;
	const uint8_t *data;
	struct err err;
	bool have = true;
	size_t len;

	FUZZ_CHECK(wire_new(&from) == ST_OK && wire_new(&to) == ST_OK);
	if (packed)
		FUZZ_CHECK(wire_compress(to, &err) == ST_OK);
	FUZZ_CHECK(
	    wire_input(from, buf_data(frames), frames->len, &err) == ST_OK);
	while (have) {
		AUTO(message) struct message m = { 0 };

		FUZZ_CHECK(wire_next(from, &have, &m, &data, &err) == ST_OK);
		if (have)
			FUZZ_CHECK(wire_send(to, &m, data, &err) == ST_OK);
	}
	FUZZ_CHECK(wire_flush(to, &err) == ST_OK);
	data = wire_output(to, &len);
	FUZZ_CHECK(len == wire_bytes_out(to));
	FUZZ_CHECK(buf_put(ret, data, len) == ST_OK);
}

/* As far as both go: where the stream is bad, less may have been heard. */
static void
check_begin(const struct buf *a, const struct buf *b)
{
	const size_t len = a->len < b->len ? a->len : b->len;

	FUZZ_CHECK(len == 0 || memcmp(buf_data(a), buf_data(b), len) == 0);
}

static void
check_same(const struct buf *a, const struct buf *b)
{
	FUZZ_CHECK(a->len == b->len);
	FUZZ_CHECK(
	    a->len == 0 || memcmp(buf_data(a), buf_data(b), a->len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) struct buf whole = { 0 }, pieces = { 0 }, said = { 0 };
	AUTO(buf) struct buf again = { 0 };
	const size_t piece = 1 + (size_t)fuzz_byte(&data, &size);
	const bool packed = piece % 2 == 0;
	enum status st;

	st = hear(data, size, SIZE_MAX, packed, &whole);
	if (whole.len >= MOST)
		return 0;
	FUZZ_CHECK(hear(data, size, piece, packed, &pieces) == st);
	if (st == ST_OK)
		check_same(&pieces, &whole);
	else
		check_begin(&pieces, &whole);
	say(&whole, packed, &said);
	FUZZ_CHECK(
	    hear(buf_data(&said), said.len, piece, packed, &again) == ST_OK);
	check_same(&again, &whole);
	return 0;
}
