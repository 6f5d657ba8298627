/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_BIND_H
#define DSYNC_SYNC_BIND_H

/*
 * Which server, and which memory of it, a client's journal speaks of.  What
 * was agreed is true only of that one.
 */

#include <stdbool.h>

#include "codec/message.h"
#include "util/err.h"

struct replica;

struct bind {
	char remote[MESSAGE_STRING_LIMIT]; /* as the user names it, or "" */
	char at[MESSAGE_STRING_LIMIT]; /* of several servers this one, or "" */
	char root[MESSAGE_ID]; /* the server's id */
	struct message_cursor cursor; /* what is known of the server */
	struct message_cursor said; /* and to say, if it is who we expect */
	bool moved; /* the same folder, by another path than last time */
	bool other; /* of several servers another one than last time */
	bool first; /* what was agreed is not true of this one */
};

/*
 * Reads the cursor; all empty if there is no journal.  What is to be said of
 * it is that of the server which answered at this address last: with a wrong
 * guess the server tells more than it need, and nothing else comes of it.
 */
enum status bind_load(struct bind *bind, struct replica *r,
    struct err *err) MUST_CHECK;

/*
 * The server says who it is.  If it is another folder than the last time: if
 * several servers were named, bind->other is set, and bind_switch() is due;
 * else it is ST_GUARD, unless rebind is true.
 */
enum status bind_check(struct bind *bind, struct replica *r, const char *root,
    bool rebind, struct err *err) MUST_CHECK;

/*
 * What was agreed with the server of last time is put away, and what was
 * agreed with this one (maybe nothing yet) taken out, in one transaction.
 * What a survey has read of the journal before is worth nothing then.
 */
enum status bind_switch(struct bind *bind, struct replica *r,
    struct err *err) MUST_CHECK;

/* What bind_settle() would do with that: is nothing agreed any more? */
bool bind_starts_over(const struct bind *bind,
    const struct message_cursor *told);

/*
 * The server says where its journal stands.  If that is not the memory which
 * was agreed on (another epoch; or it went back in time, a restored backup),
 * or this is the first contact, the base is emptied, in the journal too.
 * *ret_forgot: the server has forgotten.
 */
enum status bind_settle(struct bind *bind, struct replica *r,
    const struct message_cursor *told, bool *ret_forgot,
    struct err *err) MUST_CHECK;

#endif
