/* SPDX-License-Identifier: MIT */
/*
 * Bytes to messages and back.  Without compression frames go straight into
 * the outgoing bytes; with it they wait in a buffer of their own until they
 * are packed, and what comes in is unpacked a piece at a time, so that a bomb
 * costs no more memory than any other input.
 */
#include "config.h"

#include "sync/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "codec/stream.h"

/* Unpacked at once; the frame reader takes at least this much. */
#define WIRE_PIECE (256u * 1024)
#define WIRE_SEAM  1024 /* bytes on either side of where blocks part */

struct wire {
	struct frame_reader reader;
	struct buf packed_in; /* came in and waits to be unpacked */
	struct buf out; /* goes to the link */
	struct buf plain; /* frames not packed yet */
	struct stream_in *in_stream;
	struct stream_out *out_stream;
	bool inside; /* the unpacker may hold bytes back */
	bool ended;
	bool greeted;
	struct message back; /* put back, if have_back */
	struct buf back_data;
	bool have_back;
	uint64_t bytes_in;
	uint64_t bytes_out;
};

enum status
wire_new(struct wire **ret)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	if (wire == NULL)
		return ST_NOMEM;
	*ret = wire;
	return ST_OK;
}

void
wire_free(struct wire *wire)
{
	if (wire == NULL)
		return;
	frame_reader_fini(&wire->reader);
	buf_fini(&wire->packed_in);
	buf_fini(&wire->out);
	buf_fini(&wire->plain);
	message_fini(&wire->back);
	buf_fini(&wire->back_data);
	stream_in_free(wire->in_stream);
	stream_out_free(wire->out_stream);
	free(wire);
}

/* What the reader holds beyond the HELLO is the start of the stream. */
enum status
wire_compress(struct wire *wire, struct err *err)
{
	if (wire->reader.in.len > 0) {
		if (buf_put(&wire->packed_in, buf_data(&wire->reader.in),
			wire->reader.in.len) != ST_OK)
			return err_nomem(err);
		buf_clear(&wire->reader.in);
	}
	if (stream_in_new(&wire->in_stream) != ST_OK ||
	    stream_out_new(&wire->out_stream) != ST_OK)
		return err_nomem(err);
	return ST_OK;
}

enum status
wire_input(struct wire *wire, const void *data, size_t len, struct err *err)
{
	wire->bytes_in += len;
	if (wire->in_stream == NULL)
		return frame_feed(&wire->reader, data, len, err);
	/* Who does not wait for answers may not fill our memory. */
	if (len > FRAME_WAIT_LIMIT - wire->packed_in.len)
		return err_set(err, ST_PROTO, "too many bytes wait");
	if (buf_put(&wire->packed_in, data, len) != ST_OK)
		return err_nomem(err);
	return ST_OK;
}

/* The length of a header is below 2^24, so its first byte is zero. */
void
wire_noise(const struct wire *wire, char *buf, size_t size)
{
	const char *data = (const char *)buf_data(&wire->reader.in);
	const size_t len = wire->reader.in.len;

	buf[0] = '\0';
	if (len > 0 && data[0] != '\0')
		snprintf(buf, size, "%.*s",
		    (int)strnlen(data, len < 200 ? len : 200), data);
}

void
wire_input_ended(struct wire *wire)
{
	wire->ended = true;
}

bool
wire_at_end(const struct wire *wire)
{
	return wire->ended && wire->packed_in.len == 0 && !wire->inside &&
	    !wire->have_back;
}

bool
wire_greeted(const struct wire *wire)
{
	return wire->greeted;
}

/* Unpacks one more piece for the reader; *ret_more says if there was any. */
static enum status
unpack(struct wire *wire, bool *ret_more, struct err *err)
{
	AUTO(buf) struct buf piece = { 0 };
	const uint8_t *data = buf_data(&wire->packed_in);
	size_t len = wire->packed_in.len, added = 0;
	enum status st;

	*ret_more = false;
	if (len == 0 && !wire->inside)
		return ST_OK;
	st = stream_unpack(wire->in_stream, &data, &len, WIRE_PIECE, &piece,
	    &added, err);
	if (st != ST_OK)
		return st;
	*ret_more = added > 0 || len < wire->packed_in.len;
	buf_take(&wire->packed_in, wire->packed_in.len - len);
	wire->inside = added == WIRE_PIECE;
	return added == 0 ?
	    ST_OK :
	    frame_feed(&wire->reader, buf_data(&piece), piece.len, err);
}

