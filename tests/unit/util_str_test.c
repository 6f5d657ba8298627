/* SPDX-License-Identifier: MIT */
/* Names made safe to show, sizes for people, hex for machines. */
#include "config.h"

#include <string.h>

#include "unit.h"
#include "util/str.h"

static const struct {
	const char *name;
	const char *shown;
} shows[] = {
	{ "", "" },
	{ "plain name.txt", "plain name.txt" },
	{ "a\nb\tc\\d", "a\\nb\\tc\\\\d" },
	{ "\x01\x1b[2J\x7f\r", "\\x01\\x1b[2J\\x7f\\x0d" },
	{ "Gr\xc3\xbc\xc3\x9f"
	  "e",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e" },
	{ "\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "\xfc", "\\xfc" },
	{ "a\xc3", "a\\xc3" },
	{ "\xc3(", "\\xc3(" },
	{ "\xe2\x82", "\\xe2\\x82" },
	/* C1 controls, and the first that is none. */
	{ "\xc2\x80\xc2\x9f\xc2\xa0", "\\xc2\\x80\\xc2\\x9f\xc2\xa0" },
	/* Overlong, surrogate, beyond Unicode. */
	{ "\xc0\xaf", "\\xc0\\xaf" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
};

START_TEST(shows_names)
{
	/* What could harm a terminal or a parser is escaped, nothing else. */
	char buf[STR_SHOW];

	ck_assert_str_eq(str_show(buf, shows[_i].name), shows[_i].shown);
}
END_TEST

static const struct {
	const char *name;
	size_t size;
	const char *shown;
} cuts[] = {
	{ "abc", 4, "abc" },
	{ "abcd", 4, "..." },
	{ "abcd", 5, "abcd" },
	{ "abcde", 5, "a..." },
	{ "abcdefgh", 8, "abcd..." },
	{ "abcdefg", 8, "abcdefg" },
	{ "\n\n\n", 7, "\\n\\n\\n" },
	{ "\n\n\n", 6, "\\n..." },
	{ "a\xff", 5, "a..." },
	{ "a\xff", 6, "a\\xff" },
	{ "a\xc3\xa4", 4, "a\xc3\xa4" },
	{ "ab\xc3\xa4", 4, "..." },
	{ "abc\xc3\xa4x", 6, "ab..." },
	{ "", 4, "" },
};

START_TEST(cuts_what_does_not_fit)
{
	/* Never inside a character or an escape; the cut is visible. */
	char buf[16];

	memset(buf, '#', sizeof(buf));
	ck_assert_str_eq(str_show_n(buf, cuts[_i].size, cuts[_i].name),
	    cuts[_i].shown);
	ck_assert_int_eq(buf[cuts[_i].size], '#');
}
END_TEST

static const struct {
	const char *text;
	const char *whole;
} ends[] = {
	{ "", "" },
	{ "abc", "abc" },
	{ "\xc3", "" },
	{ "a\xc3\xa9", "a\xc3\xa9" },
	{ "a\xc3", "a" },
	{ "a\xe2\x82\xac", "a\xe2\x82\xac" },
	{ "a\xe2\x82", "a" },
	{ "a\xe2", "a" },
	{ "a\xf0\x9f\x99\x82", "a\xf0\x9f\x99\x82" },
	{ "a\xf0\x9f\x99", "a" },
	{ "a\xf0\x9f", "a" },
	{ "a\xf0", "a" },
	/* Nothing that could be the start of one is in it. */
	{ "a\x82\x82\x82\x82", "a\x82\x82\x82\x82" },
	{ "a\x82", "a\x82" },
};

START_TEST(trims_what_was_cut)
{
	char text[16];

	snprintf(text, sizeof(text), "%s", ends[_i].text);
	str_trim_cut(text);
	ck_assert_str_eq(text, ends[_i].whole);
}
END_TEST

START_TEST(shows_any_bytes_in_any_size)
{
	/* Random names: the result is UTF-8 without controls, and fits. */
	char name[64], buf[80], *p;
	size_t size, n, i, round;

	srandom(3);
	for (round = 0; round < 5000; round++) {
		n = (size_t)random() % (sizeof(name) - 1);
		for (i = 0; i < n; i++)
			name[i] = (char)(random() % 255 + 1);
		name[n] = '\0';
		size = 4 + (size_t)random() % (sizeof(buf) - 4);
		str_show_n(buf, size, name);
		ck_assert_uint_lt(strlen(buf), size);
		ck_assert(str_utf8(buf, strlen(buf)));
		for (p = buf; (uint8_t)*p >= 0x20 && *p != 0x7f; p++)
			;
		ck_assert_int_eq(*p, '\0');
	}
}
END_TEST

#define BYTES(s) s, sizeof(s) - 1

static const struct {
	const char *s;
	size_t len;
	bool good;
} utf8[] = {
	{ BYTES(""), true },
	{ BYTES("a\0b"), true },
	{ BYTES("\x7f"), true },
	{ BYTES("\x80"), false },
	{ BYTES("\xbf"), false },
	{ BYTES("\xc1\xbf"), false },
	{ BYTES("\xc2\x80"), true },
	{ BYTES("\xdf\xbf"), true },
	{ BYTES("\xc2"), false },
	{ BYTES("\xc2\xc2"), false },
	{ BYTES("\xe0\x9f\xbf"), false },
	{ BYTES("\xe0\xa0\x80"), true },
	{ BYTES("\xed\x9f\xbf"), true },
	{ BYTES("\xed\xa0\x80"), false },
	{ BYTES("\xed\xbf\xbf"), false },
	{ BYTES("\xee\x80\x80"), true },
	{ BYTES("\xef\xbf\xbf"), true },
	{ BYTES("\xe2\x82"), false },
	{ BYTES("\xe2\x82z"), false },
	{ BYTES("\xf0\x8f\xbf\xbf"), false },
	{ BYTES("\xf0\x90\x80\x80"), true },
	{ BYTES("\xf4\x8f\xbf\xbf"), true },
	{ BYTES("\xf4\x90\x80\x80"), false },
	{ BYTES("\xf5\x80\x80\x80"), false },
	{ BYTES("\xff"), false },
	{ BYTES("abc\xe2\x82\xac"), true },
	{ BYTES("abc\xe2\x82\xac\x80"), false },
};

START_TEST(knows_utf8)
{
	/* The edges of every length, and everything that only looks like it. */
	char exact[16];

	memcpy(exact, utf8[_i].s, utf8[_i].len);
	ck_assert_int_eq(str_utf8(exact, utf8[_i].len), utf8[_i].good);
}
END_TEST

START_TEST(reads_len_bytes_alone)
{
	/* A character that would go on behind the end is cut off, so wrong. */
	ck_assert(!str_utf8("\xe2\x82\xac", 2));
	ck_assert(str_utf8("a\xe2\x82\xac", 1));
}
END_TEST

static const struct {
	uint64_t n;
	const char *text;
} sizes[] = {
	{ 0, "0 B" },
	{ 1, "1 B" },
	{ 9, "9 B" },
	{ 999, "999 B" },
	{ 1000, "1.0 KB" },
	{ 1234, "1.2 KB" },
	{ 9949, "9.9 KB" },
	{ 9950, "10 KB" },
	{ 12345, "12 KB" },
	{ 999499, "999 KB" },
	{ 999500, "1.0 MB" },
	{ 34000000, "34 MB" },
	{ 5600000000, "5.6 GB" },
	{ 7000000000000, "7.0 TB" },
	{ 8000000000000000, "8.0 PB" },
	{ UINT64_MAX, "18 EB" },
};

START_TEST(says_sizes)
{
	/* Two or three figures and a decimal unit. */
	char buf[16];

	ck_assert_str_eq(str_size(buf, sizes[_i].n), sizes[_i].text);
}
END_TEST

static const struct {
	uint64_t n;
	const char *text;
} counts[] = {
	{ 0, "0" },
	{ 999, "999" },
	{ 1000, "1,000" },
	{ 1204, "1,204" },
	{ 123456, "123,456" },
	{ 1234567, "1,234,567" },
	{ UINT64_MAX, "18,446,744,073,709,551,615" },
};

START_TEST(says_counts)
{
	char buf[STR_COUNT];

	ck_assert_str_eq(str_count(buf, counts[_i].n), counts[_i].text);
}
END_TEST

static const struct {
	const char *hex;
	bool good;
	size_t len;
	const char *bytes;
} hexes[] = {
	{ "", true, 0, "" },
	{ "00", true, 1, "\0" },
	{ "0a1Bff", true, 3, "\x0a\x1b\xff" },
	{ "AbCdEf", true, 3, "\xab\xcd\xef" },
	{ "01020304", true, 4, "\x01\x02\x03\x04" },
	{ "0102030405", false, 0, "" },
	{ "0", false, 0, "" },
	{ "012", false, 0, "" },
	{ "0g", false, 0, "" },
	{ "g0", false, 0, "" },
	{ "G0", false, 0, "" },
	{ "0x", false, 0, "" },
	{ " 1", false, 0, "" },
	{ "1/", false, 0, "" },
	{ "1:", false, 0, "" },
	{ "1@", false, 0, "" },
	{ "1`", false, 0, "" },
};

START_TEST(reads_hex)
{
	/* Either case, up to four bytes here; the length only if it is good. */
	size_t len = 77;
	char bytes[4];
	bool good = str_unhex(hexes[_i].hex, bytes, sizeof(bytes), &len);

	ck_assert_int_eq(good, hexes[_i].good);
	ck_assert_uint_eq(len, good ? hexes[_i].len : 77);
	if (good && len > 0)
		ck_assert_mem_eq(bytes, hexes[_i].bytes, len);
}
END_TEST

START_TEST(writes_hex)
{
	/* Lower case, two digits a byte, a NUL behind. */
	char hex[9] = "########";

	str_hex("\x00\x9f\xa0\xff", 4, hex);
	ck_assert_str_eq(hex, "009fa0ff");
	str_hex("", 0, hex);
	ck_assert_str_eq(hex, "");
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *s = suite_create("util str");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, shows_names, 0, COUNT(shows));
	tcase_add_loop_test(t, cuts_what_does_not_fit, 0, COUNT(cuts));
	tcase_add_loop_test(t, trims_what_was_cut, 0, COUNT(ends));
	tcase_add_test(t, shows_any_bytes_in_any_size);
	tcase_add_loop_test(t, knows_utf8, 0, COUNT(utf8));
	tcase_add_test(t, reads_len_bytes_alone);
	tcase_add_loop_test(t, says_sizes, 0, COUNT(sizes));
	tcase_add_loop_test(t, says_counts, 0, COUNT(counts));
	tcase_add_loop_test(t, reads_hex, 0, COUNT(hexes));
	tcase_add_test(t, writes_hex);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
