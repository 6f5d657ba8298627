/* SPDX-License-Identifier: MIT */
/*
 * A queue of bytes.  Taking moves the head.  The gap before it is closed when
 * it is as large as what has to be moved, so that each byte pays for one move
 * at most, however full the queue stays.
 */
#include "config.h"

#include "util/buf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
buf_fini(struct buf *buf)
{
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}

void
buf_clear(struct buf *buf)
{
	buf->head = 0;
	buf->len = 0;
}

const uint8_t *
buf_data(const struct buf *buf)
{
	return buf->data == NULL ? NULL : buf->data + buf->head;
}

uint8_t *
buf_room(struct buf *buf, size_t len)
{
	size_t cap = buf->cap, end;
	uint8_t *data;

	if (len > SIZE_MAX / 4 - buf->len)
		return NULL;
	end = buf->head + buf->len + len;
	if (end > buf->cap && buf->head > 0 && buf->head >= buf->len) {
		memmove(buf->data, buf->data + buf->head, buf->len);
		end -= buf->head;
		buf->head = 0;
	}
	if (end > buf->cap || buf->data == NULL) {
		while (cap < end || cap == 0)
			cap = cap < 256 ? 256 : cap + cap / 2;
		data = realloc(buf->data, cap);
		if (data == NULL)
			return NULL;
		buf->data = data;
		buf->cap = cap;
	}
	return buf->data + buf->head + buf->len;
}

void
buf_added(struct buf *buf, size_t len)
{
	assert(len <= buf->cap - buf->head - buf->len);
	buf->len += len;
}

enum status
buf_put(struct buf *buf, const void *data, size_t len)
{
	uint8_t *room;

	if (len == 0)
		return ST_OK;
	room = buf_room(buf, len);
	if (room == NULL)
		return ST_NOMEM;
	memcpy(room, data, len);
	buf->len += len;
	return ST_OK;
}

void
buf_take(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	buf->len -= len;
	buf->head = buf->len == 0 ? 0 : buf->head + len;
}
