/* SPDX-License-Identifier: MIT */
/* A bounded set of paths, against a plain list of all that was put in. */
#include "config.h"

#include <string.h>

#include "core/path.h"
#include "fs/touched.h"
#include "nomem.h"
#include "unit.h"

static struct touched *t;

static void
setup(void)
{
	ck_assert_int_eq(touched_new(&t), ST_OK);
}

static void
teardown(void)
{
	touched_free(t);
}

/* "path", "path/" if deep, "*" for all, with first-last if not 0-0. */
static const char *
taken(int64_t quiet, int64_t overdue)
{
	AUTO(touched_list) struct touched_list *list = NULL;
	static char text[4000];
	const struct touched_path *p;
	size_t i, len = 0;

	ck_assert_int_eq(touched_take(t, quiet, overdue, &list), ST_OK);
	text[0] = '\0';
	for (i = 0; i < list->n; i++) {
		p = list->v[i];
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
		    *p->path == '\0' ? "*" : p->path,
		    p->deep && *p->path != '\0' ? "/" : "");
		if (p->last != 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "@%d-%d", (int)p->first, (int)p->last);
		len += (size_t)snprintf(text + len, sizeof(text) - len, " ");
	}
	return text;
}

static const char *
all(void)
{
	return taken(INT64_MAX, INT64_MIN);
}

static const struct {
	const char *add; /* with blanks between; "d/" is deep, "*" all */
	const char *expect;
} sets[] = {
	{ "", "" },
	{ "b a c", "a b c " },
	{ "a a a", "a " },
	{ "a/x a.b a", "a a.b a/x " },
	{ "a/x a.b a/", "a/ a.b " },
	{ "a/x/y a/x a/b/c ab a/", "a/ ab " },
	{ "a/ a/x a/x/y a", "a/ " },
	{ "a a/", "a/ " },
	{ "a/b/ a/b/c a/bc a/b.c", "a/b/ a/b.c a/bc " },
	{ "a/b/ a/", "a/ " },
	{ "a b *", "* " },
	{ "* a b/", "* " },
	{ "\x01 \x01/x \x01\x01 \xff \xff/x \xff\xff",
	    "\x01 \x01\x01 \x01/x \xff \xff/x \xff\xff " },
};

START_TEST(is_a_set)
{
	char text[100], *word, *save = NULL;
	size_t len;
	bool deep;

	snprintf(text, sizeof(text), "%s", sets[_i].add);
	for (word = strtok_r(text, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		len = strlen(word);
		deep = word[len - 1] == '/' || *word == '*';
		if (deep)
			word[len - 1] = '\0';
		touched_add(t, word, deep, 0);
	}
	ck_assert_str_eq(all(), sets[_i].expect);
	ck_assert_str_eq(all(), "");
}
END_TEST

/* What is handed out is quiet, or has waited for too long. */
START_TEST(hands_out_what_is_due)
{
	int64_t first = 0, last = 0;

	ck_assert(!touched_waiting(t, &first, &last));
	touched_add(t, "a", false, 10);
	touched_add(t, "b", false, 11);
	touched_add(t, "a", false, 20);
	touched_add(t, "d/x", false, 12);
	touched_add(t, "d", true, 30);
	touched_add(t, "d/y", false, 40);
	ck_assert(touched_waiting(t, &first, &last));
	ck_assert_int_eq(first, 10);
	ck_assert_int_eq(last, 11);
	ck_assert_str_eq(taken(10, 9), "");
	ck_assert_str_eq(taken(11, 9), "b@11-11 ");
	ck_assert_str_eq(taken(11, 10), "a@10-20 ");
	ck_assert_str_eq(taken(39, 11), "");
	ck_assert_str_eq(taken(39, 12), "d/@12-40 ");
	touched_add(t, "a", false, 50);
	touched_add(t, "", true, 51);
	touched_add(t, "b", false, 60);
	ck_assert(touched_waiting(t, &first, &last));
	ck_assert_int_eq(first, 50);
	ck_assert_int_eq(last, 60);
	ck_assert_str_eq(taken(59, 49), "");
	ck_assert_str_eq(taken(60, 49), "*@50-60 ");
	ck_assert(!touched_waiting(t, &first, &last));
	touched_add(t, "", true, 70);
	touched_add(t, "", true, 80);
	ck_assert_str_eq(taken(79, 70), "*@70-80 ");
	touched_add(t, "b", false, 60);
	touched_clear(t);
	ck_assert_str_eq(all(), "");
}
END_TEST

static void
add_many(const char *before, const char *behind, int n)
{
	char path[PATH_LIMIT];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s%05d%s", before, i, behind);
		touched_add(t, path, false, 1 + i);
	}
}

