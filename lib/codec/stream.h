/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CODEC_STREAM_H
#define DSYNC_CODEC_STREAM_H

/*
 * One direction of a link as zstd frames, flushed at the end of a burst so
 * that the other side can read all that was said.  A frame ends where the
 * sender begins to try harder, or less hard.
 */

#include <stdbool.h>

#include "util/auto.h"
#include "util/buf.h"
#include "util/err.h"

#define STREAM_WINDOW_LOG 23 /* 8 MiB; a frame that asks for more is refused */

struct stream_out;

enum status stream_out_new(struct stream_out **ret) MUST_CHECK;
void stream_out_free(struct stream_out *s);
AUTO_DEFINE(stream_out);

/*
 * From the next burst on: harder if the link is what everybody waits for, else
 * less hard.  At the end of the scale it stays there.
 */
void stream_out_press(struct stream_out *s, bool harder);

/* Compresses data and appends what comes out; flush ends the burst. */
enum status stream_pack(struct stream_out *s, const void *data, size_t len,
    bool flush, struct buf *out) MUST_CHECK;

struct stream_in;

enum status stream_in_new(struct stream_in **ret) MUST_CHECK;
void stream_in_free(struct stream_in *s);
AUTO_DEFINE(stream_in);

/*
 * Expands up to *len bytes at *data into out, at most limit bytes, and moves
 * both past what was used.  Call again while *len is not 0 or limit was
 * reached: more may be waiting inside.  *ret_added is how much came out.
 * Damaged input is ST_PROTO.
 */
enum status stream_unpack(struct stream_in *s, const uint8_t **data,
    size_t *len, size_t limit, struct buf *out, size_t *ret_added,
    struct err *err) MUST_CHECK;

#endif
