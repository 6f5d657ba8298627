/* SPDX-License-Identifier: MIT */
/*
 * Listings in, plan out, plan done.  The server's listing is what it told, or
 * what was known of it before with that laid over.
 */
#include "config.h"

#include "sync/round.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/message.h"
#include "codec/record.h"
#include "core/entry.h"
#include "core/filter.h"
#include "core/fingerprint.h"
#include "core/listing.h"
#include "core/plan.h"
#include "core/scope.h"
#include "core/sketch.h"
#include "fs/root.h"
#include "store/journal.h"
#include "sync/recall.h"
#include "sync/replica.h"
#include "sync/report.h"
#include "sync/settle.h"
#include "sync/transfer.h"
#include "util/str.h"

/* A folder may have this many files; a peer that never ends is stopped. */
#define ROUND_ENTRIES 10000000u

struct round {
	struct replica *r;
	struct wire *wire;
	struct round_opts opts;
	struct listing *changes;
	struct listing *pending;
	struct listing *known; /* base and pending, as one */
	struct listing *told; /* that and changes, as one */
	const struct listing *remote; /* what the server has: one of these */
	struct listing *ruled_out; /* names that are not synced here */
	struct listing *here; /* disk and those, as one */
	const struct listing *local; /* what is here: disk or here */
	struct plan *plan;
	struct transfer *transfer;
	size_t asides; /* faults, and beginnings held, that were told */
	bool partial; /* the plan is not all: another round is due */
	struct transfer_held held[TRANSFER_HELD];
	size_t n_held;
};

enum status
round_new(struct replica *r, struct wire *wire, const struct round_opts *opts,
    struct round **ret, struct err *err)
{
	AUTO(round) struct round *round = calloc(1, sizeof(*round));

	if (round == NULL || listing_new(&round->changes) != ST_OK)
		return err_nomem(err);
	round->r = r;
	round->wire = wire;
	round->opts = *opts;
	*ret = round;
	round = NULL;
	return ST_OK;
}

void
round_free(struct round *round)
{
	if (round == NULL)
		return;
	transfer_free(round->transfer);
	plan_free(round->plan);
	listing_free(round->here);
	listing_free(round->ruled_out);
	listing_free(round->told);
	listing_free(round->known);
	listing_free(round->pending);
	listing_free(round->changes);
	free(round);
}

/* A file that the server could not read, or name: that stops nothing else. */
static void
report_fault(struct round *round, const struct record *rec)
{
	struct err why;
	char text[RECORD_TEXT_LIMIT + 32];

	snprintf(text, sizeof(text), "on the server: %s", rec->text);
	(void)!err_set(&why, rec->fault, "%s", text);
	if (!round->opts.retold)
		report_problem(round->opts.report,
		    (rec->fields & RECORD_PATH) ? rec->path : NULL, &why);
	round->opts.summary->problems++;
}

enum status
round_add(struct round *round, const struct record *rec, struct err *err)
{
	const bool held = rec->fields == (RECORD_HASH | RECORD_OFFSET);
	struct entry e;

	if ((held || (rec->fields & RECORD_FAULT) != 0) &&
	    ++round->asides > RECORD_FAULTS)
		return err_set(err, ST_PROTO,
		    "CHANGES: more than %d records that are no files",
		    RECORD_FAULTS);
	if (rec->fields & RECORD_FAULT) {
		report_fault(round, rec);
		return ST_OK;
	}
	if (held) {
		if (round->n_held < TRANSFER_HELD)
			round->held[round->n_held++] = (struct transfer_held){
				.hash = rec->hash,
				.size = rec->offset
			};
		return ST_OK;
	}
	if ((rec->fields & RECORD_PATH) == 0 ||
	    (rec->fields & RECORD_KIND) == 0 ||
	    (rec->kind == ENTRY_TEXT &&
		((rec->fields & RECORD_HASH) == 0 ||
		    (rec->fields & RECORD_SIZE) == 0)))
		return err_set(err, ST_PROTO,
		    "CHANGES: a record lacks a field");
	if (listing_count(round->changes) >= ROUND_ENTRIES)
		return err_set(err, ST_PROTO, "CHANGES: more than %u files",
		    ROUND_ENTRIES);
	record_to_entry(rec, &e);
	return listing_add(round->changes, &e) == ST_OK ? ST_OK :
							  err_nomem(err);
}

enum status
round_add_same(struct round *round, const uint8_t *same, size_t buckets,
    struct err *err)
{
	const struct listing *disk = round->r->disk;
	const struct entry *e;
	size_t i, at;

	for (i = 0; i < listing_count(disk); i++) {
		e = listing_at(disk, i);
		at = sketch_bucket_of(buckets, e->path);
		if (e->kind == ENTRY_TEXT &&
		    (same[at / 8] & 0x80 >> at % 8) != 0 &&
		    listing_add(round->changes, e) != ST_OK)
			return err_nomem(err);
	}
	return ST_OK;
}

