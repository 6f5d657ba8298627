/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_RECONCILE_H
#define DSYNC_CORE_RECONCILE_H

/*
 * The decision.  For each path: what both sides last agreed on (base), what
 * this side has (local), what the server has (remote), and the rules; out
 * comes what to do and why.  Nothing here does anything.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

struct entry;
struct listing;
struct plan;

enum access {
	ACCESS_READ,
	ACCESS_EDIT,
	ACCESS_FULL,
};

enum conflict_rule {
	CONFLICT_NEWEST,
	CONFLICT_SERVER,
	CONFLICT_CLIENT,
	CONFLICT_MANUAL,
};

enum direction {
	DIRECTION_BOTH,
	DIRECTION_PUSH,
	DIRECTION_PULL,
};

struct rules {
	enum access access;
	enum conflict_rule conflict;
	enum direction direction;
	bool exact; /* push, pull: --delete, the target becomes equal */
	bool keep_deleted; /* carry no deletion at all (the bare SRC DST) */
	int64_t now; /* local clock, ns */
	int64_t clock_ahead; /* server's clock minus ours, ns */
	int64_t granularity; /* the coarser of both file systems', ns */
};

enum action_type {
	ACTION_NONE,
	ACTION_SEND, /* local's version goes to the server */
	ACTION_FETCH, /* the server's version comes here */
	ACTION_DELETE_REMOTE,
	ACTION_DELETE_LOCAL,
	ACTION_MOVE_REMOTE, /* made by plan_find_moves(): from -> path */
	ACTION_MOVE_LOCAL,
	ACTION_ADOPT, /* both have it: take it into the base */
	ACTION_FORGET, /* both lost it: drop it from the base */
	ACTION_LET_GO, /* left the set: drop from the base, touch nothing */
	ACTION_LEAVE, /* stands as it is, on purpose; the reason says why */
};

enum reason {
	REASON_NONE,
	REASON_CHANGED, /* one side changed it */
	REASON_CREATED,
	REASON_DELETED,
	REASON_EDIT_BEATS_DELETE,
	REASON_EQUAL, /* both sides made the same change */
	REASON_GONE, /* both sides deleted it */
	REASON_EXCLUDED,
	REASON_UNREAD,
	REASON_READ_ONLY, /* access is read: the server's version returns */
	REASON_NOT_ALLOWED, /* access is edit: no creating, no deleting */
	REASON_MASKED, /* push or pull does not carry that direction */
	REASON_EXACT, /* --delete: the target becomes equal */
	REASON_NEWEST, /* conflict: the later mtime won */
	REASON_TIE, /* conflict: equal or untrustworthy: the server's */
	REASON_RULE, /* conflict: decided by --conflict, push or pull */
	REASON_MANUAL, /* conflict: left for a person */
	REASON_CLASH, /* a file here, a folder of that name there */
};

struct decision {
	enum action_type type;
	enum reason reason;
	bool conflict; /* both sides changed it: the loser is listed */
};

/* Decides one path.  The paths inside the entries are not looked at. */
struct decision reconcile_path(const struct entry *base,
    const struct entry *local, const struct entry *remote,
    const struct rules *rules);

/*
 * Decides all: the three listings are sorted.  The plan has an action for
 * every path whose decision is not NONE, in path order, clashes of a file
 * with a folder of the same name settled.  Its paths are borrowed from the
 * listings.
 */
enum status reconcile(const struct listing *base, const struct listing *local,
    const struct listing *remote, const struct rules *rules,
    struct plan **ret) MUST_CHECK;

const char *reconcile_reason_text(enum reason reason);

#endif
