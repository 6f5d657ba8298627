/* SPDX-License-Identifier: MIT */
/*
 * store/shelf: what was agreed with one server comes back as it was, whatever
 * was agreed with others meanwhile, and what the disk looked like is never
 * touched; a switch that fails anywhere is none.
 */
#include "config.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "core/listing.h"
#include "store/schema.h"
#include "store/shelf.h"
#include "store/sql.h"
#include "unit/rows.h"

#define SERVERS (SHELF_MOST + 1)
#define PATHS	40

/* What each server's row of each path should be; by server, the disk too. */
static struct journal_row want[SERVERS + 1][PATHS];
static bool wanted[SERVERS + 1][PATHS];
static char names[PATHS][8];
static struct shelf_mark at; /* the current one */

static const char *
root(unsigned n)
{
	static char text[SERVERS + 2][SHELF_ID];

	snprintf(text[n], sizeof(text[n]), "root%u", n);
	return text[n];
}

static void
go_to(unsigned n)
{
	struct shelf_mark mark = { .seq = 99 };

	begin();
	STORE_OK(shelf_switch(db, &at, root(n), &mark, ERR));
	commit();
	at = mark;
	snprintf(at.root, sizeof(at.root), "%s", root(n));
}

static void
add_pending(const char *path, unsigned n)
{
	AUTO(listing) struct listing *list = NULL;
	const struct entry e = text(path, n).entry;

	ck_assert_int_eq(listing_new(&list), ST_OK);
	ck_assert_int_eq(listing_add(list, &e), ST_OK);
	listing_sort(list);
	begin();
	STORE_OK(journal_pending_set(db, list, ERR));
	commit();
}

/* The first path that is pending; "" if none is. */
static const char *
pending(void)
{
	static char path[20];
	AUTO(listing) struct listing *list = NULL;

	STORE_OK(journal_pending(db, &list, ERR));
	snprintf(path, sizeof(path), "%s",
	    listing_count(list) == 0 ? "" : listing_at(list, 0)->path);
	return path;
}

static void
begin_at_0(void)
{
	setup();
	at = (struct shelf_mark){ .root = "root0", .epoch = "e0", .seq = 7 };
}

START_TEST(it_comes_back)
{
	/* Rows, pending, fingerprint and mark; the disk stays all along. */
	struct journal_row a = text("a", 1), b = text("b", 2), got;

	add_disk(&a, 1);
	begin();
	put(&a);
	put(&b);
	commit();
	add_pending("p", 3);
	go_to(1);
	ck_assert_str_eq(at.epoch, "");
	ck_assert_uint_eq(at.seq, 0);
	ck_assert(!get("b", &got) && get("a", &got));
	ck_assert(got.has_disk && hash_equal(&got.disk_hash, &a.disk_hash));
	ck_assert_int_eq(got.entry.kind, ENTRY_ABSENT);
	ck_assert_uint_eq(agreed_count(), 0);
	ck_assert_str_eq(pending(), "");
	check_totals();

	snprintf(at.epoch, sizeof(at.epoch), "e1");
	at.seq = 8;
	add_pending("q", 4);
	add_disk(&a, 9);
	begin();
	STORE_OK(journal_put_disk(db, &a, ERR));
	commit();
	go_to(0);
	ck_assert_str_eq(at.epoch, "e0");
	ck_assert_uint_eq(at.seq, 7);
	ck_assert(get("a", &got));
	check_equal(&got, &a);
	ck_assert(get("b", &got));
	check_equal(&got, &b);
	ck_assert_uint_eq(agreed_count(), 2);
	ck_assert_str_eq(pending(), "p");
	check_totals();
	go_to(1);
	ck_assert_str_eq(at.epoch, "e1");
	ck_assert_str_eq(pending(), "q");
}
END_TEST