/* Copies are made only where there is something to lay over. */
static enum status
lay_over(const struct listing **list, const struct listing *newer,
    struct listing **own, struct err *err)
{
	if (listing_count(newer) == 0)
		return ST_OK;
	if (listing_overlay(*list, newer, own) != ST_OK)
		return err_nomem(err);
	*list = *own;
	return ST_OK;
}

/* What is pending in the scope of the look. */
static enum status
load_pending(struct round *round, struct err *err)
{
	AUTO(listing) struct listing *all = NULL;
	enum status st = journal_pending(round->r->db, &all, err);

	if (st != ST_OK)
		return st;
	if (listing_new(&round->pending) != ST_OK ||
	    scope_choose(round->r->scope, all, true, round->pending) != ST_OK)
		return err_nomem(err);
	listing_sort(round->pending);
	return ST_OK;
}

static enum status
make_remote(struct round *round, bool full, struct err *err)
{
	enum status st;

	listing_sort(round->changes);
	if (full) {
		round->remote = round->changes;
		return ST_OK;
	}
	st = load_pending(round, err);
	if (st == ST_OK)
		st = recall(round->r, round->pending, err);
	if (st == ST_OK)
		st = recall(round->r, round->changes, err);
	round->remote = round->r->base;
	if (st == ST_OK)
		st = lay_over(&round->remote, round->pending, &round->known,
		    err);
	return st == ST_OK ?
	    lay_over(&round->remote, round->changes, &round->told, err) :
	    st;
}

/*
 * Is what the server has there not wanted here?  It has rules and a limit of
 * its own, which may be wider.
 */
static bool
is_ruled_out(const struct filter *f, const struct entry *remote,
    enum entry_kind here)
{
	struct filter_verdict verdict;

	if (remote->kind == ENTRY_TEXT && remote->size > filter_max_size(f))
		return here == ENTRY_ABSENT || here == ENTRY_TEXT;
	if (remote->kind == ENTRY_ABSENT || here != ENTRY_ABSENT)
		return false;
	filter_judge_deep(f, remote->path, &verdict);
	return verdict.excluded;
}

/*
 * What the rules here exclude by its name is excluded also where there is no
 * such file yet, and so is what would grow too big: then it is not fetched.
 */
static enum status
make_local(struct round *round, struct err *err)
{
	AUTO(listing_walk) struct listing_walk *disk = NULL;
	const struct entry *remote;
	struct entry e = { .kind = ENTRY_EXCLUDED };
	size_t i;

	round->local = round->r->disk;
	if (listing_new(&round->ruled_out) != ST_OK ||
	    listing_walk_new(round->r->disk, &disk) != ST_OK)
		return err_nomem(err);
	for (i = 0; i < listing_count(round->remote); i++) {
		remote = listing_at(round->remote, i);
		e.path = remote->path;
		if (is_ruled_out(round->r->filter, remote,
			listing_walk_at(disk, e.path)->kind) &&
		    listing_add_borrowed(round->ruled_out, &e) != ST_OK)
			return err_nomem(err);
	}
	listing_sort(round->ruled_out);
	return lay_over(&round->local, round->ruled_out, &round->here, err);
}

static size_t
count_texts(const struct listing *list)
{
	size_t i, n = 0;

	for (i = 0; i < listing_count(list); i++)
		n += listing_at(list, i)->kind == ENTRY_TEXT;
	return n;
}

static bool
is_deletion(const struct action *a)
{
	return a->what.type == ACTION_DELETE_LOCAL ||
	    a->what.type == ACTION_DELETE_REMOTE;
}

static void
tell(const struct round *round, enum event_type type, const struct action *a)
{
	report_event(round->opts.report,
	    &(struct event){ .type = type, .action = a, .path = a->path });
}

/* What the lists do not say is as it was agreed, as far as is known. */
static enum status
count_outside(const struct round *round, size_t *ret, struct err *err)
{
	const size_t inside = count_texts(round->r->base);
	struct fingerprint fp;
	enum status st;

	*ret = 0;
	if (round->r->scope == NULL && !round->r->brief)
		return ST_OK;
	st = journal_fingerprint(round->r->db, &fp, err);
	if (st == ST_OK && fp.count > inside)
		*ret = fp.count - inside;
	return st;
}

/* What stands as it is on purpose, as of the last look. */
static void
count_left(struct round *round)
{
	struct summary *s = round->opts.summary;
	size_t i;

	s->local_only = 0;
	s->masked = 0;
	s->conflicts_open = 0;
	for (i = 0; i < round->plan->n; i++) {
		const struct decision *d = &round->plan->v[i].what;

		if (d->type != ACTION_LEAVE)
			continue;
		s->local_only += d->reason == REASON_NOT_ALLOWED;
		s->masked += d->reason == REASON_MASKED;
		s->conflicts_open += d->reason == REASON_MANUAL ||
		    d->reason == REASON_CLASH;
	}
}

enum status
round_plan(struct round *round, const struct rules *rules, bool full,
    struct err *err)
{
	struct replica *r = round->r;
	enum status st = make_remote(round, full, err);

	if (st == ST_OK)
		st = make_local(round, err);
	if (st != ST_OK)
		return st;
	if (reconcile(r->base, round->local, round->remote, rules,
		&round->plan) != ST_OK ||
	    plan_find_moves(round->plan) != ST_OK)
		return err_nomem(err);
	if (r->scope == NULL)
		count_left(round);
	return ST_OK;
}

