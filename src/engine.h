/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_ENGINE_H
#define DSYNC_ENGINE_H

/*
 * A client (or one that only asks), or a peer, joined to the descriptors of its link: what net/loop
 * wants to know of either, for net knows nothing of what is in the bytes.
 */

#include "util/err.h"

struct ask;
struct client;
struct env;
struct loop_opts;
struct peer;

/* As loop_run(). */
enum status engine_run_client(struct env *env, const struct loop_opts *opts,
    struct client *client, struct err *err) MUST_CHECK;
enum status engine_run_ask(struct env *env, const struct loop_opts *opts,
    struct ask *ask, struct err *err) MUST_CHECK;
enum status engine_run_peer(struct env *env, const struct loop_opts *opts,
    struct peer *peer, struct err *err) MUST_CHECK;

#endif
