/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_SCOPE_H
#define DSYNC_CORE_SCOPE_H

/*
 * A part of a tree: what has to be looked at where not everything has.
 * Filled in any order, then closed, then read.  Its parts are single paths
 * ("a/b"), or all that is below one ("a/b/"), in strcmp() order, which is also
 * the order of what lies in them.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/path.h"
#include "util/auto.h"
#include "util/err.h"

struct listing;
struct scope;

enum status scope_new(struct scope **ret) MUST_CHECK;
void scope_free(struct scope *s);
AUTO_DEFINE(scope);

/*
 * The path, and all that is below it if it is deep; and each folder that it is
 * in, for that may be no folder any more.  "", deep: everything.
 */
enum status scope_add(struct scope *s, const char *path, bool deep) MUST_CHECK;

/* What another part has already is dropped; after this, nothing is added. */
enum status scope_close(struct scope *s) MUST_CHECK;

bool scope_is_all(const struct scope *s); /* it has no parts then */
size_t scope_count(const struct scope *s);
const char *scope_at(const struct scope *s, size_t i);

/* NULL is a scope of everything. */
bool scope_has(const struct scope *s, const char *path);

/* The scope has one of the folders that path is in, as a path. */
bool scope_has_above(const struct scope *s, const char *path);

/* All of a closed scope into one that is not. */
enum status scope_add_all(struct scope *s,
    const struct scope *other) MUST_CHECK;

/* Adds copies of the entries that are in the scope, or not in it, to ret. */
enum status scope_choose(const struct scope *s, const struct listing *from,
    bool inside, struct listing *ret) MUST_CHECK;

/* The path of a part; true if the part is all that is below it. */
bool scope_path(const char *part, char path[PATH_LIMIT]);

#endif
