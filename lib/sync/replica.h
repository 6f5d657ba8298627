/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_REPLICA_H
#define DSYNC_SYNC_REPLICA_H

/*
 * One folder with all that belongs to it: its descriptor, its journal, its
 * stage, its ignore rules.  Client and peer are both built on one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/message.h"
#include "core/entry.h"
#include "util/auto.h"
#include "util/err.h"

struct db;
struct digest;
struct env;
struct filter;
struct hasher;
struct listing;
struct report;
struct root;
struct scope;
struct stage;

#define REPLICA_MAX_SIZE (100ull * 1024 * 1024) /* of a file, unless set */

struct replica_opts {
	const char *path;
	const char *home;
	bool server; /* keeps numbers (seq) and tombstones */
	bool read_only; /* changes nothing at all, not even its journal */
	bool hidden;
	bool checksum; /* trust no stamp */
	uint64_t max_size; /* 0: REPLICA_MAX_SIZE */
	const char *const *rules;
	size_t n_rules;
	const char
	    *policy; /* lines of rules that nothing brings back; or NULL */
	int64_t keep_age; /* of versions; 0: KEEP_AGE */
	uint64_t keep_size; /* 0: KEEP_BYTES */
	const struct report *report;
};

/* Plain to the rooms of sync/; each pointer is the replica's own. */
struct replica {
	struct env *env;
	struct root *root;
	struct db *db; /* NULL: read-only and there is no journal yet */
	const char *journal; /* its name in .dsync */
	struct stage *stage; /* NULL: read-only */
	struct hasher *hasher;
	struct digest *digest;
	struct filter *filter;
	const struct report *report;
	char id[MESSAGE_ID];
	char epoch[MESSAGE_ID]; /* server */
	char run[MESSAGE_ID]; /* id of this run, for the log */
	int64_t keep_age;
	uint64_t keep_size;
	bool server;
	bool read_only;
	bool checksum;
	bool fresh; /* the journal was made now, or set aside */
	/* of the last survey */
	struct scope *scope; /* what was looked at; NULL: everything */
	struct listing *disk; /* what is there: TEXT, and UNREAD, EXCLUDED */
	struct listing *base; /* what the journal says was agreed: TEXT */
	bool brief; /* TEXT that is the same in both is in neither */
	uint64_t size; /* of all files there, in bytes */
	uint64_t since; /* a server's last number when it began */
	bool others; /* a server: another process had changes under way then */
	uint64_t problems;
	uint64_t kept; /* versions, by this run */
	int64_t ns_hash; /* spent on reading files, by this run */
};

/*
 * Opens all, locks (a client), and mends what a killed run left.  A damaged
 * journal is set aside and a new one begun.  ST_FOLDER, ST_BUSY, ST_NEWER and
 * others as err says.
 */
enum status replica_open(struct env *env, const struct replica_opts *opts,
    struct replica **ret, struct err *err) MUST_CHECK;
void replica_free(struct replica *r);
AUTO_DEFINE(replica);

/*
 * From now on the filter that opts say.  What the last survey found is not
 * judged again by that.
 */
enum status replica_set_filter(struct replica *r,
    const struct replica_opts *opts, struct err *err) MUST_CHECK;

/*
 * The journal can't be read, as why says: closes it and sets it aside, so that
 * the next run begins a new one.  This one can't go on; err says that.
 */
enum status replica_distrust(struct replica *r, const struct err *why,
    struct err *err);

/* Reads one path afresh: *ret with kind ABSENT, TEXT, EXCLUDED or UNREAD. */
enum status replica_look(struct replica *r, const char *path, struct entry *ret,
    struct stamp *ret_stamp, struct err *err) MUST_CHECK;

/*
 * Takes entry's version (a client: "both sides have it") into the journal;
 * what is known of the disk stays.  ABSENT or EXCLUDED drop the agreed state.
 * Between db_begin() and db_commit().
 */
enum status replica_agree(struct replica *r, const struct entry *entry,
    const char *origin, struct err *err) MUST_CHECK;

#endif
