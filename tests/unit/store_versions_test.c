/* SPDX-License-Identifier: MIT */
/*
 * store/versions: contents come back as they were or not at all, are stored
 * once and shortened, and go by age and size, with their last name.
 */
#include "config.h"

#include <stdlib.h>

#include "store/sql.h"
#include "store/versions.h"
#include "unit/store.h"

static struct db *db;
static struct hasher *hasher;

static void
setup(void)
{
	store_setup();
	db = store_open();
	ck_assert_int_eq(hasher_new(&hasher), ST_OK);
	STORE_OK(db_begin(db, ERR));
}

static void
teardown(void)
{
	db_free(db);
	hasher_free(hasher);
	store_teardown();
}

static struct hash
hash_of(const void *data, size_t len)
{
	struct hash h;

	ck_assert_int_eq(hasher_once(hasher, data, len, &h), ST_OK);
	return h;
}

static struct hash
put(const char *path, const void *data, size_t len, int64_t when)
{
	struct version v = {
		.path = path,
		.hash = hash_of(data, len),
		.size = len,
		.mtime = -when,
		.exec = when % 2,
		.when = when,
		.why = "replaced",
	};

	STORE_OK(versions_put(db, &v, data, ERR));
	return v.hash;
}

/* Large contents that lie outside; named by n. */
static struct hash
put_outside(const char *path, uint64_t size, uint8_t n, int64_t when)
{
	struct version v = { .path = path,
		.hash = { { n, 0xee } },
		.size = size,
		.when = when,
		.why = "deleted" };

	STORE_OK(versions_put(db, &v, NULL, ERR));
	return v.hash;
}

static int64_t
number(const char *sql)
{
	AUTO(sql) sqlite3_stmt *stmt = NULL;
	bool row;

	STORE_OK(db_prepare_own(db, sql, &stmt, ERR));
	STORE_OK(db_step(db, stmt, &row, ERR));
	return sqlite3_column_int64(stmt, 0);
}

static void
check_content(const struct hash *hash, const void *data, size_t len)
{
	struct buf out __attribute__((cleanup(auto_buf))) = { 0 };
	bool outside = true;

	ck_assert(versions_has(db, hash));
	STORE_OK(versions_get(db, hash, hasher, &out, &outside, ERR));
	ck_assert(!outside);
	ck_assert_uint_eq(out.len, len);
	if (len > 0)
		ck_assert_mem_eq(buf_data(&out), data, len);
}

static uint8_t *
noise(size_t len)
{
	uint8_t *data = malloc(len + 1);
	size_t i;

	ck_assert_ptr_nonnull(data);
	for (i = 0; i < len; i++)
		data[i] = (uint8_t)(random() >> 8);
	return data;
}

START_TEST(contents_come_back)
{
	/* Compressible or not, of all sizes up to the limit. */
	static const size_t sizes[] = { 0, 1, 2, 3, 20, 1000, 65537,
		VERSIONS_INLINE - 1, VERSIONS_INLINE };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		autofree uint8_t *data = noise(sizes[i]);
		struct hash h = put("noise", data, sizes[i], 1);

		check_content(&h, data, sizes[i]);
		memset(data, 'x', sizes[i]);
		h = put("text", data, sizes[i], 2);
		check_content(&h, data, sizes[i]);
	}
	STORE_OK(db_commit(db, ERR));
}
END_TEST

START_TEST(text_is_stored_shorter)
{
	/* Compressed where it helps, as it is where not; counted as stored. */
	autofree uint8_t *data = noise(10000);

	put("noise", data, 10000, 1);
	ck_assert_int_eq(number("SELECT stored FROM content"), 10000);
	ck_assert_int_eq(number("SELECT length(data) FROM content"), 10000);
	memset(data, 'x', 10000);
	put("text", data, 10000, 1);
	ck_assert_int_lt(number("SELECT min(stored) FROM content"), 100);
	ck_assert_int_eq(
	    number("SELECT count(*) FROM content WHERE stored = length(data)"),
	    2);
}
END_TEST

START_TEST(contents_are_stored_once)
{
	/* However many versions name them. */
	struct hash h = put("a", "hello", 5, 1);

	put("b", "hello", 5, 2);
	put("a", "hello", 5, 3);
	ck_assert_int_eq(number("SELECT count(*) FROM content"), 1);
	ck_assert_int_eq(number("SELECT count(*) FROM version"), 3);
	check_content(&h, "hello", 5);
}
END_TEST