/* Too much in one folder is the folder, and the deepest such. */
START_TEST(becomes_the_folder)
{
	AUTO(touched_list) struct touched_list *list = NULL;

	add_many("a/b/", "", TOUCHED_FOLDER_LIMIT);
	touched_add(t, "a.x", false, 1);
	ck_assert_int_eq(touched_take(t, INT64_MAX, 0, &list), ST_OK);
	ck_assert_uint_eq(list->n, TOUCHED_FOLDER_LIMIT + 1);
	add_many("a/b/", "", TOUCHED_FOLDER_LIMIT + 1);
	touched_add(t, "a/b/x/y", false, 5000);
	touched_add(t, "a/c", false, 5001);
	ck_assert_str_eq(all(), "a/b/@1-5000 a/c@5001-5001 ");
	/* Many folders with a few each. */
	add_many("a/", "/x", TOUCHED_FOLDER_LIMIT + 1);
	touched_add(t, "b/x", false, 1);
	ck_assert_str_eq(all(), "a/@1-1025 b/x@1-1 ");
}
END_TEST

/* Too much in all is everything; so are too many bytes. */
START_TEST(becomes_everything)
{
	static char long_name[4001];
	AUTO(touched_list) struct touched_list *list = NULL;

	add_many("", "", TOUCHED_LIMIT);
	ck_assert_int_eq(touched_take(t, INT64_MAX, 0, &list), ST_OK);
	ck_assert_uint_eq(list->n, TOUCHED_LIMIT);
	add_many("", "", TOUCHED_LIMIT + 1);
	ck_assert_str_eq(all(), "*@1-4097 ");
	memset(long_name, 'x', 4000);
	add_many(long_name, "", TOUCHED_BYTES / 4006 + 1);
	ck_assert_str_eq(all(), "*@1-262 ");
	add_many(long_name, "", 10);
	touched_add(t, "y", false, 1);
	touched_list_free(list);
	list = NULL;
	ck_assert_int_eq(touched_take(t, INT64_MAX, 0, &list), ST_OK);
	ck_assert_uint_eq(list->n, 11);
}
END_TEST

/* True if one of the list covers path. */
static bool
covered(const struct touched_list *list, const char *path)
{
	const struct touched_path *p;
	size_t i;

	for (i = 0; i < list->n; i++) {
		p = list->v[i];
		if (strcmp(p->path, path) == 0 ||
		    (p->deep && path_below(path, p->path)))
			return true;
	}
	return false;
}

/* Of any set: all is covered, nothing twice, in order. */
START_TEST(covers_what_was_put_in)
{
	AUTO(touched_list) struct touched_list *list = NULL;
	char paths[300][40];
	size_t i, j;

	srand((unsigned)_i);
	for (i = 0; i < 300; i++) {
		snprintf(paths[i], sizeof(paths[i]), "%c%s%c%s%d",
		    'a' + rand() % 3, rand() % 2 ? "/" : "", 'a' + rand() % 3,
		    rand() % 3 ? "/" : ".", rand() % 9);
		touched_add(t, paths[i], rand() % 20 == 0, (int64_t)i);
	}
	ck_assert_int_eq(touched_take(t, 300, 0, &list), ST_OK);
	for (i = 0; i < 300; i++)
		ck_assert_msg(covered(list, paths[i]), "%s", paths[i]);
	for (i = 1; i < list->n; i++) {
		ck_assert_str_lt(list->v[i - 1]->path, list->v[i]->path);
		for (j = 0; j < list->n; j++)
			ck_assert(!list->v[j]->deep ||
			    !path_below(list->v[i]->path, list->v[j]->path));
	}
}
END_TEST

/* Out of memory it says everything, and forgets nothing. */
START_TEST(without_memory)
{
	struct touched_list *list = NULL;
	struct touched *none = NULL;
	long k;

	nomem_at(1);
	ck_assert_int_eq(touched_new(&none), ST_NOMEM);
	for (k = 1; k <= 2; k++) {
		nomem_at(k);
		touched_add(t, "a", false, 7);
		nomem_at(k);
		ck_assert_int_eq(touched_take(t, 7, 0, &list), ST_NOMEM);
		nomem_at(0);
		ck_assert_str_eq(all(), "*@7-7 ");
		touched_free(t);
		setup();
	}
	touched_add(t, "a", false, 7);
	nomem_at(1);
	ck_assert_int_eq(touched_take(t, 7, 0, &list), ST_NOMEM);
	nomem_at(0);
	ck_assert_str_eq(all(), "a@7-7 ");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs touched");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, is_a_set, 0,
	    (int)(sizeof(sets) / sizeof(sets[0])));
	tcase_add_test(tc, hands_out_what_is_due);
	tcase_add_test(tc, becomes_the_folder);
	tcase_add_test(tc, becomes_everything);
	tcase_add_loop_test(tc, covers_what_was_put_in, 0, 50);
	tcase_add_test(tc, without_memory);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
