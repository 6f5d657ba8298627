/* SPDX-License-Identifier: MIT */
/*
 * A run as a chain of states: hello, changes, plan, transfer, settle, and back
 * to changes while there is a reason to look again (a side was changed
 * meanwhile, or the ignore rules were), then the proof, then the end.  Each
 * state is a function that does what it can and returns.
 */
#include "config.h"

#include "sync/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/listing.h"
#include "core/scope.h"
#include "core/sketch.h"
#include "store/db.h"
#include "sync/client_state.h"
#include "sync/hello.h"
#include "sync/keep.h"
#include "sync/live.h"
#include "sync/look.h"
#include "sync/replica.h"
#include "sync/report.h"
#include "sync/round.h"
#include "sync/settle.h"
#include "sync/wire.h"
#include "util/env.h"

#define ROUNDS 5 /* of looking again before it is left for the next run */
#define DOUBTS 2 /* fingerprints that differ, before all is compared */

enum status
client_new_round(struct client *c, struct err *err)
{
	struct round_opts opts = { .name = c->opts.name,
		.guard = c->opts.guard,
		.guard_explicit = c->opts.guard_explicit,
		.retold = c->rounds > 0,
		.report = c->opts.report,
		.summary = &c->summary };

	client_count_gone(c, &opts);
	round_free(c->round);
	c->round = NULL;
	c->replica->problems = 0;
	/* What can't be read is told once a run, not once a round. */
	c->replica->report = c->rounds == 0 ? c->opts.report : NULL;
	return round_new(c->replica, c->wire, &opts, &c->round, err);
}

enum status
client_new(struct env *env, const struct client_opts *opts, struct client **ret,
    struct err *err)
{
	AUTO(client) struct client *c = calloc(1, sizeof(*c));
	enum status st;

	if (c == NULL || wire_new(&c->wire) != ST_OK)
		return err_nomem(err);
	c->env = env;
	c->opts = *opts;
	c->began = c->passed = env_ticks(env);
	c->rules = (struct rules){ .conflict = opts->conflict,
		.direction = opts->direction,
		.exact = opts->exact,
		.keep_deleted = opts->keep_deleted };
	snprintf(c->bind.remote, sizeof(c->bind.remote), "%s", opts->remote);
	snprintf(c->bind.at, sizeof(c->bind.at), "%s",
	    opts->at == NULL ? "" : opts->at);
	c->summary.dry_run = opts->dry_run || opts->verify;
	st = client_open_replica(c, err);
	if (st == ST_OK && opts->live &&
	    live_new(c->replica, opts->settle, &c->live) != ST_OK)
		st = err_nomem(err);
	c->look.live = c->live;
	if (st == ST_OK)
		st = client_say_hello(c, err);
	if (st != ST_OK)
		return st;
	*ret = c;
	c = NULL;
	return ST_OK;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	round_free(c->round);
	look_end(&c->look);
	live_free(c->live);
	scope_free(c->scope);
	scope_free(c->held);
	replica_free(c->replica);
	wire_free(c->wire);
	terms_fini(&c->terms);
	free(c);
}

struct wire *
client_wire(struct client *c)
{
	return c->wire;
}

uint64_t
client_rate(const struct client *c)
{
	return c->opts.rate;
}

const struct summary *
client_summary(const struct client *c)
{
	return &c->summary;
}

enum status
client_ask(struct client *c, const struct message_cursor *since,
    struct err *err)
{
	struct message m;
	enum status st;

	c->rounds++;
	c->spoke = true;
	c->state = CLIENT_CHANGES;
	c->summary.problems = 0;
	c->summary.round_trips++;
	c->shown.epoch[0] = '\0';
	st = c->part ? client_new_round(c, err) :
		       client_look_round(c, since, err);
	if (st != ST_OK)
		return st;
	message_init(&m, MESSAGE_CHANGES);
	m.cursor = *since;
	m.heard = c->part;
	return wire_send(c->wire, &m, NULL, err);
}

/*
 * This folder and the server's have never met: of what is equal in both, no
 * listing need travel.
 */
static enum status
ask_first(struct client *c, struct err *err)
{
	const struct listing *disk = c->replica->disk;
	AUTO(buf) struct buf data = { 0 };
	struct message m;

	if (!c->to_ask || look_busy(&c->look))
		return ST_OK;
	c->to_ask = false;
	c->summary.round_trips++;
	c->sketch = sketch_buckets(listing_count(disk));
	if (sketch_draw(disk, c->sketch, c->replica->hasher, &data) != ST_OK)
		return err_nomem(err);
	message_init(&m, MESSAGE_CHANGES);
	m.data_len = data.len;
	return wire_send(c->wire, &m, buf_data(&data), err);
}

