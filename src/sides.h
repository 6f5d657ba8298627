/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SIDES_H
#define DSYNC_SIDES_H

/*
 * The two folders of a run: which argument is which, whether they are fit,
 * and the making of a target that does not exist yet.
 */

#include <sys/types.h>

#include <stdbool.h>

#include "place.h"
#include "util/err.h"

struct invocation;

enum sides_order {
	SIDES_SERVER_FIRST, /* sync, pull, verify */
	SIDES_CLIENT_FIRST, /* push, SRC DST */
};

struct sides_wish {
	enum sides_order order;
	bool make_second; /* the second folder is made if it is missing */
	bool as_typed; /* from the first to the second, wherever they are */
};

struct side {
	char *typed; /* for messages */
	char *at; /* the one of several servers that it is; or NULL */
	char *path; /* absolute; resolved, as far as it exists; NULL: remote */
	struct place place;
	bool missing;
	bool made; /* by us: removed again if it stays empty */
	bool standin; /* of a dry run: an empty folder somewhere else */
};

struct sides {
	struct side client;
	struct side server;
	int cleaner; /* ends, and cleans up, when this is closed; 0: none */
	pid_t cleaner_pid;
	bool swapped; /* they had met the other way round: not as wished */
};

/*
 * With no or one argument the folder's remembered remote is the server.
 * Nothing is written.  ST_USAGE, ST_FOLDER.
 */
enum status sides_find(const struct invocation *inv,
    const struct sides_wish *wish, struct sides *ret,
    struct err *err) MUST_CHECK;

/*
 * Both have been synced, and are as fit as they were then: one without a
 * .dsync is another one.  ST_FOLDER.
 */
enum status sides_still(const struct invocation *inv, const struct sides *sides,
    struct err *err) MUST_CHECK;

/*
 * Makes what is missing; in a dry run an empty folder stands in for it.
 */
enum status sides_make(struct sides *sides, bool dry_run,
    struct err *err) MUST_CHECK;

/*
 * Before this process gives up all but the client's folder, and before the
 * link is opened (whose ends it must not hold): a child is left to remove what
 * sides_fini() would, and can't then.
 */
enum status sides_keep_cleanup(struct sides *sides, struct err *err) MUST_CHECK;

/* What the other side of a run is remembered as. */
const char *side_name(const struct side *side);

/* Frees; stand-ins go, and so do folders that were made and are empty. */
void sides_fini(struct sides *sides);

static inline void
auto_sides(struct sides *sides)
{
	sides_fini(sides);
}

#endif
