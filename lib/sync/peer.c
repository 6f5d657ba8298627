/* SPDX-License-Identifier: MIT */
/*
 * The serving side: one handler a message type, in a table.  What a message
 * wants done with files is serve.c's.
 */
#include "config.h"

#include "sync/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/record.h"
#include "core/entry.h"
#include "core/listing.h"
#include "core/path.h"
#include "core/sketch.h"
#include "fs/partial.h"
#include "fs/presence.h"
#include "fs/stage.h"
#include "store/clients.h"
#include "store/journal.h"
#include "sync/apply.h"
#include "sync/keep.h"
#include "sync/live.h"
#include "sync/look.h"
#include "sync/peer_state.h"
#include "sync/policy.h"
#include "sync/preset.h"
#include "sync/replica.h"
#include "sync/sender.h"
#include "sync/teller.h"
#include "sync/wire.h"
#include "util/env.h"
#include "util/str.h"

#define FAULTS_MUCH (256u * 1024) /* bytes of reasons */
#define FAULTS_HELD 2000 /* beginnings that are told are among so many */

/* The client has the screen.  A thousand reasons are enough for anybody. */
static void
on_event(void *ctx, const struct event *event)
{
	struct peer *p = ctx;
	struct record rec = { .fields = RECORD_FAULT,
		.fault = event->code,
		.path = event->path,
		.text = event->text };

	/* A name that is the problem itself can't travel as one. */
	if (event->path != NULL && *event->path != '\0' &&
	    path_fault(event->path, strlen(event->path)) == NULL)
		rec.fields |= RECORD_PATH;
	if (event->type == EVENT_PROBLEM && p->faults.len < FAULTS_MUCH &&
	    p->n_faults < RECORD_FAULTS &&
	    record_put(&p->faults, &rec) == ST_OK)
		p->n_faults++;
}

enum status
peer_new(struct env *env, const struct peer_opts *opts, struct peer **ret,
    struct err *err)
{
	AUTO(peer) struct peer *p = calloc(1, sizeof(*p));

	if (p == NULL || wire_new(&p->wire) != ST_OK)
		return err_nomem(err);
	p->env = env;
	p->opts = *opts;
	p->report = (struct report){ .event = on_event, .ctx = p };
	p->answers.wire = p->wire;
	p->serve.answers = &p->answers;
	p->serve.access = opts->access;
	*ret = p;
	p = NULL;
	return ST_OK;
}

void
peer_free(struct peer *p)
{
	if (p == NULL)
		return;
	teller_free(p->teller);
	sender_free(p->sender);
	apply_free(p->apply);
	look_end(&p->look);
	live_free(p->live);
	presence_free(p->presence);
	replica_free(p->replica);
	wire_free(p->wire);
	answers_fini(&p->answers);
	buf_fini(&p->faults);
	buf_fini(&p->sketch);
	free(p);
}

struct wire *
peer_wire(struct peer *p)
{
	return p->wire;
}

uint64_t
peer_rate_in(const struct peer *p)
{
	return p->preset == NULL ? 0 : p->preset->rate;
}

/* Whoever wants less than the other has it. */
uint64_t
peer_rate_out(const struct peer *p)
{
	const uint64_t ours = peer_rate_in(p);

	return ours == 0 || (p->wanted > 0 && p->wanted < ours) ? p->wanted :
								  ours;
}

void
peer_on_result(void *ctx, const struct apply_result *result)
{
	struct peer *p = ctx;

	if (p->failed != ST_OK)
		return;
	if (result->status != ST_OK) {
		p->failed = answers_refuse(&p->answers, result->op->id,
		    result->err, result->have_now ? &result->now : NULL,
		    &p->failure);
		return;
	}
	p->own_seqs += result->op->kind == APPLY_MOVE ? 2 : 1;
	p->failed = answers_ack(&p->answers, result->op->id, result->seq,
	    &p->failure);
}

enum status
peer_on_send_failed(void *ctx, uint32_t id, const struct err *why,
    const struct entry *now, struct err *err)
{
	struct peer *p = ctx;

	return answers_refuse(&p->answers, id, why, now, err);
}

static enum status
flush(struct peer *p, struct err *err)
{
	enum status st = serve_flush(&p->serve, err);

	if (st == ST_OK && p->failed != ST_OK)
		*err = p->failure;
	return st == ST_OK ? p->failed : st;
}