START_TEST(what_is_no_text_stays_none)
{
	/* A binary file has no hash, and gets none by what is agreed. */
	struct journal_row row = text("a", 1), got;

	begin();
	put(&row);
	commit();
	go_to(1);
	add_disk(&row, 1);
	row.disk_kind = ENTRY_EXCLUDED;
	memset(&row.disk_hash, 0, sizeof(row.disk_hash));
	row.entry.kind = ENTRY_ABSENT;
	begin();
	put(&row);
	commit();
	go_to(0);
	ck_assert(get("a", &got));
	ck_assert_int_eq(got.entry.kind, ENTRY_TEXT);
	ck_assert_int_eq(got.disk_kind, ENTRY_EXCLUDED);
	ck_assert(hash_equal(&got.disk_hash, &row.disk_hash));
	ck_assert(!hash_equal(&got.disk_hash, &got.entry.hash));
}
END_TEST

/* A change of one path, here or on the disk, with the server n. */
static void
change(unsigned n)
{
	size_t i = (size_t)random() % PATHS, k;
	struct journal_row row = text(names[i], (unsigned)random() % 20);
	struct journal_row *w = &want[n][i];
	const bool drops = random() % 4 == 0;
	struct journal_row old;

	begin();
	if (random() % 3 == 0) {
		add_disk(&row, (unsigned)random() % 20);
		STORE_OK(journal_put_disk(db, &row, ERR));
		commit();
		for (k = 0; k <= SERVERS; k++) {
			want[k][i].has_disk = true;
			want[k][i].disk_kind = row.disk_kind;
			want[k][i].disk_hash = row.disk_hash;
			want[k][i].disk = row.disk;
			want[k][i].disk_settled = row.disk_settled;
		}
		return;
	}
	if (drops && get(names[i], &old))
		row = old;
	if (drops)
		row.entry.kind = ENTRY_ABSENT;
	put(&row);
	commit();
	wanted[n][i] = !drops;
	w->entry = row.entry;
	snprintf(w->origin, sizeof(w->origin), "%s", row.origin);
	if (drops) {
		w->entry = (struct entry){ .path = names[i] };
		w->origin[0] = '\0';
	}
}

static void
check_all(unsigned n)
{
	struct journal_row got;
	size_t i;

	for (i = 0; i < PATHS; i++) {
		const bool have = get(names[i], &got);

		ck_assert_int_eq(have, wanted[n][i] || want[n][i].has_disk);
		if (have)
			check_equal(&got, &want[n][i]);
	}
	check_totals();
}

START_TEST(random_journeys)
{
	/* Between all that are kept, each finds its own, in any order. */
	unsigned n = 0, i, round;

	srandom(4);
	memset(wanted, 0, sizeof(wanted));
	memset(want, 0, sizeof(want));
	for (i = 0; i < PATHS; i++) {
		snprintf(names[i], sizeof(names[i]), "f%u", i);
		for (round = 0; round <= SERVERS; round++)
			want[round][i].entry.path = names[i];
	}
	for (round = 0; round < 200; round++) {
		for (i = (unsigned)random() % 12; i > 0; i--)
			change(n);
		check_all(n);
		i = (unsigned)random() % SERVERS;
		if (i != n)
			go_to(i);
		n = i;
		check_all(n);
	}
}
END_TEST

/* All that the file says, but for what stands still. */
static char *
dump(void)
{
	static const char rows[] =
	    "SELECT quote(path) || quote(sha256) || quote(disk_sha256)"
	    " || kind || origin FROM file_state ORDER BY path";
	static const char *const queries[] = {
		rows,
		"SELECT quote(path) FROM pending ORDER BY path",
		"SELECT key || '=' || value FROM meta ORDER BY key",
		"SELECT id || root || epoch || seq FROM shelf ORDER BY id",
		"SELECT shelf || quote(path) FROM shelf_state ORDER BY 1",
		"SELECT shelf || quote(path) FROM shelf_pending ORDER BY 1",
	};
	struct buf all = { 0 };
	size_t i;

	for (i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		AUTO(sql) sqlite3_stmt *stmt = NULL;
		const char *line;
		bool row;

		STORE_OK(db_prepare_own(db, queries[i], &stmt, ERR));
		for (;;) {
			STORE_OK(db_step(db, stmt, &row, ERR));
			if (!row)
				break;
			line = (const char *)sqlite3_column_text(stmt, 0);
			ck_assert_int_eq(buf_put(&all, line, strlen(line)),
			    ST_OK);
		}
	}
	ck_assert_int_eq(buf_put(&all, "", 1), ST_OK);
	return (char *)all.data;
}

