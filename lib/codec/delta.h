/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CODEC_DELTA_H
#define DSYNC_CODEC_DELTA_H

/*
 * A version said in terms of another one: a run of steps, each a number and
 * what it asks for.  Numbers are of 7 bits a byte, the lowest first, and bit
 * 0x80 on all bytes but the last.
 *
 *	2 * n		n bytes follow, as they are
 *	2 * n + 1	n bytes of the base; a second number says from where,
 *			as a distance from the end of the copy before: 2 * d
 *			forward, 2 * d - 1 back
 *
 * The base is not part of it, nor a proof of what comes out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/err.h"

struct delta_writer {
	uint64_t base; /* the end of the last copy */
};

/* Appends a step; data_head is followed by that many bytes.  len is not 0. */
enum status delta_put_copy(struct delta_writer *w, uint64_t offset,
    uint64_t len, struct buf *out) MUST_CHECK;
enum status delta_put_data_head(uint64_t len, struct buf *out) MUST_CHECK;

struct delta_step {
	bool copy; /* len bytes of the base from offset on, or: */
	const uint8_t *data; /* these; borrowed from the input */
	uint64_t offset;
	uint64_t len; /* not 0 */
};

/* All zero but for the two sizes, in the beginning. */
struct delta_reader {
	uint64_t base_size; /* nothing behind this is copied */
	uint64_t left; /* bytes still to come out */
	uint64_t base; /* the end of the last copy */
	uint64_t number; /* that is being read, */
	unsigned shift; /*  with so many bits of it known */
	uint64_t copy; /* length of a copy whose place is still to come */
	uint64_t data; /* bytes of contents still to come */
};

/*
 * The next step of the *len bytes at *data, which may be any part of a delta;
 * moves both past it.  Contents come in as many steps as the input has
 * pieces.  *ret_have false: all is read.  ST_PROTO for what is no delta to such
 * a size, ST_CHANGED for one of another base.
 */
enum status delta_next(struct delta_reader *r, const uint8_t **data,
    size_t *len, bool *ret_have, struct delta_step *ret,
    struct err *err) MUST_CHECK;

/* True if what was read is all of a delta. */
bool delta_complete(const struct delta_reader *r);

#endif
