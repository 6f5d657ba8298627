/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_HISTORY_H
#define DSYNC_HISTORY_H

/* What status, log, conflicts, versions and restore share. */

#include <stdbool.h>
#include <stdint.h>

#include "exitcode.h"
#include "util/err.h"

struct db;
struct hash;
struct invocation;
struct replica;

struct history {
	char *root; /* the folder */
	char *path; /* inside it; "" is the folder itself */
	/* Each role of a folder has a journal; one may be NULL, not both. */
	struct replica *client;
	struct replica *server;
};

/* root and path alone, for the first argument, or the current folder. */
enum status history_find(const struct invocation *inv, struct history *ret,
    struct err *err) MUST_CHECK;
/* The same, and its journals.  Nothing is written. */
enum status history_open(const struct invocation *inv, struct history *ret,
    struct err *err) MUST_CHECK;
void history_fini(struct history *history);

static inline void
auto_history(struct history *history)
{
	history_fini(history);
}

/* What log, conflicts and versions show: see history_list(). */
struct history_list {
	const struct history *history;
	bool json;
	bool any; /* there was something to be shown */
};

/*
 * All of such a command: has each show, with a struct history_list for ctx,
 * what every journal has, and says `none` if there was nothing (NULL: not a
 * word).
 */
enum exitcode history_list(const struct invocation *inv,
    enum status (*each)(void *ctx, struct db *db, struct err *err),
    const char *none);

/* True if path is what was asked for, or lies below it. */
bool history_asked(const struct history *history, const char *path);

#define HISTORY_TIME 24 /* "2026-11-21 09:11:43" */
#define HISTORY_HASH 13 /* 12 digits: as many as people compare */

const char *history_time(char buf[HISTORY_TIME], int64_t ns);
const char *history_hash(char buf[HISTORY_HASH], const struct hash *hash);

#endif
