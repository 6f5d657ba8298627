/* SPDX-License-Identifier: MIT */
/* What went, by its form: adding up, and what it saved. */
#include "config.h"

#include <string.h>

#include "sync/tally.h"
#include "unit.h"

static const struct {
	enum record_form form;
	enum tally_form tally;
} pairs[] = {
	{ FORM_WHOLE, TALLY_WHOLE },
	{ FORM_STREAM, TALLY_STREAM },
	{ FORM_META, TALLY_META },
	{ FORM_DELTA, TALLY_DELTA },
	{ FORM_DELTA_STREAM, TALLY_DELTA_STREAM },
};

START_TEST(each_form)
{
	ck_assert_int_eq(tally_form_of(pairs[_i].form), pairs[_i].tally);
}
END_TEST

/* No two have one name, and keys are what a program likes to read. */
START_TEST(names)
{
	enum tally_form i, j;

	for (i = 0; i < TALLY__MAX; i++) {
		ck_assert_uint_eq(strspn(tally_key(i),
				      "abcdefghijklmnopqrstuvwxyz_"),
		    strlen(tally_key(i)));
		for (j = 0; j < i; j++) {
			ck_assert_str_ne(tally_name(i), tally_name(j));
			ck_assert_str_ne(tally_key(i), tally_key(j));
		}
	}
}
END_TEST

START_TEST(adds_up)
{
	struct tally t = { 0 };

	ck_assert_uint_eq(tally_saved(&t), 0);
	tally_file(&t, TALLY_DELTA, 1000);
	tally_bytes(&t, TALLY_DELTA, 30);
	tally_file(&t, TALLY_DELTA, 500);
	tally_bytes(&t, TALLY_DELTA, 70);
	tally_file(&t, TALLY_MOVED, 5000);
	ck_assert_uint_eq(t.row[TALLY_DELTA].files, 2);
	ck_assert_uint_eq(t.row[TALLY_DELTA].size, 1500);
	ck_assert_uint_eq(t.row[TALLY_DELTA].bytes, 100);
	ck_assert_uint_eq(tally_saved(&t), 6400);
	/* What takes more than it holds (a stream that broke) saves nothing. */
	tally_file(&t, TALLY_STREAM, 10);
	tally_bytes(&t, TALLY_STREAM, 1010);
	ck_assert_uint_eq(tally_saved(&t), 5400);
	tally_bytes(&t, TALLY_STREAM, 1000000);
	ck_assert_uint_eq(tally_saved(&t), 0);
	/* Nobody counts. */
	tally_file(NULL, TALLY_WHOLE, 1);
	tally_bytes(NULL, TALLY_WHOLE, 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_tally");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, each_form, 0,
	    (int)(sizeof(pairs) / sizeof(pairs[0])));
	tcase_add_test(t, names);
	tcase_add_test(t, adds_up);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
