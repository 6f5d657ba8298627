/* SPDX-License-Identifier: MIT */
/* What was displaced is kept: as what, for how long, and when it goes. */
#include "config.h"

#include <stdlib.h>

#include "fs/stage.h"
#include "store/db.h"
#include "store/versions.h"
#include "sync/keep.h"
#include "sync/replica.h"
#include "testenv.h"
#include "unit.h"

#define LARGE (VERSIONS_INLINE + 1)
#define DAY   (24LL * 3600 * NSEC)

static char folder[UNIT_FOLDER];
static struct testenv te;
static struct replica *r;
static struct err err;

#define OK(call) ck_assert_msg((call) == ST_OK, "%s", err.text)

static void
open_again(void)
{
	const struct replica_opts opts = { .path = folder };

	replica_free(r);
	r = NULL;
	OK(replica_open(&te.env, &opts, &r, &err));
}

static void
setup(void)
{
	unit_folder(folder);
	testenv_init(&te);
	open_again();
}

static void
teardown(void)
{
	replica_free(r);
	r = NULL;
	unit_folder_remove(folder);
}

/* Keeps len times the letter as a version of path. */
static struct hash
keep(const char *path, char letter, size_t len)
{
	autofree char *text = malloc(len + 1);
	uint64_t n = stage_next(r->stage);
	struct hash hash;
	int fd;

	ck_assert_ptr_nonnull(text);
	memset(text, letter, len);
	OK(stage_create(r->stage, n, &fd, &err));
	OK(stage_write(r->stage, fd, text, len, &err));
	OK(stage_seal(r->stage, fd, 1000000000 * NSEC + 5, letter == 'x',
	    &err));
	close(fd);
	OK(db_begin(r->db, &err));
	OK(keep_file(r, r->stage, n, path, "replaced", NULL, &hash, &err));
	OK(db_commit(r->db, &err));
	stage_drop(r->stage, n);
	return hash;
}

static bool
has_file(const struct hash *hash)
{
	char hex[HASH_HEX], name[HASH_HEX + 20];

	hash_hex(hash, hex);
	snprintf(name, sizeof(name), ".dsync/versions/%s", hex);
	return testenv_exists(folder, name);
}

static enum status
count_one(void *ctx, const struct version *v, struct err *e)
{
	(void)v;
	(void)e;
	++*(int *)ctx;
	return ST_OK;
}

static int
versions_of(const char *path)
{
	int n = 0;

	OK(versions_each(r->db, path, count_one, &n, &err));
	return n;
}

static enum status
copy_one(void *ctx, const struct version *v, struct err *e)
{
	(void)e;
	*(struct version *)ctx = *v;
	return ST_OK;
}

/* A version is remembered with the time it was displaced and what it was. */
START_TEST(what_is_kept)
{
	static const struct {
		char letter;
		size_t len;
	} table[] = {
		{ 'a', 0 },
		{ 'a', 1 },
		{ 'x', 6 },
		{ 'b', VERSIONS_INLINE },
		{ 'b', LARGE },
		{ 'x', LARGE + 1000 },
	};
	struct version v = { 0 };
	char path[20];

	snprintf(path, sizeof(path), "file-%d", _i);
	keep(path, table[_i].letter, table[_i].len);
	OK(versions_each(r->db, path, copy_one, &v, &err));
	ck_assert_uint_eq(v.size, table[_i].len);
	ck_assert_int_eq(v.when, te.now);
	ck_assert_int_eq(v.mtime, 1000000000 * NSEC + 5);
	ck_assert_int_eq(v.exec, table[_i].letter == 'x');
}
END_TEST

/* Small contents are in the journal, large ones beside it; both come back. */
START_TEST(small_and_large)
{
	AUTO(buf) struct buf got = { 0 };
	struct hash small = keep("small", 's', VERSIONS_INLINE);
	struct hash large = keep("large", 'l', LARGE);
	bool outside = true;

	ck_assert(!has_file(&small));
	ck_assert(has_file(&large));
	OK(versions_get(r->db, &small, r->hasher, &got, &outside, &err));
	ck_assert(!outside);
	ck_assert_uint_eq(got.len, VERSIONS_INLINE);
	ck_assert_int_eq(buf_data(&got)[VERSIONS_INLINE - 1], 's');
	OK(versions_get(r->db, &large, r->hasher, &got, &outside, &err));
	ck_assert(outside);
}
END_TEST

