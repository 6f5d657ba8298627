/* SPDX-License-Identifier: MIT */
/*
 * Bytes as a compressed stream, which must end well or in an error, whatever
 * the pieces and the limit (the first two bytes); and bytes as what is said,
 * which must come out as it went in.
 */
#include "config.h"

#include <string.h>

#include "codec/stream.h"
#include "fuzz.h"
#include "util/auto.h"

/* No more than this is expanded of one input. */
#define MOST (4u * 1024 * 1024)

static enum status
unpack_piece(struct stream_in *s, const uint8_t *data, size_t len, size_t limit,
    struct buf *out)
{
	enum status st = ST_OK;
	size_t added = limit;
	struct err err;

	while (st == ST_OK && (len > 0 || added == limit) && out->len < MOST) {
		const size_t before = out->len;

		st = stream_unpack(s, &data, &len, limit, out, &added, &err);
		FUZZ_CHECK(st != ST_OK || added <= limit);
		FUZZ_CHECK(st != ST_OK || out->len == before + added);
	}
	return st;
}

static enum status
unpack(const uint8_t *data, size_t size, size_t piece, size_t limit,
    struct buf *out)
{
	AUTO(stream_in) struct stream_in *s = NULL;
	enum status st = ST_OK;
	size_t n;

	FUZZ_CHECK(stream_in_new(&s) == ST_OK);
	for (; st == ST_OK && size > 0; data += n, size -= n) {
		n = piece < size ? piece : size;
		st = unpack_piece(s, data, n, limit, out);
	}
	return st;
}

static void
pack(const uint8_t *data, size_t size, size_t piece, struct buf *out)
{
	AUTO(stream_out) struct stream_out *s = NULL;
	size_t n;

	FUZZ_CHECK(stream_out_new(&s) == ST_OK);
	for (; size > 0; data += n, size -= n) {
		n = piece < size ? piece : size;
		FUZZ_CHECK(stream_pack(s, data, n, n % 2 == 0, out) == ST_OK);
	}
	FUZZ_CHECK(stream_pack(s, NULL, 0, true, out) == ST_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) struct buf any = { 0 }, packed = { 0 }, back = { 0 };
	size_t piece, limit;
	enum status st;

	if (size <= 2)
		return 0;
	piece = (size_t)data[0] + 1;
	limit = ((size_t)data[1] + 1) * 64;
	st = unpack(data + 2, size - 2, piece, limit, &any);
	FUZZ_CHECK(st == ST_OK || st == ST_PROTO);
	pack(data + 2, size - 2, piece, &packed);
	st = unpack(buf_data(&packed), packed.len, limit, piece, &back);
	FUZZ_CHECK(st == ST_OK && back.len == size - 2);
	FUZZ_CHECK(memcmp(buf_data(&back), data + 2, size - 2) == 0);
	return 0;
}
