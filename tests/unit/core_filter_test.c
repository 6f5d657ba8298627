/* SPDX-License-Identifier: MIT */
/*
 * Which names are synced.  The rules and their verdicts are git's, taken from
 * several thousand random comparisons with git check-ignore; what is dsync's
 * own (hidden names, .dsync, .dsyncignore, options) has tables of its own.
 */
#include "config.h"

#include <string.h>

#include "core/filter.h"
#include "nomem.h"
#include "unit.h"

static struct filter *
new_filter(bool hidden)
{
	struct filter *f = NULL;

	ck_assert_int_eq(filter_new(hidden, 1000, &f), ST_OK);
	return f;
}

static void
add_file(struct filter *f, const char *dir, const char *text)
{
	struct err err = { 0 };

	ck_assert_msg(filter_add_file(f, dir, text, strlen(text), &err) ==
		ST_OK,
	    "%s", err.text);
}

static void
add_option(struct filter *f, const char *rule)
{
	struct err err = { 0 };

	ck_assert_msg(filter_add_option(f, rule, &err) == ST_OK, "%s",
	    err.text);
}

/* As a walk does it: each folder above, then the path; "x/" is a folder. */
static void
walk_to(const struct filter *f, const char *path, struct filter_verdict *ret)
{
	char part[512];
	size_t i;

	for (i = 1; path[i] != '\0'; i++) {
		if (path[i] != '/')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)i, path);
		filter_judge(f, part, true, ret);
		if (ret->excluded || path[i + 1] == '\0')
			return;
	}
	filter_judge(f, path, false, ret);
}

static bool
excluded(const struct filter *f, const char *path)
{
	struct filter_verdict walked, deep;

	walk_to(f, path, &walked);
	if (path[strlen(path) - 1] == '/')
		return walked.excluded;
	filter_judge_deep(f, path, &deep);
	ck_assert_int_eq(walked.excluded, deep.excluded);
	ck_assert_pstr_eq(walked.rule, deep.rule);
	ck_assert_pstr_eq(walked.where, deep.where);
	ck_assert_uint_eq(walked.line, deep.line);
	return walked.excluded;
}

