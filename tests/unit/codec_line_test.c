/* SPDX-License-Identifier: MIT */
/* Lines: what may be shown to a person, and how much of it is sent. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "codec/line.h"
#include "unit.h"

/* Of each, the first len bytes are a line and one more is not. */
static const struct {
	const char *s;
	size_t len;
} lines[] = {
	{ "", 0 },
	{ "plain", 5 },
	{ "two\nlines", 3 },
	{ "\t", 0 },
	{ "a\x1b[2J", 1 },
	{ "\x7f", 0 },
	{ "\xc2\xa0 \xc2\x80", 3 },
	{ "\xc2\xa0 \xc2\x9f", 3 },
	{ "\xc3\x9f is no control", 16 },
	{ "\xc2 ", 0 },
	{ "cut \xe2\x82", 4 },
	{ "\xf0\x9f\x99\x82!", 5 },
	{ "\xed\xa0\x80", 0 },
};

START_TEST(test_line)
{
	/* A line is UTF-8 without controls; line_len() finds its end. */
	const char *s = lines[_i].s;
	const size_t len = lines[_i].len;

	ck_assert_uint_eq(line_len(s, SIZE_MAX), len);
	ck_assert(line_ok(s, len));
	ck_assert_int_eq(line_ok(s, strlen(s)), len == strlen(s));
}
END_TEST

START_TEST(test_limit)
{
	/* A limit is kept, and never cuts a character in two. */
	ck_assert_uint_eq(line_len("abcdef", 0), 0);
	ck_assert_uint_eq(line_len("abcdef", 3), 3);
	ck_assert_uint_eq(line_len("ab\xc3\xa9", 3), 2);
	ck_assert_uint_eq(line_len("ab\xc3\xa9", 4), 4);
	ck_assert(!line_ok("a\0b", 3));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("codec/line");
	TCase *tc = tcase_create("line");

	tcase_add_loop_test(tc, test_line, 0,
	    (int)(sizeof(lines) / sizeof(lines[0])));
	tcase_add_test(tc, test_limit);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
