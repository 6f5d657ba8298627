/* SPDX-License-Identifier: MIT */
/* Rows of meta in the client's journal: see bind.h. */
#include "config.h"

#include "sync/bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/listing.h"
#include "fs/root.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/schema.h"
#include "store/shelf.h"
#include "sync/replica.h"
#include "util/str.h"

_Static_assert((int)SHELF_ID == (int)MESSAGE_ID, "they hold the same");

/* What to say of it, by who answered at this address last. */
static enum status
guess(struct bind *bind, struct replica *r, struct err *err)
{
	char root[SHELF_ID], bound[MESSAGE_ID];
	struct shelf_mark mark;
	enum status st;

	bind->said = bind->cursor;
	if (bind->at[0] == '\0')
		return ST_OK;
	st = db_meta_get(r->db, "remote_root", bound, sizeof(bound), err);
	if (st == ST_OK)
		st = shelf_address(r->db, bind->at, root, err);
	if (st != ST_OK || strcmp(root, bound) == 0)
		return st;
	st = shelf_find(r->db, root, &mark, err);
	if (st != ST_OK)
		return st;
	memcpy(bind->said.epoch, mark.epoch, sizeof(bind->said.epoch));
	bind->said.seq = mark.seq;
	return ST_OK;
}

enum status
bind_load(struct bind *bind, struct replica *r, struct err *err)
{
	char seq[24];
	enum status st;

	if (r->db == NULL)
		return ST_OK;
	st = db_meta_get(r->db, "cursor_epoch", bind->cursor.epoch,
	    sizeof(bind->cursor.epoch), err);
	if (st == ST_OK)
		st = db_meta_get(r->db, "cursor_seq", seq, sizeof(seq), err);
	if (st != ST_OK)
		return st;
	bind->cursor.seq = strtoull(seq, NULL, 10);
	return guess(bind, r, err);
}

/* It is found by where it is now, not by where it was. */
static enum status
check_path(struct bind *bind, struct replica *r, struct err *err)
{
	char known[MESSAGE_STRING_LIMIT], root[SHELF_ID];
	enum status st = db_meta_get(r->db, "remote", known, sizeof(known),
	    err);

	bind->moved = st == ST_OK && bind->remote[0] != '\0' &&
	    strcmp(known, bind->remote) != 0;
	if (st != ST_OK || bind->at[0] == '\0')
		return st;
	st = shelf_address(r->db, bind->at, root, err);
	bind->moved |= st == ST_OK && strcmp(root, bind->root) != 0;
	return st;
}

enum status
bind_check(struct bind *bind, struct replica *r, const char *root, bool rebind,
    struct err *err)
{
	char bound[MESSAGE_ID], show[STR_SHOW];
	enum status st;

	snprintf(bind->root, sizeof(bind->root), "%s", root);
	if (r->db == NULL)
		return ST_OK;
	st = db_meta_get(r->db, "remote_root", bound, sizeof(bound), err);
	if (st != ST_OK || bound[0] == '\0')
		return st;
	if (strcmp(bound, root) == 0)
		return check_path(bind, r, err);
	bind->other = bind->at[0] != '\0';
	if (!rebind && !bind->other)
		return err_set(err, ST_GUARD,
		    "%s was synced with another folder than the one that is "
		    "there now; nothing was changed. If this one is meant "
		    "(nothing will be deleted), add --rebind",
		    str_show(show, root_path(r->root)));
	bind->first = !bind->other;
	return ST_OK;
}

static enum status
write_names(struct bind *bind, struct replica *r, struct err *err)
{
	enum status st;

	st = db_meta_set(r->db, "remote_root", bind->root, err);
	if (st == ST_OK)
		st = db_meta_set(r->db, "remote", bind->remote, err);
	return st == ST_OK && bind->at[0] != '\0' ?
	    shelf_note_address(r->db, bind->at, bind->root, err) :
	    st;
}

static enum status
write_cursor(struct replica *r, const char *epoch, uint64_t seq,
    struct err *err)
{
	char text[24];
	enum status st = db_meta_set(r->db, "cursor_epoch", epoch, err);