size_t
round_deletions(const struct round *round)
{
	size_t i, n = 0;

	for (i = 0; i < round->plan->n; i++)
		n += is_deletion(&round->plan->v[i]);
	return n;
}

static enum status
check_guard(struct round *round, struct err *err)
{
	struct guard_side here, there;
	struct guard_verdict v;
	char show[STR_SHOW];
	size_t i, outside;
	enum status st = count_outside(round, &outside, err);

	if (st != ST_OK)
		return st;
	here = (struct guard_side){ outside + count_texts(round->local),
		round->opts.gone_local };
	there = (struct guard_side){ outside + count_texts(round->remote),
		round->opts.gone_remote };
	guard_check(round->plan, &here, &there, &round->opts.guard,
	    round->opts.guard_explicit, &v);
	if (!v.tripped)
		return ST_OK;
	round->opts.summary->guard = true;
	for (i = 0; i < round->plan->n; i++)
		if (is_deletion(&round->plan->v[i]))
			tell(round, EVENT_GUARD, &round->plan->v[i]);
	if (v.emptied)
		return err_set(err, ST_GUARD,
		    "%s is empty now, and %zu files would be deleted %s; "
		    "nothing was changed",
		    v.remote ? str_show(show, root_path(round->r->root)) :
			       "the server's folder",
		    v.deletions, v.remote ? "on the server" : "here");
	if (v.gone > 0)
		return err_set(err, ST_GUARD,
		    "%zu of %zu files would be deleted %s, after %zu within a "
		    "minute; nothing more was changed",
		    v.deletions, v.files, v.remote ? "on the server" : "here",
		    v.gone);
	return err_set(err, ST_GUARD,
	    "%zu of %zu files would be deleted %s; nothing was changed",
	    v.deletions, v.files, v.remote ? "on the server" : "here");
}

enum status
round_guard(struct round *round, struct err *err)
{
	enum status st = check_guard(round, err);

	if (st != ST_OK)
		return st;
	if (!round->r->read_only)
		round->partial = plan_only_ignore_files(round->plan);
	plan_order(round->plan);
	return ST_OK;
}

bool
round_is_empty(const struct round *round)
{
	return round->plan->n == 0;
}

void
round_tell(struct round *round)
{
	struct summary *s = round->opts.summary;
	size_t i;

	for (i = 0; i < round->plan->n; i++) {
		const struct action *a = &round->plan->v[i];

		summary_count(s, a);
		tell(round,
		    a->what.type == ACTION_LEAVE ? EVENT_LEFT : EVENT_CHANGE,
		    a);
	}
	s->files = count_texts(round->r->base);
	s->in_sync = round->plan->n == 0 && s->problems == 0;
}

enum status
round_begin(struct round *round, bool whole, bool proof, struct err *err)
{
	struct transfer_opts opts = { .name = round->opts.name,
		.remote = round->remote,
		.held = round->held,
		.n_held = round->n_held,
		.whole = whole,
		.proof = proof,
		.report = round->opts.report,
		.summary = round->opts.summary };

	return transfer_new(round->r, round->wire, round->plan, &opts,
	    &round->transfer, err);
}

enum status
round_message(struct round *round, const struct message *m, const uint8_t *data,
    struct err *err)
{
	return transfer_message(round->transfer, m, data, err);
}

enum status
round_step(struct round *round, bool *ret_done, struct err *err)
{
	return transfer_step(round->transfer, ret_done, err);
}

bool
round_busy(const struct round *round)
{
	return transfer_busy(round->transfer);
}

bool
round_failed(const struct round *round)
{
	size_t i;

	for (i = 0; i < round->plan->n; i++)
		if (transfer_state(round->transfer, i) == TRANSFER_AGAIN)
			return true;
	return false;
}

bool
round_changes_remote(const struct round *round)
{
	size_t i;

	for (i = 0; i < round->plan->n; i++)
		if (transfer_is_remote(round->plan->v[i].what.type))
			return true;
	return false;
}

enum status
round_settle(struct round *round, const struct message_cursor *cursor,
    bool *ret_again, struct err *err)
{
	*ret_again = round->partial || round_failed(round);
	return settle(round->r, round->remote, round->plan, round->transfer,
	    cursor, err);
}

enum status
round_rescue(struct round *round, struct err *err)
{
	return round->transfer == NULL ? ST_OK :
					 transfer_rescue(round->transfer, err);
}

void
round_tell_again(struct round *round)
{
	struct err why;
	char show[STR_SHOW];
	size_t i;

	for (i = 0; i < round->plan->n; i++) {
		const char *path = round->plan->v[i].path;

		if (transfer_state(round->transfer, i) != TRANSFER_AGAIN)
			continue;
		(void)!err_set(&why, ST_CHANGED,
		    "%s: it is in the way, or keeps changing; left for the "
		    "next run",
		    str_show(show, path));
		round->opts.summary->problems++;
		report_problem(round->opts.report, path, &why);
	}
}
