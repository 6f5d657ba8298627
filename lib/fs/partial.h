/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_PARTIAL_H
#define DSYNC_FS_PARTIAL_H

/*
 * .dsync/partial: the beginnings of large files whose transfer was cut, each
 * under the hash of the whole, so that only the rest has to come.  A claim,
 * not a fact: who goes on with one hashes all of it at the end.
 */

#include <stdint.h>

#include "util/err.h"

struct root;
struct stage;

#define PARTIAL_AGE (7LL * 24 * 3600 * NSEC) /* older ones are dropped */

/*
 * Opens the one for hex, or begins it; it is this process's until *ret_fd is
 * closed.  Its size is *ret_size.  ST_BUSY if another process has it.
 */
enum status partial_open(struct root *root, const char *hex, int *ret_fd,
    uint64_t *ret_size, struct err *err) MUST_CHECK;

/* Whole now: it becomes file n of the stage. */
enum status partial_take(struct stage *stage, const char *hex, uint64_t n,
    struct err *err) MUST_CHECK;

void partial_drop(struct root *root, const char *hex);

/* Bytes there are for hex; 0 if none. */
uint64_t partial_size(struct root *root, const char *hex);

/* Calls each for every one there is, but drops those that are too old. */
enum status partial_each(struct root *root,
    enum status (
	*each)(void *ctx, const char *hex, uint64_t size, struct err *err),
    void *ctx, struct err *err) MUST_CHECK;

#endif