static enum status
say_bye(struct client *c, struct err *err)
{
	struct message m;

	message_init(&m, MESSAGE_BYE);
	c->state = CLIENT_END;
	return wire_send(c->wire, &m, NULL, err);
}

static enum status
ask_proof(struct client *c, struct err *err)
{
	struct message m;

	message_init(&m, MESSAGE_DONE);
	m.cursor = c->bind.cursor;
	m.fp = c->fp;
	c->state = CLIENT_PROOF;
	return wire_send(c->wire, &m, NULL, err);
}

/* Both sides are known to be, or not to be, what they should. */
static enum status
end_run(struct client *c, bool equal, const struct message_cursor *cursor,
    struct err *err)
{
	struct summary *s = &c->summary;
	enum status st = ST_OK;

	if (equal)
		st = settle_cursor(c->replica, &c->bind.cursor, cursor, err);
	/* What the server then has to tell follows that. */
	if (equal)
		c->bind.cursor = *cursor;
	s->in_sync = equal && !c->again && s->local_only == 0 &&
	    s->masked == 0 && s->conflicts_open == 0 && s->problems == 0;
	if (st != ST_OK)
		return st;
	if (c->live != NULL)
		return client_rest(c, err);
	st = keep_trim(c->replica, err);
	return st == ST_OK ? say_bye(c, err) : st;
}

/*
 * What the server has was told with its changes, or when all was done there
 * that was to be done; so there is no need to ask again.
 */
static enum status
prove(struct client *c, struct err *err)
{
	const bool shown = c->shown.epoch[0] != '\0';
	enum status st = settle_fingerprint(c->replica, &c->fp, err);

	if (st != ST_OK)
		return st;
	/* Nothing was asked, and nothing done: the last proof still holds. */
	if (c->part && !c->spoke && !c->news)
		return client_rest(c, err);
	/* A live server has to hear that this side is through. */
	if (c->live != NULL || !c->have_told_fp ||
	    (round_changes_remote(c->round) && !shown) ||
	    !fingerprint_equal(&c->fp, &c->told_fp))
		return ask_proof(c, err);
	c->summary.files = c->told_fp.count;
	return end_run(c, true, shown ? &c->shown : &c->told, err);
}

/* Both sides are known. */
static enum status
begin_round(struct client *c, struct err *err)
{
	struct message_cursor before = c->bind.cursor;
	bool forgot;
	enum status st;

	if (c->state != CLIENT_PLAN || look_busy(&c->look))
		return ST_OK;
	if (client_lacks_some(c)) {
		client_look_anew(c);
		return ST_OK;
	}
	c->rules.now = env_now(c->env);
	st = bind_settle(&c->bind, c->replica, &c->told, &forgot, err);
	if (st == ST_OK && forgot)
		report_note(c->opts.report,
		    "the server does not remember the last run; comparing "
		    "everything, deleting nothing");
	if (st == ST_OK)
		st = round_plan(c->round, &c->rules, c->full, err);
	if (st == ST_OK && client_hesitates(c)) {
		c->bind.cursor = before;
		return client_wait(c, err);
	}
	if (st == ST_OK)
		st = round_guard(c->round, err);
	if (st != ST_OK)
		return st;
	if (c->replica->read_only) {
		round_tell(c->round);
		return say_bye(c, err);
	}
	c->news = c->full || !round_is_empty(c->round) ||
	    before.seq != c->told.seq ||
	    strcmp(before.epoch, c->told.epoch) != 0;
	c->state = CLIENT_TRANSFER;
	return round_begin(c->round, !c->deltas, c->live == NULL, err);
}

static enum status
finish_round(struct client *c, struct err *err)
{
	enum status st = ST_OK;

	c->again = false;
	if (c->news)
		st = round_settle(c->round, &c->told, &c->again, err);
	if (st != ST_OK)
		return st;
	if (round_failed(c->round))
		c->deltas = false;
	if (c->live != NULL && client_try_later(c))
		return prove(c, err);
	c->part = c->part && !c->again;
	if (c->again && c->rounds < ROUNDS)
		return client_ask(c, &c->bind.cursor, err);
	round_tell_again(c->round);
	return prove(c, err);
}

