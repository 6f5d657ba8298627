/* SPDX-License-Identifier: MIT */
/*
 * The files that need a base are few, what is agreed may be much: so they are
 * sorted by their hashes, and the plan and the agreed files are held against
 * them in one pass (those that the replica's listings lack, as the journal has
 * them).  What finds nothing by that is compared with the files
 * that the same plan deletes, by signatures and names.
 */
#include "config.h"

#include "sync/bases.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/chunk.h"
#include "core/entry.h"
#include "core/listing.h"
#include "core/plan.h"
#include "core/similar.h"
#include "store/journal.h"
#include "store/signature.h"
#include "sync/replica.h"
#include "util/buf.h"

/* A file that is to come. */
struct need {
	const struct entry *entry;
	size_t action;
	bool remote; /* the side where it is to come */
	bool created; /* there is nothing yet */
};

struct bases {
	struct base *v; /* by action; without a path: none */
	struct replica *r;
	const struct plan *plan;
	const struct listing *remote;
	struct listing *rest; /* paths of those that the replica lacks */
	/* while they are looked for */
	struct need *needs; /* in the order of their hashes */
	size_t n;
	bool created; /* one of them is */
};

static void
forget_needs(struct bases *b)
{
	free(b->needs);
	b->needs = NULL;
	b->n = 0;
}

void
bases_free(struct bases *b)
{
	if (b == NULL)
		return;
	forget_needs(b);
	listing_free(b->rest);
	free(b->v);
	free(b);
}

const struct base *
bases_of(const struct bases *b, size_t action)
{
	return b == NULL || b->v == NULL || b->v[action].path == NULL ?
	    NULL :
	    &b->v[action];
}

static bool
need_of(const struct action *a, size_t i, struct need *ret)
{
	const bool send = a->what.type == ACTION_SEND;
	const struct entry *come = send ? &a->local : &a->remote;
	const struct entry *was = send ? &a->remote : &a->local;

	*ret = (struct need){ .entry = come,
		.action = i,
		.remote = send,
		.created = was->kind != ENTRY_TEXT };
	return (send || a->what.type == ACTION_FETCH) &&
	    come->size >= CHUNK_WORTH &&
	    (ret->created || !hash_equal(&come->hash, &was->hash));
}

static int
compare_version(const struct need *need, const struct entry *e, bool remote)
{
	int c = memcmp(need->entry->hash.b, e->hash.b, HASH_SIZE);

	if (c == 0)
		c = (need->entry->size > e->size) -
		    (need->entry->size < e->size);
	return c != 0 ? c : (int)need->remote - (int)remote;
}

static int
compare_needs(const void *va, const void *vb)
{
	const struct need *a = va, *b = vb;
	int c = compare_version(a, b->entry, b->remote);

	return c != 0 ? c : (a->action > b->action) - (a->action < b->action);
}

static enum status
find_needs(struct bases *b)
{
	const struct plan *plan = b->plan;
	struct need need;
	size_t i;

	for (i = 0; i < plan->n; i++)
		b->n += need_of(&plan->v[i], i, &need);
	if (b->n == 0)
		return ST_OK;
	b->needs = calloc(b->n, sizeof(*b->needs));
	b->v = calloc(plan->n, sizeof(*b->v));
	if (b->needs == NULL || b->v == NULL)
		return ST_NOMEM;
	b->n = 0;
	for (i = 0; i < plan->n; i++) {
		if (!need_of(&plan->v[i], i, &need))
			continue;
		b->needs[b->n++] = need;
		b->created |= need.created;
	}
	qsort(b->needs, b->n, sizeof(*b->needs), compare_needs);
	return ST_OK;
}

