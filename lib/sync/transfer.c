/* SPDX-License-Identifier: MIT */
/*
 * One cursor walks the plan.  Operations for the server go into the sender or
 * into a message at once and are not waited for: the peer does them in the
 * order they come.  Files to fetch are asked for ahead, within a window.  Only
 * the last deletions here wait, until all that was fetched is in place.
 */
#include "config.h"

#include "sync/transfer.h"

#include <stdlib.h>

#include "core/listing.h"
#include "store/db.h"
#include "store/signature.h"
#include "sync/apply.h"
#include "sync/bases.h"
#include "sync/replica.h"
#include "sync/sender.h"
#include "sync/transfer_state.h"
#include "sync/wire.h"
#include "util/buf.h"
#include "util/env.h"

#define WINDOW	    8192 /* files asked for and not yet here */
#define OPS_MESSAGE 512 /* operations in one message */

/*
 * A few bytes may stand for much that is to be read, hashed and written again;
 * both sides have to come up for air.
 */
#define WEIGHT_MOST (256ull * 1024 * 1024) /* that the peer has to make */
#define COPY_MOST   (8u * 1024 * 1024) /* in one step here */

enum transfer_state
transfer_state(const struct transfer *t, size_t action)
{
	return (enum transfer_state)t->state[action];
}

bool
transfer_is_remote(enum action_type type)
{
	return type == ACTION_SEND || type == ACTION_DELETE_REMOTE ||
	    type == ACTION_MOVE_REMOTE;
}

bool
transfer_is_meta(const struct action *a)
{
	return a->local.kind == ENTRY_TEXT && a->remote.kind == ENTRY_TEXT &&
	    hash_equal(&a->local.hash, &a->remote.hash);
}

bool
transfer_has_base(const struct transfer *t, const struct action *a)
{
	const struct entry *base = listing_find(t->r->base, a->path);

	/* Of what was never the server's it need not even learn the hash. */
	return !t->opts.whole && a->local.kind == ENTRY_TEXT && base != NULL &&
	    base->kind == ENTRY_TEXT && hash_equal(&base->hash, &a->local.hash);
}

/* How much may be made by the peer where less is sent. */
static uint64_t
weight_of(const struct transfer *t, size_t i)
{
	const struct action *a = transfer_action_of(t, i);

	if (a->what.type != ACTION_SEND || transfer_is_meta(a) ||
	    t->opts.whole ||
	    (a->remote.kind != ENTRY_TEXT && bases_of(t->bases, i) == NULL))
		return 0;
	return a->local.size;
}

void
transfer_answered(struct transfer *t, size_t i)
{
	t->remote--;
	t->weight -= weight_of(t, i);
}

static void
tell_progress(struct transfer *t, const char *step)
{
	t->progress.step = step;
	report_event(t->opts.report,
	    &(struct event){ .type = EVENT_PROGRESS,
		.progress = &t->progress });
}

static void
tell_action(struct transfer *t, enum event_type type, const struct action *a)
{
	report_event(t->opts.report,
	    &(struct event){ .type = type, .action = a, .path = a->path });
}

void
transfer_set_done(struct transfer *t, size_t i)
{
	const struct action *a = transfer_action_of(t, i);

	t->state[i] = TRANSFER_DONE;
	summary_count(t->opts.summary, a);
	if (a->what.type == ACTION_SEND || a->what.type == ACTION_FETCH) {
		t->progress.files++;
		t->progress.bytes += a->what.type == ACTION_SEND ?
		    a->local.size :
		    a->remote.size;
	}
	if (a->what.type == ACTION_MOVE_REMOTE)
		tally_file(&t->opts.summary->forms_sent, TALLY_MOVED,
		    a->local.size);
	else if (a->what.type == ACTION_MOVE_LOCAL)
		tally_file(&t->opts.summary->forms_fetched, TALLY_MOVED,
		    a->remote.size);
	tell_action(t, EVENT_CHANGE, a);
	tell_progress(t, "transfer");
}

void
transfer_set_not_done(struct transfer *t, size_t i, const struct err *why)
{
	/* Or it is what it was to be made from that is at fault. */
	if (why->code == ST_CHANGED || why->code == ST_EXIST ||
	    why->code == ST_NOENT || bases_of(t->bases, i) != NULL) {
		t->state[i] = TRANSFER_AGAIN;
		return;
	}
	t->state[i] = TRANSFER_FAILED;
	t->opts.summary->problems++;
	report_problem(t->opts.report, transfer_action_of(t, i)->path, why);
}

