/* SPDX-License-Identifier: MIT */
/*
 * store/journal: what is put is what comes back, in path order; the two
 * halves of a row come and go on their own; the totals always fit the rows,
 * through rollbacks and beside other writers.
 */
#include "config.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "core/path.h"
#include "store/journal.h"
#include "store/sql.h"
#include "unit/rows.h"
#include "unit/store.h"

/* 4095 bytes: the longest there may be. */
static const char *
longest(void)
{
	static char path[PATH_LIMIT];
	size_t i;

	for (i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 200 == 199 ? '/' : 'a';
	return path;
}

START_TEST(nasty_names_come_back_in_order)
{
	/* Newlines, quotes, other charsets, the longest; sorted by bytes. */
	const char *const names[] = { "\001", "\n", " ", "'; DROP TABLE meta",
		"A", "a", "a b", "a-b", "a/b", longest(), "a\\x00", "b\"",
		"\303\244", "\377\376latin1" };
	const size_t n = sizeof(names) / sizeof(names[0]);
	AUTO(journal_cursor) struct journal_cursor *cursor = NULL;
	struct journal_row row, want;
	char last[PATH_LIMIT] = "";
	size_t i, seen = 0;
	bool have;

	begin();
	for (i = n; i-- > 0;) {
		row = text(names[i], (unsigned)i);
		put(&row);
	}
	commit();
	for (i = 0; i < n; i++) {
		want = text(names[i], (unsigned)i);
		ck_assert(get(names[i], &row));
		ck_assert_ptr_eq(row.entry.path, names[i]);
		check_equal(&row, &want);
	}
	STORE_OK(journal_rows(db, -1, &cursor, ERR));
	for (;; seen++) {
		STORE_OK(journal_next(cursor, &have, &row, ERR));
		if (!have)
			break;
		ck_assert_int_lt(strcmp(last, row.entry.path), 0);
		strcpy(last, row.entry.path);
	}
	ck_assert_uint_eq(seen, n);
	STORE_OK(journal_next(cursor, &have, &row, ERR));
	ck_assert(!have);
	check_totals();
}
END_TEST

START_TEST(a_missing_row_is_no_row)
{
	/* have is false, and what was there stays. */
	struct journal_row row = { .seq = 7 };

	ck_assert(!get("none", &row));
	ck_assert_uint_eq(row.seq, 7);
}
END_TEST

START_TEST(both_halves_round_trip)
{
	/* Disk equal to the agreed, differing, excluded; over each other. */
	struct journal_row row = text("a", 1), got;

	add_disk(&row, 1);
	begin();
	put(&row);
	ck_assert(get("a", &got));
	check_equal(&got, &row);
	add_disk(&row, 2);
	put(&row);
	ck_assert(get("a", &got));
	check_equal(&got, &row);
	row.disk_kind = ENTRY_EXCLUDED;
	row.disk_settled = false;
	memset(&row.disk_hash, 0, sizeof(row.disk_hash));
	put(&row);
	commit();
	ck_assert(get("a", &got));
	check_equal(&got, &row);
}
END_TEST

START_TEST(an_agreed_put_keeps_the_disk)
{
	/* The old disk hash stays, though it was stored as "the same". */
	struct journal_row row = text("a", 1), new = text("a", 2), got;

	add_disk(&row, 1);
	begin();
	put(&row);
	put(&new);
	commit();
	ck_assert(get("a", &got));
	ck_assert(got.has_disk);
	ck_assert(hash_equal(&got.disk_hash, &row.disk_hash));
	ck_assert(hash_equal(&got.entry.hash, &new.entry.hash));
	ck_assert(stamp_equal(&got.disk, &row.disk));
}
END_TEST

START_TEST(a_disk_put_keeps_the_agreed)
{
	/* And makes a row without an agreed half where there was none. */
	struct journal_row row = text("a", 1), disk = text("a", 9), got;

	row.seq = 5;
	add_disk(&disk, 3);
	begin();
	put(&row);
	STORE_OK(journal_put_disk(db, &disk, ERR));
	disk.entry.path = "b";
	STORE_OK(journal_put_disk(db, &disk, ERR));
	commit();
	ck_assert(get("a", &got));
	add_disk(&row, 3);
	check_equal(&got, &row);
	ck_assert(get("b", &got));
	ck_assert_int_eq(got.entry.kind, ENTRY_ABSENT);
	ck_assert_uint_eq(got.seq, 0);
	ck_assert_str_eq(got.origin, "");
	ck_assert(hash_equal(&got.disk_hash, &disk.disk_hash));
	ck_assert_uint_eq(agreed_count(), 1);
	check_totals();
}
END_TEST

START_TEST(a_dropped_disk_leaves_the_agreed)
{
	/* A row with nothing left goes; one that isn't there is no error. */
	struct journal_row row = text("a", 1), got;

	begin();
	put(&row);
	add_disk(&row, 1);
	STORE_OK(journal_put_disk(db, &row, ERR));
	row.entry.path = "b";
	STORE_OK(journal_put_disk(db, &row, ERR));
	STORE_OK(journal_drop_disk(db, "a", ERR));
	STORE_OK(journal_drop_disk(db, "b", ERR));
	STORE_OK(journal_drop_disk(db, "c", ERR));
	commit();
	ck_assert(get("a", &got));
	ck_assert(!got.has_disk);
	ck_assert_int_eq(got.entry.kind, ENTRY_TEXT);
	ck_assert(!get("b", &got));
}
END_TEST

START_TEST(what_is_not_agreed_goes)
{
	/* ABSENT and EXCLUDED, with and without seq and disk. */
	static const struct {
		uint8_t kind;
		uint64_t seq;
		bool disk;
		bool stays;
	} rows[] = {
		{ ENTRY_ABSENT, 0, false, false },
		{ ENTRY_ABSENT, 0, true, true },
		{ ENTRY_ABSENT, 3, false, true }, /* tombstone */
		{ ENTRY_ABSENT, 3, true, true },
		{ ENTRY_EXCLUDED, 0, false, false },
		{ ENTRY_EXCLUDED, 0, true, true },
		{ ENTRY_EXCLUDED, 3, false, true },
	};
	struct journal_row row, got;
	size_t i, had;

	for (i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		had = i % 2;
		begin();
		row = text("a", 1);
		if (had)
			put(&row);
		row.entry.kind = rows[i / 2].kind;
		row.seq = rows[i / 2].seq;
		if (rows[i / 2].disk)
			add_disk(&row, 1);
		put(&row);
		ck_assert_int_eq(get("a", &got), rows[i / 2].stays);
		if (rows[i / 2].stays) {
			ck_assert_int_eq(got.has_disk, rows[i / 2].disk);
			ck_assert_uint_eq(got.seq, rows[i / 2].seq);
			ck_assert_int_eq(got.entry.kind,
			    rows[i / 2].seq == 0 ? ENTRY_ABSENT :
						   rows[i / 2].kind);
			ck_assert(hash_equal(&got.entry.hash,
			    &(struct hash){ { 0 } }));
		}
		ck_assert_uint_eq(agreed_count(), 0);
		check_totals();
		db_rollback(db);
	}
}
END_TEST

/* The paths with seq > since, joined. */
static const char *
since(int64_t seq)
{
	static char all[4000];
	AUTO(journal_cursor) struct journal_cursor *cursor = NULL;
	struct journal_row row;
	bool have;

	all[0] = '\0';
	STORE_OK(journal_rows(db, seq, &cursor, ERR));
	for (;;) {
		STORE_OK(journal_next(cursor, &have, &row, ERR));
		if (!have)
			return all;
		strcat(all, row.entry.path);
	}
}

START_TEST(rows_since_a_number)
{
	/* By walking and by the index alike; in path order; tombstones too. */
	struct journal_row row;
	char name[2] = "a";
	unsigned i;

	begin();
	for (i = 0; i < 20; i++) {
		name[0] = (char)('t' - (char)i);
		row = text(name, i);
		STORE_OK(journal_next_seq(db, &row.seq, ERR));
		ck_assert_uint_eq(row.seq, i + 1);
		if (i == 18)
			row.entry.kind = ENTRY_ABSENT;
		put(&row);
	}
	row = text("z", 1);
	put(&row);
	commit();
	ck_assert_str_eq(since(-1), "abcdefghijklmnopqrstz");
	ck_assert_str_eq(since(0), "abcdefghijklmnopqrst");
	ck_assert_str_eq(since(10), "abcdefghij");
	ck_assert_str_eq(since(17), "abc");
	ck_assert_str_eq(since(19), "a");
	ck_assert_str_eq(since(20), "");
	ck_assert_str_eq(since(INT64_MAX), "");
}
END_TEST

START_TEST(rows_of_some_sizes)
{
	/* Neither tombstones nor what is only known of the disk. */
	AUTO(journal_cursor) struct journal_cursor *cursor = NULL;
	struct journal_row row;
	char all[10] = "";
	bool have = true;
	unsigned i;

	begin();
	for (i = 0; i < 8; i++) {
		row = text((const char *const[]){ "a", "b", "c", "d", "e", "f",
			       "g", "h" }[i],
		    i);
		row.entry.size = 10 + i % 6;
		row.seq = i + 1;
		if (i == 2)
			row.entry.kind = ENTRY_ABSENT;
		put(&row);
	}
	row = text("i", i);
	row.entry.kind = ENTRY_ABSENT;
	row.entry.size = 12;
	add_disk(&row, i);
	put(&row);
	commit();
	STORE_OK(journal_rows_sized(db, 11, 13, &cursor, ERR));
	while (have) {
		STORE_OK(journal_next(cursor, &have, &row, ERR));
		if (have)
			strcat(all, row.entry.path);
	}
	ck_assert_str_eq(all, "bdh");
}
END_TEST

START_TEST(one_cursor_goes_from_folder_to_folder)
{
	/* Also from one that was not read to its end, and from none below. */
	static const struct {
		const char *folder, *rows;
		size_t most;
	} looks[] = {
		{ "a", "a/xa/y", 9 },
		{ "b", "", 9 },
		{ "c", "c/x", 1 },
		{ "a/x", "", 9 },
		{ "c", "c/xc/yc/z/1", 9 },
	};
	static const char *const paths[] = { "a", "a/x", "a/y", "a.b", "a0",
		"c/x", "c/y", "c/z/1" };
	AUTO(journal_cursor) struct journal_cursor *cursor = NULL;
	struct journal_row row;
	char all[100];
	size_t i, k;
	bool have;

	begin();
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		row = text(paths[i], 1);
		put(&row);
	}
	commit();
	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		STORE_OK(journal_rows_below(db, looks[i].folder, &cursor, ERR));
		all[0] = '\0';
		for (k = 0, have = true; have && k < looks[i].most; k++) {
			STORE_OK(journal_next(cursor, &have, &row, ERR));
			if (have)
				strcat(all, row.entry.path);
		}
		ck_assert_str_eq(all, looks[i].rows);
	}
}
END_TEST

