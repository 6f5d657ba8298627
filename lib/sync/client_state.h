/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_CLIENT_STATE_H
#define DSYNC_SYNC_CLIENT_STATE_H

/*
 * What client.c (the run), client_hello.c (its start), client_look.c (at the
 * folder here), client_live.c (when it goes on) and client_gone.c (what is
 * deleted then) share; theirs alone.
 */

#include "codec/message.h"
#include "codec/record.h"
#include "sync/bind.h"
#include "sync/client.h"
#include "sync/look.h"
#include "sync/report.h"
#include "sync/terms.h"

struct live;
struct replica;
struct round;
struct round_opts;
struct scope;

enum client_state {
	CLIENT_HELLO, /* HELLO was said, theirs is awaited */
	CLIENT_CHANGES, /* their listing is coming */
	CLIENT_PLAN, /* it is here; the look at the folder here is not over */
	CLIENT_TRANSFER, /* the plan is being carried out */
	CLIENT_PROOF, /* DONE was said, theirs is awaited */
	CLIENT_LIVE, /* it rests until something happens */
	CLIENT_NEWS, /* they have begun to tell, unasked */
	CLIENT_END,
};

/* Deletions that become more while one looks: see client_hesitates(). */
struct growing {
	size_t n; /* found, and not made yet */
	int64_t first, last; /* when some were found, and found to be more */
	size_t made; /* not long before */
	int64_t made_at;
};

/* That this session has made. */
struct deletions {
	uint64_t local, remote;
};

struct client {
	struct env *env;
	struct client_opts opts;
	struct wire *wire;
	struct replica *replica;
	enum client_state state;
	struct look look; /* at the folder here */
	struct bind bind;
	struct terms terms; /* of the server, as far as is known */
	struct rules rules;
	struct round *round; /* begun when the server is asked for CHANGES */
	struct message_cursor told; /* what CHANGES leads to, */
	bool have_told_fp; /*  and, if the peer said that, */
	struct fingerprint told_fp; /*  what its folder came to; */
	struct message_cursor
	    shown; /* where it was when all was done there; "" */
	bool deltas; /* the server knows of them, and none has gone wrong */
	bool to_ask; /* for CHANGES, once the look here is over */
	size_t sketch; /* buckets of the one that was sent, or 0 */
	bool full; /* they are all there is */
	bool news; /* there is something to write down */
	bool again; /* another round was needed, and not made */
	struct fingerprint fp; /* as DONE said it */
	unsigned rounds;
	unsigned doubts; /* fingerprints that differed */
	struct summary summary;
	/* A live session: */
	struct live *live; /* NULL: it is none */
	bool part; /* this round is about a part of the folder */
	bool spoke; /* in this round the server was asked, or asks */
	bool missed; /* the server had news that were not taken */
	bool knows_deltas; /* the server does */
	struct scope *scope; /* of what is being told of a part */
	size_t n_told;
	unsigned failures; /* of rounds of a part, in a row */
	struct deletions seen; /* as of the round before */
	struct deletions forgiven; /* which count no more */
	int64_t deleted_at; /* when there were new ones, ticks */
	struct growing growing;
	struct scope *held; /* what that was about; or NULL */
	int64_t ask_due; /* what was missed is not asked for before, ticks */
	int64_t check_due; /* when all is looked at again, ticks */
	int64_t look_cost; /* of looking at all, ns */
	uint64_t looks; /* at all, until it was in sync */
	uint64_t flush_wanted, flush_begun, flush_done; /* so many looks at */
	/* all were asked for, are being or were carried out */
	struct message_others others; /* who else stays with the server */
	char gap[256]; /* what is not watched, as it was told */
	int64_t began, said;
	int64_t passed; /* up to here all time is accounted for */
	struct record_scratch scratch;
};

/* What is asked of the server belongs to a new round. */
enum status client_new_round(struct client *c, struct err *err) MUST_CHECK;
/* The same, and to a new look here; it was asked what is new since then. */
enum status client_look_round(struct client *c,
    const struct message_cursor *since, struct err *err) MUST_CHECK;
/* whole: as survey_new() has it. */
void client_look_at_all(struct client *c, bool whole);
enum status client_step_look(struct client *c, struct err *err) MUST_CHECK;
/* The look was a brief one, and that is not enough: it is made anew. */
bool client_lacks_some(const struct client *c);
void client_look_anew(struct client *c);

/* Asks for CHANGES; of a part (c->part) only for what the server has heard. */
enum status client_ask(struct client *c, const struct message_cursor *since,
    struct err *err) MUST_CHECK;
enum status client_on_changes(struct client *c, const struct message *m,
    const uint8_t *data, struct err *err) MUST_CHECK;

/* The folder here, its binding and the terms it was last synced on. */
enum status client_open_replica(struct client *c, struct err *err) MUST_CHECK;

/* All is done, for now. */
enum status client_rest(struct client *c, struct err *err) MUST_CHECK;
enum status client_on_news(struct client *c, const struct message *m,
    const uint8_t *data, struct err *err) MUST_CHECK;
/*
 * The paths that are told of in a round of a part are what it is about; behind
 * the last of them the look here begins, at everything if all was told.
 */
enum status client_told_path(struct client *c, const struct record *rec,
    struct err *err) MUST_CHECK;
enum status client_told_part(struct client *c, bool full,
    struct err *err) MUST_CHECK;
/* How many deletions count for the guard beside those of a new round. */
void client_count_gone(struct client *c, struct round_opts *opts);
/*
 * The plan deletes many files, and may be the beginning of more: then nothing
 * of it is done yet, and all of it is looked at again a bit later.
 */
bool client_hesitates(struct client *c);
enum status client_wait(struct client *c, struct err *err) MUST_CHECK;
/* A look at a part here is about this, too, from now on until there is one. */
enum status client_hold(struct client *c, const struct scope *scope) MUST_CHECK;
/* Begins a round if there is a reason for one. */
enum status client_live_step(struct client *c, struct err *err) MUST_CHECK;
/* Of what failed in a round of a part nothing is tried again at once. */
bool client_try_later(struct client *c);

enum status client_say_hello(struct client *c, struct err *err) MUST_CHECK;
enum status client_on_hello(struct client *c, const struct message *m,
    const uint8_t *data, struct err *err) MUST_CHECK;

#endif
