/* SPDX-License-Identifier: MIT */
/*
 * The other half of a transfer: what the peer says.  Every answer is held
 * against what was asked; what is no answer to that ends the session.
 */
#include "config.h"

#include <stdio.h>

#include "core/plan.h"
#include "store/activity.h"
#include "store/db.h"
#include "sync/apply.h"
#include "sync/replica.h"
#include "sync/transfer_state.h"
#include "util/env.h"

static const char *
what_text(const struct action *a)
{
	if (a->what.type == ACTION_DELETE_REMOTE)
		return "delete";
	if (a->what.type == ACTION_MOVE_REMOTE)
		return "move";
	return a->remote.kind == ENTRY_TEXT ? "change" : "create";
}

static enum status
log_sent(struct transfer *t, const struct action *a, struct err *err)
{
	const struct entry *was = a->from != NULL ? &a->gone : &a->remote;
	struct activity act = { .when = env_now(t->r->env),
		.run = t->r->run,
		.path = a->path,
		.from = a->from,
		.what = what_text(a),
		.who = t->opts.name,
		.why = reconcile_reason_text(a->what.reason),
		.has_before = was->kind == ENTRY_TEXT,
		.before = was->hash,
		.has_after = a->what.type != ACTION_DELETE_REMOTE,
		.after = a->local.hash };
	struct conflict c = { .when = act.when,
		.path = a->path,
		.winner = a->local.hash,
		.loser = a->remote.hash,
		.why = act.why };
	enum status st = activity_put(t->r->db, &act, err);

	return st == ST_OK && a->what.conflict ?
	    conflict_put(t->r->db, &c, err) :
	    st;
}

/* The action that an answer speaks of, if it can be the answer to it. */
static enum status
asked_action(struct transfer *t, const struct record *rec, bool remote,
    const struct action **ret, struct err *err)
{
	const struct action *a;

	if ((rec->fields & RECORD_ID) == 0 || rec->id >= t->plan->n ||
	    t->state[rec->id] != TRANSFER_ASKED)
		return err_set(err, ST_PROTO, "an answer to no question");
	a = transfer_action_of(t, rec->id);
	if (remote != transfer_is_remote(a->what.type) ||
	    (!remote && (a->what.type != ACTION_FETCH || transfer_is_meta(a))))
		return err_set(err, ST_PROTO, "an answer to another question");
	*ret = a;
	return ST_OK;
}

static enum status
on_ack(struct transfer *t, const struct record *rec, struct err *err)
{
	const struct action *a;
	enum status st = asked_action(t, rec, true, &a, err);

	if (st == ST_OK)
		st = transfer_agree_action(t, a, err);
	if (st == ST_OK)
		st = log_sent(t, a, err);
	if (st != ST_OK)
		return st;
	transfer_answered(t, rec->id);
	transfer_set_done(t, rec->id);
	return ST_OK;
}

static enum status
on_refused(struct transfer *t, const struct record *rec, struct err *err)
{
	const struct action *a;
	struct err why = { .code = rec->fault };
	bool remote = rec->id < t->plan->n &&
	    transfer_is_remote(transfer_action_of(t, rec->id)->what.type);
	enum status st = asked_action(t, rec, remote, &a, err);

	if (st == ST_OK && (rec->fields & RECORD_FAULT) == 0)
		st = err_set(err, ST_PROTO, "REFUSED without a reason");
	if (st != ST_OK)
		return st;
	snprintf(why.text, sizeof(why.text), "%s", rec->text);
	if (remote)
		transfer_answered(t, rec->id);
	else
		t->fetching--;
	transfer_set_not_done(t, rec->id, &why);
	return ST_OK;
}

static void
count_bytes(struct transfer *t, uint32_t id, size_t len)
{
	struct summary *s = t->opts.summary;

	s->bytes_fetched += len;
	tally_bytes(&s->forms_fetched, t->form[id], len);
}