START_TEST(a_new_number_moves_the_row)
{
	/* A path changed again is found under its new number only. */
	struct journal_row row = text("a", 1);

	begin();
	row.seq = 1;
	put(&row);
	row.seq = 2;
	put(&row);
	commit();
	ck_assert_str_eq(since(0), "a");
	ck_assert_str_eq(since(1), "a");
	ck_assert_str_eq(since(2), "");
}
END_TEST

START_TEST(cursors_stand_beside_each_other)
{
	/* Two at once; one outlives the connection's other work, and db. */
	AUTO(journal_cursor) struct journal_cursor *a = NULL, *b = NULL;
	struct journal_row row, other;
	bool have;

	begin();
	row = text("a", 1);
	put(&row);
	row = text("b", 2);
	put(&row);
	commit();
	STORE_OK(journal_rows(db, -1, &a, ERR));
	STORE_OK(journal_rows(db, -1, &b, ERR));
	STORE_OK(journal_next(a, &have, &row, ERR));
	STORE_OK(journal_next(b, &have, &other, ERR));
	STORE_OK(journal_next(b, &have, &other, ERR));
	ck_assert_str_eq(row.entry.path, "a");
	ck_assert_str_eq(other.entry.path, "b");
	db_free(db);
	journal_cursor_free(b);
	b = NULL;
	db = store_open();
}
END_TEST

