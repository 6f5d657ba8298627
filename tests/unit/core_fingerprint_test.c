/* SPDX-License-Identifier: MIT */
/* The fingerprint of a tree: what it depends on, and what it does not. */
#include "config.h"

#include <string.h>

#include "core/entry.h"
#include "core/fingerprint.h"
#include "nodigest.h"
#include "unit.h"

static struct hasher *hasher;

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

static struct entry
text(const char *path, uint8_t content, bool exec)
{
	struct entry e = { .path = path, .kind = ENTRY_TEXT, .exec = exec };

	memset(e.hash.b, content, HASH_SIZE);
	return e;
}

static void
add(struct fingerprint *fp, struct entry e)
{
	ck_assert_int_eq(fingerprint_add(fp, hasher, &e), ST_OK);
}

static void
drop(struct fingerprint *fp, struct entry e)
{
	ck_assert_int_eq(fingerprint_remove(fp, hasher, &e), ST_OK);
}

START_TEST(is_the_sum_that_the_header_says)
{
	/* Of one entry: SHA-256 over path, NUL, exec bit and hash. */
	static const char input[] = "a/b\0\1"
				    "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@";
	struct fingerprint fp = { 0 };
	struct hash digest;

	ck_assert_int_eq(hasher_once(hasher, input, 5 + HASH_SIZE, &digest),
	    ST_OK);
	add(&fp, text("a/b", '@', true));
	ck_assert_mem_eq(fp.sum, digest.b, HASH_SIZE);
	ck_assert_uint_eq(fp.count, 1);
}
END_TEST

START_TEST(order_does_not_matter)
{
	/* The same entries in any order, with detours, give the same. */
	struct fingerprint a = { 0 }, b = { 0 };

	add(&a, text("x", 1, false));
	add(&a, text("y", 2, false));
	add(&a, text("z", 3, true));
	add(&b, text("z", 3, true));
	add(&b, text("gone", 9, false));
	add(&b, text("x", 1, false));
	ck_assert(!fingerprint_equal(&a, &b));
	drop(&b, text("gone", 9, false));
	add(&b, text("y", 2, false));
	ck_assert(fingerprint_equal(&a, &b));
}
END_TEST

START_TEST(all_of_an_entry_matters)
{
	/* Path, contents and exec bit each make another fingerprint. */
	struct fingerprint fp[5] = { 0 };
	size_t i, j;

	add(&fp[0], text("ab", 1, false));
	add(&fp[1], text("ab", 2, false));
	add(&fp[2], text("ab", 1, true));
	add(&fp[3], text("ac", 1, false));
	for (i = 0; i < 5; i++) {
		for (j = 0; j < 5; j++)
			ck_assert_int_eq(fingerprint_equal(&fp[i], &fp[j]),
			    i == j);
	}
}
END_TEST

START_TEST(only_texts_count)
{
	/* What is absent, unread or excluded changes nothing. */
	struct fingerprint fp = { 0 }, empty = { 0 };
	struct entry e = text("a", 1, false);

	for (e.kind = ENTRY_ABSENT; e.kind <= ENTRY_EXCLUDED; e.kind++) {
		if (e.kind == ENTRY_TEXT)
			continue;
		add(&fp, e);
		ck_assert(fingerprint_equal(&fp, &empty));
		drop(&fp, e);
		ck_assert(fingerprint_equal(&fp, &empty));
	}
}
END_TEST

START_TEST(carries_through_all_bytes)
{
	/* Adding and removing a thousand comes back to nothing, every carry. */
	struct fingerprint fp = { 0 }, empty = { 0 };
	char path[16];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "%d", i);
		add(&fp, text(path, (uint8_t)i, i % 2 == 0));
	}
	ck_assert_uint_eq(fp.count, 1000);
	for (i = 999; i >= 0; i--) {
		snprintf(path, sizeof(path), "%d", i);
		drop(&fp, text(path, (uint8_t)i, i % 2 == 0));
	}
	ck_assert(fingerprint_equal(&fp, &empty));
	/* Below nothing and back: the sum is modulo 2^256. */
	drop(&fp, text("a", 1, false));
	add(&fp, text("a", 1, false));
	ck_assert(fingerprint_equal(&fp, &empty));
}
END_TEST

START_TEST(the_count_counts)
{
	/* Equal sums of different numbers of entries are not equal. */
	struct fingerprint a = { 0 }, b = { .count = 1 };

	ck_assert(!fingerprint_equal(&a, &b));
}
END_TEST

START_TEST(a_failure_changes_nothing)
{
	/* When hashing fails at any step, the fingerprint is as it was. */
	struct fingerprint fp = { 0 }, before;
	struct entry e = text("a", 1, false);
	int k;

	add(&fp, e);
	before = fp;
	for (k = 1; k <= 5; k++) {
		nodigest_at(k);
		ck_assert_int_eq(fingerprint_add(&fp, hasher, &e), ST_NOMEM);
		nodigest_at(k);
		ck_assert_int_eq(fingerprint_remove(&fp, hasher, &e), ST_NOMEM);
		ck_assert(fingerprint_equal(&fp, &before));
	}
	nodigest_at(k);
	add(&fp, e);
	nodigest_at(0);
	ck_assert_uint_eq(fp.count, 2);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("core fingerprint");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, is_the_sum_that_the_header_says);
	tcase_add_test(t, order_does_not_matter);
	tcase_add_test(t, all_of_an_entry_matters);
	tcase_add_test(t, only_texts_count);
	tcase_add_test(t, carries_through_all_bytes);
	tcase_add_test(t, the_count_counts);
	tcase_add_test(t, a_failure_changes_nothing);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
