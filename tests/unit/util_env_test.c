/* SPDX-License-Identifier: MIT */
/* The outside world: the real one is plausible, a test's one is asked. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "unit.h"
#include "util/env.h"

static struct env real = { .ops = &env_real_ops };

START_TEST(real_clocks_run)
{
	/* The wall clock is the system's; ticks go on and never back. */
	int64_t now = env_now(&real), wall = (int64_t)time(NULL) * NSEC;
	int64_t a = env_ticks(&real), b = a;
	int i;

	ck_assert_int_lt(llabs(now - wall), 5 * NSEC);
	for (i = 0; i < 1000; i++) {
		b = env_ticks(&real);
		ck_assert_int_ge(b, a);
		a = b;
	}
	ck_assert_int_gt(b, 0);
}
END_TEST

START_TEST(real_randomness_differs)
{
	/* Two draws are never the same; every byte asked for is drawn. */
	uint8_t a[256], b[256], seen[256] = { 0 };
	int i, k;

	for (k = 0; k < 20; k++) {
		env_random(&real, a, sizeof(a));
		env_random(&real, b, sizeof(b));
		ck_assert_mem_ne(a, b, sizeof(a));
		for (i = 0; i < 256; i++)
			seen[i] |= a[i];
	}
	for (i = 0; i < 256; i++)
		ck_assert_uint_ne(seen[i], 0);
}
END_TEST

START_TEST(real_calls_do_not_fail)
{
	/* Without a fault hook every call goes on, its length untouched. */
	size_t len = 5;

	ck_assert_int_eq(env_fault(&real, "open", NULL), 0);
	ck_assert_int_eq(env_fault(&real, "write", &len), 0);
	ck_assert_uint_eq(len, 5);
}
END_TEST

START_TEST(makes_ids)
{
	/* Hex digits up to the length, then a NUL; each its own. */
	char id[17], other[17], one[1] = { 'x' };

	env_id(&real, id, sizeof(id));
	env_id(&real, other, sizeof(other));
	ck_assert_uint_eq(strlen(id), 16);
	ck_assert_uint_eq(strspn(id, "0123456789abcdef"), 16);
	ck_assert_str_ne(id, other);
	env_id(&real, one, sizeof(one));
	ck_assert_int_eq(one[0], '\0');
}
END_TEST

static int64_t
test_now(struct env *env)
{
	(void)env;
	return 42;
}

static int64_t
test_ticks(struct env *env)
{
	(void)env;
	return 43;
}

static void
test_random(struct env *env, void *buf, size_t len)
{
	(void)env;
	memset(buf, 0xfa, len);
}

static int
test_fault(struct env *env, const char *op, size_t *len)
{
	(void)env;
	if (len != NULL)
		*len = 1;
	return strcmp(op, "fsync") == 0 ? EIO : 0;
}

START_TEST(a_test_holds_it_in_its_hand)
{
	/* Everything comes from the operations that were given. */
	static const struct env_ops ops = { .now = test_now,
		.ticks = test_ticks,
		.random = test_random,
		.fault = test_fault };
	struct env env = { .ops = &ops };
	size_t len = 5;
	char id[4];

	ck_assert_int_eq(env_now(&env), 42);
	ck_assert_int_eq(env_ticks(&env), 43);
	env_id(&env, id, sizeof(id));
	ck_assert_str_eq(id, "aaa");
	ck_assert_int_eq(env_fault(&env, "fsync", NULL), EIO);
	ck_assert_int_eq(env_fault(&env, "write", &len), 0);
	ck_assert_uint_eq(len, 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("util env");
	TCase *t = tcase_create("all");

	tcase_add_test(t, real_clocks_run);
	tcase_add_test(t, real_randomness_differs);
	tcase_add_test(t, real_calls_do_not_fail);
	tcase_add_test(t, makes_ids);
	tcase_add_test(t, a_test_holds_it_in_its_hand);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
