/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_LIVE_H
#define DSYNC_SYNC_LIVE_H

/*
 * What happens in a replica's folder while a session goes on: hears of it, and
 * says which part is to be looked at, once it has settled.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util/auto.h"
#include "util/err.h"

#define LIVE_SETTLE 50000000LL /* ns: events so close together are one */

struct live;
struct replica;
struct scope;

/* The replica must outlive it; its filter may be set anew. */
enum status live_new(struct replica *r, int64_t settle,
    struct live **ret) MUST_CHECK;
void live_free(struct live *live);
AUTO_DEFINE(live);

/*
 * Hears what there is, and watches a share of the folders that are not watched
 * yet.  Not while a survey is under way.  ST_FOLDER, and for ever: the folder
 * is not there any more.
 */
enum status live_step(struct live *live, struct err *err) MUST_CHECK;

/* All that can be watched is: of what happens from here on it will hear. */
bool live_ready(const struct live *live);

/* What was heard so far is of no use: all is looked at from now on. */
void live_forget(struct live *live);

/* All was looked at: other rules may hold now, so go over the folders again. */
void live_again(struct live *live);

/*
 * *ret: what is due, for the caller to free; NULL if there is nothing.  Where
 * something is, so is what was quiet for half the time.
 */
enum status live_take(struct live *live, struct scope **ret,
    struct err *err) MUST_CHECK;

/* It was too early: to be looked at again, a bit later; NULL: everything. */
void live_put_back(struct live *live, const struct scope *scope);

/* When there is something to do, by env_ticks(); never: INT64_MAX. */
int64_t live_due(const struct live *live);

int live_fd(const struct live *live); /* readable: live_step(); -1: never */

/*
 * What of the folder is not heard of, for a person, with what to do about it;
 * "" if all is.
 */
void live_gap(const struct live *live, char *buf, size_t size);

#endif
