/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_CLIENT_H
#define DSYNC_SYNC_CLIENT_H

/*
 * The brain of a run: scans its own folder, learns what the peer's has,
 * decides for both, moves what has to move.  It never waits: the owner feeds
 * its wire and calls client_step() until it is done.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/guard.h"
#include "core/reconcile.h"
#include "util/auto.h"
#include "util/err.h"

struct client;
struct env;
struct message_others;
struct report;
struct summary;
struct wire;

struct client_opts {
	const char *dir; /* this side's folder */
	const char *home; /* the home folder, refused as a root; or NULL */
	const char *remote; /* the other folder, as it is remembered */
	const char *at; /* if that names several servers, this one; or NULL */
	const char
	    *preset; /* name of a preset; NULL: there is but one folder */
	const char *name; /* of this machine */
	enum direction direction;
	bool have_conflict; /* conflict is set; else the peer's preset says */
	enum conflict_rule conflict;
	bool exact; /* --delete */
	bool keep_deleted; /* SRC DST: carry no deletion */
	bool dry_run;
	bool checksum; /* -c: trust no stamp, read everything */
	bool compress; /* -z */
	bool rebind; /* --rebind: another folder than last time is meant */
	const char *sandbox; /* that the process is in, for HELLO; or NULL */
	bool require_sandbox; /* the peer has to be in one, too */
	bool verify; /* read all on both sides, compare, change nothing */
	bool guard_explicit;
	struct guard_limit guard;
	const char *const *rules; /* --exclude, --include in order, n_rules */
	size_t n_rules;
	bool hidden;
	uint64_t max_size; /* 0: the default, 100 MiB */
	uint64_t rate; /* bytes a second that may go each way; 0: any */
	bool live; /* stay, and keep the two the same */
	int64_t settle; /* live, ns: changes so close together are one */
	int64_t interval; /* live, ns: between looks at everything; 0: 60 s, */
	/* or more in a folder where they are not cheap */
	const struct report *report;
};

enum status client_new(struct env *env, const struct client_opts *opts,
    struct client **ret, struct err *err) MUST_CHECK;
void client_free(struct client *client);
AUTO_DEFINE(client);

struct wire *client_wire(struct client *client);

/*
 * Does what can be done now.  *ret_done: the run is over and the wire holds
 * the last bytes to send.  An error ends the run too; what was applied is
 * safe, and the wire may hold an ERROR message for the peer.
 */
enum status client_step(struct client *client, bool *ret_done,
    struct err *err) MUST_CHECK;

/*
 * After a run that the link did not live through: keeps what came whole.
 */
void client_rescue(struct client *client);

/* There is work to do without waiting for the peer: step again at once. */
bool client_busy(const struct client *client);

/*
 * Live: when to step though nothing came, by env_ticks(), and a descriptor
 * that is readable when something happened here.  INT64_MAX, -1: never.
 */
int64_t client_due(const struct client *client);
int client_fd(const struct client *client);

/*
 * Live: everything is looked at once more, soon; *it* is done, and what was
 * saved before it is on both sides or was told of, when client_flushed() comes
 * to the number.
 */
uint64_t client_flush(struct client *client);
uint64_t client_flushed(const struct client *client);

/* Live: how often everything was looked at; the summary is of the last time. */
uint64_t client_looks(const struct client *client);

/* Live: nothing is going on, nor waits to settle. */
bool client_rests(const struct client *client);

/* Live: who else stays with the server, as it said last. */
const struct message_others *client_others(const struct client *client);

/* Live: what here is not heard of, for a person; "" if all is. */
const char *client_gap(const struct client *client);

/* Bytes a second that may go each way; 0: any number. */
uint64_t client_rate(const struct client *client);

/* Valid until client_free(); complete once done. */
const struct summary *client_summary(const struct client *client);

/* Which remote a folder is bound to, from its journal; "" if none. */
enum status client_remembered(struct env *env, const char *dir, char *buf,
    size_t size, struct err *err) MUST_CHECK;

#endif
