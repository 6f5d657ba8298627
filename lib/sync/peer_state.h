/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_PEER_STATE_H
#define DSYNC_SYNC_PEER_STATE_H

/*
 * What peer.c (serving), peer_hello.c (opening) and peer_live.c (what it does
 * unasked) share; theirs alone.
 */

#include "codec/message.h"
#include "sync/answers.h"
#include "sync/look.h"
#include "sync/peer.h"
#include "sync/report.h"
#include "sync/serve.h"
#include "util/buf.h"

struct apply_result;
struct live;
struct preset;

struct peer {
	struct env *env;
	struct peer_opts opts;
	struct wire *wire;
	struct report report;
	struct replica *replica; /* NULL before HELLO */
	struct apply *apply; /* NULL if read-only */
	struct sender *sender;
	struct look look;
	struct message_cursor since; /* what the client knows already */
	struct buf faults; /* records: what this look met, and why */
	uint64_t n_faults;
	bool asked; /* it waits for CHANGES; else it is to ask for them first */
	struct buf sketch; /* of the client's tree, if it drew one */
	struct teller *teller; /* while CHANGES are being sent */
	struct message_cursor told;
	uint64_t own_seqs; /* changes of this session since then */
	uint64_t shown; /* the number in a PONG with a proof; 0: none */
	bool noted; /* that the client was here, and how far it came */
	char root[MESSAGE_ID]; /* of the client's replica; "" in a dry run */
	char name[64]; /* of the client's machine */
	char who[256]; /* the same, and what is known of it */
	bool hidden;
	uint64_t wanted; /* to be sent at most, bytes a second; 0: any */
	bool listed; /* it asked what is offered, and that is all */
	const struct preset *preset; /* NULL: a folder of this machine */
	struct answers answers;
	enum status failed; /* of on_result() */
	struct err failure;
	struct serve serve;
	bool done;
	struct live *live; /* NULL: the client wants to hear no news */
	struct presence *presence; /* live: this session is seen by others */
	bool idle; /* the client rests: DONE was the last that it said */
	bool looks; /* unasked; else the look is for the client */
};

/* A survey takes its time: what was said so far goes out first. */
void peer_tell_soon(struct peer *p, const struct message_cursor *since);

/* What the look has found, or, of a sketch, where it differs. */
enum status peer_begin_to_tell(struct peer *p, bool unasked,
    struct err *err) MUST_CHECK;

/* From now on it hears of what happens; settle as in HELLO. */
enum status peer_listen(struct peer *p, uint32_t settle_ms,
    struct err *err) MUST_CHECK;
/* For a client that stays: who else does. */
void peer_tell_others(struct peer *p, struct message *m);
/* Begins a look if one is due; and what is to be done when it is over. */
enum status peer_live_step(struct peer *p, struct err *err) MUST_CHECK;
enum status peer_look_done(struct peer *p, struct err *err) MUST_CHECK;
/* It can tell what follows the cursor without looking at the folder. */
bool peer_has_heard(struct peer *p, const struct message_cursor *since);

/* apply's result; a failure to note it is found by flush(). */
void peer_on_result(void *ctx, const struct apply_result *result);
enum status peer_on_send_failed(void *ctx, uint32_t id, const struct err *why,
    const struct entry *now, struct err *err) MUST_CHECK;

enum status peer_on_hello(struct peer *p, const struct message *m,
    const uint8_t *data, struct err *err) MUST_CHECK;

#endif