/* One random change of one of 200 paths. */
static void
random_change(void)
{
	char path[20];
	struct journal_row row;

	snprintf(path, sizeof(path), "d%ld/f%ld", random() % 10, random() % 20);
	row = text(path, (unsigned)random() % 50);
	if (random() % 3 == 0)
		row.entry.kind = random() % 2 == 0 ? ENTRY_ABSENT :
						     ENTRY_EXCLUDED;
	if (random() % 2 == 0)
		add_disk(&row, (unsigned)random() % 50);
	if (random() % 2 == 0)
		STORE_OK(journal_next_seq(db, &row.seq, ERR));
	switch (random() % 8) {
	case 0:
		STORE_OK(journal_drop_disk(db, path, ERR));
		break;
	case 1:
		add_disk(&row, 3);
		STORE_OK(journal_put_disk(db, &row, ERR));
		break;
	default:
		put(&row);
	}
}

START_TEST(the_fingerprint_follows_random_changes)
{
	/* 1,000 changes, some rolled back: the kept sum is the real one. */
	int i;

	srandom(11);
	begin();
	for (i = 1; i <= 1000; i++) {
		random_change();
		if (i % 50 != 0)
			continue;
		check_totals();
		if (random() % 3 == 0)
			db_rollback(db);
		else
			commit();
		check_totals();
		begin();
	}
	commit();
	ck_assert_uint_gt(agreed_count(), 20);
	db_free(db);
	db = store_open();
	check_totals();
}
END_TEST

