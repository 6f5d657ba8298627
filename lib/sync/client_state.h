/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_CLIENT_STATE_H
#define DSYNC_SYNC_CLIENT_STATE_H

/* What client.c (the run) and client_hello.c (its start) share; theirs alone. */

#include "codec/message.h"
#include "codec/record.h"
#include "sync/bind.h"
#include "sync/client.h"
#include "sync/look.h"
#include "sync/report.h"
#include "sync/terms.h"

struct replica;
struct round;

enum client_state {
	CLIENT_HELLO, /* HELLO was said, theirs is awaited */
	CLIENT_CHANGES, /* their listing is coming */
	CLIENT_PLAN, /* it is here; the look at the folder here is not over */
	CLIENT_TRANSFER, /* the plan is being carried out */
	CLIENT_PROOF, /* DONE was said, theirs is awaited */
	CLIENT_END,
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
	struct fingerprint told_fp; /*  what its folder came to */
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
	int64_t began, said;
	int64_t passed; /* up to here all time is accounted for */
	struct record_scratch scratch;
};

/* What is asked of the server belongs to a new round, and a new look here. */
enum status client_new_round(struct client *c, struct err *err) MUST_CHECK;

/* The folder here, its binding and the terms it was last synced on. */
enum status client_open_replica(struct client *c, struct err *err) MUST_CHECK;

enum status client_say_hello(struct client *c, struct err *err) MUST_CHECK;
enum status client_on_hello(struct client *c, const struct message *m,
    const uint8_t *data, struct err *err) MUST_CHECK;

#endif