/* Paths separated by blanks, "~" for a blank: out and in of the set. */
static const struct {
	const char *root; /* its .dsyncignore */
	const char *sub; /* that of "a" */
	const char *out;
	const char *in;
} cases[] = {
	{ "", NULL, "", "a b/c a/" },
	{ "foo", NULL, "foo foo/ foo/x x/foo x/foo/ x/foo/y",
	    "fo food x/food foo.c" },
	{ "*.o\n", NULL, "a.o b/a.o a.o/ a.o/x", "a.c a.ox" },
	/* Anchored by a slash in front or inside, not by one behind. */
	{ "/foo", NULL, "foo foo/x", "x/foo" },
	{ "x/foo", NULL, "x/foo x/foo/y", "foo y/x/foo x/" },
	{ "foo/", NULL, "foo/ foo/x x/foo/ x/foo/y", "foo x/foo" },
	{ "/foo/", NULL, "foo/ foo/x", "foo x/foo/ x/foo/y" },
	{ "x/foo/", NULL, "x/foo/ x/foo/y", "x/foo y/x/foo/" },
	{ "/*", NULL, "x x/ x/y", "" },
	{ "x/*", NULL, "x/y x/y/z", "x x/ y/x/z" },
	{ "*/", NULL, "x/ x/y", "x" },
	{ "//foo", NULL, "", "foo x/foo" },
	{ "/", NULL, "", "x x/ x/y" },
	/* Double stars. */
	{ "**/foo", NULL, "foo x/foo x/y/foo", "xfoo foo2" },
	{ "**/foo/bar", NULL, "foo/bar x/foo/bar", "bar foo/x/bar" },
	{ "x/**", NULL, "x/y x/y/z", "x x/ y/x" },
	{ "x/**/y", NULL, "x/y x/a/y x/a/b/y", "xy x/ay y" },
	{ "**", NULL, "x x/y", "" },
	{ "**/", NULL, "x/ x/y", "x" },
	{ "/**", NULL, "x x/y", "" },
	{ "x**", NULL, "x xy y/xy", "yx" },
	/* The last one that matches decides. */
	{ "*.c\n!a.c", NULL, "b.c", "a.c x/a.c" },
	{ "!a.c\n*.c", NULL, "a.c b.c", "a.h" },
	{ "*\n!*.c\n!*/", NULL, "a.h x/a.h", "a.c x/ x/a.c" },
	{ "!*", NULL, "", "a x/y" },
	/* Below an excluded folder nothing is included. */
	{ "x/\n!x/y", NULL, "x/ x/y", "y" },
	{ "x/*\n!x/y", NULL, "x/z", "x/ x/y" },
	{ "/*\n!/x\n/x/*\n!/x/y", NULL, "z x/z", "x/ x/y x/y/z" },
	/* Comments, empty lines, escapes, blanks, line ends. */
	{ "#foo\n\nbar", NULL, "bar", "foo #foo" },
	{ "\\#foo", NULL, "#foo", "foo" },
	{ " #foo", NULL, "~#foo", "#foo" },
	{ "\\!foo", NULL, "!foo", "foo" },
	{ "!!foo\n", NULL, "", "foo !foo" },
	{ "*\n!!foo", NULL, "foo", "!foo" },
	{ "foo  \n", NULL, "foo", "foo~ foo~~" },
	{ "foo\\ \n", NULL, "foo~", "foo" },
	{ "foo\\  \n", NULL, "foo~", "foo foo~~" },
	{ "foo\\\\ \n", NULL, "foo\\", "foo foo~" },
	{ "f oo ", NULL, "f~oo", "foo" },
	{ "foo\t", NULL, "foo\t", "foo" },
	{ " foo", NULL, "~foo", "foo" },
	{ "  \n!\n/\n! ", NULL, "", "foo ~ ! x/" },
	{ "foo\r\nbar\r\n", NULL, "foo bar", "foo\r bar\r" },
	{ "foo\r", NULL, "foo", "foo\r" },
	{ "foo\r\r\n\r\n", NULL, "foo\r", "foo" },
	{ "\xef\xbb\xbf"
	  "foo\nbar",
	    NULL, "foo bar",
	    "\xef\xbb\xbf"
	    "foo" },
	{ "bar\n\xef\xbb\xbf"
	  "foo",
	    NULL,
	    "bar \xef\xbb\xbf"
	    "foo",
	    "foo" },
	/* What can never match does nothing. */
	{ "foo\\\n[a\nx[[:no:]]\nfoo\\/", NULL, "", "foo foo/ foo\\ [a a" },
	{ "[a\n[ab]", NULL, "a b", "c [a" },
	/* A deeper file is stronger, binds its folder, and can take back. */
	{ "*.c", "!a.c", "a.c b/a.c a/b.c", "a/a.c a/x/a.c" },
	{ "!*.c", "*.c", "a/a.c a/x/b.c", "a.c b/a.c" },
	{ "", "/x", "a/x a/x/y", "x a/y/x b/x" },
	{ "", "x/y", "a/x/y", "x/y a/y a/b/x/y" },
	{ "", "x/", "a/x/ a/b/x/", "x/ a/x" },
	{ "a/", "!*", "a/ a/x", "b" },
	{ "a/x", "!x", "", "a/x" },
	{ "", "*", "a/x a/x/y", "a/ b ab/x" },
	{ "", "**/x", "a/x a/y/x", "x b/x" },
};

static void
check_all(const struct filter *f, const char *paths, bool want)
{
	char text[512], *rest = text, *path, *p;

	snprintf(text, sizeof(text), "%s", paths);
	while ((path = strsep(&rest, " ")) != NULL) {
		for (p = path; *p != '\0'; p++)
			*p = *p == '~' ? ' ' : *p;
		if (*path != '\0')
			ck_assert_msg(excluded(f, path) == want,
			    "\"%s\" should be %s", path, want ? "out" : "in");
	}
}

START_TEST(judges_as_git_does)
{
	/* Rules of files: the same names are out as in git. */
	AUTO(filter) struct filter *f = new_filter(true);

	if (cases[_i].sub != NULL)
		add_file(f, "a", cases[_i].sub);
	add_file(f, "", cases[_i].root);
	check_all(f, cases[_i].out, true);
	check_all(f, cases[_i].in, false);
}
END_TEST

