/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_HISTORY_H
#define DSYNC_HISTORY_H

/* What status, log, conflicts, versions and restore share. */

#include <stdbool.h>
#include <stdint.h>

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

/* Calls each for every journal there is. */
enum status history_each(const struct history *history,
    enum status (*each)(void *ctx, struct db *db, struct err *err), void *ctx,
    struct err *err) MUST_CHECK;

/* True if path is what was asked for, or lies below it. */
bool history_asked(const struct history *history, const char *path);

#define HISTORY_TIME 24 /* "2026-11-21 09:11:43" */
#define HISTORY_HASH 13 /* 12 digits: as many as people compare */

const char *history_time(char buf[HISTORY_TIME], int64_t ns);
const char *history_hash(char buf[HISTORY_HASH], const struct hash *hash);

#endif
