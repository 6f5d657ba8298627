/* SPDX-License-Identifier: MIT */
/*
 * Each row is true by itself, so they may be written in as many transactions
 * as there are steps: what a survey that is given up had still to write, the
 * next one finds again.
 */
#include "config.h"

#include "sync/found.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/entry.h"
#include "core/listing.h"
#include "fs/scan.h"
#include "store/activity.h"
#include "store/db.h"
#include "store/intent.h"
#include "store/journal.h"
#include "store/signature.h"
#include "sync/replica.h"
#include "util/buf.h"
#include "util/env.h"

/* A file that was read in this survey. */
struct fresh {
	struct stamp stamp;
	bool settled;
	bool is_new; /* the journal has no row of it */
	size_t sig_len; /* in found's sigs, behind those before it */
};

/* A path that is not as it was. */
struct change {
	struct entry was, is;
};

struct found {
	struct replica *r;
	uint64_t since;
	struct listing *entries; /* in order, and with each: */
	struct fresh *fresh;
	size_t n, cap;
	size_t written; /* of fresh */
	size_t passed; /* of fresh: what comes before the next change */
	struct buf sigs; /* of those not written */
	/* A server, and something differs: */
	struct listing_walk *base;
	struct listing_walk *disk;
	struct change change; /* the next one to write, if have_change */
	bool have_change;
	bool intents; /* some process has changes under way */
};

enum status
found_new(struct replica *r, uint64_t since, struct found **ret)
{
	AUTO(found) struct found *f = calloc(1, sizeof(*f));

	if (f == NULL || listing_new(&f->entries) != ST_OK)
		return ST_NOMEM;
	f->r = r;
	f->since = since;
	*ret = f;
	f = NULL;
	return ST_OK;
}

void
found_free(struct found *f)
{
	if (f == NULL)
		return;
	listing_walk_free(f->base);
	listing_walk_free(f->disk);
	listing_free(f->entries);
	free(f->fresh);
	buf_fini(&f->sigs);
	free(f);
}

enum status
found_add(struct found *f, const struct entry *entry, const struct stamp *stamp,
    bool is_new, const struct buf *sig, struct err *err)
{
	size_t cap = f->cap == 0 ? 64 : f->cap + f->cap / 2;
	struct fresh *v;

	if (f->n == f->cap) {
		v = reallocarray(f->fresh, cap, sizeof(*v));
		if (v == NULL)
			return err_nomem(err);
		f->fresh = v;
		f->cap = cap;
	}
	if (listing_add(f->entries, entry) != ST_OK ||
	    buf_put(&f->sigs, buf_data(sig), sig->len) != ST_OK)
		return err_nomem(err);
	f->fresh[f->n++] = (struct fresh){ .stamp = *stamp,
		.settled = scan_settled(stamp, env_now(f->r->env)),
		.is_new = is_new,
		.sig_len = sig->len };
	return ST_OK;
}

size_t
found_waiting(const struct found *f)
{
	return f->n - f->written;
}

/* The next row from m on, but for what was let go and still is. */
static size_t
next_to_compare(const struct listing *base, const struct listing *disk,
    size_t m)
{
	const struct entry *was, *is;

	for (; m < listing_count(base); m++) {
		was = listing_at(base, m);
		if (was->kind != ENTRY_EXCLUDED)
			break;
		is = listing_find(disk, was->path);
		if (is == NULL || is->kind != ENTRY_EXCLUDED)
			break;
	}
	return m;
}

static bool
differs(const struct listing *base, const struct listing *disk)
{
	size_t i, n = listing_count(base), m = 0;

	for (i = 0; i < listing_count(disk); i++) {
		const struct entry *e = listing_at(disk, i);

		if (e->kind != ENTRY_TEXT)
			continue;
		m = next_to_compare(base, disk, m);
		if (m >= n || strcmp(listing_at(base, m)->path, e->path) ||
		    !entry_same(listing_at(base, m), e))
			return true;
		m++;
	}
	return next_to_compare(base, disk, m) != n;
}

/* A server: the row of a new file says at once that it was created. */
static bool
is_created(const struct found *f, size_t i)
{
	return f->r->server && f->fresh[i].is_new &&
	    listing_at(f->entries, i)->kind == ENTRY_TEXT;
}

/* Was the change that is next at path written with the file's row? */
static bool
was_created(struct found *f, const char *path)
{
	int c = -1;

	while (f->passed < f->n && c < 0) {
		c = strcmp(listing_at(f->entries, f->passed)->path, path);
		f->passed += c < 0;
	}
	return c == 0 && is_created(f, f->passed);
}

/* On to the next path that is not as it was. */
static void
next_change(struct found *f)
{
	const char *pb, *pd, *path;
	const struct entry *was;
	struct entry is;

	f->have_change = false;
	while (!f->have_change) {
		pb = listing_walk_next_path(f->base);
		pd = listing_walk_next_path(f->disk);
		if (pb == NULL && pd == NULL)
			return;
		path = pb == NULL || (pd != NULL && strcmp(pd, pb) < 0) ? pd :
									  pb;
		was = listing_walk_at(f->base, path);
		is = *listing_walk_at(f->disk, path);
		is.path = path;
		is.cover = false;
		if (is.kind == ENTRY_UNREAD || entry_same(was, &is) ||
		    (was->kind == ENTRY_ABSENT && is.kind != ENTRY_TEXT) ||
		    was_created(f, path))
			continue;
		f->change = (struct change){ .was = *was, .is = is };
		f->have_change = true;
	}
}

