/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_ROWS_H
#define DSYNC_TESTS_UNIT_ROWS_H

/* An open journal, and rows to put into it, for the tests of both. */

#include "store/journal.h"
#include "unit/store.h"

static struct db *db;
static struct hasher *hasher;

static inline void
setup(void)
{
	store_setup();
	db = store_open();
	ck_assert_int_eq(hasher_new(&hasher), ST_OK);
}

static inline void
teardown(void)
{
	db_free(db);
	hasher_free(hasher);
	store_teardown();
}

static inline void
begin(void)
{
	STORE_OK(db_begin(db, ERR));
}

static inline void
commit(void)
{
	STORE_OK(db_commit(db, ERR));
}

static inline struct hash
hash_of(unsigned n)
{
	struct hash h = { { 1 } };

	memcpy(h.b + 4, &n, sizeof(n));
	return h;
}

static inline struct journal_row
text(const char *path, unsigned n)
{
	struct journal_row row = {
		.entry = { .path = path,
		    .kind = ENTRY_TEXT,
		    .hash = hash_of(n),
		    .size = n,
		    .mtime = 1000 + n,
		    .exec = n % 2 },
		.origin = "anna",
	};

	return row;
}

static inline void
add_disk(struct journal_row *row, unsigned n)
{
	row->has_disk = true;
	row->disk_kind = ENTRY_TEXT;
	row->disk_hash = hash_of(n);
	row->disk_settled = true;
	row->disk = (struct stamp){ UINT64_MAX, UINT64_MAX - 1, n, -5,
		INT64_MAX, 0100644 };
}

static inline void
put(const struct journal_row *row)
{
	STORE_OK(journal_put(db, hasher, row, ERR));
}

static inline bool
get(const char *path, struct journal_row *ret)
{
	bool have = false;

	STORE_OK(journal_get(db, path, &have, ret, ERR));
	return have;
}

static inline void
check_equal(const struct journal_row *a, const struct journal_row *b)
{
	ck_assert_str_eq(a->entry.path, b->entry.path);
	ck_assert_int_eq(a->entry.kind, b->entry.kind);
	ck_assert(hash_equal(&a->entry.hash, &b->entry.hash));
	ck_assert_uint_eq(a->entry.size, b->entry.size);
	ck_assert_int_eq(a->entry.mtime, b->entry.mtime);
	ck_assert_int_eq(a->entry.exec, b->entry.exec);
	ck_assert_str_eq(a->origin, b->origin);
	ck_assert_uint_eq(a->seq, b->seq);
	ck_assert_int_eq(a->has_disk, b->has_disk);
	if (!a->has_disk)
		return;
	ck_assert_int_eq(a->disk_kind, b->disk_kind);
	ck_assert(hash_equal(&a->disk_hash, &b->disk_hash));
	ck_assert(stamp_equal(&a->disk, &b->disk));
	ck_assert_int_eq(a->disk_settled, b->disk_settled);
}

static inline void
check_totals(void)
{
	struct fingerprint quick, slow;

	STORE_OK(journal_fingerprint(db, &quick, ERR));
	STORE_OK(journal_fingerprint_slow(db, hasher, &slow, ERR));
	ck_assert(fingerprint_equal(&quick, &slow));
}

static inline uint64_t
agreed_count(void)
{
	struct fingerprint fp;

	STORE_OK(journal_fingerprint(db, &fp, ERR));
	return fp.count;
}

#endif