static enum status
try_switch(const char *to)
{
	struct shelf_mark mark;
	enum status st = db_begin(db, ERR);

	if (st == ST_OK)
		st = shelf_switch(db, &at, to, &mark, ERR);
	return db_end(db, st, ERR);
}

START_TEST(a_failed_switch_is_none)
{
	/* Whichever of its writes fails. */
	struct journal_row row = text("a", 1);
	autofree char *before = NULL;
	unsigned spared;

	begin();
	put(&row);
	commit();
	add_pending("p", 1);
	go_to(1);
	row = text("b", 2);
	begin();
	put(&row);
	commit();
	before = dump();
	for (spared = 0;; spared++) {
		autofree char *after = NULL;

		store_env.fail = "db";
		store_env.errnum = ENOSPC;
		store_env.spared = spared;
		if (try_switch(root(0)) == ST_OK)
			break;
		store_env.fail = NULL;
		after = dump();
		ck_assert_str_eq(before, after);
		check_totals();
	}
	ck_assert_uint_ge(spared, 10);
	store_env.fail = NULL;
	ck_assert_str_eq(pending(), "p");
}
END_TEST

START_TEST(the_oldest_goes)
{
	/* As many as are kept come back; of one more nothing is known. */
	struct journal_row row = text("a", 1), got;
	struct shelf_mark mark;
	unsigned n, round;

	begin();
	put(&row);
	commit();
	for (round = 0; round < 2; round++) {
		for (n = 1; n < SERVERS; n++) {
			go_to(n);
			snprintf(at.epoch, sizeof(at.epoch), "e%u", n);
		}
		go_to(0);
		ck_assert_str_eq(at.epoch, "e0");
		ck_assert(get("a", &got));
	}
	for (n = 1; n <= SERVERS; n++) {
		go_to(n);
		snprintf(at.epoch, sizeof(at.epoch), "e%u", n);
	}
	STORE_OK(shelf_find(db, root(1), &mark, ERR));
	ck_assert_str_eq(mark.epoch, "e1");
	STORE_OK(shelf_find(db, root(0), &mark, ERR));
	ck_assert_str_eq(mark.root, "");
	ck_assert_str_eq(mark.epoch, "");
	go_to(0);
	ck_assert_str_eq(at.epoch, "");
	ck_assert(!get("a", &got));
}
END_TEST

START_TEST(one_is_forgotten)
{
	/* And nothing of it is left behind. */
	struct journal_row row = text("a", 1), got;

	begin();
	put(&row);
	commit();
	add_pending("p", 1);
	go_to(1);
	begin();
	STORE_OK(shelf_forget(db, root(0), ERR));
	STORE_OK(shelf_forget(db, root(5), ERR));
	commit();
	go_to(0);
	ck_assert_str_eq(at.epoch, "");
	ck_assert(!get("a", &got));
	ck_assert_str_eq(pending(), "");
	check_totals();
}
END_TEST

static void
note(const char *address, const char *who)
{
	begin();
	STORE_OK(shelf_note_address(db, address, who, ERR));
	commit();
}

START_TEST(addresses)
{
	/* The last word counts; however many there were, a few are kept. */
	AUTO(sql) sqlite3_stmt *stmt = NULL;
	char got[SHELF_ID], name[20];
	bool row;
	int i;

	STORE_OK(shelf_address(db, "host:/preset/x", got, ERR));
	ck_assert_str_eq(got, "");
	for (i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "host%d", i);
		note(name, "other");
		note("host", i % 2 == 0 ? "even" : "odd");
		STORE_OK(shelf_address(db, "host", got, ERR));
		ck_assert_str_eq(got, i % 2 == 0 ? "even" : "odd");
	}
	STORE_OK(
	    db_prepare_own(db, "SELECT count(*) FROM address", &stmt, ERR));
	STORE_OK(db_step(db, stmt, &row, ERR));
	ck_assert_int_le(sqlite3_column_int(stmt, 0), 16);
}
END_TEST