static const struct {
	const char *path;
	bool is_dir;
	bool hidden; /* the filter's setting */
	const char *where; /* NULL: included */
} names[] = {
	{ "a", false, false, NULL },
	{ ".a", false, false, "hidden" },
	{ "b/.a", false, false, "hidden" },
	{ ".a", true, false, "hidden" },
	{ ".a", false, true, NULL },
	{ ".a", true, true, NULL },
	{ ".dsync", true, false, "private" },
	{ ".dsync", true, true, "private" },
	{ ".dsync", false, true, "private" },
	{ "a/.dsync", true, true, "private" },
	{ ".dsyncignore", false, false, NULL },
	{ "a/.dsyncignore", false, false, NULL },
	{ ".dsyncignore", true, false, "hidden" },
	{ ".dsyncignore", true, true, NULL },
	{ ".dsyncignored", false, false, "hidden" },
	{ "", true, false, NULL },
};

START_TEST(judges_names_of_its_own)
{
	/* Hidden names, the private folder and the rules themselves. */
	AUTO(filter) struct filter *f = new_filter(names[_i].hidden);
	struct filter_verdict verdict;

	filter_judge(f, names[_i].path, names[_i].is_dir, &verdict);
	ck_assert_int_eq(verdict.excluded, names[_i].where != NULL);
	ck_assert_pstr_eq(verdict.where, names[_i].where);
	ck_assert_ptr_null(verdict.rule);
	ck_assert_uint_eq(verdict.line, 0);
}
END_TEST

START_TEST(no_rule_hides_the_rules)
{
	/* A .dsyncignore is out only with its folder. */
	AUTO(filter) struct filter *f = new_filter(false);

	add_file(f, "", "*\n!in/\n.dsyncignore\n/.dsyncignore\nin/*");
	add_option(f, ".dsyncignore");
	add_option(f, "/.*");
	check_all(f, ".dsyncignore in/ in/.dsyncignore", false);
	check_all(f, "x x/ x/.dsyncignore in/x in/x/.dsyncignore", true);
}
END_TEST

START_TEST(no_rule_takes_back_what_is_hidden)
{
	/* Hidden names and .dsync stay out whatever is included. */
	AUTO(filter) struct filter *f = new_filter(false);

	add_file(f, "", "!*\n!.*");
	add_option(f, "!.a");
	add_option(f, "!.dsync/");
	check_all(f, ".a .dsync/ .dsync/x x/.a x/.a/b", true);
	check_all(f, "a x/a", false);
}
END_TEST

START_TEST(options_are_the_strongest)
{
	/* Options beat files, later options earlier ones. */
	AUTO(filter) struct filter *f = new_filter(false);

	add_file(f, "", "*.c\n!a.h");
	add_file(f, "a", "!*.h\n*.txt");
	add_option(f, "*.h");
	add_option(f, "!b.h");
	add_option(f, "!/a/*.txt");
	add_option(f, "a/x.txt");
	add_option(f, "# no comment");
	add_option(f, "blank ");
	check_all(f, "a.h a/a.h a.c a/a.c a/x.txt #~no~comment blank~", true);
	check_all(f, "b.h a/b.h a/y.txt x.txt blank", false);
}
END_TEST

START_TEST(says_which_rule)
{
	/* The rule, its file and its line; also for what was taken back. */
	static const struct {
		const char *path;
		const char *rule;
		const char *where;
		unsigned line;
	} wanted[] = {
		{ "x.o", "*.o", ".dsyncignore", 3 },
		{ "keep.o", "!keep.o", ".dsyncignore", 5 },
		{ "a/b/x.log", "*.log", "a/b/.dsyncignore", 1 },
		{ "a/b/dir/x", "dir/", "a/b/.dsyncignore", 2 },
		{ "a/x.log", NULL, NULL, 0 },
		{ "opt", "/opt", "--exclude", 0 },
		{ "other.o", "!other.o", "--include", 0 },
		{ "a/.hidden/x", NULL, "hidden", 0 },
	};
	AUTO(filter) struct filter *f = new_filter(false);
	struct filter_verdict verdict;
	size_t i;

	add_file(f, "a/b", "*.log\ndir/");
	add_file(f, "", "# one\n\n*.o  \r\n[\n!keep.o\n");
	add_option(f, "/opt");
	add_option(f, "!other.o");
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		filter_judge_deep(f, wanted[i].path, &verdict);
		ck_assert_pstr_eq(verdict.rule, wanted[i].rule);
		ck_assert_pstr_eq(verdict.where, wanted[i].where);
		ck_assert_uint_eq(verdict.line, wanted[i].line);
	}
}
END_TEST

