/* SPDX-License-Identifier: MIT */
/*
 * Bytes as what a peer says to somebody who asks what it offers: the list
 * alone, or, if the first byte is odd, all that comes over the link.  What is
 * taken for a list reads, when written again, as it came.
 */
#include "config.h"

#include <stdio.h>

#include "codec/frame.h"
#include "codec/message.h"
#include "fuzz.h"
#include "sync/ask.h"
#include "sync/policy.h"
#include "sync/wire.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/env.h"

static int64_t
clock_of(struct env *env)
{
	(void)env;
	return 1800000000 * NSEC;
}

static const struct env_ops ops = { .now = clock_of, .ticks = clock_of };

/* The frames of a peer that offers this. */
static void
put_frames(struct buf *out, const uint8_t *list, size_t len)
{
	struct message_hello hello = { .version = "0", .clock = 1 };
	struct message m;
	struct err err;

	message_init(&m, MESSAGE_HELLO);
	m.hello = &hello;
	FUZZ_CHECK(frame_put(out, &m, NULL, &err) == ST_OK);
	message_init(&m, MESSAGE_PRESETS);
	m.data_len = len;
	FUZZ_CHECK(frame_put(out, &m, list, &err) == ST_OK);
}

static enum status
hear(struct ask *ask, const uint8_t *data, size_t size, size_t piece)
{
	enum status st = ST_OK;
	bool done = false;
	struct err err;
	size_t n;

	for (; !done && size > 0; data += n, size -= n) {
		n = piece < size ? piece : size;
		FUZZ_CHECK(wire_input(ask_wire(ask), data, n, &err) == ST_OK);
		st = ask_step(ask, &done, &err);
		FUZZ_CHECK(done || st == ST_OK);
	}
	if (!done) {
		wire_input_ended(ask_wire(ask));
		st = ask_step(ask, &done, &err);
		FUZZ_CHECK(done);
	}
	if (st != ST_OK) {
		FUZZ_CHECK(st >= ST_LAST);
		/* A peer may end with any error, and without a word. */
		if (err.text[0] != '\0')
			fuzz_error(&err, st);
	}
	return st;
}

/* The answer as lines; each field is what it has to be. */
static void
put_answer(const struct ask_answer *a, struct buf *ret)
{
	char line[600];
	size_t i;
	int n;

	FUZZ_CHECK(line_ok(a->version, strlen(a->version)));
	for (i = 0; i < a->n; i++) {
		const struct ask_preset *p = &a->v[i];

		FUZZ_CHECK(preset_name_ok(p->name));
		FUZZ_CHECK(p->access <= ACCESS_FULL);
		FUZZ_CHECK(line_ok(p->description, strlen(p->description)));
		n = snprintf(line, sizeof(line), "%s\t%s\t%s\n", p->name,
		    policy_access_name(p->access), p->description);
		FUZZ_CHECK(n > 0 && (size_t)n < sizeof(line));
		FUZZ_CHECK(buf_put(ret, line, (size_t)n) == ST_OK);
	}
}

static enum status
ask_one(const uint8_t *data, size_t size, size_t piece, struct buf *ret)
{
	struct env env = { &ops };
	AUTO(ask) struct ask *ask = NULL;
	enum status st;
	struct err err;

	FUZZ_CHECK(ask_new(&env, &ask, &err) == ST_OK);
	st = hear(ask, data, size, piece);
	put_answer(ask_answer(ask), ret);
	return st;
}

static bool
same(const struct buf *buf, const uint8_t *data, size_t len)
{
	return buf->len == len &&
	    (len == 0 || memcmp(buf_data(buf), data, len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) struct buf frames = { 0 }, whole = { 0 }, pieces = { 0 };
	const size_t piece = 1 + (size_t)fuzz_byte(&data, &size);
	const bool list = piece % 2 != 0;
	enum status st;

	if (size > FRAME_DATA_LIMIT)
		return 0;
	if (list)
		put_frames(&frames, data, size);
	else if (buf_put(&frames, data, size) != ST_OK)
		abort();
	st = ask_one(buf_data(&frames), frames.len, SIZE_MAX, &whole);
	FUZZ_CHECK(!list || st == ST_OK || st == ST_PROTO);
	FUZZ_CHECK(!list || st != ST_OK || same(&whole, data, size));
	FUZZ_CHECK(
	    ask_one(buf_data(&frames), frames.len, piece, &pieces) == st);
	FUZZ_CHECK(same(&pieces, buf_data(&whole), whole.len));
	return 0;
}
