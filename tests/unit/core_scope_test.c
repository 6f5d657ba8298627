/* SPDX-License-Identifier: MIT */
/* Parts of a tree: their order, what covers what, and what is in them. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "core/entry.h"
#include "core/listing.h"
#include "core/path.h"
#include "core/scope.h"
#include "nomem.h"
#include "unit.h"

static struct scope *scope;

/* "a" is a path, "a*" one with all below it. */
static void
add_all(const char *words)
{
	char copy[256], *word, *save;
	size_t len;

	snprintf(copy, sizeof(copy), "%s", words);
	for (word = strtok_r(copy, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		len = strlen(word);
		if (word[len - 1] == '*') {
			word[len - 1] = '\0';
			ck_assert_int_eq(scope_add(scope, word, true), ST_OK);
		} else {
			ck_assert_int_eq(scope_add(scope, word, false), ST_OK);
		}
	}
	ck_assert_int_eq(scope_close(scope), ST_OK);
}

static const struct {
	const char *added, *parts, *has, *has_not;
} cases[] = {
	{ "b", "b", "b", "a b/c ba" },
	{ "b a b", "a b", "a b", "c" },
	{ "a/b/c", "a a/b a/b/c", "a a/b a/b/c", "b a/c a/b/c/d" },
	{ "a*", "a a/", "a a/b a/b/c", "b ab a.b" },
	/* '.' comes before '/', and so does what is below "a.b" */
	{ "a* a.b* a-", "a a- a.b a.b/ a/", "a a/b a.b a.b/c", "a-/b a.c" },
	{ "a* a/b a/b/c*", "a a/", "a/b a/b/c/d", "b" },
	{ "a/b* a", "a a/b a/b/", "a a/b a/b/c", "a/c" },
	{ "a/b* a/bc*", "a a/b a/b/ a/bc a/bc/", "a/bc/d", "a/c a/b.c" },
};

static void
check_words(const char *words, bool in)
{
	char copy[256], *word, *save;

	snprintf(copy, sizeof(copy), "%s", words);
	for (word = strtok_r(copy, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save))
		ck_assert_msg(scope_has(scope, word) == in, "%s", word);
}

START_TEST(parts)
{
	char out[256] = "";
	size_t i, len = 0;

	add_all(cases[_i].added);
	for (i = 0; i < scope_count(scope); i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s",
		    i == 0 ? "" : " ", scope_at(scope, i));
	ck_assert_str_eq(out, cases[_i].parts);
	ck_assert(!scope_is_all(scope));
	check_words(cases[_i].has, true);
	check_words(cases[_i].has_not, false);
}
END_TEST

START_TEST(everything)
{
	ck_assert_int_eq(scope_add(scope, "", false), ST_OK);
	ck_assert_int_eq(scope_add(scope, "a", false), ST_OK);
	ck_assert(!scope_is_all(scope));
	ck_assert_int_eq(scope_add(scope, "", true), ST_OK);
	ck_assert_int_eq(scope_close(scope), ST_OK);
	ck_assert(scope_is_all(scope));
	ck_assert_uint_eq(scope_count(scope), 0);
	ck_assert(scope_has(scope, "b"));
	ck_assert(scope_has(NULL, "b"));
}
END_TEST

START_TEST(nothing)
{
	ck_assert_int_eq(scope_close(scope), ST_OK);
	ck_assert_uint_eq(scope_count(scope), 0);
	ck_assert(!scope_has(scope, "a"));
}
END_TEST

START_TEST(choosing)
{
	AUTO(listing) struct listing *all = NULL, *in = NULL, *out = NULL;
	static const char *const paths[] = { "a", "a/b", "a/c", "d" };
	size_t i;

	add_all("a/b d*");
	ck_assert_int_eq(listing_new(&all), ST_OK);
	ck_assert_int_eq(listing_new(&in), ST_OK);
	ck_assert_int_eq(listing_new(&out), ST_OK);
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(listing_add(all,
				     &(struct entry){ .path = paths[i] }),
		    ST_OK);
	listing_sort(all);
	ck_assert_int_eq(scope_choose(scope, all, true, in), ST_OK);
	ck_assert_int_eq(scope_choose(scope, all, false, out), ST_OK);
	listing_sort(in);
	listing_sort(out);
	ck_assert_uint_eq(listing_count(in), 3);
	ck_assert_uint_eq(listing_count(out), 1);
	ck_assert_str_eq(listing_at(out, 0)->path, "a/c");
}
END_TEST

START_TEST(above_and_again)
{
	AUTO(scope) struct scope *again = NULL;

	add_all("a/b d*");
	ck_assert(scope_has_above(scope, "a/b/c"));
	ck_assert(scope_has_above(scope, "a/x"));
	ck_assert(scope_has_above(scope, "d/e/f"));
	ck_assert(!scope_has_above(scope, "a"));
	ck_assert(!scope_has_above(scope, "ab/c"));
	ck_assert_int_eq(scope_new(&again), ST_OK);
	ck_assert_int_eq(scope_add_all(again, scope), ST_OK);
	ck_assert_int_eq(scope_add(again, "e", false), ST_OK);
	ck_assert_int_eq(scope_close(again), ST_OK);
	ck_assert_uint_eq(scope_count(again), 5);
	ck_assert_str_eq(scope_at(again, 3), "d/");
}
END_TEST

START_TEST(kinds_of_parts)
{
	char path[PATH_LIMIT];

	ck_assert(scope_path("a/b/", path));
	ck_assert_str_eq(path, "a/b");
	ck_assert(!scope_path("a/b", path));
	ck_assert_str_eq(path, "a/b");
}
END_TEST

START_TEST(a_path_that_is_too_long)
{
	char path[PATH_LIMIT + 1];

	memset(path, 'a', PATH_LIMIT);
	path[PATH_LIMIT] = '\0';
	ck_assert_int_eq(scope_add(scope, path, true), ST_OK);
	path[PATH_LIMIT - 1] = '\0';
	ck_assert_int_eq(scope_add(scope, path, true), ST_OK);
	ck_assert_int_eq(scope_close(scope), ST_OK);
	ck_assert_uint_eq(scope_count(scope), 2);
	ck_assert(scope_has(scope, path));
}
END_TEST

START_TEST(memory_can_end)
{
	struct scope *other = NULL;
	enum status st = ST_NOMEM;
	long k;

	for (k = 1; st == ST_NOMEM; k++) {
		nomem_at(k);
		st = scope_new(&other);
		if (st == ST_OK)
			st = scope_add(other, "a/b", true);
		if (st == ST_OK)
			st = scope_close(other);
		nomem_at(0);
		ck_assert(st == ST_OK || st == ST_NOMEM);
		if (st == ST_OK)
			ck_assert_uint_eq(scope_count(other), 3);
		scope_free(other);
		other = NULL;
	}
	ck_assert_int_gt(k, 5);
}
END_TEST

static void
setup(void)
{
	ck_assert_int_eq(scope_new(&scope), ST_OK);
}

static void
teardown(void)
{
	scope_free(scope);
}

static Suite *
suite(void)
{
	Suite *s = suite_create("scope");
	TCase *t = tcase_create("scope");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, parts, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(t, everything);
	tcase_add_test(t, nothing);
	tcase_add_test(t, above_and_again);
	tcase_add_test(t, choosing);
	tcase_add_test(t, kinds_of_parts);
	tcase_add_test(t, a_path_that_is_too_long);
	tcase_add_test(t, memory_can_end);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
