/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_UTIL_AMOUNT_H
#define DSYNC_UTIL_AMOUNT_H

/* Numbers as people write them. */

#include <stdbool.h>
#include <stdint.h>

/* A number in decimal digits, and what stands behind it. */
bool amount_digits(const char *text, uint64_t *ret, const char **ret_rest);

/* "500", "10k", "100M", "2GB", "1GiB": as rsync, K is 1024 and KB 1000. */
bool amount_size(const char *text, uint64_t *ret);

/*
 * Bytes a second, as rsync's --bwlimit: a size where a number alone is one of
 * KiB, at least 1 KiB; 0: no limit.
 */
bool amount_rate(const char *text, uint64_t *ret);

/* "90s", "10m", "2h", "3d", "1w", in ns. */
bool amount_age(const char *text, int64_t *ret_ns);

#endif
