/* SPDX-License-Identifier: MIT */
/* What was left out stands in the journal, twice in one row: see recall.h. */
#include "config.h"

#include "sync/recall.h"

#include "core/entry.h"
#include "core/listing.h"
#include "store/db.h"
#include "store/journal.h"
#include "sync/replica.h"

/* Both halves of the path's row, if neither listing has it. */
static enum status
find_row(const struct replica *r, const char *path, struct listing *base,
    struct listing *disk, struct err *err)
{
	struct journal_row row;
	struct entry e;
	enum status st;
	bool have;

	if (listing_find(r->base, path) != NULL ||
	    listing_find(r->disk, path) != NULL)
		return ST_OK;
	st = journal_get(r->db, path, &have, &row, err);
	if (st != ST_OK || !have || row.entry.kind != ENTRY_TEXT)
		return st;
	journal_disk(&row, &e);
	if (listing_add(base, &row.entry) != ST_OK ||
	    listing_add(disk, &e) != ST_OK)
		return err_nomem(err);
	return ST_OK;
}

static enum status
find_rows(const struct replica *r, const struct listing *paths,
    struct listing *base, struct listing *disk, struct err *err)
{
	enum status st = db_look(r->db, err);
	size_t i;

	for (i = 0; st == ST_OK && i < listing_count(paths); i++)
		st = find_row(r, listing_at(paths, i)->path, base, disk, err);
	db_look_end(r->db);
	return st;
}

/* *list gets what more has, too. */
static enum status
take_in(struct listing **list, struct listing **more, struct err *err)
{
	size_t i;

	for (i = 0; i < listing_count(*list); i++)
		if (listing_add(*more, listing_at(*list, i)) != ST_OK)
			return err_nomem(err);
	listing_sort(*more);
	listing_free(*list);
	*list = *more;
	*more = NULL;
	return ST_OK;
}

enum status
recall(struct replica *r, const struct listing *paths, struct err *err)
{
	AUTO(listing) struct listing *base = NULL;
	AUTO(listing) struct listing *disk = NULL;
	enum status st;

	if (!r->brief || listing_count(paths) == 0)
		return ST_OK;
	if (listing_new(&base) != ST_OK || listing_new(&disk) != ST_OK)
		return err_nomem(err);
	st = find_rows(r, paths, base, disk, err);
	if (st != ST_OK || listing_count(base) == 0)
		return st;
	st = take_in(&r->base, &base, err);
	return st == ST_OK ? take_in(&r->disk, &disk, err) : st;
}
