/* SPDX-License-Identifier: MIT */
/*
 * Bytes as what a link brings.  The first one says in what pieces they come;
 * the frames that are found must be the same as when all come at once.
 */
#include "config.h"

#include <string.h>

#include "codec/frame.h"
#include "codec/message.h"
#include "fuzz.h"
#include "util/auto.h"

/* Writes the frames that are there to out. */
static enum status
take_frames(struct frame_reader *reader, struct buf *out)
{
	const uint8_t *data;
	bool have = true;
	struct err err;
	enum status st;

	while (have) {
		AUTO(message) struct message m = { 0 };

		st = frame_next(reader, &have, &m, &data, &err);
		if (st != ST_OK)
			return st;
		if (have)
			FUZZ_CHECK(frame_put(out, &m, data, &err) == ST_OK);
	}
	return ST_OK;
}

static enum status
read_all(const uint8_t *data, size_t size, size_t piece, struct buf *out)
{
	struct frame_reader reader = { 0 };
	enum status st = ST_OK;
	struct err err;
	size_t n;

	for (; st == ST_OK && size > 0; data += n, size -= n) {
		n = piece < size ? piece : size;
		FUZZ_CHECK(frame_feed(&reader, data, n, &err) == ST_OK);
		st = take_frames(&reader, out);
	}
	frame_reader_fini(&reader);
	return st;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) struct buf pieces = { 0 }, whole = { 0 }, again = { 0 };
	enum status st;

	if (size == 0)
		return 0;
	st = read_all(data + 1, size - 1, (size_t)data[0] + 1, &pieces);
	FUZZ_CHECK(st == ST_OK || st == ST_PROTO);
	FUZZ_CHECK(read_all(data + 1, size - 1, SIZE_MAX, &whole) == st);
	FUZZ_CHECK(pieces.len == whole.len);
	if (whole.len == 0)
		return 0;
	FUZZ_CHECK(memcmp(buf_data(&pieces), buf_data(&whole), whole.len) == 0);
	FUZZ_CHECK(read_all(buf_data(&whole), whole.len, 7, &again) == ST_OK);
	FUZZ_CHECK(again.len == whole.len);
	FUZZ_CHECK(memcmp(buf_data(&again), buf_data(&whole), whole.len) == 0);
	return 0;
}
