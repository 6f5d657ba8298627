/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_FINGERPRINT_H
#define DSYNC_CORE_FINGERPRINT_H

/*
 * One number for a whole tree: the sum, modulo 2^256, of SHA-256 over (path,
 * NUL, exec bit, hash) of each TEXT entry.  Order does not matter, and adding
 * or removing an entry costs one hash.
 */

#include <stdint.h>

#include "util/hash.h"

struct entry;

struct fingerprint {
	uint8_t sum[HASH_SIZE]; /* little endian */
	uint64_t count; /* of entries */
};

/* Entries that are not TEXT leave the fingerprint as it is. */
enum status fingerprint_add(struct fingerprint *fp, struct hasher *h,
    const struct entry *e) MUST_CHECK;
enum status fingerprint_remove(struct fingerprint *fp, struct hasher *h,
    const struct entry *e) MUST_CHECK;

bool fingerprint_equal(const struct fingerprint *a,
    const struct fingerprint *b);

#endif
