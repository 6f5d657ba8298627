/* SPDX-License-Identifier: MIT */
/*
 * Every number is held against what is left before anything is done by it: a
 * delta can't make more than was announced, nor read beside its base.
 */
#include "config.h"

#include "codec/delta.h"

#define NUMBER_BITS 63 /* more than these have no meaning */

static enum status
put_number(uint64_t value, struct buf *out)
{
	uint8_t bytes[10];
	size_t n = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[n++] = (uint8_t)(value | 0x80);
	bytes[n++] = (uint8_t)value;
	return buf_put(out, bytes, n);
}

enum status
delta_put_copy(struct delta_writer *w, uint64_t offset, uint64_t len,
    struct buf *out)
{
	enum status st = put_number(2 * len + 1, out);

	if (st == ST_OK)
		st = put_number(offset >= w->base ? 2 * (offset - w->base) :
						    2 * (w->base - offset) - 1,
		    out);
	w->base = offset + len;
	return st;
}

enum status
delta_put_data_head(uint64_t len, struct buf *out)
{
	return put_number(2 * len, out);
}

static enum status
bad(const char *what, struct err *err)
{
	return err_set(err, ST_PROTO, "bad delta: %s", what);
}

/* The rest of a number; *ret_whole false if it goes on behind the input. */
static enum status
read_number(struct delta_reader *r, const uint8_t **data, size_t *len,
    bool *ret_whole, struct err *err)
{
	uint8_t byte = 0x80;

	while (byte >= 0x80 && *len > 0) {
		byte = *(*data)++;
		--*len;
		if (r->shift >= NUMBER_BITS || (byte == 0 && r->shift > 0))
			return bad("a number is not written as it should be",
			    err);
		r->number |= (uint64_t)(byte & 0x7f) << r->shift;
		r->shift += 7;
	}
	*ret_whole = byte < 0x80;
	return ST_OK;
}

/* What the number that is whole now asks for. */
static enum status
begin_step(struct delta_reader *r, uint64_t number, struct err *err)
{
	uint64_t n = number / 2;

	if (n == 0 || n > r->left)
		return bad("a step is empty, or makes too much", err);
	if (number % 2 == 1)
		r->copy = n;
	else
		r->data = n;
	r->left -= n;
	return ST_OK;
}

static enum status
beside(struct err *err)
{
	return err_set(err, ST_CHANGED,
	    "a delta copies from beside its base: it is for another one");
}

static enum status
take_copy(struct delta_reader *r, uint64_t number, struct delta_step *ret,
    struct err *err)
{
	uint64_t back = number / 2 + 1, ahead = number / 2;

	if (number % 2 == 1 ? back > r->base : ahead > r->base_size - r->base)
		return beside(err);
	ret->copy = true;
	ret->offset = number % 2 == 1 ? r->base - back : r->base + ahead;
	ret->len = r->copy;
	if (ret->len > r->base_size - ret->offset)
		return beside(err);
	r->base = ret->offset + ret->len;
	r->copy = 0;
	return ST_OK;
}

static void
take_data(struct delta_reader *r, const uint8_t **data, size_t *len,
    struct delta_step *ret)
{
	size_t n = r->data < *len ? (size_t)r->data : *len;

	ret->data = *data;
	ret->len = n;
	*data += n;
	*len -= n;
	r->data -= n;
}

enum status
delta_next(struct delta_reader *r, const uint8_t **data, size_t *len,
    bool *ret_have, struct delta_step *ret, struct err *err)
{
	enum status st = ST_OK;
	uint64_t number;
	bool whole = true;

	*ret = (struct delta_step){ 0 };
	while (st == ST_OK && *len > 0 && ret->len == 0) {
		if (r->data > 0) {
			take_data(r, data, len, ret);
			break;
		}
		st = read_number(r, data, len, &whole, err);
		if (st != ST_OK || !whole)
			break;
		number = r->number;
		r->number = 0;
		r->shift = 0;
		st = r->copy > 0 ? take_copy(r, number, ret, err) :
				   begin_step(r, number, err);
	}
	*ret_have = st == ST_OK && ret->len > 0;
	return st;
}

bool
delta_complete(const struct delta_reader *r)
{
	return r->left == 0 && r->data == 0 && r->copy == 0 && r->shift == 0;
}
