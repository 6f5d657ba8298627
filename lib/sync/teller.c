/* SPDX-License-Identifier: MIT */
/* A listing in parts: see teller.h. */
#include "config.h"

#include "sync/teller.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/record.h"
#include "core/entry.h"
#include "core/listing.h"
#include "store/journal.h"
#include "sync/replica.h"
#include "sync/wire.h"
#include "util/buf.h"

#define PART_BYTES (256u * 1024)

struct teller {
	struct listing *own; /* of a part; else NULL */
	const struct listing *list; /* what is told */
	size_t next;
	bool full;
	struct message_cursor cursor;
};

void
teller_free(struct teller *t)
{
	if (t == NULL)
		return;
	listing_free(t->own);
	free(t);
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

static enum status
make_list(struct teller *t, struct replica *r,
    const struct message_cursor *since, struct err *err)
{
	enum status st;

	t->full = r->db == NULL || r->read_only ||
	    strcmp(since->epoch, r->epoch) != 0 || since->seq > t->cursor.seq;
	if (t->full) {
		t->list = r->disk;
		return ST_OK;
	}
	if (listing_new(&t->own) != ST_OK)
		return err_nomem(err);
	t->list = t->own;
	st = add_rows(r, since->seq, t->own, err);
	if (st == ST_OK)
		st = add_unread(r, t->own, err);
	if (st == ST_OK)
		listing_sort(t->own);
	return st;
}

enum status
teller_new(struct replica *r, const struct message_cursor *since,
    struct teller **ret, struct err *err)
{
	AUTO(teller) struct teller *t = calloc(1, sizeof(*t));
	enum status st = ST_OK;

	if (t == NULL)
		return err_nomem(err);
	if (r->db != NULL) {
		snprintf(t->cursor.epoch, sizeof(t->cursor.epoch), "%s",
		    r->epoch);
		st = journal_last_seq(r->db, &t->cursor.seq, err);
	}
	if (st == ST_OK)
		st = make_list(t, r, since, err);
	if (st != ST_OK)
		return st;
	*ret = t;
	t = NULL;
	return ST_OK;
}

/* A client has no use for what a whole listing says is excluded. */
static bool
worth_telling(const struct teller *t, const struct entry *e)
{
	return !t->full || e->kind == ENTRY_TEXT || e->kind == ENTRY_UNREAD;
}

static enum status
send_part(struct teller *t, struct wire *wire, bool *ret_done, struct err *err)
{
	AUTO(buf) struct buf records = { 0 };
	size_t n = listing_count(t->list);
	struct message m;
	struct record rec;

	message_init(&m, MESSAGE_CHANGES);
	for (; t->next < n && records.len < PART_BYTES; t->next++) {
		if (!worth_telling(t, listing_at(t->list, t->next)))
			continue;
		record_from_entry(&rec, listing_at(t->list, t->next));
		if (record_put(&records, &rec) != ST_OK)
			return err_nomem(err);
		m.count++;
	}
	m.cursor = t->cursor;
	m.full = t->full;
	m.more = t->next < n;
	m.records_len = records.len;
	m.data_len = records.len;
	*ret_done = !m.more;
	return wire_send(wire, &m, buf_data(&records), err);
}

enum status
teller_pump(struct teller *t, struct wire *wire, bool *ret_done,
    struct err *err)
{
	enum status st = ST_OK;
	size_t out = 0;

	*ret_done = false;
	while (st == ST_OK && !*ret_done && out < WIRE_HIGH_WATER) {
		st = send_part(t, wire, ret_done, err);
		wire_output(wire, &out);
	}
	return st;
}
