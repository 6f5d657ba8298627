/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_DIGEST_H
#define DSYNC_CORE_DIGEST_H

/*
 * What is known of a text by one pass over it: its hash and its signature.
 * With a large text two cores are used.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/auto.h"
#include "util/err.h"
#include "util/hash.h"

struct buf;
struct chunk_known;
struct digest; /* reusable: making one costs, using it not */

enum status digest_new(struct digest **ret) MUST_CHECK;
void digest_free(struct digest *d);
AUTO_DEFINE(digest);

/*
 * A text that should have that many bytes.  Its signature is appended to sig
 * if that is worth it; NULL: it is not wanted.
 */
enum status digest_start(struct digest *d, uint64_t size,
    struct buf *sig) MUST_CHECK;

/*
 * Contents may come in any pieces.  Each has to stay as it is until the next
 * call of one of these has returned.
 */
enum status digest_add(struct digest *d, const void *data,
    size_t len) MUST_CHECK;

/* The same of bytes that are copied: see chunker_copy(). */
enum status digest_copy(struct digest *d, struct chunk_known *known,
    uint64_t offset, const void *data, size_t len) MUST_CHECK;

enum status digest_wait(struct digest *d) MUST_CHECK;
enum status digest_end(struct digest *d, struct hash *ret) MUST_CHECK;

#endif
