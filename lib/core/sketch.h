/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_SKETCH_H
#define DSYNC_CORE_SKETCH_H

/*
 * A tree in a few kilobytes, for two sides that remember nothing of each other
 * to find out where they differ.  Its files are dealt out to buckets by their
 * paths; a bucket is the sum of what is in it, as a fingerprint is, but of 64
 * bits: what it misses by chance, the fingerprints at the end do not.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct buf;
struct hasher;
struct listing;

#define SKETCH_LEAST  16 /* buckets */
#define SKETCH_MOST   8192
#define SKETCH_BUCKET 8 /* bytes of one */

/* A number of buckets that suits so many files. */
size_t sketch_buckets(size_t files);

/* True for a power of two within the limits. */
bool sketch_buckets_ok(size_t buckets);

/* FNV-1a, 64 bits, of its bytes, modulo the number of buckets. */
size_t sketch_bucket_of(size_t buckets, const char *path);

/* Appends the buckets of all that is TEXT there, each big endian. */
enum status sketch_draw(const struct listing *list, size_t buckets,
    struct hasher *h, struct buf *out) MUST_CHECK;

#endif
