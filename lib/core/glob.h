/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_GLOB_H
#define DSYNC_CORE_GLOB_H

/*
 * A pattern of gitignore's kind, made ready for matching: "*" and "?" and
 * "[...]" match no slash, a component "**" matches any number of folders, or
 * all that follows when it is the last one; "\" takes the next byte as it is.
 * Elsewhere "**" is the same as "*".
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/auto.h"
#include "util/err.h"

#define GLOB_LIMIT 4096 /* bytes of a pattern */

struct glob;

/*
 * ST_USAGE: it can never match: it is empty or too long, a bracket is not
 * closed, a class is unknown, a "\" comes last.
 */
enum status glob_new(const char *pattern, size_t len,
    struct glob **ret) MUST_CHECK;
void glob_free(struct glob *glob);
AUTO_DEFINE(glob);

/* True if all len bytes match. */
bool glob_match(const struct glob *glob, const char *s, size_t len);

#endif
