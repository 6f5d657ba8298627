/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_ASK_H
#define DSYNC_SYNC_ASK_H

/*
 * A client that only asks: what does the server offer to this key?  Driven as
 * struct client is: see client_step().
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/reconcile.h"
#include "sync/preset.h"
#include "util/auto.h"
#include "util/err.h"

struct ask;
struct env;
struct wire;

struct ask_preset {
	char name[PRESET_NAME];
	enum access access; /* what this key may do */
	char description[400]; /* safe to show; "" if there is none */
};

struct ask_answer {
	char version[32]; /* of the peer; "" before it spoke */
	int64_t clock_ahead; /* the server's, ns; about half a round trip off */
	struct ask_preset *v; /* n */
	size_t n;
};

enum status ask_new(struct env *env, struct ask **ret,
    struct err *err) MUST_CHECK;
void ask_free(struct ask *ask);
AUTO_DEFINE(ask);

struct wire *ask_wire(struct ask *ask);

enum status ask_step(struct ask *ask, bool *ret_done,
    struct err *err) MUST_CHECK;

/* Valid until ask_free(), complete once done. */
const struct ask_answer *ask_answer(const struct ask *ask);

#endif
