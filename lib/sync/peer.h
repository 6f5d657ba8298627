/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_PEER_H
#define DSYNC_SYNC_PEER_H

/*
 * The guard of a folder: tells a client what is in it, gives out contents,
 * and carries out what the client plans, each operation checked against the
 * policy and against the version the client believes to replace.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/reconcile.h"
#include "util/auto.h"
#include "util/err.h"

struct env;
struct peer;
struct presets;
struct sandbox;
struct wire;

struct peer_opts {
	const char *home; /* refused as a root; or NULL */
	const char *folder; /* the only one there is; or NULL: presets */
	const struct presets *presets;
	const char *only; /* the one preset that is offered; or NULL: all */
	enum access access; /* at most */
	bool hidden; /* of folder */
	uint64_t max_size; /* of files in folder; 0: the default */
	const char *from; /* what is known of the client's key and address */
	const struct sandbox *sandbox; /* that the process is in; or NULL */
	const struct err *fault; /* told to whoever says HELLO; or NULL */
};

enum status peer_new(struct env *env, const struct peer_opts *opts,
    struct peer **ret, struct err *err) MUST_CHECK;
void peer_free(struct peer *peer);
AUTO_DEFINE(peer);

struct wire *peer_wire(struct peer *peer);

/* Bytes a second that may come, or go; 0: any number. */
uint64_t peer_rate_in(const struct peer *peer);
uint64_t peer_rate_out(const struct peer *peer);

/* As client_due() and client_fd(). */
int64_t peer_due(const struct peer *peer);
int peer_fd(const struct peer *peer);

/* As client_busy() and client_step(). */
bool peer_busy(const struct peer *peer);
enum status peer_step(struct peer *peer, bool *ret_done,
    struct err *err) MUST_CHECK;

#endif