void
peer_tell_soon(struct peer *p, const struct message_cursor *since)
{
	p->since = *since;
	look_soon(&p->look, teller_tells_all(p->replica, since));
	teller_free(p->teller);
	p->teller = NULL;
}

static enum status
note_held(void *ctx, const char *hex, uint64_t size, struct err *err)
{
	struct peer *p = ctx;
	struct record rec = { .fields = RECORD_HASH | RECORD_OFFSET,
		.offset = size };
	size_t len;

	if (p->n_faults >= FAULTS_HELD ||
	    !str_unhex(hex, rec.hash.b, HASH_SIZE, &len) || len != HASH_SIZE)
		return ST_OK;
	if (record_put(&p->faults, &rec) != ST_OK)
		return err_nomem(err);
	p->n_faults++;
	return ST_OK;
}

/* What was met, and what is held of files that did not come whole. */
static enum status
send_faults(struct peer *p, bool unasked, struct err *err)
{
	struct message m;
	enum status st = ST_OK;

	/* Worth knowing, and no more: what can't be told comes whole. */
	if (!p->replica->read_only)
		st = partial_each(p->replica->root, note_held, p, err);
	if (st == ST_NOMEM || p->n_faults == 0)
		return st == ST_NOMEM ? st : ST_OK;
	message_init(&m, MESSAGE_CHANGES);
	m.more = true;
	m.news = unasked;
	m.since = p->since.seq;
	m.cursor = p->since;
	m.count = p->n_faults;
	m.records_len = p->faults.len;
	m.data_len = p->faults.len;
	st = wire_send(p->wire, &m, buf_data(&p->faults), err);
	buf_clear(&p->faults);
	p->n_faults = 0;
	return st;
}

enum status
peer_begin_to_tell(struct peer *p, bool unasked, struct err *err)
{
	enum status st = send_faults(p, unasked, err);

	if (st == ST_OK)
		st = teller_new(p->replica, &p->since, &p->sketch, &p->teller,
		    err);
	buf_clear(&p->sketch);
	if (st != ST_OK)
		return st;
	if (unasked)
		teller_unasked(p->teller, p->since.seq);
	p->told = *teller_cursor(p->teller);
	p->own_seqs = 0;
	p->shown = 0;
	return ST_OK;
}

static enum status
look(struct peer *p, struct err *err)
{
	bool done = false;
	enum status st;

	st = look_step(&p->look, p->replica, &done, err);
	if (st != ST_OK || !done)
		return st;
	if (p->replica->scope == NULL)
		p->serve.used = p->replica->size;
	/* A client that stays may never say BYE. */
	if (p->live != NULL && p->replica->scope == NULL)
		st = keep_trim(p->replica, err);
	if (st != ST_OK)
		return st;
	if (p->looks)
		return peer_look_done(p, err);
	return p->asked ? peer_begin_to_tell(p, false, err) : ST_OK;
}

static enum status
take_sketch(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	buf_clear(&p->sketch);
	if (m->records_len != 0 || m->data_len % SKETCH_BUCKET != 0 ||
	    (m->data_len != 0 &&
		!sketch_buckets_ok(m->data_len / SKETCH_BUCKET)))
		return err_set(err, ST_PROTO, "CHANGES: a bad sketch");
	return buf_put(&p->sketch, data, m->data_len) == ST_OK ? ST_OK :
								 err_nomem(err);
}

/*
 * The first time, if it is for the client to ask; else it asks again, for its
 * rules have changed, or somebody was faster.
 */
static enum status
on_changes(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	enum status st = take_sketch(p, m, data, err);

	if (st == ST_OK && !p->asked) {
		p->asked = true;
		return look_busy(&p->look) ? ST_OK :
					     peer_begin_to_tell(p, false, err);
	}
	if (st == ST_OK)
		st = flush(p, err);
	if (st != ST_OK)
		return st;
	peer_tell_soon(p, &m->cursor);
	if (!m->heard || !peer_has_heard(p, &m->cursor))
		return ST_OK;
	look_end(&p->look);
	return peer_begin_to_tell(p, false, err);
}

static enum status
on_records(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	return serve_records(&p->serve, m, data, err);
}

static enum status
on_file_data(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	return serve_data(&p->serve, m, data, err);
}