/* What comes must be what was asked for; the apply checks the contents. */
static enum status
on_update(struct transfer *t, const struct record *rec,
    const uint8_t **contents, size_t *left, struct err *err)
{
	const struct action *a;
	struct apply_op op;
	const uint8_t *data = *contents;
	struct base base, *of = NULL;
	size_t len;
	enum status st = asked_action(t, rec, false, &a, err);

	if (st != ST_OK)
		return st;
	/* One answer is enough: each is counted off once. */
	t->state[rec->id] = TRANSFER_COMING;
	t->form[rec->id] = (uint8_t)tally_form_of(rec->form);
	tally_file(&t->opts.summary->forms_fetched, t->form[rec->id],
	    a->remote.size);
	transfer_local_op(a, rec->id, &op);
	op.kind = APPLY_PUT;
	if (record_is_delta(rec)) {
		if (!transfer_has_base(t, a))
			return err_set(err, ST_PROTO,
			    "FILE_UPDATE: a delta of nothing");
		base = (struct base){ a->path, a->local.hash };
		of = &base;
	}
	if (record_is_stream(rec))
		return apply_stream_begin(t->apply, &op, of, rec->offset, NULL,
		    err);
	if (rec->form == FORM_META || rec->size != a->remote.size ||
	    !record_inline(rec, *left, &len))
		return err_set(err, ST_PROTO, "FILE_UPDATE: contents missing");
	*contents += len;
	*left -= len;
	count_bytes(t, rec->id, len);
	return of != NULL ? apply_put_delta(t->apply, &op, of, data, len, err) :
			    apply_put(t->apply, &op, data, len, err);
}

static enum status
each_record(struct transfer *t, const struct message *m, const uint8_t *data,
    struct err *err)
{
	const uint8_t *records = data, *contents = data + m->records_len;
	size_t len = m->records_len, left = m->data_len - m->records_len;
	struct record rec;
	enum status st = ST_OK;

	while (st == ST_OK && len > 0) {
		st = record_get(&records, &len, &t->scratch, &rec, err);
		if (st != ST_OK)
			break;
		if (m->type == MESSAGE_ACK)
			st = on_ack(t, &rec, err);
		else if (m->type == MESSAGE_REFUSED)
			st = on_refused(t, &rec, err);
		else
			st = on_update(t, &rec, &contents, &left, err);
		if (st == ST_OK && m->type == MESSAGE_FILE_UPDATE &&
		    apply_due(t->apply))
			st = apply_flush(t->apply, err);
	}
	if (st == ST_OK && left != 0)
		st = err_set(err, ST_PROTO, "more contents than records");
	return st;
}

static enum status
acks(struct transfer *t, const struct message *m, const uint8_t *data,
    struct err *err)
{
	enum status st = db_begin(t->r->db, err);

	if (st == ST_OK)
		st = each_record(t, m, data, err);
	return db_end(t->r->db, st, err);
}

static enum status
on_data(struct transfer *t, const struct message *m, const uint8_t *data,
    struct err *err)
{
	enum status st;

	st = apply_stream_part(t->apply, m->id, m->offset, data, m->data_len,
	    err);
	if (st == ST_OK)
		count_bytes(t, m->id, m->data_len);
	if (st == ST_OK && m->last)
		st = apply_stream_end(t->apply, m->id, m->bad, err);
	return st == ST_OK && apply_due(t->apply) ? apply_flush(t->apply, err) :
						    st;
}

enum status
transfer_message(struct transfer *t, const struct message *m,
    const uint8_t *data, struct err *err)
{
	const int64_t start = env_ticks(t->r->env);
	enum status st = ST_OK;

	if (m->type == MESSAGE_PONG)
		t->passed |= t->barrier && m->token == TRANSFER_BARRIER;
	else if (m->type == MESSAGE_ACK)
		st = acks(t, m, data, err);
	else if (m->type == MESSAGE_FILE_DATA)
		st = on_data(t, m, data, err);
	else
		st = each_record(t, m, data, err);
	t->opts.summary->ns_apply += env_ticks(t->r->env) - start;
	return st;
}
