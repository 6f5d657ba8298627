/* SPDX-License-Identifier: MIT */
/*
 * store/journal: what is forgotten, what is pending, and rows that nobody can
 * have written.
 */
#include "config.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "core/listing.h"
#include "core/path.h"
#include "store/journal.h"
#include "store/sql.h"
#include "unit/rows.h"
#include "unit/store.h"

START_TEST(forgetting_keeps_the_disk_and_the_numbers)
{
	/* No agreed state, no pending; stamps, hashes and seq stay. */
	AUTO(listing) struct listing *list = NULL;
	struct journal_row row = text("a", 1), got;
	uint64_t seq = 0;

	begin();
	STORE_OK(journal_next_seq(db, &row.seq, ERR));
	add_disk(&row, 1);
	put(&row);
	row = text("b", 2);
	put(&row);
	ck_assert_int_eq(listing_new(&list), ST_OK);
	ck_assert_int_eq(listing_add(list, &row.entry), ST_OK);
	listing_sort(list);
	STORE_OK(journal_pending_set(db, list, ERR));
	STORE_OK(journal_forget_agreed(db, ERR));
	commit();
	ck_assert(!get("b", &got));
	ck_assert(get("a", &got));
	ck_assert_int_eq(got.entry.kind, ENTRY_ABSENT);
	ck_assert_uint_eq(got.seq, 0);
	ck_assert_str_eq(got.origin, "");
	row = text("a", 1);
	add_disk(&row, 1);
	ck_assert(hash_equal(&got.disk_hash, &row.disk_hash));
	ck_assert(stamp_equal(&got.disk, &row.disk));
	ck_assert_uint_eq(agreed_count(), 0);
	check_totals();
	STORE_OK(journal_last_seq(db, &seq, ERR));
	ck_assert_uint_eq(seq, 1);
	listing_free(list);
	list = NULL;
	STORE_OK(journal_pending(db, &list, ERR));
	ck_assert_uint_eq(listing_count(list), 0);
}
END_TEST

/* Sets pending to the texts named by letters, n the version of each. */
static void
set_pending(const char *letters, unsigned n)
{
	AUTO(listing) struct listing *list = NULL;
	struct journal_row row;
	char path[2] = "";

	ck_assert_int_eq(listing_new(&list), ST_OK);
	for (; *letters != '\0'; letters++) {
		path[0] = *letters;
		row = text(path, n);
		if (*letters == 'x')
			row.entry = (struct entry){ .path = path };
		row.entry.cover = *letters == 'c';
		ck_assert_int_eq(listing_add(list, &row.entry), ST_OK);
	}
	listing_sort(list);
	begin();
	STORE_OK(journal_pending_set(db, list, ERR));
	commit();
}

START_TEST(pending_is_replaced_as_a_whole)
{
	/* Each list over each: what is not in the new one goes. */
	static const char *const lists[] = { "", "a", "abc", "bcx", "abc", "z",
		"acx", "" };
	AUTO(listing) struct listing *got = NULL;
	const struct entry *e;
	struct hash want;
	size_t i, k;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		set_pending(lists[i], (unsigned)i / 2);
		listing_free(got);
		got = NULL;
		STORE_OK(journal_pending(db, &got, ERR));
		ck_assert_uint_eq(listing_count(got), strlen(lists[i]));
		for (k = 0; k < listing_count(got); k++) {
			e = listing_at(got, k);
			ck_assert_int_eq(e->path[0], lists[i][k]);
			ck_assert_int_eq(e->cover, e->path[0] == 'c');
			want = hash_of((unsigned)i / 2);
			if (e->path[0] == 'x')
				want = (struct hash){ { 0 } };
			ck_assert(hash_equal(&e->hash, &want));
		}
	}
}
END_TEST

START_TEST(impossible_rows_are_damage)
{
	/* What no writer of ours writes is never taken for a state. */
	static const char *const changes[] = {
		"UPDATE file_state SET kind = 2",
		"UPDATE file_state SET kind = 77",
		"UPDATE file_state SET sha256 = x'00'",
		"UPDATE file_state SET sha256 = NULL",
		"UPDATE file_state SET disk_sha256 = x'0011'",
		"UPDATE file_state SET disk = x'00'",
		"UPDATE file_state SET disk = zeroblob(48)",
		"UPDATE file_state SET size = -1",
		"UPDATE file_state SET seq = -1",
		"UPDATE file_state SET path = '../etc/passwd'",
		"UPDATE file_state SET path = CAST('/etc/passwd' AS BLOB)",
		"UPDATE file_state SET path = x'6100'",
		"UPDATE file_state SET path = zeroblob(100000)",
		"UPDATE file_state SET path = x''",
		"UPDATE pending SET path = x'2f'",
		"UPDATE pending SET kind = -1",
		"UPDATE pending SET sha256 = x'00'",
		"UPDATE pending SET size = -1",
		"UPDATE meta SET value = 'x'",
		"UPDATE meta SET value = '-1'",
		"UPDATE meta SET value = '99999999999999999999'",
	};
	AUTO(listing) struct listing *list = NULL;
	struct journal_row row = text("a", 1);
	struct fingerprint fp;
	size_t i;

	set_pending("a", 1);
	add_disk(&row, 1);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		sqlite3_stmt *stmt = NULL;
		enum status st;

		begin();
		STORE_OK(journal_next_seq(db, &row.seq, ERR));
		put(&row);
		commit();
		STORE_OK(db_prepare(db, changes[i], &stmt, ERR));
		STORE_OK(db_run(db, stmt, ERR));
		st = journal_fingerprint_slow(db, hasher, &fp, ERR);
		if (st == ST_OK)
			st = journal_fingerprint(db, &fp, ERR);
		if (st == ST_OK)
			st = journal_pending(db, &list, ERR);
		ck_assert_msg(st == ST_DAMAGED, "%s: %d", changes[i], (int)st);
		teardown();
		setup();
		set_pending("a", 1);
	}
	ck_assert_ptr_null(list);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("store_pending");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, forgetting_keeps_the_disk_and_the_numbers);
	tcase_add_test(tc, pending_is_replaced_as_a_whole);
	tcase_add_test(tc, impossible_rows_are_damage);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