static void
on_result(void *ctx, const struct apply_result *result)
{
	struct transfer *t = ctx;
	size_t i = result->op->id;

	if (transfer_action_of(t, i)->what.type == ACTION_FETCH)
		t->fetching--;
	if (result->status == ST_OK)
		transfer_set_done(t, i);
	else
		transfer_set_not_done(t, i, result->err);
}

static enum status
on_send_failed(void *ctx, uint32_t id, const struct err *why,
    const struct entry *now, struct err *err)
{
	struct transfer *t = ctx;

	(void)now;
	if (t->state[id] != TRANSFER_ASKED)
		return err_set(err, ST_PROTO, "an answer before the question");
	transfer_answered(t, id);
	transfer_set_not_done(t, id, why);
	return ST_OK;
}

static void
count_all(struct transfer *t)
{
	size_t i;

	for (i = 0; i < t->plan->n; i++) {
		const struct action *a = transfer_action_of(t, i);

		if (a->what.type != ACTION_SEND && a->what.type != ACTION_FETCH)
			continue;
		t->progress.files_all++;
		t->progress.bytes_all += a->what.type == ACTION_SEND ?
		    a->local.size :
		    a->remote.size;
	}
}

enum status
transfer_new(struct replica *r, struct wire *wire, const struct plan *plan,
    const struct transfer_opts *opts, struct transfer **ret, struct err *err)
{
	AUTO(transfer) struct transfer *t = calloc(1, sizeof(*t));
	struct apply_opts aopts = { .origin = "server",
		.result = on_result,
		.ctx = t };
	struct sender_opts sopts = { .failed = on_send_failed,
		.ctx = t,
		.tally = &opts->summary->forms_sent };
	enum status st;

	if (t == NULL)
		return err_nomem(err);
	t->r = r;
	t->wire = wire;
	t->plan = plan;
	t->opts = *opts;
	t->bytes_before = opts->summary->bytes_sent;
	t->state = calloc(plan->n + 1, 1);
	t->form = calloc(plan->n + 1, 1);
	if (t->state == NULL || t->form == NULL)
		return err_nomem(err);
	st = apply_new(r, &aopts, &t->apply, err);
	if (st == ST_OK)
		st = sender_new(r, wire, &sopts, &t->sender, err);
	if (st == ST_OK && !opts->whole)
		st = bases_new(r, plan, opts->remote, &t->bases, err);
	if (st != ST_OK)
		return st;
	count_all(t);
	*ret = t;
	t = NULL;
	return ST_OK;
}

void
transfer_free(struct transfer *t)
{
	if (t == NULL)
		return;
	apply_free(t->apply);
	sender_free(t->sender);
	bases_free(t->bases);
	buf_fini(&t->records);
	free(t->state);
	free(t->form);
	free(t);
}

enum status
transfer_agree_action(struct transfer *t, const struct action *a,
    struct err *err)
{
	struct entry gone = { .path = a->path, .kind = ENTRY_ABSENT };
	enum status st = ST_OK;

	if (a->what.type == ACTION_MOVE_REMOTE) {
		gone.path = a->from;
		st = signature_move(t->r->db, a->from, a->path, err);
		if (st == ST_OK)
			st = replica_agree(t->r, &gone, t->opts.name, err);
		gone.path = a->path;
	}
	if (st != ST_OK)
		return st;
	if (a->what.type == ACTION_SEND || a->what.type == ACTION_ADOPT ||
	    a->what.type == ACTION_MOVE_REMOTE)
		return replica_agree(t->r, &a->local, t->opts.name, err);
	return replica_agree(t->r, &gone, t->opts.name, err);
}

/* Costs nothing: no file is touched, no byte is sent. */
static bool
is_free(enum action_type type)
{
	return type == ACTION_ADOPT || type == ACTION_FORGET ||
	    type == ACTION_LET_GO || type == ACTION_LEAVE;
}

/* What needs no file to be touched: one transaction for all of it. */
static enum status
agree_free(struct transfer *t, struct err *err)
{
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < t->plan->n && st == ST_OK; i++) {
		const struct action *a = transfer_action_of(t, i);

		if (!is_free(a->what.type))
			continue;
		if (a->what.type == ACTION_LEAVE)
			tell_action(t, EVENT_LEFT, a);
		else
			st = transfer_agree_action(t, a, err);
		if (a->what.type == ACTION_LET_GO)
			tell_action(t, EVENT_CHANGE, a);
		summary_count(t->opts.summary, a);
		t->state[i] = TRANSFER_DONE;
	}
	return st;
}

