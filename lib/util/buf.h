/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_UTIL_BUF_H
#define DSYNC_UTIL_BUF_H

/*
 * A queue of bytes: put at the end, taken from the front.  An all-zero
 * struct buf is a valid, empty one.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct buf {
	uint8_t *data; /* start of the memory; bytes wait at data + head */
	size_t head; /* taken already */
	size_t len; /* bytes waiting */
	size_t cap;
};

void buf_fini(struct buf *buf); /* frees the memory; leaves it empty */
void buf_clear(struct buf *buf);

/* The waiting bytes; borrowed until the next buf_ call. */
const uint8_t *buf_data(const struct buf *buf);

enum status buf_put(struct buf *buf, const void *data, size_t len) MUST_CHECK;

/*
 * Makes room for len more bytes and returns where they go; they count once
 * buf_added() says how many were written.  NULL when out of memory.
 */
uint8_t *buf_room(struct buf *buf, size_t len) MUST_CHECK;
void buf_added(struct buf *buf, size_t len);

void buf_take(struct buf *buf, size_t len); /* drops len from the front */

static inline void
auto_buf(struct buf *buf)
{
	buf_fini(buf);
}

#endif
