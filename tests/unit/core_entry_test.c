/* SPDX-License-Identifier: MIT */
/* What makes two entries the same version, and two stamps the same file. */
#include "config.h"

#include "core/entry.h"
#include "unit.h"

static const struct hash one = { { 1 } };
static const struct hash two = { { 2 } };

START_TEST(same_kinds_without_contents)
{
	/* Absent is absent; size and time don't count; kinds differ. */
	int a, b;

	for (a = ENTRY_ABSENT; a <= ENTRY_EXCLUDED; a++) {
		for (b = ENTRY_ABSENT; b <= ENTRY_EXCLUDED; b++) {
			struct entry x = { .kind = (uint8_t)a, .size = 1 };
			struct entry y = { .kind = (uint8_t)b, .mtime = 2 };

			ck_assert_int_eq(entry_same(&x, &y), a == b);
		}
	}
}
END_TEST

START_TEST(contents_count_in_texts_only)
{
	/* Hash and exec bit make a version of a text, and of nothing else. */
	struct entry a = { .kind = ENTRY_TEXT, .hash = one, .path = "a" };
	struct entry b = { .kind = ENTRY_TEXT, .hash = one, .path = "b" };

	ck_assert(entry_same(&a, &b));
	b.hash = two;
	ck_assert(!entry_same(&a, &b));
	a.kind = b.kind = ENTRY_UNREAD;
	ck_assert(entry_same(&a, &b));
	a.kind = b.kind = ENTRY_TEXT;
	b.hash = one;
	b.exec = true;
	ck_assert(!entry_same(&a, &b));
	a.exec = true;
	ck_assert(entry_same(&a, &b));
}
END_TEST

static const struct stamp base = { 1, 2, 3, 4, 5, 6 };

static const struct {
	struct stamp stamp;
	bool equal;
	bool same_file;
} stamps[] = {
	{ { 1, 2, 3, 4, 5, 6 }, true, true },
	{ { 9, 2, 3, 4, 5, 6 }, false, false },
	{ { 1, 9, 3, 4, 5, 6 }, false, false },
	{ { 1, 2, 9, 4, 5, 6 }, false, false },
	{ { 1, 2, 3, 9, 5, 6 }, false, false },
	{ { 1, 2, 3, 4, 9, 6 }, false, true },
	{ { 1, 2, 3, 4, 5, 9 }, false, true },
};

START_TEST(every_field_of_a_stamp_counts)
{
	/* A rename may change ctime and mode; nothing else. */
	const struct stamp *s = &stamps[_i].stamp;

	ck_assert_int_eq(stamp_equal(&base, s), stamps[_i].equal);
	ck_assert_int_eq(stamp_equal(s, &base), stamps[_i].equal);
	ck_assert_int_eq(stamp_same_file(&base, s), stamps[_i].same_file);
	ck_assert_int_eq(stamp_same_file(s, &base), stamps[_i].same_file);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("core entry");
	TCase *t = tcase_create("all");

	tcase_add_test(t, same_kinds_without_contents);
	tcase_add_test(t, contents_count_in_texts_only);
	tcase_add_loop_test(t, every_field_of_a_stamp_counts, 0,
	    sizeof(stamps) / sizeof(stamps[0]));
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
