/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_CHUNK_H
#define DSYNC_CORE_CHUNK_H

/*
 * Signatures of texts.  A text is cut into chunks where its bytes say so, not
 * where they stand; so an edit changes the chunks around it and no others, and
 * two signatures are enough to tell what two versions have in common.  Neither
 * version is searched for that, nor even needed.
 *
 * A signature is only a claim: chunks that look the same may differ.  Who puts
 * a text together by one has to hash what came out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/err.h"

#define CHUNK_WORTH 512 /* a smaller text has no use for a signature */

/*
 * How large the chunks of a text of that size should be, as a power of two:
 * small ones make small deltas, and long signatures.  Few edits pass from one
 * to the next.
 */
unsigned chunk_bits(uint64_t size);

/* Plain, so that it can stand in others; the fields are chunk.c's. */
struct chunker {
	struct buf *out;
	unsigned bits;
	uint64_t last; /* bytes, that were added */
	uint64_t len; /* of the open chunk */
	uint64_t mix; /* of its words so far, */
	uint64_t word; /*  and the one that is begun: */
	unsigned filled; /*  its bits */
};

/* The signature is appended to out.  Contents may come in any pieces. */
enum status chunker_start(struct chunker *c, unsigned bits,
    struct buf *out) MUST_CHECK;
enum status chunker_add(struct chunker *c, const void *data,
    size_t len) MUST_CHECK;
enum status chunker_end(struct chunker *c) MUST_CHECK;

/* start, add, end */
enum status chunk_once(unsigned bits, const void *data, size_t len,
    struct buf *out) MUST_CHECK;

/* Its bits; 0 if it is none. */
unsigned chunk_signature_bits(const void *sig, size_t len);

struct chunk {
	uint64_t offset; /* in the text */
	uint64_t len; /* not 0 */
	uint64_t hash;
};

/* Plain for the same reason. */
struct chunk_walk {
	const uint8_t *sig;
	size_t left; /* bytes of it; behind the last chunk not 0: damaged */
	size_t hash_len;
	uint64_t offset;
};

/* The chunks of a signature, one by one; start: false if it is none. */
bool chunk_walk_start(struct chunk_walk *w, const void *sig, size_t len);
bool chunk_walk_next(struct chunk_walk *w, struct chunk *ret);

/* A text that is known by its signature, and from which another one copies. */
struct chunk_known {
	struct chunk_walk w;
	struct chunk next; /* the first one that may be of use yet */
	bool have;
};

/* False if the signature is none, or of chunks of another size. */
bool chunk_known_start(struct chunk_known *k, const void *sig, size_t len,
    unsigned bits);

/*
 * As chunker_add(), of bytes that stand at offset in the known text: what is a
 * chunk there, whole, is one here, and its bytes are not looked at.  Copies
 * are of use in the order of their offsets.
 */
enum status chunker_copy(struct chunker *c, struct chunk_known *k,
    uint64_t offset, const void *data, size_t len) MUST_CHECK;

struct chunk_span {
	uint64_t offset; /* in the old version, or in the new one */
	uint64_t len; /* not 0 */
	bool old;
};

/*
 * The new version as spans of the old one and of itself, in order and from its
 * first byte to its last.  *ret is the caller's to free().  ST_NOENT if the
 * two signatures can't be compared, ST_NOMEM.
 */
enum status chunk_match(const void *old, size_t old_len, const void *new,
    size_t new_len, struct chunk_span **ret, size_t *ret_n) MUST_CHECK;

#endif
