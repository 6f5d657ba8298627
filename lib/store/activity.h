/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_ACTIVITY_H
#define DSYNC_STORE_ACTIVITY_H

/* The log of all that was done and why, and the list of conflicts. */

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"
#include "util/hash.h"

struct db;

struct activity {
	int64_t id;
	int64_t when; /* ns */
	const char *run; /* id of the run */
	const char *path;
	const char *from; /* of a move, or NULL */
	const char *what; /* "create", "change", "delete", "move", "meta" */
	const char
	    *who; /* the client's name, or "server": who made the change */
	const char *why; /* the rule, as people read it */
	bool has_before;
	struct hash before;
	bool has_after;
	struct hash after;
};

struct conflict {
	int64_t id;
	int64_t when;
	const char *path;
	bool kept_local; /* the loser is in this replica's store */
	bool open; /* not decided: both sides stand as they were */
	struct hash winner; /* decided: what stands now.  open: ours */
	struct hash loser; /* decided: what lost.  open: the server's */
	const char *why;
};

/* Writers: between db_begin() and db_commit(); id is ignored. */
enum status activity_put(struct db *db, const struct activity *a,
    struct err *err) MUST_CHECK;
/* Newest first, at most limit; path NULL: all, else also moves away from it. */
enum status activity_each(struct db *db, const char *path, unsigned limit,
    enum status (*each)(void *ctx, const struct activity *a, struct err *err),
    void *ctx, struct err *err) MUST_CHECK;

/* Of both lists, drops what is older than the last keep; no open conflict. */
enum status activity_trim(struct db *db, unsigned keep,
    struct err *err) MUST_CHECK;

/* An open conflict of the same path is replaced. */
enum status conflict_put(struct db *db, const struct conflict *c,
    struct err *err) MUST_CHECK;
/* Drops the open conflict of a path, if there is one: it was settled. */
enum status conflict_settle(struct db *db, const char *path,
    struct err *err) MUST_CHECK;
/* Newest first; path NULL: all. */
enum status conflict_each(struct db *db, const char *path,
    enum status (*each)(void *ctx, const struct conflict *c, struct err *err),
    void *ctx, struct err *err) MUST_CHECK;
enum status conflict_count_open(struct db *db, uint64_t *ret,
    struct err *err) MUST_CHECK;

#endif
