/* SPDX-License-Identifier: MIT */
/* A listing in parts: see teller.h. */
#include "config.h"

#include "sync/teller.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/record.h"
#include "core/entry.h"
#include "core/listing.h"
#include "core/sketch.h"
#include "store/journal.h"
#include "sync/replica.h"
#include "sync/wire.h"
#include "util/buf.h"

#define PART_BYTES (256u * 1024)

struct teller {
	struct listing *own; /* what is told besides what the disk has */
	const struct listing *lists[2]; /* the disk's, if full; then our own */
	size_t list, next; /* how far it is told */
	bool full;
	bool *same; /* by bucket: there is nothing to tell of it */
	size_t n_same; /* buckets; 0: there is no sketch */
	struct message_cursor cursor;
	bool news; /* that nobody asked for, and what they follow: */
	uint64_t since;
	bool has_fp; /* what the folder then comes to: */
	struct fingerprint fp;
};

void
teller_free(struct teller *t)
{
	if (t == NULL)
		return;
	listing_free(t->own);
	free(t->same);
	free(t);
}

void
teller_unasked(struct teller *t, uint64_t since)
{
	t->news = true;
	t->since = since;
}

const struct message_cursor *
teller_cursor(const struct teller *t)
{
	return &t->cursor;
}

static enum status
add_rows(struct replica *r, uint64_t since, struct listing *list,
    struct err *err)
{
	AUTO(journal_cursor) struct journal_cursor *cursor = NULL;
	struct journal_row row;
	enum status st;
	bool have = true;

	st = journal_rows(r->db, (int64_t)since, &cursor, err);
	while (st == ST_OK) {
		st = journal_next(cursor, &have, &row, err);
		if (st != ST_OK || !have)
			break;
		if (listing_add(list, &row.entry) != ST_OK)
			return err_nomem(err);
	}
	return st;
}

/* What can't be read now is no change, but must not pass for unchanged. */
static enum status
add_unread(struct replica *r, struct listing *list, struct err *err)
{
	const struct entry *e;
	size_t i;

	for (i = 0; i < listing_count(r->disk); i++) {
		e = listing_at(r->disk, i);
		if (e->kind == ENTRY_UNREAD && listing_add(list, e) != ST_OK)
			return err_nomem(err);
	}
	return ST_OK;
}

/*
 * Of all that is excluded a client needs to know what was not always so: what
 * it may have had from here is let go, and not deleted.
 */
static enum status
add_let_go(struct replica *r, struct listing *list, struct err *err)
{
	AUTO(listing_walk) struct listing_walk *disk = NULL;
	/* Nothing is synced below it, either, as its row says. */
	struct entry e = { .kind = ENTRY_EXCLUDED, .cover = true };
	size_t i;

	if (listing_walk_new(r->disk, &disk) != ST_OK)
		return err_nomem(err);
	for (i = 0; i < listing_count(r->base); i++) {
		e.path = listing_at(r->base, i)->path;
		if (listing_walk_at(disk, e.path)->kind == ENTRY_EXCLUDED &&
		    listing_add_borrowed(list, &e) != ST_OK)
			return err_nomem(err);
	}
	return ST_OK;
}

/*
 * What others wrote down while this side looked at its folder: a whole listing
 * must have it, for its cursor says that it is known.
 */
static enum status
add_newer(struct replica *r, struct listing *list, struct err *err)
{
	AUTO(listing_walk) struct listing_walk *disk = NULL;
	AUTO(listing) struct listing *rows = NULL;
	const struct entry *e;
	enum status st = ST_OK;
	size_t i;

	if (r->db == NULL)
		return ST_OK;
	if (listing_new(&rows) != ST_OK ||
	    listing_walk_new(r->disk, &disk) != ST_OK)
		return err_nomem(err);
	st = add_rows(r, r->since, rows, err);
	listing_sort(rows);
	for (i = 0; st == ST_OK && i < listing_count(rows); i++) {
		e = listing_at(rows, i);
		if (!entry_same(listing_walk_at(disk, e->path), e) &&
		    listing_add(list, e) != ST_OK)
			st = err_nomem(err);
	}
	return st;
}

/* The buckets of which the client has all that is told, and nothing else. */
static enum status
compare(struct teller *t, struct replica *r, const struct buf *theirs)
{
	AUTO(buf) struct buf ours = { 0 };
	const size_t n = theirs->len / SKETCH_BUCKET;
	size_t i;

	t->same = calloc(n, sizeof(*t->same));
	if (t->same == NULL ||
	    sketch_draw(r->disk, n, r->hasher, &ours) != ST_OK)
		return ST_NOMEM;
	t->n_same = n;
	for (i = 0; i < n; i++)
		t->same[i] = memcmp(buf_data(&ours) + i * SKETCH_BUCKET,
				 buf_data(theirs) + i * SKETCH_BUCKET,
				 SKETCH_BUCKET) == 0;
	/* The disk is not all that is to be said of these. */
	for (i = 0; i < listing_count(t->own); i++)
		t->same[sketch_bucket_of(n, listing_at(t->own, i)->path)] =
		    false;
	return ST_OK;
}