/* What the client has seen: its own changes too, if nobody else's are there. */
static enum status
current_cursor(struct peer *p, struct message_cursor *ret, struct err *err)
{
	uint64_t last;
	enum status st;

	*ret = p->told;
	if (p->replica->db == NULL)
		return ST_OK;
	st = journal_last_seq(p->replica->db, &last, err);
	if (st == ST_OK && last == p->told.seq + p->own_seqs)
		ret->seq = last;
	return st;
}

/* What the client is to have, too, if all went well. */
static enum status
show_proof(struct peer *p, struct message *ret, struct err *err)
{
	enum status st = current_cursor(p, &ret->cursor, err);

	return st == ST_OK && p->replica->db != NULL ?
	    journal_fingerprint(p->replica->db, &ret->fp, err) :
	    st;
}

/* Who was here, and how far; a run that went well does not fail by that. */
static void
note_client(struct peer *p, uint64_t seq)
{
	const struct clients_row row = { .id = p->root,
		.name = p->name,
		.origin = p->opts.from == NULL ? "" : p->opts.from,
		.seen = env_now(p->env),
		.seq = seq };
	struct err ignored;

	if (!p->replica->read_only && p->root[0] != '\0')
		(void)!clients_note(p->replica->db, &row, &ignored);
}

static enum status
on_done(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	struct message answer;
	enum status st = flush(p, err);

	(void)data;
	message_init(&answer, MESSAGE_DONE);
	if (st == ST_OK)
		st = show_proof(p, &answer, err);
	if (st != ST_OK)
		return st;
	answer.equal = fingerprint_equal(&m->fp, &answer.fp);
	p->noted = answer.equal;
	p->idle = true;
	if (p->live != NULL)
		stage_renew(p->replica->stage);
	note_client(p, answer.equal ? answer.cursor.seq : p->told.seq);
	if (answer.equal) {
		p->told = answer.cursor;
		p->own_seqs = 0;
	}
	peer_tell_others(p, &answer);
	return wire_send(p->wire, &answer, NULL, err);
}

/* Where the client is, as far as that decides what it may say. */
enum place {
	BEFORE_HELLO = 1,
	LOOKING = 2, /* it waits for CHANGES */
	SERVING = 4,
};

static enum place
place(const struct peer *p)
{
	if (p->replica == NULL)
		return BEFORE_HELLO;
	return look_busy(&p->look) ? LOOKING : SERVING;
}

/*
 * Answered when all that came before it is safe.  A client that finds itself
 * proved by the answer need not say DONE.
 */
static enum status
on_ping(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	struct message answer;
	enum status st = flush(p, err);

	(void)data;
	message_init(&answer, MESSAGE_PONG);
	answer.token = m->token;
	answer.has_fp = m->proof && place(p) == SERVING;
	if (st == ST_OK && answer.has_fp) {
		st = show_proof(p, &answer, err);
		p->shown = answer.cursor.seq;
	}
	peer_tell_others(p, &answer);
	return st == ST_OK ? wire_send(p->wire, &answer, NULL, err) : st;
}

/* It lives; that was the question. */
static enum status
on_pong(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	(void)p;
	(void)m;
	(void)data;
	(void)err;
	return ST_OK;
}

static enum status
on_bye(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	enum status st;

	(void)m;
	(void)data;
	/* It had no need to say DONE. */
	if (p->told.epoch[0] != '\0' && !p->noted)
		note_client(p, p->shown > 0 ? p->shown : p->told.seq);
	look_end(&p->look);
	st = flush(p, err);
	p->done = true;
	return st == ST_OK && p->replica != NULL ? keep_trim(p->replica, err) :
						   st;
}

/* What came whole before it is carried out all the same. */
static enum status
on_error(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	enum status st;

	(void)data;
	look_end(&p->look);
	st = flush(p, err);
	if (st != ST_OK)
		return st;
	return err_set(err, m->code, "the client ended the session: %s",
	    m->text);
}

typedef enum status handler(struct peer *p, const struct message *m,
    const uint8_t *data, struct err *err);

