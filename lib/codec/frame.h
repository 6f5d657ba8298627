/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CODEC_FRAME_H
#define DSYNC_CODEC_FRAME_H

/*
 * Messages on a stream of bytes: 4 bytes length of the header (big endian),
 * the header, then as many bytes of payload as the header's "data" says.
 * Both lengths are checked before anything is allocated for them.
 */

#include <stdbool.h>

#include "util/buf.h"
#include "util/err.h"

struct message;

#define FRAME_HEADER_LIMIT (256 * 1024)
#define FRAME_DATA_LIMIT   (1024 * 1024)
#define FRAME_WAIT_LIMIT   (8 * 1024 * 1024) /* bytes fed and not yet taken */

/* Appends m and its payload of m->data_len bytes to out; all or nothing. */
enum status frame_put(struct buf *out, const struct message *m,
    const void *data, struct err *err) MUST_CHECK;

struct frame_reader {
	struct buf in; /* bytes that came and are not yet taken */
	struct message *message; /* header of a frame whose payload is coming */
};

/* An all-zero reader is ready. */
void frame_reader_fini(struct frame_reader *reader);

/*
 * Takes bytes in; call frame_next() until it has nothing, then feed again.
 * ST_PROTO when more than FRAME_WAIT_LIMIT would wait.
 */
enum status frame_feed(struct frame_reader *reader, const void *data,
    size_t len, struct err *err) MUST_CHECK;

/*
 * If a whole frame is there: *ret_have is true, *ret is the message (the
 * caller's to message_fini) and *ret_data its payload, borrowed until the
 * next frame_ call.  Else *ret_have is false.  ST_PROTO ends the stream.
 */
enum status frame_next(struct frame_reader *reader, bool *ret_have,
    struct message *ret, const uint8_t **ret_data, struct err *err) MUST_CHECK;

#endif
