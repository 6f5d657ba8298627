/* SPDX-License-Identifier: MIT */
/*
 * What a large listing costs: the memory that malloc has given out, as it
 * counts itself.
 */
#include "config.h"

#include <check.h>
#include <malloc.h>
#include <stdio.h>

#include "core/entry.h"
#include "core/listing.h"
#include "unit.h"

#define ENTRIES	       1000000
#define BYTES_AN_ENTRY 200

/* The sanitizer's malloc does not count. */
#ifdef __SANITIZE_ADDRESS__
#	define COUNTS false
#else
#	define COUNTS true
#endif

static size_t
given_out(void)
{
	const struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

START_TEST(a_million_entries)
{
	/* A million entries with usual paths cost at most 200 bytes each. */
	AUTO(listing) struct listing *list = NULL;
	struct entry e = { .kind = ENTRY_TEXT, .size = 1 };
	size_t before = given_out(), used;
	char path[64];

	ck_assert_int_eq(listing_new(&list), ST_OK);
	for (unsigned i = 0; i < ENTRIES; i++) {
		snprintf(path, sizeof(path), "notes/%04u/%02u/a-note-%07u.md",
		    i / 1000, i % 100, i);
		e.path = path;
		ck_assert_int_eq(listing_add(list, &e), ST_OK);
	}
	used = given_out() - before;
	listing_sort(list);
	ck_assert_uint_eq(listing_count(list), ENTRIES);
	if (!COUNTS)
		return;
	ck_assert_uint_gt(used, ENTRIES * sizeof(struct entry));
	ck_assert_uint_le(used, (size_t)ENTRIES * BYTES_AN_ENTRY);
}
END_TEST

static Suite *
size_suite(void)
{
	Suite *s = suite_create("core/listing size");
	TCase *tc = tcase_create("size");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_million_entries);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(size_suite);
