/* SPDX-License-Identifier: MIT */
/* The error type: codes from errno, one line of text, never too long. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "unit.h"
#include "util/err.h"
#include "util/str.h"

START_TEST(sets_code_and_text)
{
	/* The text is the format's; the code is given back; no errno. */
	struct err err = { .sys = 99 };

	ck_assert_int_eq(err_set(&err, ST_REFUSED, "no %s, %d times", "way", 3),
	    ST_REFUSED);
	ck_assert_int_eq(err.code, ST_REFUSED);
	ck_assert_int_eq(err.sys, 0);
	ck_assert_str_eq(err.text, "no way, 3 times");
}
END_TEST

static const struct {
	int errnum;
	enum status code;
} codes[] = {
	{ ENOMEM, ST_NOMEM },
	{ ENOSPC, ST_NOSPC },
	{ EDQUOT, ST_NOSPC },
	{ ENOENT, ST_NOENT },
	{ ENOTDIR, ST_NOENT },
	{ EEXIST, ST_EXIST },
	{ ENOTEMPTY, ST_EXIST },
	{ EIO, ST_IO },
	{ EACCES, ST_IO },
	{ EROFS, ST_IO },
};

START_TEST(takes_the_code_from_errno)
{
	/* The errno gives the code, and its meaning the end of the text. */
	char text[200];
	struct err err;

	ck_assert_int_eq(err_sys(&err, codes[_i].errnum, "open \"%s\"", "x"),
	    codes[_i].code);
	ck_assert_int_eq(err.code, codes[_i].code);
	ck_assert_int_eq(err.sys, codes[_i].errnum);
	snprintf(text, sizeof(text), "open \"x\": %s",
	    strerror(codes[_i].errnum));
	ck_assert_str_eq(err.text, text);
	ck_assert_int_eq(err_sys(NULL, codes[_i].errnum, "x"), codes[_i].code);
}
END_TEST

START_TEST(nobody_needs_to_listen)
{
	/* Without a struct err the code is still right. */
	ck_assert_int_eq(err_set(NULL, ST_BUSY, "%s", "x"), ST_BUSY);
	ck_assert_int_eq(err_nomem(NULL), ST_NOMEM);
}
END_TEST

START_TEST(cuts_long_texts)
{
	/* Whatever the length, the text fits and ends. */
	char longest[2000];
	struct err err;

	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(err_set(&err, ST_IO, "%s", longest), ST_IO);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
	ck_assert_int_eq(err_sys(&err, EIO, "%s", longest), ST_IO);
	ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
}
END_TEST

START_TEST(cuts_between_characters)
{
	/* A text that was cut is still one that a line parser takes. */
	static const char *const wide[] = { "\xc3\xa9", "\xe2\x82\xac",
		"\xf0\x9f\x99\x82" };
	char longest[2000];
	struct err err;
	size_t i, used, n;

	for (i = 0; i < 3 * 4; i++) {
		n = strlen(wide[i / 4]);
		memset(longest, 'x', i % 4);
		for (used = i % 4; used < 1000; used += n)
			memcpy(longest + used, wide[i / 4], n);
		longest[used] = '\0';
		ck_assert_int_eq(err_set(&err, ST_IO, "%s", longest), ST_IO);
		ck_assert(str_utf8(err.text, strlen(err.text)));
		ck_assert_uint_gt(strlen(err.text), sizeof(err.text) - 1 - n);
		ck_assert_int_eq(err_sys(&err, EIO, "%s", longest), ST_IO);
		ck_assert(str_utf8(err.text, strlen(err.text)));
	}
}
END_TEST

START_TEST(names_every_code)
{
	/* Every code has a name of its own; what is no code is an error. */
	int a, b;

	for (a = ST_OK; a >= ST_LAST; a--) {
		ck_assert_str_ne(err_name((enum status)a), "error");
		for (b = ST_OK; b > a; b--)
			ck_assert_str_ne(err_name((enum status)a),
			    err_name((enum status)b));
	}
	ck_assert_str_eq(err_name(ST_NOSPC), "no space");
	ck_assert_str_eq(err_name(ST_GUARD), "guard");
	ck_assert_str_eq(err_name(ST_CONNECT), "no connection in time");
	ck_assert_str_eq(err_name((enum status)(ST_LAST - 1)), "error");
	ck_assert_str_eq(err_name((enum status)1), "error");
}
END_TEST

START_TEST(says_out_of_memory)
{
	/* Without needing any. */
	struct err err;

	ck_assert_int_eq(err_nomem(&err), ST_NOMEM);
	ck_assert_int_eq(err.code, ST_NOMEM);
	ck_assert_str_eq(err.text, "out of memory");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("util err");
	TCase *t = tcase_create("all");

	tcase_add_test(t, sets_code_and_text);
	tcase_add_loop_test(t, takes_the_code_from_errno, 0,
	    sizeof(codes) / sizeof(codes[0]));
	tcase_add_test(t, nobody_needs_to_listen);
	tcase_add_test(t, cuts_long_texts);
	tcase_add_test(t, cuts_between_characters);
	tcase_add_test(t, names_every_code);
	tcase_add_test(t, says_out_of_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