	snprintf(text, sizeof(text), "%llu", (unsigned long long)seq);
	return st == ST_OK ? db_meta_set(r->db, "cursor_seq", text, err) : st;
}

static enum status
switch_rows(struct bind *bind, struct replica *r, struct shelf_mark *ret,
    struct err *err)
{
	struct shelf_mark from = { .seq = bind->cursor.seq };
	enum status st = ST_OK;

	memcpy(from.epoch, bind->cursor.epoch, sizeof(from.epoch));
	/* A dry run needs the other base, too. */
	if (r->read_only)
		st = schema_imagine(r->db, err);
	if (st == ST_OK)
		st = db_meta_get(r->db, "remote_root", from.root,
		    sizeof(from.root), err);
	if (st == ST_OK)
		st = shelf_switch(r->db, &from, bind->root, ret, err);
	if (st == ST_OK)
		st = write_names(bind, r, err);
	return st == ST_OK ? write_cursor(r, ret->epoch, ret->seq, err) : st;
}

enum status
bind_switch(struct bind *bind, struct replica *r, struct err *err)
{
	struct shelf_mark mark;
	enum status st = db_begin(r->db, err);

	if (st == ST_OK)
		st = switch_rows(bind, r, &mark, err);
	st = db_end(r->db, st, err);
	if (st != ST_OK)
		return st;
	memcpy(bind->cursor.epoch, mark.epoch, sizeof(bind->cursor.epoch));
	bind->cursor.seq = mark.seq;
	bind->other = false;
	return ST_OK;
}

static enum status
write_rows(struct bind *bind, struct replica *r,
    const struct message_cursor *told, bool unbound, struct err *err)
{
	enum status st = ST_OK;

	if (bind->first)
		st = journal_forget_agreed(r->db, err);
	/* Nor is what was agreed with it before --rebind led elsewhere. */
	if (st == ST_OK && bind->first)
		st = shelf_forget(r->db, bind->root, err);
	if (st == ST_OK)
		st = write_names(bind, r, err);
	if (!bind->first && !unbound)
		return st;
	/* Rows that are agreed on from here on are of this epoch. */
	return st == ST_OK ? write_cursor(r, told->epoch, 0, err) : st;
}

static enum status
write_all(struct bind *bind, struct replica *r,
    const struct message_cursor *told, bool unbound, struct err *err)
{
	enum status st = db_begin(r->db, err);

	if (st == ST_OK)
		st = write_rows(bind, r, told, unbound, err);
	return db_end(r->db, st, err);
}

static enum status
empty_base(struct replica *r, struct err *err)
{
	struct listing *none = NULL;

	if (listing_new(&none) != ST_OK)
		return err_nomem(err);
	listing_sort(none);
	listing_free(r->base);
	r->base = none;
	return ST_OK;
}

static bool
is_forgotten(const struct bind *bind, const struct message_cursor *told)
{
	return bind->cursor.epoch[0] != '\0' && told->epoch[0] != '\0' &&
	    (strcmp(bind->cursor.epoch, told->epoch) != 0 ||
		told->seq < bind->cursor.seq);
}

bool
bind_starts_over(const struct bind *bind, const struct message_cursor *told)
{
	return bind->first || is_forgotten(bind, told);
}

enum status
bind_settle(struct bind *bind, struct replica *r,
    const struct message_cursor *told, bool *ret_forgot, struct err *err)
{
	bool unbound = bind->cursor.epoch[0] == '\0';
	enum status st = ST_OK;

	*ret_forgot = is_forgotten(bind, told);
	bind->first |= *ret_forgot;
	if (bind->first)
		st = empty_base(r, err);
	if (st == ST_OK && !r->read_only &&
	    (bind->first || bind->moved || unbound))
		st = write_all(bind, r, told, unbound, err);
	if (st != ST_OK)
		return st;
	bind->first = bind->moved = false;
	bind->cursor = *told;
	return ST_OK;
}