START_TEST(what_is_not_there_is_said)
{
	/* Unknown: NOENT.  Large: outside, and the buffer is untouched. */
	struct buf out __attribute__((cleanup(auto_buf))) = { 0 };
	struct hash none = { { 1 } }, large;
	bool outside = false;

	ck_assert(!versions_has(db, &none));
	ck_assert_int_eq(versions_get(db, &none, hasher, &out, &outside, ERR),
	    ST_NOENT);
	ck_assert(!outside);
	large = put_outside("a", 5000000000, 7, 1);
	ck_assert(versions_has(db, &large));
	STORE_OK(versions_get(db, &large, hasher, &out, &outside, ERR));
	ck_assert(outside);
	ck_assert_uint_eq(out.len, 0);
}
END_TEST

START_TEST(too_large_for_here_is_refused)
{
	/* One byte over the limit, with its contents. */
	struct version v = { .path = "a",
		.size = VERSIONS_INLINE + 1,
		.why = "" };

	ck_assert_int_eq(versions_put(db, &v, "", ERR), ST_USAGE);
	ck_assert_int_eq(number("SELECT count(*) FROM version"), 0);
}
END_TEST

START_TEST(damaged_contents_are_never_given)
{
	/* Flipped, cut, swollen, a bomb: ST_DAMAGED, and no byte of it. */
	static const char *const changes[] = {
		"UPDATE content SET data = zeroblob(length(data))",
		"UPDATE content SET data = substr(data, 1, 5)",
		"UPDATE content SET data = x''",
		"UPDATE content SET data = data || x'00'",
		"UPDATE content SET data = zeroblob(size)",
		"UPDATE content SET data = zeroblob(size + 1)",
		"UPDATE content SET size = size - 1",
		"UPDATE content SET size = size + 1",
		"UPDATE content SET size = 0",
		"UPDATE content SET size = -1",
		"UPDATE content SET size = 1 << 40",
		"UPDATE content SET size = 1048577",
	};
	struct buf out __attribute__((cleanup(auto_buf))) = { 0 };
	autofree uint8_t *data = noise(10000);
	sqlite3_stmt *stmt;
	bool outside = true;
	struct hash h;
	enum status st;
	size_t i;

	memset(data, 'x', 5000);
	ck_assert_int_eq(buf_put(&out, "kept", 4), ST_OK);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		h = put("a", data, 10000, 1);
		STORE_OK(db_prepare(db, changes[i], &stmt, ERR));
		STORE_OK(db_run(db, stmt, ERR));
		st = versions_get(db, &h, hasher, &out, &outside, ERR);
		ck_assert_msg(st == ST_DAMAGED, "%s: %d", changes[i], (int)st);
		ck_assert(outside);
		ck_assert_uint_eq(out.len, 4);
		db_rollback(db);
		STORE_OK(db_begin(db, ERR));
	}
}
END_TEST

START_TEST(a_value_beyond_the_limit_is_not_even_read)
{
	/* SQLite itself refuses to make more than 2 MiB of one value. */
	sqlite3_stmt *stmt;

	put("a", "hello", 5, 1);
	STORE_OK(db_prepare(db, "UPDATE content SET data = zeroblob(100000000)",
	    &stmt, ERR));
	ck_assert_int_eq(db_run(db, stmt, ERR), ST_DAMAGED);
}
END_TEST

struct seen {
	char text[400];
	unsigned n;
};

static enum status
see(void *ctx, const struct version *v, struct err *err)
{
	struct seen *seen = ctx;
	size_t used = strlen(seen->text);
	struct hash h = hash_of(v->why, 0);

	(void)err;
	if (strcmp(v->why, "replaced") == 0) {
		ck_assert_int_eq(v->mtime, -v->when);
		ck_assert_int_eq(v->exec, v->when % 2);
		ck_assert_uint_eq(v->size, 5);
		ck_assert(!hash_equal(&v->hash, &h));
	}
	snprintf(seen->text + used, sizeof(seen->text) - used, "%s:%d ",
	    v->path, (int)v->when);
	/* It may look at others meanwhile. */
	ck_assert(versions_has(db, &v->hash));
	return ++seen->n == 10 ? err_set(err, ST_SIGNAL, "stop") : ST_OK;
}

static void
check_list(const char *path, const char *want)
{
	struct seen seen = { 0 };

	STORE_OK(versions_each(db, path, see, &seen, ERR));
	ck_assert_str_eq(seen.text, want);
}

START_TEST(versions_are_listed_newest_first)
{
	/* Of all, of one path; what ties comes in the order it was put. */
	put("a", "aaaaa", 5, 5);
	put("b\n", "bbbbb", 5, 9);
	put("a", "ccccc", 5, 7);
	put("a", "ddddd", 5, 7);
	put_outside("a", 5000000, 1, 6);
	check_list(NULL, "b\n:9 a:7 a:7 a:6 a:5 ");
	check_list("a", "a:7 a:7 a:6 a:5 ");
	check_list("b\n", "b\n:9 ");
	check_list("b", "");
}
END_TEST