/* The first file that is to come there and to be that version, or those behind. */
static size_t
first_need(const struct bases *b, const struct entry *e, bool remote)
{
	size_t low = 0, high = b->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (compare_version(&b->needs[mid], e, remote) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
is_needed(const struct bases *b, const struct entry *e, bool remote)
{
	const size_t i = first_need(b, e, remote);

	return i < b->n && compare_version(&b->needs[i], e, remote) == 0 &&
	    b->v[b->needs[i].action].path == NULL;
}

/* e's contents stand at path, on that side, for all who want them. */
static void
offer(struct bases *b, const char *path, const struct entry *e, bool remote)
{
	size_t i;

	if (!is_needed(b, e, remote))
		return;
	for (i = first_need(b, e, remote);
	     i < b->n && compare_version(&b->needs[i], e, remote) == 0; i++)
		b->v[b->needs[i].action] = (struct base){ path, e->hash };
}

static bool
agreed(const struct bases *b, const char *path, const struct entry *e)
{
	const struct entry *base = listing_find(b->r->base, path);

	return base != NULL && base->kind == ENTRY_TEXT &&
	    e->kind == ENTRY_TEXT && hash_equal(&base->hash, &e->hash);
}

/* It goes behind all that comes: so long it stands there. */
static bool
goes_last(const struct bases *b, const struct action *a, bool remote)
{
	return a->what.type ==
	    (remote ? ACTION_DELETE_REMOTE : ACTION_DELETE_LOCAL) &&
	    !plan_makes_room(a) &&
	    agreed(b, a->path, remote ? &a->remote : &a->local);
}

static void
offer_of_plan(struct bases *b)
{
	size_t i;

	for (i = 0; i < b->plan->n; i++) {
		const struct action *a = &b->plan->v[i];
		const enum action_type type = a->what.type;

		if (goes_last(b, a, true))
			offer(b, a->path, &a->remote, true);
		else if (goes_last(b, a, false))
			offer(b, a->path, &a->local, false);
		else if ((type == ACTION_MOVE_REMOTE ||
			     type == ACTION_MOVE_LOCAL) &&
		    agreed(b, a->from, &a->gone))
			/* Moves come first. */
			offer(b, a->path, &a->gone, type == ACTION_MOVE_REMOTE);
	}
}

static bool
stands_in(const struct listing *list, const struct entry *e)
{
	const struct entry *there = listing_find(list, e->path);

	return there != NULL && entry_same(there, e);
}

/* Of a file that is the same on both sides the plan says nothing. */
static void
offer_of_rest(struct bases *b)
{
	const size_t n = listing_count(b->r->base);
	const struct entry *e;
	size_t i;

	for (i = 0; i < n; i++) {
		e = listing_at(b->r->base, i);
		if (e->kind != ENTRY_TEXT || e->size < CHUNK_WORTH ||
		    (!is_needed(b, e, true) && !is_needed(b, e, false)) ||
		    !stands_in(b->r->disk, e) || !stands_in(b->remote, e))
			continue;
		offer(b, e->path, e, true);
		offer(b, e->path, e, false);
	}
}

/* The sizes of files that are to come where there is nothing yet. */
static void
needed_sizes(const struct bases *b, uint64_t *ret_least, uint64_t *ret_most)
{
	size_t i;

	*ret_least = UINT64_MAX;
	*ret_most = 0;
	for (i = 0; i < b->n; i++) {
		const struct need *need = &b->needs[i];

		if (!need->created || b->v[need->action].path != NULL)
			continue;
		if (need->entry->size < *ret_least)
			*ret_least = need->entry->size;
		if (need->entry->size > *ret_most)
			*ret_most = need->entry->size;
	}
}

/* What the replica's listings lack is the same everywhere. */
static enum status
offer_row(struct bases *b, const struct entry *e, struct err *err)
{
	const char *path;

	if ((!is_needed(b, e, true) && !is_needed(b, e, false)) ||
	    listing_find(b->r->base, e->path) != NULL)
		return ST_OK;
	if (listing_add(b->rest, e) != ST_OK)
		return err_nomem(err);
	path = listing_at(b->rest, listing_count(b->rest) - 1)->path;
	offer(b, path, e, true);
	offer(b, path, e, false);
	return ST_OK;
}

static enum status
offer_of_journal(struct bases *b, struct err *err)
{
	AUTO(journal_cursor) struct journal_cursor *cursor = NULL;
	struct journal_row row;
	uint64_t least, most;
	bool have = true;
	enum status st;

	needed_sizes(b, &least, &most);
	if (!b->r->brief || least > most)
		return ST_OK;
	if (listing_new(&b->rest) != ST_OK)
		return err_nomem(err);
	st = journal_rows_sized(b->r->db, least, most, &cursor, err);
	while (st == ST_OK && have) {
		st = journal_next(cursor, &have, &row, err);
		if (st == ST_OK && have)
			st = offer_row(b, &row.entry, err);
	}
	return st;
}

/* Empty if none is known. */
static enum status
signature_of(const struct bases *b, const char *path, const struct entry *e,
    struct buf *sig, struct err *err)
{
	bool have;

	buf_clear(sig);
	return signature_get(b->r->db, path, &e->hash, &have, sig, err);
}

/* What is deleted there, and could be what something came from. */
static enum status
find_gone(const struct bases *b, struct similar *s, const struct action **gone,
    size_t *ret_n, struct err *err)
{
	AUTO(buf) struct buf sig = { 0 };
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < b->plan->n && st == ST_OK; i++) {
		const struct action *a = &b->plan->v[i];

		if (!goes_last(b, a, true) || a->remote.size < CHUNK_WORTH)
			continue;
		buf_clear(&sig);
		if (!similar_full(s))
			st = signature_of(b, a->path, &a->remote, &sig, err);
		if (st == ST_OK &&
		    similar_add(s, a->path, buf_data(&sig), sig.len) != ST_OK)
			st = err_nomem(err);
		gone[(*ret_n)++] = a;
	}
	return st;
}

static enum status
find_similar(struct bases *b, struct similar *s,
    const struct action *const *gone, struct err *err)
{
	AUTO(buf) struct buf sig = { 0 };
	enum status st = ST_OK;
	size_t i, k, asked = 0;

	for (i = 0; i < b->n && st == ST_OK; i++) {
		const struct need *need = &b->needs[i];
		const char *path = b->plan->v[need->action].path;
		struct base *base = &b->v[need->action];

		if (!need->remote || !need->created || base->path != NULL)
			continue;
		buf_clear(&sig);
		if (asked++ < SIMILAR_TEXTS)
			st = signature_of(b, path, need->entry, &sig, err);
		if (st == ST_OK &&
		    (similar_by_contents(s, buf_data(&sig), sig.len, &k) ||
			similar_by_name(s, path, &k)))
			*base = (struct base){ gone[k]->path,
				gone[k]->remote.hash };
	}
	return st;
}

static enum status
find_renamed(struct bases *b, struct err *err)
{
	autofree const struct action **gone = NULL;
	AUTO(similar) struct similar *s = NULL;
	size_t n = 0;
	enum status st;

	gone = calloc(b->plan->n, sizeof(*gone));
	if (gone == NULL || similar_new(&s) != ST_OK)
		return err_nomem(err);
	st = find_gone(b, s, gone, &n, err);
	return st == ST_OK && n > 0 ? find_similar(b, s, gone, err) : st;
}

enum status
bases_new(struct replica *r, const struct plan *plan,
    const struct listing *remote, struct bases **ret, struct err *err)
{
	AUTO(bases) struct bases *b = calloc(1, sizeof(*b));
	enum status st = ST_OK;

	if (b == NULL)
		return err_nomem(err);
	b->r = r;
	b->plan = plan;
	b->remote = remote;
	if ((listing_count(r->base) > 0 || r->brief) && find_needs(b) != ST_OK)
		return err_nomem(err);
	if (b->n > 0)
		offer_of_plan(b);
	if (b->created) {
		offer_of_rest(b);
		st = offer_of_journal(b, err);
	}
	if (b->created && st == ST_OK)
		st = find_renamed(b, err);
	if (st != ST_OK)
		return st;
	forget_needs(b);
	*ret = b;
	b = NULL;
	return ST_OK;
}
