/* SPDX-License-Identifier: MIT */
/*
 * store/db: a journal that was cut, flipped, mixed up or torn is refused or
 * harmless; no damage is more than an error.
 */
#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/sql.h"
#include "unit/store.h"
#include "util/buf.h"

/* A journal with something in each page; its bytes. */
static void
sample(struct buf *ret)
{
	char key[20], value[150];
	struct db *db = store_open();
	int i;

	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	STORE_OK(db_begin(db, ERR));
	for (i = 0; i < 60; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		STORE_OK(db_meta_set(db, key, value, ERR));
	}
	STORE_OK(db_commit(db, ERR));
	db_free(db);
	slurp(store_path, ret);
	drop_side_files();
}

/* Opens and uses what lies there; anything but a crash or a hang will do. */
static enum status
use(struct err *err)
{
	AUTO(db) struct db *db = NULL;
	char key[20], value[200];
	enum status st;
	int i;

	st = db_open(&store_env.env, store_path, false, false, &db, err);
	if (st != ST_OK)
		return st;
	st = db_begin(db, err);
	for (i = 0; i < 60 && st == ST_OK; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		st = db_meta_get(db, key, value, sizeof(value), err);
		if (st == ST_OK)
			st = db_meta_set(db, key, "w", err);
	}
	if (st == ST_OK && random() % 8 == 0) /* it costs a sync */
		return db_commit(db, err);
	db_rollback(db);
	return st;
}

static bool
harmless(enum status st)
{
	return st == ST_OK || st == ST_DAMAGED || st == ST_NEWER;
}

START_TEST(a_cut_journal_is_damaged_or_harmless)
{
	/* JD-02: truncated at every 512 bytes, and by a byte. */
	struct buf all __attribute__((cleanup(auto_buf))) = { 0 };
	struct err err = { 0 };
	enum status st;
	size_t len;

	sample(&all);
	for (len = 1; len < all.len; len += len % 512 == 1 ? 511 : 1) {
		spill(store_path, buf_data(&all), len);
		st = use(&err);
		/* A single byte is an empty file to SQLite. */
		ck_assert_msg(st == (len == 1 ? ST_OK : ST_DAMAGED),
		    "%zu: %d %s", len, (int)st, err.text);
		drop_side_files();
	}
}
END_TEST

START_TEST(a_flipped_bit_is_damage_or_harmless)
{
	/* JD-02: one bit anywhere; the header and schema pages densely. */
	struct buf all __attribute__((cleanup(auto_buf))) = { 0 };
	struct err err = { 0 };
	enum status st;
	size_t i, at;
	uint8_t bit;

	sample(&all);
	srandom(7);
	for (i = 0; i < 300; i++) {
		at = i < 100 ? i :
			       (size_t)random() % (i < 200 ? 4096 : all.len);
		bit = (uint8_t)(1 << (random() % 8));
		all.data[all.head + at] ^= bit;
		spill(store_path, buf_data(&all), all.len);
		all.data[all.head + at] ^= bit;
		st = use(&err);
		ck_assert_msg(harmless(st), "%zu: %d %s", at, (int)st,
		    err.text);
		drop_side_files();
	}
}
END_TEST

/*
 * Leaves what a kill leaves: root "old" in the file, "new" in the WAL.  By a
 * child: a process must not open the file beside its own SQLite.
 */
static void
die_with_wal(void)
{
	struct db *db;
	pid_t pid;
	int status;

	db = store_open();
	store_set(db, "root", "old");
	db_free(db);
	pid = fork();
	if (pid == 0) {
		db = store_open();
		store_set(db, "root", "new");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(a_torn_wal_gives_the_old_or_the_new)
{
	/* JD-02: the WAL cut, flipped, of no sense; the shm gone or wrong. */
	struct buf file __attribute__((cleanup(auto_buf))) = { 0 };
	struct buf wal __attribute__((cleanup(auto_buf))) = { 0 };
	char name[sizeof(store_path) + 16], shm[sizeof(store_path) + 16];
	AUTO(db) struct db *db = NULL;
	uint8_t bit;
	size_t i, at, old = 0;

	die_with_wal();
	snprintf(name, sizeof(name), "%s-wal", store_path);
	snprintf(shm, sizeof(shm), "%s-shm", store_path);
	slurp(store_path, &file);
	slurp(name, &wal);
	ck_assert_uint_gt(wal.len, 4096);
	srandom(5);
	for (i = 0; i < 100; i++) {
		drop_side_files();
		at = (size_t)random() % wal.len;
		bit = (uint8_t)(1 << (random() % 8));
		spill(store_path, buf_data(&file), file.len);
		if (i % 5 == 0)
			spill(shm, buf_data(&wal), 4096);
		if (i % 2 == 0)
			wal.data[wal.head + at] ^= bit;
		spill(name, buf_data(&wal), i % 2 == 0 ? wal.len : at);
		if (i % 2 == 0)
			wal.data[wal.head + at] ^= bit;
		db = store_open();
		if (strcmp(store_get(db, "root"), "old") == 0)
			old++;
		else
			ck_assert_str_eq(store_get(db, "root"), "new");
		db_free(db);
		db = NULL;
	}
	ck_assert_uint_gt(old, 50);
}
END_TEST

START_TEST(pages_in_the_wrong_place_are_found)
{
	/* JD-02: each page over each other, found after a kill. */
	struct buf all __attribute__((cleanup(auto_buf))) = { 0 };
	char name[sizeof(store_path) + 16];
	autofree uint8_t *bad = NULL;
	struct err err = { 0 };
	enum status st;
	size_t i, k, pages, found = 0;

	snprintf(name, sizeof(name), "%s-wal", store_path);
	sample(&all);
	pages = all.len / 4096;
	bad = malloc(all.len);
	ck_assert_ptr_nonnull(bad);
	for (i = 0; i < pages; i += 3) {
		for (k = 0; k < pages; k++) {
			memcpy(bad, buf_data(&all), all.len);
			memcpy(bad + i * 4096, buf_data(&all) + k * 4096, 4096);
			spill(store_path, bad, all.len);
			spill(name, "killed", 6);
			st = use(&err);
			ck_assert_msg(harmless(st), "%zu %zu: %s", i, k,
			    err.text);
			found += st == ST_DAMAGED;
			drop_side_files();
		}
	}
	/* One empty index for another does no harm. */
	ck_assert_uint_gt(found, (pages / 3) * pages / 4);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("store_damage");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, store_setup, store_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_cut_journal_is_damaged_or_harmless);
	tcase_add_test(tc, a_flipped_bit_is_damage_or_harmless);
	tcase_add_test(tc, a_torn_wal_gives_the_old_or_the_new);
	tcase_add_test(tc, pages_in_the_wrong_place_are_found);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