static void
execute(const char *sql)
{
	AUTO(sql) sqlite3_stmt *stmt = NULL;

	STORE_OK(db_prepare_own(db, sql, &stmt, ERR));
	STORE_OK(db_run(db, stmt, ERR));
}

START_TEST(damage_is_noticed)
{
	/* A mark that can't be. */
	static const char *const damage[] = {
		"UPDATE shelf SET fp = x'00'",
		"UPDATE shelf SET fp_count = -1",
		"UPDATE shelf SET seq = -1",
		"UPDATE shelf SET epoch = hex(zeroblob(40))",
	};
	struct shelf_mark mark;

	go_to(1);
	execute(damage[_i]);
	ck_assert_int_eq(shelf_find(db, root(0), &mark, ERR), ST_DAMAGED);
	ck_assert_int_eq(try_switch(root(0)), ST_DAMAGED);
	ck_assert_str_ne(store_err.text, "");
}
END_TEST

/* Only read from here on; as an older dsync left it, if so wished. */
static void
reopen_to_read(bool older)
{
	if (older) {
		execute("DROP TABLE shelf");
		execute("DROP TABLE shelf_state");
		execute("DROP TABLE shelf_pending");
		execute("DROP TABLE address");
		execute("PRAGMA user_version = 3");
	}
	db_free(db);
	db = NULL;
	STORE_OK(db_open(&store_env.env, store_path, true, false, &db, ERR));
}

START_TEST(imagined)
{
	/* Who may not write switches all the same, and nobody else sees it. */
	AUTO(buf) struct buf before = { 0 }, after = { 0 };
	struct journal_row row = text("a", 1), got;
	struct shelf_mark mark;
	char who[SHELF_ID];

	add_disk(&row, 1);
	begin();
	put(&row);
	commit();
	add_pending("p", 1);
	go_to(1);
	row.entry = text("a", 5).entry;
	begin();
	put(&row);
	commit();
	reopen_to_read(_i == 1);
	slurp(store_path, &before);
	ck_assert(get("a", &got));
	check_equal(&got, &row);
	STORE_OK(shelf_find(db, root(0), &mark, ERR));
	ck_assert_str_eq(mark.epoch, _i == 1 ? "" : "e0");
	STORE_OK(shelf_address(db, "host", who, ERR));
	ck_assert_str_eq(who, "");

	begin();
	STORE_OK(schema_imagine(db, ERR));
	STORE_OK(shelf_switch(db, &at, root(0), &mark, ERR));
	STORE_OK(db_meta_set(db, "remote_root", root(0), ERR));
	STORE_OK(shelf_note_address(db, "host", root(0), ERR));
	commit();
	ck_assert_str_eq(mark.epoch, _i == 1 ? "" : "e0");
	ck_assert_str_eq(store_get(db, "remote_root"), root(0));
	ck_assert(get("a", &got));
	ck_assert_int_eq(got.entry.kind, _i == 1 ? ENTRY_ABSENT : ENTRY_TEXT);
	ck_assert(hash_equal(&got.disk_hash, &row.disk_hash));
	ck_assert_str_eq(pending(), _i == 1 ? "" : "p");
	check_totals();
	slurp(store_path, &after);
	ck_assert_mem_eq(before.data, after.data, before.len);
	ck_assert_uint_eq(before.len, after.len);

	db_free(db);
	db = store_open();
	ck_assert(get("a", &got));
	check_equal(&got, &row);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("store_shelf");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, begin_at_0, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, it_comes_back);
	tcase_add_test(tc, what_is_no_text_stays_none);
	tcase_add_test(tc, random_journeys);
	tcase_add_test(tc, a_failed_switch_is_none);
	tcase_add_test(tc, the_oldest_goes);
	tcase_add_test(tc, one_is_forgotten);
	tcase_add_test(tc, addresses);
	tcase_add_loop_test(tc, damage_is_noticed, 0, 4);
	tcase_add_loop_test(tc, imagined, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