START_TEST(finds_the_file_of_a_folder)
{
	/* Among many folders, names that begin alike, added in any order. */
	static const char *const dirs[] = { "m", "a", "ab", "a/b", "a/b/c",
		"a-b", "z", "", "b", "ab/c", "a/b-c" };
	AUTO(filter) struct filter *f = new_filter(false);
	char text[32], path[64];
	size_t n = sizeof(dirs) / sizeof(dirs[0]), i, j;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "/only%zu", i);
		add_file(f, dirs[i], text);
	}
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			snprintf(path, sizeof(path), "%s%sonly%zu", dirs[i],
			    dirs[i][0] == '\0' ? "" : "/", j);
			ck_assert_int_eq(excluded(f, path), i == j);
		}
	}
}
END_TEST

START_TEST(replaces_and_forgets_files)
{
	/* A file added again replaces itself; clearing leaves the options. */
	AUTO(filter) struct filter *f = new_filter(false);

	add_option(f, "opt");
	add_file(f, "a", "x\ny");
	add_file(f, "", "z");
	add_file(f, "a", "y");
	check_all(f, "a/y z opt", true);
	check_all(f, "a/x", false);
	filter_clear_files(f);
	check_all(f, "opt a/opt", true);
	check_all(f, "a/y z", false);
	add_file(f, "a", "x");
	check_all(f, "a/x opt", true);
	ck_assert_uint_eq(filter_max_size(f), 1000);
}
END_TEST

START_TEST(a_line_ends_at_a_nul)
{
	/* Bytes behind a NUL are not looked at, in a line as in git. */
	AUTO(filter) struct filter *f = new_filter(false);

	ck_assert_int_eq(filter_add_file(f, "", "foo\0bar\nbaz", 11, NULL),
	    ST_OK);
	ck_assert_int_eq(filter_add_file(f, "a", NULL, 0, NULL), ST_OK);
	check_all(f, "foo baz", true);
	check_all(f, "bar foobar", false);
}
END_TEST

static const char *const useless[] = { "", "!", "/", "!/", "[a", "a\\",
	"[[:no:]]" };

START_TEST(refuses_useless_options)
{
	/* An option that can never match is a mistake, and named as one. */
	AUTO(filter) struct filter *f = new_filter(false);
	struct err err = { 0 };

	ck_assert_int_eq(filter_add_option(f, useless[_i], &err), ST_USAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "can never match"));
	check_all(f, "a a/ [a", false);
}
END_TEST

START_TEST(limits_the_size_of_a_file)
{
	/* The largest is taken; one byte more is refused, and says where. */
	static char text[FILTER_FILE_LIMIT + 1];
	AUTO(filter) struct filter *f = new_filter(false);
	struct err err = { 0 };

	memset(text, '#', sizeof(text));
	memcpy(text, "foo\n", 4);
	ck_assert_int_eq(filter_add_file(f, "a\n", text, sizeof(text), &err),
	    ST_REFUSED);
	ck_assert_str_eq(err.text,
	    ".dsyncignore in \"a\\n\": more than 262144 bytes");
	check_all(f, "a/foo", false);
	ck_assert_int_eq(filter_add_file(f, "a", text, sizeof(text) - 1, &err),
	    ST_OK);
	check_all(f, "a/foo", true);
}
END_TEST

START_TEST(limits_the_number_of_rules)
{
	/* Files and options share one limit; what is replaced frees its own. */
	static char text[2 * (FILTER_RULE_LIMIT + 1)];
	AUTO(filter) struct filter *f = new_filter(false);
	struct err err = { 0 };
	size_t i;

	for (i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "a\n", 2);
	ck_assert_int_eq(filter_add_file(f, "", text, sizeof(text), &err),
	    ST_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "more than 10000 ignore rules"));
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(filter_add_file(f, "", text, sizeof(text) - 2,
				     &err),
		    ST_OK);
	ck_assert_int_eq(filter_add_file(f, "x", "b", 1, &err), ST_REFUSED);
	ck_assert_int_eq(filter_add_option(f, "b", &err), ST_REFUSED);
	add_file(f, "", "a");
	add_file(f, "x", "b");
	add_option(f, "c");
	ck_assert_int_eq(filter_add_file(f, "y", text, sizeof(text) - 6, &err),
	    ST_REFUSED);
	filter_clear_files(f);
	ck_assert_int_eq(filter_add_file(f, "y", text, sizeof(text) - 4, &err),
	    ST_OK);
	check_all(f, "y/a c", true);
	check_all(f, "x/b", false);
}
END_TEST

