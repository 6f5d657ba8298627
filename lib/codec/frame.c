/* SPDX-License-Identifier: MIT */
/*
 * Frames out of and into a stream of bytes.  A reader is in one of two
 * states: it waits for a header, or it has one (message is set) and waits for
 * the payload.  Each step either has all it needs in the buffer or does
 * nothing, so it does not matter how the bytes were cut on their way.
 */
#include "config.h"

#include "codec/frame.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "codec/message.h"
#include "util/auto.h"

#define LENGTH_SIZE 4 /* of a header's length */

static uint32_t
read_length(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static void
write_length(uint8_t *p, size_t len)
{
	p[0] = (uint8_t)(len >> 24);
	p[1] = (uint8_t)(len >> 16);
	p[2] = (uint8_t)(len >> 8);
	p[3] = (uint8_t)len;
}

enum status
frame_put(struct buf *out, const struct message *m, const void *data,
    struct err *err)
{
	autofree char *header = NULL;
	uint8_t *room;
	size_t len;

	/* All strings of a message together are far below the limit. */
	assert(m->data_len <= FRAME_DATA_LIMIT);
	if (message_encode(m, &header, &len) != ST_OK)
		return err_nomem(err);
	room = buf_room(out, LENGTH_SIZE + len + m->data_len);
	if (room == NULL)
		return err_nomem(err);
	write_length(room, len);
	memcpy(room + LENGTH_SIZE, header, len);
	if (m->data_len > 0)
		memcpy(room + LENGTH_SIZE + len, data, m->data_len);
	buf_added(out, LENGTH_SIZE + len + m->data_len);
	return ST_OK;
}

void
frame_reader_fini(struct frame_reader *reader)
{
	if (reader->message != NULL)
		message_fini(reader->message);
	free(reader->message);
	reader->message = NULL;
	buf_fini(&reader->in);
}

enum status
frame_feed(struct frame_reader *reader, const void *data, size_t len,
    struct err *err)
{
	if (len > FRAME_WAIT_LIMIT - reader->in.len)
		return err_set(err, ST_PROTO,
		    "bad frame: too many bytes are waiting");
	if (buf_put(&reader->in, data, len) != ST_OK)
		return err_nomem(err);
	return ST_OK;
}

/* If a whole header is there, takes it. */
static enum status
read_header(struct frame_reader *reader, struct err *err)
{
	const uint8_t *p = buf_data(&reader->in);
	autofree struct message *m = NULL;
	enum status st;
	size_t len;

	if (reader->in.len < LENGTH_SIZE)
		return ST_OK;
	len = read_length(p);
	if (len == 0 || len > FRAME_HEADER_LIMIT)
		return err_set(err, ST_PROTO,
		    "bad frame: a header of %zu bytes", len);
	if (reader->in.len - LENGTH_SIZE < len)
		return ST_OK;
	m = malloc(sizeof(*m));
	if (m == NULL)
		return err_nomem(err);
	st = message_decode((const char *)p + LENGTH_SIZE, len, m, err);
	if (st != ST_OK)
		return st;
	buf_take(&reader->in, LENGTH_SIZE + len);
	reader->message = m;
	m = NULL;
	return ST_OK;
}

enum status
frame_next(struct frame_reader *reader, bool *ret_have, struct message *ret,
    const uint8_t **ret_data, struct err *err)
{
	enum status st;

	*ret_have = false;
	if (reader->message == NULL) {
		st = read_header(reader, err);
		if (st != ST_OK)
			return st;
	}
	if (reader->message == NULL ||
	    reader->in.len < reader->message->data_len)
		return ST_OK;
	*ret_have = true;
	*ret = *reader->message;
	/* Taken bytes stay where they are until more are put. */
	*ret_data = buf_data(&reader->in);
	buf_take(&reader->in, ret->data_len);
	free(reader->message);
	reader->message = NULL;
	return ST_OK;
}