enum status
client_on_changes(struct client *c, const struct message *m,
    const uint8_t *data, struct err *err)
{
	size_t len = m->records_len;
	struct record rec;
	enum status st = ST_OK;

	if (c->to_ask)
		return err_set(err, ST_PROTO, "CHANGES without a question");
	if (m->data_len - len != (m->full && !m->more ? c->sketch / 8 : 0))
		return err_set(err, ST_PROTO, "CHANGES with contents");
	/* Else there would be no end to it. */
	if (m->more && len == 0)
		return err_set(err, ST_PROTO, "CHANGES: an empty part");
	while (st == ST_OK && len > 0) {
		st = record_get(&data, &len, &c->scratch, &rec, err);
		if (st == ST_OK)
			st = round_add(c->round, &rec, err);
		if (st == ST_OK && c->part)
			st = client_told_path(c, &rec, err);
	}
	if (st == ST_OK && m->full && !m->more && c->sketch > 0)
		st = round_add_same(c->round, data, c->sketch, err);
	if (st == ST_OK && c->part && !m->more)
		st = client_told_part(c, m->full, err);
	c->told = m->cursor;
	c->full = m->full;
	c->have_told_fp = m->has_fp;
	c->told_fp = m->fp;
	if (!m->more) {
		c->state = CLIENT_PLAN;
		c->sketch = 0;
	}
	return st;
}

static enum status
on_transfer(struct client *c, const struct message *m, const uint8_t *data,
    struct err *err)
{
	return round_message(c->round, m, data, err);
}

/* At once, whatever is going on here: the question is if we live. */
static enum status
on_ping(struct client *c, const struct message *m, const uint8_t *data,
    struct err *err)
{
	struct message answer;

	(void)data;
	message_init(&answer, MESSAGE_PONG);
	answer.token = m->token;
	return wire_send(c->wire, &answer, NULL, err);
}

static enum status
on_pong(struct client *c, const struct message *m, const uint8_t *data,
    struct err *err)
{
	c->others = m->others;
	c->summary.round_trips++;
	if (c->state != CLIENT_TRANSFER)
		return ST_OK;
	if (m->has_fp) {
		c->have_told_fp = true;
		c->told_fp = m->fp;
		c->shown = m->cursor;
	}
	return round_message(c->round, m, data, err);
}

static enum status
on_error(struct client *c, const struct message *m, const uint8_t *data,
    struct err *err)
{
	(void)c;
	(void)data;
	return err_set(err, m->code, "%s", m->text);
}

/*
 * The proof: both sides' fingerprints.  If they differ, either somebody was
 * faster, which the next round shows, or something is wrong, which comparing
 * everything mends.
 */
static enum status
on_done(struct client *c, const struct message *m, const uint8_t *data,
    struct err *err)
{
	const struct message_cursor nowhere = { .seq = 0 };
	/* A proof is not a matter of belief. */
	const bool equal = m->equal && fingerprint_equal(&m->fp, &c->fp);

	(void)data;
	c->others = m->others;
	c->summary.round_trips++;
	c->deltas = c->deltas && equal;
	c->doubts += !equal;
	/* Somebody was faster: then that was heard, most likely. */
	c->part = c->part && (equal || c->doubts == 1);
	if (!equal && c->doubts < DOUBTS)
		return client_ask(c, &c->bind.cursor, err);
	if (!equal && c->doubts == DOUBTS) {
		report_note(c->opts.report,
		    "the two sides' fingerprints differ; comparing everything");
		c->summary.repaired = true;
		return client_ask(c, &nowhere, err);
	}
	c->summary.files = m->fp.count;
	return end_run(c, equal, &m->cursor, err);
}

typedef enum status handler(struct client *c, const struct message *m,
    const uint8_t *data, struct err *err);

/* What a peer may say, and in which state; the rest is a client's. */
static const struct {
	handler *handle;
	enum client_state state;
	bool later; /* and in the states after that */
} handlers[MESSAGE__MAX] = {
	[MESSAGE_HELLO] = { client_on_hello, CLIENT_HELLO, false },
	[MESSAGE_CHANGES] = { client_on_changes, CLIENT_CHANGES, false },
	[MESSAGE_FILE_UPDATE] = { on_transfer, CLIENT_TRANSFER, false },
	[MESSAGE_FILE_DATA] = { on_transfer, CLIENT_TRANSFER, false },
	[MESSAGE_ACK] = { on_transfer, CLIENT_TRANSFER, false },
	[MESSAGE_REFUSED] = { on_transfer, CLIENT_TRANSFER, false },
	[MESSAGE_DONE] = { on_done, CLIENT_PROOF, false },
	[MESSAGE_PING] = { on_ping, CLIENT_CHANGES, true },
	[MESSAGE_PONG] = { on_pong, CLIENT_CHANGES, true },
	[MESSAGE_ERROR] = { on_error, CLIENT_HELLO, true },
};