static void
set_policy(struct filter *f, const char *text)
{
	struct err err = { 0 };

	ck_assert_msg(filter_set_policy(f, text, strlen(text), &err) == ST_OK,
	    "%s", err.text);
}

START_TEST(a_policy_stands_beside)
{
	/* Neither it nor the other rules bring back what the other excludes. */
	static char many[2 * (FILTER_RULE_LIMIT + 1)];
	AUTO(filter) struct filter *f = new_filter(false);
	struct filter_verdict verdict;
	struct err err = { 0 };
	size_t i;

	set_policy(f, "nothing");
	set_policy(f, "*.tmp\n!good.tmp\n!keep.txt\nd/\n.dsyncignore\n");
	add_option(f, "!a.tmp");
	add_file(f, "", "keep.txt\n!b.tmp\n");
	check_all(f, "a.tmp b.tmp c/a.tmp keep.txt d/x", true);
	check_all(f, "good.tmp c/good.tmp d nothing .dsyncignore", false);
	filter_judge(f, "a.tmp", false, &verdict);
	ck_assert_str_eq(verdict.where, "preset");
	ck_assert_str_eq(verdict.rule, "*.tmp");
	filter_clear_files(f);
	check_all(f, "keep.txt", false);
	for (i = 0; i < sizeof(many); i += 2)
		memcpy(many + i, "a\n", 2);
	ck_assert_int_eq(filter_set_policy(f, many, sizeof(many), &err),
	    ST_REFUSED);
	check_all(f, "a.tmp", true);
	set_policy(f, "");
	check_all(f, "a.tmp d/x", false);
}
END_TEST

static enum status
build(struct filter **ret, struct err *err)
{
	AUTO(filter) struct filter *f = NULL;
	static const char text[] = "a\nb\n!c\n[\nd";
	static const char *const dirs[] = { "1", "2", "3", "4", "5", "1" };
	enum status st = filter_new(false, 0, &f);
	size_t i;

	if (st != ST_OK)
		return err_nomem(err);
	st = filter_add_option(f, "x", err);
	if (st == ST_OK)
		st = filter_add_option(f, "!y", err);
	for (i = 0; st == ST_OK && i < 6; i++)
		st = filter_add_file(f, dirs[i], text, sizeof(text) - 1, err);
	if (st == ST_OK)
		st = filter_set_policy(f, text, sizeof(text) - 1, err);
	if (st != ST_OK)
		return st;
	*ret = f;
	f = NULL;
	return ST_OK;
}

START_TEST(without_memory)
{
	/* Whichever allocation fails: said so, and nothing leaks. */
	struct filter *f = NULL;
	struct err err;
	enum status st;
	long k;

	for (k = 1;; k++) {
		memset(&err, 0, sizeof(err));
		nomem_at(k);
		st = build(&f, &err);
		nomem_at(0);
		if (st == ST_OK)
			break;
		ck_assert_int_eq(st, ST_NOMEM);
		ck_assert_int_eq(err.code, ST_NOMEM);
		ck_assert_ptr_null(f);
	}
	ck_assert_int_gt(k, 40);
	check_all(f, "1/a 5/d x", true);
	filter_free(f);
	filter_free(NULL);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *s = suite_create("core filter");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, judges_as_git_does, 0, COUNT(cases));
	tcase_add_loop_test(t, judges_names_of_its_own, 0, COUNT(names));
	tcase_add_test(t, no_rule_hides_the_rules);
	tcase_add_test(t, no_rule_takes_back_what_is_hidden);
	tcase_add_test(t, options_are_the_strongest);
	tcase_add_test(t, says_which_rule);
	tcase_add_test(t, finds_the_file_of_a_folder);
	tcase_add_test(t, replaces_and_forgets_files);
	tcase_add_test(t, a_line_ends_at_a_nul);
	tcase_add_loop_test(t, refuses_useless_options, 0, COUNT(useless));
	tcase_add_test(t, limits_the_size_of_a_file);
	tcase_add_test(t, limits_the_number_of_rules);
	tcase_add_test(t, a_policy_stands_beside);
	tcase_add_test(t, without_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