enum status
found_compare(struct found *f, const struct listing *base,
    const struct listing *disk, struct err *err)
{
	if (!f->r->server || f->r->read_only ||
	    (f->n == 0 && !differs(base, disk)))
		return ST_OK;
	if (listing_walk_new(base, &f->base) != ST_OK ||
	    listing_walk_new(disk, &f->disk) != ST_OK)
		return err_nomem(err);
	next_change(f);
	return ST_OK;
}

static enum status
put_change_activity(struct found *f, const struct change *change,
    struct err *err)
{
	const struct entry *was = &change->was, *is = &change->is;
	struct activity a = { .when = env_now(f->r->env),
		.run = f->r->run,
		.path = is->path,
		.who = "server",
		.why = "found in the folder" };

	a.what = is->kind == ENTRY_ABSENT ? "delete" :
	    is->kind == ENTRY_EXCLUDED	  ? "let go" :
	    was->kind != ENTRY_TEXT	  ? "create" :
					    "change";
	a.has_before = was->kind == ENTRY_TEXT;
	a.before = was->hash;
	a.has_after = is->kind == ENTRY_TEXT;
	a.after = is->hash;
	return activity_put(f->r->db, &a, err);
}

/*
 * A server: what somebody did to the folder itself gets a number.  disk: what
 * was found there, if that is still to be written.
 */
static enum status
put_change(struct found *f, const struct change *change,
    const struct journal_row *disk, struct err *err)
{
	struct replica *r = f->r;
	const struct entry *is = &change->is;
	struct journal_row old, row = { 0 };
	enum status st = ST_OK;
	bool have = false, busy = false;

	/* Another peer is at it, or was since the survey began: it knows better. */
	if (f->intents)
		st = intent_stands(r->db, is->path, &busy, err);
	if (st == ST_OK && !busy)
		st = journal_get(r->db, is->path, &have, &old, err);
	if (st != ST_OK)
		return st;
	if (busy || (have && old.seq > f->since))
		return disk == NULL ? ST_OK :
				      journal_put_disk(r->db, disk, err);
	if (have)
		row = old;
	if (disk != NULL)
		row = *disk;
	row.entry = *is;
	row.has_disk = row.has_disk && is->kind != ENTRY_ABSENT;
	snprintf(row.origin, sizeof(row.origin), "server");
	st = journal_next_seq(r->db, &row.seq, err);
	if (st == ST_OK)
		st = journal_put_over(r->db, r->hasher, have ? &old : NULL,
		    &row, err);
	if (st == ST_OK && is->kind == ENTRY_ABSENT)
		st = signature_drop(r->db, is->path, err);
	return st == ST_OK ? put_change_activity(f, change, err) : st;
}

static enum status
put_fresh(struct found *f, size_t i, struct err *err)
{
	const struct fresh *fresh = &f->fresh[i];
	const struct entry *e = listing_at(f->entries, i);
	const struct change creation = { .was = { .path = e->path,
					     .kind = ENTRY_ABSENT },
		.is = *e };
	struct journal_row row = { .entry = { .path = e->path },
		.has_disk = true,
		.disk_kind = e->kind,
		.disk_hash = e->hash,
		.disk = fresh->stamp,
		.disk_settled = fresh->settled };
	enum status st = is_created(f, i) ?
	    put_change(f, &creation, &row, err) :
	    journal_put_disk(f->r->db, &row, err);

	if (st == ST_OK && fresh->sig_len > 0)
		st = signature_put(f->r->db, e->path, &e->hash,
		    buf_data(&f->sigs), fresh->sig_len, err);
	buf_take(&f->sigs, fresh->sig_len);
	return st;
}

static enum status
put_some(struct found *f, size_t share, struct err *err)
{
	enum status st = ST_OK;

	for (; st == ST_OK && share > 0 && f->written < f->n; share--)
		st = put_fresh(f, f->written++, err);
	for (; st == ST_OK && share > 0 && f->have_change; share--) {
		st = put_change(f, &f->change, NULL, err);
		next_change(f);
	}
	return st;
}

enum status
found_step(struct found *f, size_t share, bool *ret_done, struct err *err)
{
	struct db *db = f->r->db;
	enum status st = ST_OK;

	*ret_done = f->r->read_only || (f->written == f->n && !f->have_change);
	if (*ret_done)
		return ST_OK;
	st = db_begin(db, err);
	if (st == ST_OK)
		st = intent_stands(db, NULL, &f->intents, err);
	f->r->others |= f->intents;
	if (st == ST_OK)
		st = put_some(f, share, err);
	st = db_end(db, st, err);
	*ret_done = f->written == f->n && !f->have_change;
	return st;
}