/* What trim said is gone: the first bytes of the hashes. */
static enum status
gone(void *ctx, const struct hash *hash, struct err *err)
{
	char *text = ctx;
	size_t used = strlen(text);

	(void)err;
	snprintf(text + used, 100 - used, "%d ", hash->b[0]);
	return ST_OK;
}

START_TEST(old_versions_go)
{
	/* Older than the time given; contents with their last name only. */
	char text[100] = "";
	struct hash a = put("a", "aaaaa", 5, 1);
	struct hash b = put("b", "bbbbb", 5, 2);
	struct hash l1 = put_outside("l", 5000000, 1, 1);
	struct hash l2 = put_outside("l", 5000000, 2, 1);

	put("a2", "aaaaa", 5, 5);
	put_outside("l2", 5000000, 2, 5);
	STORE_OK(versions_trim(db, 2, UINT64_MAX, gone, text, ERR));
	ck_assert_str_eq(text, "1 ");
	ck_assert(!versions_has(db, &l1));
	ck_assert(versions_has(db, &l2));
	ck_assert(versions_has(db, &a));
	ck_assert(versions_has(db, &b));
	check_list(NULL, "l2:5 a2:5 b:2 ");
	STORE_OK(versions_trim(db, INT64_MAX, UINT64_MAX, gone, text, ERR));
	ck_assert_str_eq(text, "1 2 ");
	check_list(NULL, "");
	ck_assert_int_eq(number("SELECT count(*) FROM content"), 0);
	STORE_OK(versions_trim(db, INT64_MAX, 0, gone, text, ERR));
}
END_TEST

START_TEST(the_oldest_make_room)
{
	/* Until the rest fits; shared contents count once. */
	char text[100] = "";

	put("a", "aaaaa", 5, 1);
	put_outside("l", 2000000, 1, 2);
	put_outside("l", 2000000, 1, 3);
	put_outside("l", 3000000, 2, 4);
	put("b", "bbbbb", 5, 5);
	STORE_OK(versions_trim(db, 0, 5000010, gone, text, ERR));
	check_list(NULL, "b:5 l:4 l:3 l:2 a:1 ");
	STORE_OK(versions_trim(db, 0, 5000009, gone, text, ERR));
	check_list(NULL, "b:5 l:4 l:3 l:2 ");
	ck_assert_str_eq(text, "");
	STORE_OK(versions_trim(db, 0, 5000000, gone, text, ERR));
	check_list(NULL, "b:5 l:4 ");
	ck_assert_str_eq(text, "1 ");
	STORE_OK(versions_trim(db, 0, 0, gone, text, ERR));
	check_list(NULL, "");
	ck_assert_str_eq(text, "1 2 ");
}
END_TEST

static enum status
refuse(void *ctx, const struct hash *hash, struct err *err)
{
	(void)ctx;
	(void)hash;
	return err_set(err, ST_IO, "no");
}

START_TEST(the_callers_failure_ends_it)
{
	/* Of versions_each() and versions_trim(); a rollback undoes a trim. */
	struct seen seen = { 0 };
	struct hash h;
	int i;

	for (i = 0; i < 20; i++)
		put("a", "aaaaa", 5, i);
	ck_assert_int_eq(versions_each(db, NULL, see, &seen, ERR), ST_SIGNAL);
	ck_assert_uint_eq(seen.n, 10);
	h = put_outside("l", 5000000, 1, 1);
	STORE_OK(db_commit(db, ERR));
	STORE_OK(db_begin(db, ERR));
	ck_assert_int_eq(versions_trim(db, 99, 0, refuse, NULL, ERR), ST_IO);
	ck_assert(!versions_has(db, &h));
	db_rollback(db);
	ck_assert(versions_has(db, &h));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("store_versions");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, contents_come_back);
	tcase_add_test(tc, text_is_stored_shorter);
	tcase_add_test(tc, contents_are_stored_once);
	tcase_add_test(tc, what_is_not_there_is_said);
	tcase_add_test(tc, too_large_for_here_is_refused);
	tcase_add_test(tc, damaged_contents_are_never_given);
	tcase_add_test(tc, a_value_beyond_the_limit_is_not_even_read);
	tcase_add_test(tc, versions_are_listed_newest_first);
	tcase_add_test(tc, old_versions_go);
	tcase_add_test(tc, the_oldest_make_room);
	tcase_add_test(tc, the_callers_failure_ends_it);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