/* What a client may say, and when; the rest is a peer's. */
static const struct {
	handler *handle;
	unsigned places;
} handlers[MESSAGE__MAX] = {
	[MESSAGE_HELLO] = { peer_on_hello, BEFORE_HELLO },
	[MESSAGE_CHANGES] = { on_changes, LOOKING | SERVING },
	[MESSAGE_FILE_UPDATE] = { on_records, SERVING },
	[MESSAGE_FILE_DATA] = { on_file_data, SERVING },
	[MESSAGE_FILE_DELETE] = { on_records, SERVING },
	[MESSAGE_FILE_MOVE] = { on_records, SERVING },
	[MESSAGE_GET] = { on_records, SERVING },
	[MESSAGE_DONE] = { on_done, SERVING },
	[MESSAGE_PING] = { on_ping, LOOKING | SERVING },
	[MESSAGE_PONG] = { on_pong, LOOKING | SERVING },
	[MESSAGE_ERROR] = { on_error, BEFORE_HELLO | LOOKING | SERVING },
	[MESSAGE_BYE] = { on_bye, BEFORE_HELLO | LOOKING | SERVING },
};

static enum status
dispatch(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	if ((handlers[m->type].places & place(p)) == 0 ||
	    policy_op_of(m->type) == POLICY_NEVER)
		return err_set(err, ST_PROTO, "%s is out of place",
		    message_type_name(m->type));
	p->idle = p->idle &&
	    (m->type == MESSAGE_PING || m->type == MESSAGE_PONG);
	return handlers[m->type].handle(p, m, data, err);
}

/* It is to be handled, but not before the look is over. */
static bool
has_to_wait(const struct peer *p, const struct message *m)
{
	const unsigned places = handlers[m->type].places;

	if (place(p) != LOOKING)
		return false;
	/* The first one is what this look is for; it must not keep PING away. */
	if (m->type == MESSAGE_CHANGES)
		return p->asked;
	return (places & LOOKING) == 0 && (places & SERVING) != 0;
}

/* *ret_have: another one may be there. */
static enum status
handle_next(struct peer *p, bool *ret_have, struct err *err)
{
	AUTO(message) struct message m = { 0 };
	const uint8_t *data = NULL;
	enum status st = wire_next(p->wire, ret_have, &m, &data, err);

	if (st != ST_OK || !*ret_have)
		return st;
	*ret_have = !has_to_wait(p, &m);
	return *ret_have ? dispatch(p, &m, data, err) :
			   wire_put_back(p->wire, &m, data, err);
}

static enum status
pump(struct peer *p, struct err *err)
{
	bool told = false, moved = false;
	enum status st = ST_OK;

	if (p->teller != NULL) {
		st = teller_pump(p->teller, p->wire, &told, err);
		if (told) {
			teller_free(p->teller);
			p->teller = NULL;
		}
	}
	if (st == ST_OK && p->teller == NULL && p->sender != NULL)
		st = sender_pump(p->sender, &moved, err);
	return st;
}

/* Enough waits to be sent, or to be read from the disk, for now. */
static bool
has_enough(const struct peer *p)
{
	size_t out;

	wire_output(p->wire, &out);
	return out >= WIRE_MUCH ||
	    (p->sender != NULL && sender_full(p->sender));
}

static enum status
work(struct peer *p, struct err *err)
{
	enum status st = look(p, err);
	bool have = true;

	while (st == ST_OK && have && !p->done) {
		st = pump(p, err);
		if (st == ST_OK && has_enough(p))
			break;
		if (st == ST_OK)
			st = handle_next(p, &have, err);
	}
	if (st == ST_OK)
		st = peer_live_step(p, err);
	if (st == ST_OK)
		st = pump(p, err);
	if (st == ST_OK)
		st = answers_send(&p->answers, err);
	return st == ST_OK ? wire_flush(p->wire, err) : st;
}

bool
peer_busy(const struct peer *p)
{
	return look_busy(&p->look) ||
	    (p->teller == NULL && p->sender != NULL && sender_eager(p->sender));
}

enum status
peer_step(struct peer *p, bool *ret_done, struct err *err)
{
	enum status st = work(p, err);

	/* The reason goes to the client, who has the screen. */
	if (st != ST_OK)
		wire_fail(p->wire, err);
	/* A client that is gone can't be told; what came whole is carried out. */
	if (st == ST_OK && !p->done && wire_at_end(p->wire)) {
		p->done = true;
		look_end(&p->look);
		st = flush(p, err);
	}
	*ret_done = p->done;
	return st;
}