START_TEST(a_rollback_takes_all_back)
{
	/* Rows, fingerprint and seq; also when COMMIT fails. */
	struct fingerprint before, after;
	struct journal_row row = text("a", 1), got;
	uint64_t seq = 0;
	int i;

	begin();
	STORE_OK(journal_next_seq(db, &row.seq, ERR));
	put(&row);
	commit();
	STORE_OK(journal_fingerprint(db, &before, ERR));
	for (i = 0; i < 2; i++) {
		begin();
		row = text("b", 2);
		STORE_OK(journal_next_seq(db, &row.seq, ERR));
		ck_assert_uint_eq(row.seq, 2);
		put(&row);
		ck_assert_uint_eq(agreed_count(), 2);
		if (i == 0) {
			db_rollback(db);
		} else {
			store_env.fail = "commit";
			store_env.errnum = ENOSPC;
			ck_assert_int_eq(db_commit(db, ERR), ST_NOSPC);
			store_env.fail = NULL;
		}
		ck_assert(!get("b", &got));
		STORE_OK(journal_fingerprint(db, &after, ERR));
		ck_assert(fingerprint_equal(&before, &after));
		STORE_OK(journal_last_seq(db, &seq, ERR));
		ck_assert_uint_eq(seq, 1);
	}
}
END_TEST

START_TEST(two_writers_share_the_totals)
{
	/* Nothing kept in memory survives another's commit. */
	AUTO(db) struct db *other = store_open();
	struct journal_row row;
	uint64_t seq = 0, n;
	char path[20];

	for (n = 1; n <= 10; n++) {
		struct db *one = n % 2 == 0 ? db : other;

		snprintf(path, sizeof(path), "f%d", (int)n);
		row = text(path, (unsigned)n);
		STORE_OK(db_begin(one, ERR));
		STORE_OK(journal_next_seq(one, &row.seq, ERR));
		ck_assert_uint_eq(row.seq, n);
		STORE_OK(journal_put(one, hasher, &row, ERR));
		STORE_OK(db_commit(one, ERR));
		check_totals();
		ck_assert_uint_eq(agreed_count(), n);
		STORE_OK(journal_last_seq(db, &seq, ERR));
		ck_assert_uint_eq(seq, n);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("store_journal");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, nasty_names_come_back_in_order);
	tcase_add_test(tc, a_missing_row_is_no_row);
	tcase_add_test(tc, both_halves_round_trip);
	tcase_add_test(tc, an_agreed_put_keeps_the_disk);
	tcase_add_test(tc, a_disk_put_keeps_the_agreed);
	tcase_add_test(tc, a_dropped_disk_leaves_the_agreed);
	tcase_add_test(tc, what_is_not_agreed_goes);
	tcase_add_test(tc, rows_since_a_number);
	tcase_add_test(tc, one_cursor_goes_from_folder_to_folder);
	tcase_add_test(tc, rows_of_some_sizes);
	tcase_add_test(tc, a_new_number_moves_the_row);
	tcase_add_test(tc, cursors_stand_beside_each_other);
	tcase_add_test(tc, the_fingerprint_follows_random_changes);
	tcase_add_test(tc, a_rollback_takes_all_back);
	tcase_add_test(tc, two_writers_share_the_totals);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
