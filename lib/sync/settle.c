/* SPDX-License-Identifier: MIT */
/*
 * After a round the server's tree is the agreed one overlaid with what is
 * pending; so the next run needs to be told only what is newer than the
 * cursor, and the fingerprint of the two proves it.
 */
#include "config.h"

#include "sync/settle.h"

#include <stdio.h>
#include <string.h>

#include "core/entry.h"
#include "core/fingerprint.h"
#include "core/listing.h"
#include "core/plan.h"
#include "core/scope.h"
#include "store/activity.h"
#include "store/db.h"
#include "store/journal.h"
#include "sync/replica.h"
#include "sync/transfer.h"
#include "util/env.h"

struct settle {
	struct replica *r;
	const struct plan *plan;
	const struct transfer *transfer;
	struct listing *settled; /* paths where both sides agree now */
	struct listing *let_go; /* paths that have no base any more */
	struct listing *open; /* paths of conflicts that were open */
	struct listing *pending;
};

static void
settle_fini(struct settle *s)
{
	listing_free(s->settled);
	listing_free(s->let_go);
	listing_free(s->open);
	listing_free(s->pending);
}

static enum status
add_path(struct listing *list, const char *path)
{
	struct entry e = { .path = path, .kind = ENTRY_ABSENT };

	return listing_add(list, &e);
}

static enum status
note_action(struct settle *s, const struct action *a)
{
	enum status st;

	if (a->what.type == ACTION_LEAVE)
		return ST_OK;
	if (a->what.type == ACTION_LET_GO)
		return add_path(s->let_go, a->path);
	st = add_path(s->settled, a->path);
	return st == ST_OK && a->from != NULL ? add_path(s->settled, a->from) :
						st;
}

static enum status
note_actions(struct settle *s)
{
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < s->plan->n && st == ST_OK; i++)
		if (transfer_state(s->transfer, i) == TRANSFER_DONE)
			st = note_action(s, &s->plan->v[i]);
	listing_sort(s->settled);
	listing_sort(s->let_go);
	return st;
}

/*
 * One path of base or remote.  Pending is where they differ, and what the
 * server has that was let go: of that there is no base any more.
 */
static enum status
add_if_pending(struct settle *s, const char *path, const struct entry *base,
    const struct entry *remote)
{
	struct entry e = *remote;

	e.path = path;
	if (remote->kind == ENTRY_UNREAD ||
	    listing_find(s->settled, path) != NULL)
		return ST_OK;
	if (entry_same(base, remote) && listing_find(s->let_go, path) == NULL)
		return ST_OK;
	/* The cover above it is pending; what it covers ends with it. */
	if (remote->kind == ENTRY_EXCLUDED && remote->path == NULL)
		return ST_OK;
	return listing_add_borrowed(s->pending, &e);
}

/* What was pending where this round did not look, still is. */
static enum status
keep_pending(struct settle *s, struct err *err)
{
	AUTO(listing) struct listing *before = NULL;
	enum status st;

	if (s->r->scope == NULL)
		return ST_OK;
	st = journal_pending(s->r->db, &before, err);
	if (st != ST_OK)
		return st;
	return scope_choose(s->r->scope, before, false, s->pending) == ST_OK ?
	    ST_OK :
	    err_nomem(err);
}

static enum status
find_pending(struct settle *s, const struct listing *remote)
{
	AUTO(listing_walk) struct listing_walk *b = NULL;
	AUTO(listing_walk) struct listing_walk *r = NULL;
	const char *pb, *pr, *path;
	enum status st = ST_OK;

	if (listing_walk_new(s->r->base, &b) != ST_OK ||
	    listing_walk_new(remote, &r) != ST_OK)
		return ST_NOMEM;
	while (st == ST_OK) {
		pb = listing_walk_next_path(b);
		pr = listing_walk_next_path(r);
		if (pb == NULL && pr == NULL)
			break;
		path = pb == NULL || (pr != NULL && strcmp(pr, pb) < 0) ? pr :
									  pb;
		st = add_if_pending(s, path, listing_walk_at(b, path),
		    listing_walk_at(r, path));
	}
	listing_sort(s->pending);
	return st;
}

static enum status
put_cursor(struct replica *r, const struct message_cursor *cursor,
    struct err *err)
{
	char seq[24];
	enum status st;