enum status
wire_next(struct wire *wire, bool *ret_have, struct message *ret,
    const uint8_t **ret_data, struct err *err)
{
	enum status st;
	bool more = true;

	if (wire->have_back) {
		*ret_have = true;
		*ret = wire->back;
		*ret_data = buf_data(&wire->back_data);
		wire->back = (struct message){ 0 };
		wire->have_back = false;
		return ST_OK;
	}
	for (;;) {
		st = frame_next(&wire->reader, ret_have, ret, ret_data, err);
		wire->greeted |= st == ST_OK && *ret_have;
		if (st != ST_OK || *ret_have || wire->in_stream == NULL)
			return st;
		st = unpack(wire, &more, err);
		if (st != ST_OK || !more)
			return st;
	}
}

/* The payload may be the one of last time, which is still where it was. */
enum status
wire_put_back(struct wire *wire, struct message *m, const uint8_t *data,
    struct err *err)
{
	if (m->data_len > 0 && data != buf_data(&wire->back_data)) {
		buf_clear(&wire->back_data);
		if (buf_put(&wire->back_data, data, m->data_len) != ST_OK)
			return err_nomem(err);
	}
	wire->back = *m;
	wire->have_back = true;
	*m = (struct message){ 0 };
	return ST_OK;
}

/* The first len bytes of what waits, as blocks of their own. */
static enum status
pack(struct wire *wire, size_t len, struct err *err)
{
	const size_t before = wire->out.len;

	if (stream_pack(wire->out_stream, buf_data(&wire->plain), len, true,
		&wire->out) != ST_OK)
		return err_nomem(err);
	buf_take(&wire->plain, len);
	wire->bytes_out += wire->out.len - before;
	return ST_OK;
}

/*
 * A block has one code for all its bytes, and every byte of a hash is as
 * likely as any other; so text is packed apart from records, if both are worth
 * a code.
 */
static bool
is_mixed(const struct message *m)
{
	return m->records_len >= WIRE_SEAM &&
	    m->data_len - m->records_len >= WIRE_SEAM;
}

enum status
wire_send(struct wire *wire, const struct message *m, const void *data,
    struct err *err)
{
	const bool mixed = is_mixed(m);
	enum status st = ST_OK;
	size_t before = wire->out.len;

	if (wire->out_stream == NULL) {
		st = frame_put(&wire->out, m, data, err);
		wire->bytes_out += wire->out.len - before;
		return st;
	}
	/* The text of the message before is no company either. */
	if (mixed)
		st = wire_flush(wire, err);
	if (st == ST_OK)
		st = frame_put(&wire->plain, m, data, err);
	if (st == ST_OK && mixed)
		st = pack(wire,
		    wire->plain.len - (m->data_len - m->records_len), err);
	return st == ST_OK && wire->plain.len > WIRE_PIECE ?
	    wire_flush(wire, err) :
	    st;
}

enum status
wire_flush(struct wire *wire, struct err *err)
{
	return wire->out_stream == NULL || wire->plain.len == 0 ?
	    ST_OK :
	    pack(wire, wire->plain.len, err);
}

void
wire_press(struct wire *wire, bool harder)
{
	if (wire->out_stream != NULL)
		stream_out_press(wire->out_stream, harder);
}

enum status
wire_beat(struct wire *wire, struct err *err)
{
	struct message m;
	enum status st;

	message_init(&m, MESSAGE_PING);
	st = wire_send(wire, &m, NULL, err);
	return st == ST_OK ? wire_flush(wire, err) : st;
}

void
wire_fail(struct wire *wire, const struct err *why)
{
	struct message m;
	struct err ignored;

	message_init(&m, MESSAGE_ERROR);
	m.code = why->code;
	snprintf(m.text, sizeof(m.text), "%s", why->text);
	if (wire_send(wire, &m, NULL, &ignored) == ST_OK)
		(void)!wire_flush(wire, &ignored);
}

const uint8_t *
wire_output(const struct wire *wire, size_t *ret_len)
{
	*ret_len = wire->out.len;
	return buf_data(&wire->out);
}

void
wire_sent(struct wire *wire, size_t len)
{
	buf_take(&wire->out, len);
}

uint64_t
wire_bytes_in(const struct wire *wire)
{
	return wire->bytes_in;
}

uint64_t
wire_bytes_out(const struct wire *wire)
{
	return wire->bytes_out;
}
