/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CONFINE_H
#define DSYNC_CONFINE_H

/*
 * Shuts this process in before it listens to the other side: it has its
 * folder, or the folders of its presets, and nothing else.
 */

#include <stdbool.h>

#include "fs/sandbox.h"
#include "util/err.h"

struct env;
struct presets;

/* The client's: it may still end its child.  writes: it will. */
enum status confine_client(struct env *env, const char *path, bool writes,
    bool required, struct sandbox *ret, struct err *err) MUST_CHECK;

/* Of a client that only asks: it has no folder at all. */
enum status confine_asker(struct env *env, struct sandbox *ret,
    struct err *err) MUST_CHECK;

/* The SSH helper's: it has the network, and no folder. */
enum status confine_helper(struct env *env, struct sandbox *ret,
    struct err *err) MUST_CHECK;

/* A peer's for one folder. */
enum status confine_peer(struct env *env, const char *path, bool required,
    struct sandbox *ret, struct err *err) MUST_CHECK;

/* A peer's that does not know yet which of them is meant. */
enum status confine_to_presets(struct env *env, const struct presets *presets,
    bool required, struct sandbox *ret, struct err *err) MUST_CHECK;

#endif