static bool
any_free(const struct transfer *t)
{
	size_t i;

	for (i = 0; i < t->plan->n; i++)
		if (is_free(transfer_action_of(t, i)->what.type))
			return true;
	return false;
}

static enum status
do_free(struct transfer *t, struct err *err)
{
	enum status st;

	if (t->begun)
		return ST_OK;
	t->begun = true;
	if (!any_free(t))
		return ST_OK;
	st = db_begin(t->r->db, err);
	if (st == ST_OK)
		st = agree_free(t, err);
	return db_end(t->r->db, st, err);
}

static enum status
send_records(struct transfer *t, struct err *err)
{
	struct message m;
	enum status st;

	if (t->n_records == 0)
		return ST_OK;
	message_init(&m, t->records_type);
	m.count = t->n_records;
	m.records_len = t->records.len;
	m.data_len = t->records.len;
	st = wire_send(t->wire, &m, buf_data(&t->records), err);
	buf_clear(&t->records);
	t->n_records = 0;
	return st;
}

static enum status
add_record(struct transfer *t, enum message_type type, const struct record *rec,
    struct err *err)
{
	enum status st = ST_OK;

	if (t->n_records > 0 &&
	    (t->records_type != type || t->n_records >= OPS_MESSAGE))
		st = send_records(t, err);
	if (st != ST_OK)
		return st;
	t->records_type = type;
	if (record_put(&t->records, rec) != ST_OK)
		return err_nomem(err);
	t->n_records++;
	return ST_OK;
}

/* Its contents may go as a delta: of another file, or of what it replaces. */
static enum status
send_file(struct transfer *t, size_t i, struct record *rec, struct err *err)
{
	const struct action *a = transfer_action_of(t, i);
	const struct base own = { a->path, a->remote.hash };
	const struct base *base = bases_of(t->bases, i);
	enum status st = send_records(t, err);

	if (base == NULL && !t->opts.whole && rec->if_kind == ENTRY_TEXT)
		base = &own;
	rec->form = transfer_is_meta(a) ? FORM_META : 0;
	transfer_offset(t, a, rec);
	return st == ST_OK ? sender_add(t->sender, a->path, rec, base, err) :
			     st;
}

static enum status
ask_remote(struct transfer *t, size_t i, bool *ret_wait, struct err *err)
{
	const struct action *a = transfer_action_of(t, i);
	struct record rec;
	enum status st;

	transfer_operation(a, i, &rec);
	if (a->what.type == ACTION_SEND) {
		*ret_wait = sender_full(t->sender) || t->weight > WEIGHT_MOST;
		if (*ret_wait)
			return ST_OK;
		st = send_file(t, i, &rec, err);
	} else {
		/* Behind the contents that came before it in the plan. */
		*ret_wait = !sender_idle(t->sender);
		if (*ret_wait)
			return ST_OK;
		st = add_record(t,
		    a->what.type == ACTION_MOVE_REMOTE ? MESSAGE_FILE_MOVE :
							 MESSAGE_FILE_DELETE,
		    &rec, err);
	}
	t->state[i] = TRANSFER_ASKED;
	t->remote++;
	t->weight += weight_of(t, i);
	return st;
}

void
transfer_local_op(const struct action *a, size_t i, struct apply_op *op)
{
	*op = (struct apply_op){ .id = (uint32_t)i,
		.path = a->path,
		.from = a->from,
		.want = a->remote,
		.expect = a->from != NULL ? a->gone : a->local,
		.why = a->what.reason,
		.conflict = a->what.conflict };
}

static enum status
do_local(struct transfer *t, size_t i, bool *ret_wait, struct err *err)
{
	const struct action *a = transfer_action_of(t, i);
	struct apply_op op;

	/* The last deletions wait for what was fetched. */
	*ret_wait = a->what.type == ACTION_DELETE_LOCAL && t->fetching > 0 &&
	    !plan_makes_room(a);
	if (*ret_wait)
		return ST_OK;
	transfer_local_op(a, i, &op);
	op.kind = a->what.type == ACTION_MOVE_LOCAL ? APPLY_MOVE : APPLY_DELETE;
	t->state[i] = TRANSFER_ASKED;
	return apply_add(t->apply, &op, err);
}

