/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_DIFFERENCE_H
#define DSYNC_SYNC_DIFFERENCE_H

/*
 * What a file has that a base has not, found by their signatures alone: the
 * base need not be here any more.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/chunk.h"
#include "util/auto.h"
#include "util/err.h"
#include "util/hash.h"

struct base;
struct buf;
struct replica;

/*
 * Contents that are in memory: their delta is put to out, unless there is no
 * use in one, as *ret_have says.
 */
enum status difference_small(struct replica *r, const struct base *base,
    const void *data, size_t len, struct buf *out, bool *ret_have,
    struct err *err) MUST_CHECK;

struct difference;
void difference_free(struct difference *d);
AUTO_DEFINE(difference);

/*
 * The same for a file that is open, of which the version with that hash was
 * read; its bytes before offset are not asked for.  *ret NULL: no use in one.
 */
enum status difference_new(struct replica *r, const struct base *base,
    const struct base *file, int fd, uint64_t offset, struct difference **ret,
    struct err *err) MUST_CHECK;

/* The same where the base has the same contents, of that size. */
enum status difference_copy(struct replica *r, uint64_t size, uint64_t offset,
    struct difference **ret, struct err *err) MUST_CHECK;

/* Of the whole version, as its signature has it. */
uint64_t difference_size(const struct difference *d);

/*
 * Puts some more of the delta to out, up to about that many bytes; *ret_last
 * when that is all.  ST_CHANGED if the file has become shorter.
 */
enum status difference_next(struct difference *d, size_t some, struct buf *out,
    bool *ret_last, struct err *err) MUST_CHECK;

#endif
