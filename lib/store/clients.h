/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_CLIENTS_H
#define DSYNC_STORE_CLIENTS_H

/* Who syncs with this server: when they were last here, and how far they are. */

#include <stdint.h>

#include "util/err.h"

struct db;

#define CLIENTS_MOST 1000 /* those not seen for longest are forgotten */

struct clients_row {
	const char *id; /* of the client's replica */
	const char *name; /* as it calls itself */
	const char *origin; /* address and key, as far as they are known */
	int64_t seen; /* ns */
	uint64_t seq; /* the last change it knows of */
	uint64_t behind; /* of clients_each(): paths that changed since */
};

/*
 * Written only if it tells something new, or the last time is a minute ago:
 * a run without changes leaves the journal alone.  Outside a transaction.
 */
enum status clients_note(struct db *db, const struct clients_row *row,
    struct err *err) MUST_CHECK;

/* The one seen last comes first.  A journal of an older dsync knows none. */
enum status clients_each(struct db *db,
    enum status (
	*each)(void *ctx, const struct clients_row *row, struct err *err),
    void *ctx, struct err *err) MUST_CHECK;

#endif
