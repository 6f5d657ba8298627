/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_UTIL_HASH_H
#define DSYNC_UTIL_HASH_H

/* SHA-256: the name of a version. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/auto.h"
#include "util/err.h"

#define HASH_SIZE 32
#define HASH_HEX  65 /* as text, with its NUL */

struct hash {
	uint8_t b[HASH_SIZE];
};

struct hasher; /* one running hash, reusable: making one costs, using it not */

enum status hasher_new(struct hasher **ret) MUST_CHECK;
void hasher_free(struct hasher *h);
AUTO_DEFINE(hasher);

/* These can fail only for want of memory inside libcrypto. */
enum status hasher_start(struct hasher *h) MUST_CHECK;
enum status hasher_add(struct hasher *h, const void *data,
    size_t len) MUST_CHECK;
enum status hasher_end(struct hasher *h, struct hash *ret) MUST_CHECK;

/* start, add, end */
enum status hasher_once(struct hasher *h, const void *data, size_t len,
    struct hash *ret) MUST_CHECK;

bool hash_equal(const struct hash *a, const struct hash *b);
void hash_hex(const struct hash *h, char hex[HASH_HEX]);
bool hash_parse(const char *hex, struct hash *ret); /* 64 digits */

#endif
