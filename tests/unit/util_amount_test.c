/* SPDX-License-Identifier: MIT */
/* Amounts as people write them: all units, all limits, and what is none. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "unit.h"
#include "util/amount.h"
#include "util/env.h"

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))

static const struct {
	const char *text;
	uint64_t size;
} sizes[] = {
	{ "1", 1 },
	{ "500", 500 },
	{ "007", 7 },
	{ "3b", 3 },
	{ "10k", 10240 },
	{ "10K", 10240 },
	{ "1kb", 1000 },
	{ "1KB", 1000 },
	{ "1KiB", 1024 },
	{ "1kib", 1024 },
	{ "2M", 2097152 },
	{ "2MB", 2000000 },
	{ "2MiB", 2097152 },
	{ "3G", 3221225472 },
	{ "3gb", 3000000000 },
	{ "1T", 1099511627776 },
	{ "1TB", 1000000000000 },
	{ "9223372036854775807", INT64_MAX },
	{ "8388607T", 8388607ull << 40 },
};

START_TEST(test_size)
{
	uint64_t size = 0;

	ck_assert_msg(amount_size(sizes[_i].text, &size), "%s", sizes[_i].text);
	ck_assert_uint_eq(size, sizes[_i].size);
}
END_TEST

static const char *const no_sizes[] = { "", "0", "0k", "x", "k", "-1", "+1",
	" 1", "1 ", "1 k", "1x", "1kk", "1kbb", "1ki", "1bb", "1b ", "1.5k",
	"1P", "1kibi", "9223372036854775808", "8388608T",
	"99999999999999999999", "18446744073709551616", "1\xc3\xa9" };

START_TEST(test_no_size)
{
	uint64_t size = 42;

	ck_assert_msg(!amount_size(no_sizes[_i], &size), "%s: %" PRIu64,
	    no_sizes[_i], size);
	ck_assert_uint_eq(size, 42);
}
END_TEST

static const struct {
	const char *text;
	uint64_t rate;
} rates[] = {
	{ "0", 0 },
	{ "000", 0 },
	{ "1", 1024 },
	{ "100", 102400 },
	{ "100k", 102400 },
	{ "100KB", 100000 },
	{ "1024b", 1024 },
	{ "2M", 2097152 },
	{ "9007199254740991", (uint64_t)9007199254740991 * 1024 },
};

START_TEST(test_rate)
{
	uint64_t rate = 42;

	ck_assert_msg(amount_rate(rates[_i].text, &rate), "%s", rates[_i].text);
	ck_assert_uint_eq(rate, rates[_i].rate);
}
END_TEST

static const char *const no_rates[] = { "", "x", "-1", "0k", "0b", "1b",
	"1023b", "1kbb", "1.5m", "1 ", "9007199254740992",
	"18446744073709551616" };

START_TEST(test_no_rate)
{
	uint64_t rate = 42;

	ck_assert_msg(!amount_rate(no_rates[_i], &rate), "%s", no_rates[_i]);
	ck_assert_uint_eq(rate, 42);
}
END_TEST

static const struct {
	const char *text;
	int64_t seconds;
} ages[] = {
	{ "0s", 0 },
	{ "90s", 90 },
	{ "10m", 600 },
	{ "2h", 7200 },
	{ "3d", 259200 },
	{ "1w", 604800 },
	{ "9223372035s", 9223372035 },
};

START_TEST(test_age)
{
	int64_t age = -1;

	ck_assert_msg(amount_age(ages[_i].text, &age), "%s", ages[_i].text);
	ck_assert_int_eq(age, ages[_i].seconds * NSEC);
}
END_TEST

static const char *const no_ages[] = { "", "5", "d", "-1d", "1D", "1y", "1dd",
	"1 d", " 1d", "1d ", "1.5d", "9223372037s", "99999999999999999999s",
	"15251w", "106752d" };

START_TEST(test_no_age)
{
	int64_t age = 42;

	ck_assert_msg(!amount_age(no_ages[_i], &age), "%s: %" PRId64,
	    no_ages[_i], age);
	ck_assert_int_eq(age, 42);
}
END_TEST

START_TEST(test_digits)
{
	/* The number, and where it ends; no digit is no number. */
	const char text[] = "12:30", *rest = NULL;
	uint64_t n = 0;

	ck_assert(amount_digits(text, &n, &rest));
	ck_assert_uint_eq(n, 12);
	ck_assert_ptr_eq(rest, text + 2);
	ck_assert(!amount_digits("", &n, &rest));
	ck_assert(!amount_digits(":1", &n, &rest));
	ck_assert(amount_digits("18446744073709551609", &n, &rest));
	ck_assert_uint_eq(n, 18446744073709551609ull);
	ck_assert(!amount_digits("184467440737095516160", &n, &rest));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("util_amount");
	TCase *t = tcase_create("amount");

	tcase_add_loop_test(t, test_size, 0, N(sizes));
	tcase_add_loop_test(t, test_no_size, 0, N(no_sizes));
	tcase_add_loop_test(t, test_age, 0, N(ages));
	tcase_add_loop_test(t, test_no_age, 0, N(no_ages));
	tcase_add_loop_test(t, test_rate, 0, N(rates));
	tcase_add_loop_test(t, test_no_rate, 0, N(no_rates));
	tcase_add_test(t, test_digits);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
