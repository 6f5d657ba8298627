/* SPDX-License-Identifier: MIT */
/*
 * Bytes as a delta, after the size of its base, of what is to come out, and of
 * the pieces in which it comes.  Steps stay inside both sizes, are the same
 * for any pieces, and read as they came when they are written again.
 */
#include "config.h"

#include "codec/delta.h"
#include "fuzz.h"
#include "util/auto.h"

/* What the steps of a delta come to. */
struct result {
	enum status st;
	bool complete;
	uint64_t made;
	struct buf steps; /* written again, contents in one piece each */
};

static void
auto_result(struct result *r)
{
	buf_fini(&r->steps);
}

/* A number of up to 2^39; most are small. */
static uint64_t
some_size(const uint8_t **data, size_t *size)
{
	const uint8_t bits = fuzz_byte(data, size);

	return (uint64_t)fuzz_byte(data, size) << bits % 32;
}

/* Contents that are to follow in more than one piece have their head once. */
struct writer {
	struct delta_writer w;
	uint64_t data; /* of a step that is not all here */
};

static void
write_step(struct writer *w, const struct delta_reader *r,
    const struct delta_step *step, struct buf *out)
{
	if (step->copy) {
		FUZZ_CHECK(w->data == 0);
		FUZZ_CHECK(delta_put_copy(&w->w, step->offset, step->len,
			       out) == ST_OK);
		return;
	}
	if (w->data == 0) {
		w->data = step->len + r->data;
		FUZZ_CHECK(delta_put_data_head(w->data, out) == ST_OK);
	}
	FUZZ_CHECK(step->len <= w->data);
	w->data -= step->len;
	FUZZ_CHECK(w->data == r->data);
	FUZZ_CHECK(buf_put(out, step->data, step->len) == ST_OK);
}

static enum status
read_piece(struct delta_reader *r, const uint8_t *data, size_t len,
    struct writer *w, struct result *ret)
{
	const uint8_t *end = data + len;
	struct delta_step step;
	bool have = true;
	struct err err;
	enum status st;

	while (have) {
		st = delta_next(r, &data, &len, &have, &step, &err);
		FUZZ_CHECK(data + len == end);
		if (st != ST_OK) {
			/* Of another base, or none. */
			fuzz_error(&err,
			    st == ST_CHANGED ? ST_CHANGED : ST_PROTO);
			FUZZ_CHECK(!have);
			return st;
		}
		if (!have)
			break;
		FUZZ_CHECK(step.len > 0);
		FUZZ_CHECK(!step.copy ||
		    (step.offset <= r->base_size &&
			step.len <= r->base_size - step.offset));
		FUZZ_CHECK(step.copy || step.data + step.len <= data);
		ret->made += step.len;
		write_step(w, r, &step, &ret->steps);
	}
	FUZZ_CHECK(len == 0);
	return ST_OK;
}

static void
read_all(const uint64_t sizes[2], const uint8_t *data, size_t size,
    size_t piece, struct result *ret)
{
	struct delta_reader r = { .base_size = sizes[0], .left = sizes[1] };
	struct writer w = { .data = 0 };
	size_t n;

	for (; ret->st == ST_OK && size > 0; data += n, size -= n) {
		n = piece < size ? piece : size;
		ret->st = read_piece(&r, data, n, &w, ret);
		FUZZ_CHECK(ret->made <= sizes[1] && r.left <= sizes[1]);
		FUZZ_CHECK(ret->made + r.left + r.data + r.copy == sizes[1]);
	}
	ret->complete = ret->st == ST_OK && delta_complete(&r);
	FUZZ_CHECK(!ret->complete || ret->made == sizes[1]);
}

static void
check_same(const struct buf *steps, const void *data, size_t len)
{
	FUZZ_CHECK(steps->len == len);
	FUZZ_CHECK(len == 0 || memcmp(buf_data(steps), data, len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(result) struct result whole = { 0 }, pieces = { 0 };
	const size_t piece = 1 + (size_t)fuzz_byte(&data, &size) % 32;
	uint64_t sizes[2];

	sizes[0] = some_size(&data, &size);
	sizes[1] = some_size(&data, &size);
	read_all(sizes, data, size, SIZE_MAX, &whole);
	read_all(sizes, data, size, piece, &pieces);
	FUZZ_CHECK(pieces.st == whole.st && pieces.made == whole.made);
	FUZZ_CHECK(pieces.complete == whole.complete);
	check_same(&pieces.steps, buf_data(&whole.steps), whole.steps.len);
	if (whole.complete)
		check_same(&whole.steps, data, size);
	return 0;
}
