/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_INTENT_H
#define DSYNC_STORE_INTENT_H

/*
 * What a process is about to do to the tree, written down before it does it,
 * so that the next one can tell what the file in its stage is.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/entry.h"
#include "util/err.h"

struct db;

enum intent_kind {
	INTENT_IN = 1, /* swap_in: file n of the stage goes to path */
	INTENT_OUT = 2, /* swap_out: path goes to file n */
	INTENT_MOVE = 3, /* swap_move: from goes to path */
};

struct intent {
	const char *stage; /* its id */
	uint64_t n;
	enum intent_kind kind;
	const char *path;
	const char *from; /* MOVE only, else NULL */
	bool absent; /* nothing was expected at path */
	struct hash expect; /* what was */
	struct hash want; /* IN: the incoming contents */
};

/* Between db_begin() and db_commit(), both. */
enum status intent_put(struct db *db, const struct intent *intent,
    struct err *err) MUST_CHECK;
enum status intent_clear(struct db *db, const char *stage,
    struct err *err) MUST_CHECK;

/* Calls each for every intent of that stage, in the order they were put. */
enum status intent_each(struct db *db, const char *stage,
    enum status (
	*each)(void *ctx, const struct intent *intent, struct err *err),
    void *ctx, struct err *err) MUST_CHECK;

/*
 * *ret: a process is about to change path (NULL: any path), or has, and has
 * not written it down yet.
 */
enum status intent_stands(struct db *db, const char *path, bool *ret,
    struct err *err) MUST_CHECK;

#endif