	snprintf(seq, sizeof(seq), "%llu", (unsigned long long)cursor->seq);
	st = db_meta_set(r->db, "cursor_epoch", cursor->epoch, err);
	return st == ST_OK ? db_meta_set(r->db, "cursor_seq", seq, err) : st;
}

static bool
is_left_conflict(const struct action *a)
{
	return a->what.type == ACTION_LEAVE && a->what.reason == REASON_MANUAL;
}

static enum status
note_open(void *ctx, const struct conflict *c, struct err *err)
{
	struct settle *s = ctx;

	if (!c->open || !scope_has(s->r->scope, c->path))
		return ST_OK;
	return add_path(s->open, c->path) == ST_OK ? ST_OK : err_nomem(err);
}

/* Open conflicts are those that this round left; the others were settled. */
static enum status
put_conflicts(struct settle *s, struct err *err)
{
	enum status st = conflict_each(s->r->db, NULL, note_open, s, err);
	size_t i;

	for (i = 0; i < listing_count(s->open) && st == ST_OK; i++)
		st = conflict_settle(s->r->db, listing_at(s->open, i)->path,
		    err);
	for (i = 0; i < s->plan->n && st == ST_OK; i++) {
		const struct action *a = &s->plan->v[i];
		struct conflict c = { .when = env_now(s->r->env),
			.path = a->path,
			.open = true,
			.winner = a->local.hash,
			.loser = a->remote.hash,
			.why = reconcile_reason_text(a->what.reason) };

		if (is_left_conflict(a))
			st = conflict_put(s->r->db, &c, err);
	}
	return st;
}

static enum status
write_all(struct settle *s, const struct message_cursor *cursor,
    struct err *err)
{
	enum status st = db_begin(s->r->db, err);

	if (st == ST_OK)
		st = journal_pending_set(s->r->db, s->pending, err);
	if (st == ST_OK)
		st = put_cursor(s->r, cursor, err);
	if (st == ST_OK)
		st = put_conflicts(s, err);
	return db_end(s->r->db, st, err);
}

enum status
settle(struct replica *r, const struct listing *remote, const struct plan *plan,
    const struct transfer *transfer, const struct message_cursor *cursor,
    struct err *err)
{
	struct settle s = { .r = r, .plan = plan, .transfer = transfer };
	enum status st = ST_NOMEM;

	if (listing_new(&s.settled) == ST_OK &&
	    listing_new(&s.let_go) == ST_OK && listing_new(&s.open) == ST_OK &&
	    listing_new(&s.pending) == ST_OK)
		st = note_actions(&s);
	if (st != ST_OK)
		(void)err_nomem(err);
	if (st == ST_OK)
		st = keep_pending(&s, err);
	if (st == ST_OK && find_pending(&s, remote) != ST_OK)
		st = err_nomem(err);
	if (st == ST_OK)
		st = write_all(&s, cursor, err);
	settle_fini(&s);
	return st;
}

enum status
settle_cursor(struct replica *r, const struct message_cursor *was,
    const struct message_cursor *is, struct err *err)
{
	enum status st;

	if (was->seq == is->seq && strcmp(was->epoch, is->epoch) == 0)
		return ST_OK;
	st = db_begin(r->db, err);
	if (st == ST_OK)
		st = put_cursor(r, is, err);
	return db_end(r->db, st, err);
}

static enum status
count_pending(struct replica *r, const struct entry *e, struct fingerprint *fp,
    struct err *err)
{
	struct journal_row row;
	enum status st;
	bool have;

	st = journal_get(r->db, e->path, &have, &row, err);
	if (st != ST_OK)
		return st;
	if (have && fingerprint_remove(fp, r->hasher, &row.entry) != ST_OK)
		return err_nomem(err);
	return fingerprint_add(fp, r->hasher, e) == ST_OK ? ST_OK :
							    err_nomem(err);
}

enum status
settle_fingerprint(struct replica *r, struct fingerprint *ret, struct err *err)
{
	AUTO(listing) struct listing *pending = NULL;
	enum status st = journal_fingerprint(r->db, ret, err);
	size_t i;

	if (st == ST_OK)
		st = journal_pending(r->db, &pending, err);
	for (i = 0; st == ST_OK && i < listing_count(pending); i++)
		st = count_pending(r, listing_at(pending, i), ret, err);
	return st;
}
