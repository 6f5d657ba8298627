/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_SHELF_H
#define DSYNC_STORE_SHELF_H

/*
 * What a client agreed on with one server says nothing of another.  file_state
 * and pending speak of the current one; what they said of those before it, as
 * many as SHELF_MOST, lies on the shelf, by the id of the server's root, and
 * is taken out again when its turn comes.  What the disk looked like stays: it
 * is about the folder here.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

struct db;

#define SHELF_MOST 7 /* beside the current one */
#define SHELF_ID   40 /* bytes of an id or an epoch, with its NUL */

/* One server, and how far its journal is known. */
struct shelf_mark {
	char root[SHELF_ID];
	char epoch[SHELF_ID];
	uint64_t seq;
};

/*
 * In a transaction: what is agreed is put away under `from`, and what was
 * agreed with the server `to` takes its place; *ret says up to where.  If
 * nothing is known of it, nothing is agreed, and *ret has no epoch.
 */
enum status shelf_switch(struct db *db, const struct shelf_mark *from,
    const char *to, struct shelf_mark *ret, struct err *err) MUST_CHECK;

/* The mark of one that lies there; all empty if none does. */
enum status shelf_find(struct db *db, const char *root, struct shelf_mark *ret,
    struct err *err) MUST_CHECK;

/* In a transaction: nothing is known of it any more. */
enum status shelf_forget(struct db *db, const char *root,
    struct err *err) MUST_CHECK;

/*
 * Which root answered at an address last, or "".  No more than a hint: a few
 * are remembered, and none is believed.
 */
enum status shelf_address(struct db *db, const char *at, char root[SHELF_ID],
    struct err *err) MUST_CHECK;
enum status shelf_note_address(struct db *db, const char *at, const char *root,
    struct err *err) MUST_CHECK;

#endif