/* The same contents of two paths are stored once, and named twice. */
START_TEST(contents_once)
{
	size_t len = _i == 0 ? 100 : LARGE;
	struct hash a = keep("a", 'c', len), b = keep("b", 'c', len);
	struct hash again = keep("a", 'c', len);

	ck_assert(hash_equal(&a, &b) && hash_equal(&a, &again));
	ck_assert_int_eq(versions_of("a"), 2);
	ck_assert_int_eq(versions_of("b"), 1);
	ck_assert_int_eq(has_file(&a), len == LARGE);
}
END_TEST

/* After 91 days both kinds are dropped, with the file; the newest stays. */
START_TEST(old_ones_go)
{
	struct hash small = keep("a", 's', 100);
	struct hash large = keep("a", 'l', LARGE);
	struct hash young, newest;

	te.now += 2 * DAY;
	young = keep("a", 'y', LARGE);
	te.now += 89 * DAY;
	newest = keep("a", 'n', LARGE);
	OK(keep_trim(r, &err));
	ck_assert_int_eq(versions_of("a"), 2);
	ck_assert(!versions_has(r->db, &small));
	ck_assert(!versions_has(r->db, &large));
	ck_assert(!has_file(&large));
	ck_assert(versions_has(r->db, &young) && has_file(&young));
	ck_assert(versions_has(r->db, &newest) && has_file(&newest));
}
END_TEST

/* A version goes when it is older than KEEP_AGE, not when it is as old. */
START_TEST(to_the_nanosecond)
{
	struct hash old = keep("a", 'o', 10);

	te.now += KEEP_AGE + _i;
	keep("b", 'n', 10);
	OK(keep_trim(r, &err));
	ck_assert_int_eq(versions_has(r->db, &old), _i == 0);
}
END_TEST

/* Contents that a younger version names too stay where they are. */
START_TEST(still_named)
{
	struct hash hash = keep("a", 'c', LARGE);

	te.now += 91 * DAY;
	keep("b", 'c', LARGE);
	OK(keep_trim(r, &err));
	ck_assert_int_eq(versions_of("a"), 0);
	ck_assert_int_eq(versions_of("b"), 1);
	ck_assert(has_file(&hash));
}
END_TEST

/* A run that kept nothing drops nothing, and the one after a trim neither. */
START_TEST(nothing_kept)
{
	struct hash large = keep("a", 'l', LARGE);

	OK(keep_trim(r, &err));
	te.now += 91 * DAY;
	OK(keep_trim(r, &err));
	ck_assert(versions_has(r->db, &large) && has_file(&large));
	open_again();
	OK(keep_trim(r, &err));
	ck_assert(versions_has(r->db, &large) && has_file(&large));
	keep("b", 'n', 10);
	OK(keep_trim(r, &err));
	ck_assert(!versions_has(r->db, &large) && !has_file(&large));
}
END_TEST

/* What can't be written down is not kept, and is not counted as kept. */
START_TEST(failures)
{
	static const char *const ops[] = { "openat", "read" };
	uint64_t n = stage_next(r->stage);
	int fd;

	OK(stage_create(r->stage, n, &fd, &err));
	OK(stage_write(r->stage, fd, "text\n", 5, &err));
	close(fd);
	OK(db_begin(r->db, &err));
	testenv_fail(&te, ops[_i], 1, EIO);
	ck_assert_int_eq(keep_file(r, r->stage, n, "a", "replaced", NULL, NULL,
			     &err),
	    ST_IO);
	ck_assert(te.failed);
	te.fail_at = 0;
	ck_assert_uint_eq(r->kept, 0);
	OK(keep_file(r, r->stage, n, "a", "replaced", NULL, NULL, &err));
	ck_assert_uint_eq(r->kept, 1);
	ck_assert_int_eq(keep_file(r, r->stage, n + 77, "a", "replaced", NULL,
			     NULL, &err),
	    ST_NOENT);
	ck_assert_uint_eq(r->kept, 1);
	OK(db_commit(r->db, &err));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_keep");
	TCase *t = tcase_create("keep");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, what_is_kept, 0, 6);
	tcase_add_test(t, small_and_large);
	tcase_add_loop_test(t, contents_once, 0, 2);
	tcase_add_test(t, old_ones_go);
	tcase_add_loop_test(t, to_the_nanosecond, 0, 2);
	tcase_add_test(t, still_named);
	tcase_add_test(t, nothing_kept);
	tcase_add_loop_test(t, failures, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
