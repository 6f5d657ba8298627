/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_SIMILAR_H
#define DSYNC_CORE_SIMILAR_H

/*
 * Which of some known texts a new one was made from, as far as signatures
 * (core/chunk.h) and names tell.  To ask costs what the new text's signature
 * is long, however many texts are known.
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/auto.h"
#include "util/err.h"

#define SIMILAR_TEXTS 4096 /* that are known by their contents, and of their */
#define SIMILAR_BYTES (2u * 1024 * 1024) /*  signatures; the rest by name */

struct similar;

enum status similar_new(struct similar **ret) MUST_CHECK;
void similar_free(struct similar *s);
AUTO_DEFINE(similar);

/*
 * The texts have the numbers 0, 1, ... in the order in which they are added.
 * The path is borrowed.  Without a signature (len 0), or with a damaged one,
 * a text is known by what of it can be read, and by its name.
 */
enum status similar_add(struct similar *s, const char *path, const void *sig,
    size_t len) MUST_CHECK;

/* No more signatures are taken. */
bool similar_full(const struct similar *s);

/* The text that has most of the new one, if that is half of it. */
bool similar_by_contents(struct similar *s, const void *sig, size_t len,
    size_t *ret);

/* Of the texts with the same name the one whose path ends most like it. */
bool similar_by_name(struct similar *s, const char *path, size_t *ret);

#endif
