/* SPDX-License-Identifier: MIT */
/* Sketches: equal trees have equal ones, and a difference shows in its bucket. */
#include "config.h"

#include <string.h>

#include "core/entry.h"
#include "core/listing.h"
#include "core/sketch.h"
#include "nodigest.h"
#include "nomem.h"
#include "unit.h"
#include "util/buf.h"
#include "util/hash.h"

#define FILES 300

static struct hasher *hasher;

static void
name(char path[16], int n)
{
	snprintf(path, 16, "d%d/f%d", n % 7, n);
}

/* A tree, but for file `except`, which has `other` contents. */
static void
draw(size_t buckets, int except, uint8_t other, struct buf *out)
{
	AUTO(listing) struct listing *list = NULL;
	struct entry e = { .kind = ENTRY_TEXT };
	char path[16];
	int i, k;

	ck_assert_int_eq(listing_new(&list), ST_OK);
	for (i = 0; i < FILES; i++) {
		/* in another order each time */
		k = (i * 7 + (int)out->len + except + FILES) % FILES;
		name(path, k);
		e.path = path;
		e.hash.b[0] = k == except ? other : (uint8_t)k;
		ck_assert_int_eq(listing_add(list, &e), ST_OK);
	}
	e.kind = ENTRY_EXCLUDED;
	ck_assert_int_eq(listing_add(list, &e), ST_OK);
	buf_clear(out);
	ck_assert_int_eq(sketch_draw(list, buckets, hasher, out), ST_OK);
	ck_assert_uint_eq(out->len, buckets * SKETCH_BUCKET);
}

START_TEST(a_difference_is_in_its_bucket)
{
	AUTO(buf) struct buf a = { 0 }, b = { 0 };
	const size_t n = (size_t)16 << (_i % 6);
	size_t i, at;
	char path[16];

	draw(n, -1, 0, &a);
	draw(n, -1, 0, &b);
	ck_assert_mem_eq(buf_data(&a), buf_data(&b), a.len);
	draw(n, _i, 255, &b);
	name(path, _i);
	at = sketch_bucket_of(n, path);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(memcmp(buf_data(&a) + i * SKETCH_BUCKET,
				     buf_data(&b) + i * SKETCH_BUCKET,
				     SKETCH_BUCKET) != 0,
		    i == at);
}
END_TEST

START_TEST(numbers_of_buckets)
{
	/* Enough for the files, a power of two, and within limits. */
	ck_assert_uint_eq(sketch_buckets(0), 16);
	ck_assert_uint_eq(sketch_buckets(2048), 16);
	ck_assert_uint_eq(sketch_buckets(2049), 32);
	ck_assert_uint_eq(sketch_buckets(50000), 512);
	ck_assert_uint_eq(sketch_buckets(SIZE_MAX / 2), SKETCH_MOST);
	ck_assert(sketch_buckets_ok(16) && sketch_buckets_ok(8192));
	ck_assert(!sketch_buckets_ok(0) && !sketch_buckets_ok(8));
	ck_assert(!sketch_buckets_ok(48) && !sketch_buckets_ok(16384));
}
END_TEST

START_TEST(buckets_are_as_documented)
{
	/* FNV-1a of "a" is af63dc4c8601ec8c, of "foobar" 85944171f73967e8. */
	ck_assert_uint_eq(sketch_bucket_of(8192, "a"), 0x0c8c);
	ck_assert_uint_eq(sketch_bucket_of(16, "foobar"), 8);
}
END_TEST

START_TEST(memory_can_end)
{
	AUTO(listing) struct listing *list = NULL;
	struct entry e = { .path = "a", .kind = ENTRY_TEXT };
	AUTO(buf) struct buf out = { 0 };
	enum status st;
	int k;

	ck_assert_int_eq(listing_new(&list), ST_OK);
	ck_assert_int_eq(listing_add(list, &e), ST_OK);
	for (k = 1; k <= 2; k++) {
		nomem_at(k);
		st = sketch_draw(list, 16, hasher, &out);
		nomem_at(0);
		ck_assert_int_eq(st, ST_NOMEM);
		ck_assert_uint_eq(out.len, 0);
	}
	nodigest_at(1);
	ck_assert_int_eq(sketch_draw(list, 16, hasher, &out), ST_NOMEM);
	ck_assert_uint_eq(out.len, 0);
	nodigest_at(0);
}
END_TEST

static void
setup(void)
{
	ck_assert_int_eq(hasher_new(&hasher), ST_OK);
}

static void
teardown(void)
{
	hasher_free(hasher);
}

static Suite *
suite(void)
{
	Suite *s = suite_create("sketch");
	TCase *t = tcase_create("sketch");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, a_difference_is_in_its_bucket, 0, 60);
	tcase_add_test(t, numbers_of_buckets);
	tcase_add_test(t, buckets_are_as_documented);
	tcase_add_test(t, memory_can_end);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