static bool
is_same(const struct teller *t, const struct entry *e)
{
	return t->n_same > 0 && e->kind == ENTRY_TEXT &&
	    t->same[sketch_bucket_of(t->n_same, e->path)];
}

/* last: the replica's last number. */
static bool
is_all(const struct replica *r, const struct message_cursor *since,
    uint64_t last)
{
	return r->db == NULL || r->read_only ||
	    strcmp(since->epoch, r->epoch) != 0 || since->seq > last;
}

/* That number only grows, so it is no less true later if it is false now. */
bool
teller_tells_all(const struct replica *r, const struct message_cursor *since)
{
	struct err ignored;
	uint64_t last = 0;

	if (r->db != NULL && journal_last_seq(r->db, &last, &ignored) != ST_OK)
		return true;
	return is_all(r, since, last);
}

static enum status
make_lists(struct teller *t, struct replica *r,
    const struct message_cursor *since, const struct buf *theirs,
    struct err *err)
{
	enum status st;

	t->full = is_all(r, since, t->cursor.seq);
	assert(!t->full || !r->brief);
	if (listing_new(&t->own) != ST_OK)
		return err_nomem(err);
	t->lists[1] = t->own;
	if (t->full) {
		t->lists[0] = r->disk;
		st = add_let_go(r, t->own, err);
		if (st == ST_OK)
			st = add_newer(r, t->own, err);
		if (st == ST_OK && theirs->len > 0 &&
		    compare(t, r, theirs) != ST_OK)
			st = err_nomem(err);
	} else {
		st = add_rows(r, since->seq, t->own, err);
		if (st == ST_OK)
			st = add_unread(r, t->own, err);
	}
	if (st == ST_OK)
		listing_sort(t->own);
	return st;
}

enum status
teller_new(struct replica *r, const struct message_cursor *since,
    const struct buf *theirs, struct teller **ret, struct err *err)
{
	AUTO(teller) struct teller *t = calloc(1, sizeof(*t));
	enum status st = ST_OK;

	if (t == NULL)
		return err_nomem(err);
	if (r->db != NULL) {
		snprintf(t->cursor.epoch, sizeof(t->cursor.epoch), "%s",
		    r->epoch);
		st = journal_last_seq(r->db, &t->cursor.seq, err);
		t->has_fp = !r->read_only;
	}
	if (st == ST_OK && t->has_fp)
		st = journal_fingerprint(r->db, &t->fp, err);
	if (st == ST_OK)
		st = make_lists(t, r, since, theirs, err);
	if (st != ST_OK)
		return st;
	*ret = t;
	t = NULL;
	return ST_OK;
}

/* The next entry to tell, or NULL.  What the disk has excluded is not told. */
static const struct entry *
next_entry(struct teller *t)
{
	const struct entry *e;

	for (; t->list < 2; t->list++, t->next = 0) {
		const struct listing *list = t->lists[t->list];

		while (list != NULL && t->next < listing_count(list)) {
			e = listing_at(list, t->next++);
			if (t->list == 1 ||
			    (e->kind != ENTRY_EXCLUDED && !is_same(t, e)))
				return e;
		}
	}
	return NULL;
}

/* A bit a bucket. */
static enum status
put_same(const struct teller *t, struct buf *out)
{
	uint8_t *p = buf_room(out, t->n_same / 8 + 1);
	size_t i;

	if (p == NULL)
		return ST_NOMEM;
	memset(p, 0, t->n_same / 8);
	for (i = 0; i < t->n_same; i++)
		p[i / 8] |= (uint8_t)(t->same[i] << (7 - i % 8));
	buf_added(out, t->n_same / 8);
	return ST_OK;
}

static enum status
send_part(struct teller *t, struct wire *wire, bool *ret_done, struct err *err)
{
	AUTO(buf) struct buf records = { 0 };
	const struct entry *e = NULL;
	struct message m;
	struct record rec;

	message_init(&m, MESSAGE_CHANGES);
	while (records.len < PART_BYTES && (e = next_entry(t)) != NULL) {
		record_from_entry(&rec, e);
		if (record_put(&records, &rec) != ST_OK)
			return err_nomem(err);
		m.count++;
	}
	m.cursor = t->cursor;
	m.full = t->full;
	m.more = e != NULL;
	m.news = t->news;
	m.since = t->since;
	m.has_fp = t->has_fp && !m.more;
	m.fp = t->fp;
	m.records_len = records.len;
	*ret_done = !m.more;
	if (!m.more && put_same(t, &records) != ST_OK)
		return err_nomem(err);
	m.data_len = records.len;
	return wire_send(wire, &m, buf_data(&records), err);
}

enum status
teller_pump(struct teller *t, struct wire *wire, bool *ret_done,
    struct err *err)
{
	enum status st = ST_OK;
	size_t out;

	*ret_done = false;
	wire_output(wire, &out);
	while (st == ST_OK && !*ret_done && out < WIRE_HIGH_WATER) {
		st = send_part(t, wire, ret_done, err);
		wire_output(wire, &out);
	}
	return st;
}