static enum status
dispatch(struct client *c, const struct message *m, const uint8_t *data,
    struct err *err)
{
	if (m->type == MESSAGE_CHANGES && m->news && c->state >= CLIENT_CHANGES)
		return client_on_news(c, m, data, err);
	if (handlers[m->type].handle == NULL ||
	    (handlers[m->type].later ? handlers[m->type].state > c->state :
				       handlers[m->type].state != c->state))
		return err_set(err, ST_PROTO, "%s is out of place",
		    message_type_name(m->type));
	return handlers[m->type].handle(c, m, data, err);
}

static enum status
read_messages(struct client *c, struct err *err)
{
	enum status st = ST_OK;
	bool have = true;

	if (c->state == CLIENT_HELLO)
		st = hello_check_noise(c->wire, err);
	while (st == ST_OK && have && c->state != CLIENT_END) {
		AUTO(message) struct message m = { 0 };
		const uint8_t *data = NULL;

		st = wire_next(c->wire, &have, &m, &data, err);
		if (st == ST_OK && have)
			st = dispatch(c, &m, data, err);
		if (st == ST_OK)
			st = begin_round(c, err);
	}
	return st;
}

static enum status
step_transfer(struct client *c, struct err *err)
{
	bool done = false;
	enum status st = ST_OK;

	if (c->state != CLIENT_TRANSFER)
		return ST_OK;
	st = round_step(c->round, &done, err);
	return st == ST_OK && done ? finish_round(c, err) : st;
}

static enum status
work(struct client *c, struct err *err)
{
	enum status st = client_step_look(c, err);

	if (st == ST_OK)
		st = read_messages(c, err);
	if (st == ST_OK)
		st = ask_first(c, err);
	if (st == ST_OK)
		st = step_transfer(c, err);
	if (st == ST_OK && c->live != NULL)
		st = client_live_step(c, err);
	if (st == ST_OK)
		st = wire_flush(c->wire, err);
	if (st == ST_OK && c->state != CLIENT_END && wire_at_end(c->wire))
		st = err_set(err, ST_LINK,
		    "the other side closed the connection");
	return st;
}

bool
client_busy(const struct client *c)
{
	return look_busy(&c->look) ||
	    (c->state == CLIENT_TRANSFER && round_busy(c->round));
}

/* Since the last step nothing was done here, and then, in `state`, this one. */
static void
pass_time(struct client *c, enum client_state state, int64_t start)
{
	struct summary *s = &c->summary;
	const int64_t now = env_ticks(c->env), took = now - c->passed;

	s->ns_wait += start - c->passed;
	if (state == CLIENT_HELLO)
		s->ns_connect += took;
	else if (state == CLIENT_TRANSFER || c->state == CLIENT_TRANSFER)
		s->ns_transfer += took;
	s->ns_all = now - c->began;
	c->passed = now;
}

enum status
client_step(struct client *c, bool *ret_done, struct err *err)
{
	const enum client_state state = c->state;
	const int64_t start = env_ticks(c->env);
	enum status st = work(c, err);

	if (st != ST_OK && st != ST_LINK && c->state != CLIENT_END) {
		wire_fail(c->wire, err);
		c->state = CLIENT_END;
	}
	*ret_done = c->state == CLIENT_END;
	c->summary.wire_in = wire_bytes_in(c->wire);
	c->summary.wire_out = wire_bytes_out(c->wire);
	pass_time(c, state, start);
	return st;
}

void
client_rescue(struct client *c)
{
	struct err ignored;

	if (c->round != NULL && !c->replica->read_only)
		(void)!round_rescue(c->round, &ignored);
}

enum status
client_remembered(struct env *env, const char *dir, char *buf, size_t size,
    struct err *err)
{
	AUTO(replica) struct replica *r = NULL;
	struct replica_opts opts = { .path = dir, .read_only = true };
	enum status st = replica_open(env, &opts, &r, err);

	buf[0] = '\0';
	if (st != ST_OK || r->db == NULL)
		return st;
	return db_meta_get(r->db, "remote", buf, size, err);
}
