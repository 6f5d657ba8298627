/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_LOOP_H
#define DSYNC_NET_LOOP_H

/* Moves bytes between two descriptors and an engine until it is done. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct env;

struct loop_engine {
	enum status (
	    *input)(void *ctx, const void *data, size_t len, struct err *err);
	void (*ended)(void *ctx); /* the other side closed its end */
	const uint8_t *(*output)(void *ctx, size_t *ret_len);
	void (*sent)(void *ctx, size_t len);
	enum status (*step)(void *ctx, bool *ret_done, struct err *err);
	bool (*busy)(void *ctx); /* true: step again without waiting */
};

struct loop_opts {
	int in; /* read from */
	int out; /* written to; may be the same */
	int stop; /* readable: end with ST_SIGNAL; or -1 */
	int64_t timeout; /* silence that ends with ST_TIMEOUT, ns; 0: never */
	int (*aside)(
	    void *ctx); /* readable: hear() is called; NULL, -1: none */
	void (*hear)(void *ctx);
	void *aside_ctx;
};

/*
 * Runs until the engine is done and its last bytes are out, the link ends
 * (ST_LINK, unless done), or something fails.  Bytes an engine leaves after
 * an error of its own are sent if they can be without waiting for long.
 */
enum status loop_run(struct env *env, const struct loop_opts *opts,
    const struct loop_engine *engine, void *ctx, struct err *err) MUST_CHECK;

#endif