static enum status
fetch(struct transfer *t, size_t i, bool *ret_wait, struct err *err)
{
	const struct action *a = transfer_action_of(t, i);
	struct apply_op op;
	struct record rec;
	bool made = false;
	enum status st;

	*ret_wait = t->fetching >= WINDOW || t->copied >= COPY_MOST;
	if (*ret_wait)
		return ST_OK;
	t->state[i] = TRANSFER_ASKED;
	t->fetching++;
	st = transfer_copy(t, i, &made, err);
	if (st != ST_OK || made)
		return st;
	if (transfer_is_meta(a)) {
		transfer_local_op(a, i, &op);
		op.kind = APPLY_META;
		tally_file(&t->opts.summary->forms_fetched, TALLY_META,
		    a->remote.size);
		return apply_add(t->apply, &op, err);
	}
	record_from_entry(&rec, &a->remote);
	rec.fields |= RECORD_ID;
	rec.id = (uint32_t)i;
	if (transfer_has_base(t, a)) {
		rec.fields |= RECORD_IF;
		rec.if_kind = ENTRY_TEXT;
		rec.if_hash = a->local.hash;
	}
	transfer_offset(t, a, &rec);
	return add_record(t, MESSAGE_GET, &rec, err);
}

static enum status
do_next(struct transfer *t, bool *ret_wait, struct err *err)
{
	size_t i = t->next;
	const struct action *a = transfer_action_of(t, i);
	enum status st = ST_OK;

	if (t->state[i] != TRANSFER_TODO)
		;
	else if (transfer_is_remote(a->what.type))
		st = ask_remote(t, i, ret_wait, err);
	else if (a->what.type == ACTION_FETCH)
		st = fetch(t, i, ret_wait, err);
	else
		st = do_local(t, i, ret_wait, err);
	if (!*ret_wait)
		t->next++;
	return st;
}

/* Behind the last operation: the peer is to carry out what it has. */
static enum status
send_barrier(struct transfer *t, struct err *err)
{
	struct message m;

	if (t->barrier || t->remote == 0)
		return ST_OK;
	t->barrier = true;
	message_init(&m, MESSAGE_PING);
	m.token = TRANSFER_BARRIER;
	m.proof = t->opts.proof;
	return wire_send(t->wire, &m, NULL, err);
}

static enum status
flush(struct transfer *t, struct err *err)
{
	const int64_t start = env_ticks(t->r->env);
	enum status st = apply_flush(t->apply, err);

	t->opts.summary->ns_apply += env_ticks(t->r->env) - start;
	return st;
}

/*
 * On to the first action that has to wait; what waits for the sender goes on
 * as long as the sender does.
 */
static enum status
walk_plan(struct transfer *t, struct err *err)
{
	enum status st = ST_OK;
	bool wait = false, moved = true;
	size_t out = 0;

	while (st == ST_OK && t->next < t->plan->n && moved &&
	    out < WIRE_HIGH_WATER) {
		st = do_next(t, &wait, err);
		if (st == ST_OK && apply_due(t->apply))
			st = flush(t, err);
		moved = !wait;
		if (st == ST_OK && wait)
			st = sender_pump(t->sender, &moved, err);
		wait = false;
		wire_output(t->wire, &out);
	}
	if (st == ST_OK)
		st = sender_pump(t->sender, &moved, err);
	return st == ST_OK ? send_records(t, err) : st;
}

/* True if nothing that is still to come belongs to the group here. */
static bool
group_complete(const struct transfer *t)
{
	return apply_waiting(t->apply) > 0 &&
	    t->fetching <= apply_waiting(t->apply);
}

bool
transfer_busy(const struct transfer *t)
{
	return (t->copied >= COPY_MOST && t->next < t->plan->n) ||
	    sender_eager(t->sender);
}

enum status
transfer_step(struct transfer *t, bool *ret_done, struct err *err)
{
	enum status st = do_free(t, err);
	bool more = true;

	*ret_done = false;
	t->copied = 0;
	while (st == ST_OK && more) {
		st = walk_plan(t, err);
		more = st == ST_OK && group_complete(t);
		if (more)
			st = flush(t, err);
		more = more && !transfer_busy(t);
	}
	if (st != ST_OK || t->next < t->plan->n || !sender_idle(t->sender))
		return st;
	st = send_barrier(t, err);
	t->opts.summary->bytes_sent = t->bytes_before + sender_bytes(t->sender);
	*ret_done = t->remote == 0 && t->fetching == 0 &&
	    (!t->opts.proof || t->barrier == t->passed);
	return st;
}

enum status
transfer_rescue(struct transfer *t, struct err *err)
{
	return apply_flush(t->apply, err);
}
