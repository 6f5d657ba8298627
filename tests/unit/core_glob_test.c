/* SPDX-License-Identifier: MIT */
/*
 * Patterns against strings.  The tables say what git says (its wildmatch), but
 * for "x**", which is "x*" by gitignore's documentation and something else in
 * some places of git.
 */
#include "config.h"

#include <stdint.h>
#include <string.h>
#include <time.h>

#include "core/glob.h"
#include "nomem.h"
#include "unit.h"

static const struct {
	const char *pattern;
	const char *yes[6];
	const char *no[6];
} cases[] = {
	{ "foo", { "foo" }, { "fo", "fooo", "Foo", "x/foo", "" } },
	{ "a/b", { "a/b" }, { "a", "b", "a/b/c", "aab" } },
	{ "\xc3\xa4", { "\xc3\xa4" }, { "\xc3", "a" } },
	/* One byte, which is no slash. */
	{ "?", { "a", "*", "\xff" }, { "", "ab", "/" } },
	{ "a?c", { "abc", "a?c" }, { "a/c", "ac", "abbc" } },
	/* Any bytes but slashes. */
	{ "*", { "", "a", "abc" }, { "/", "a/b", "a/" } },
	{ "*.o", { ".o", "a.o", "a.o.o" }, { "a.oo", "o", "a/b.o" } },
	{ "a*", { "a", "ab", "a*" }, { "ba", "a/b", "" } },
	{ "*a*", { "a", "bab", "aa" }, { "b", "", "a/a" } },
	{ "a*b*c", { "abc", "aXbXc", "abbcc", "abcbc" },
	    { "acb", "ab", "a/bc" } },
	{ "*/b", { "a/b", "/b" }, { "b", "a/c/b", "a/bb" } },
	{ "a/*", { "a/b", "a/" }, { "a", "a/b/c" } },
	{ "a*/b*c/d", { "a/bc/d", "aX/bXc/d" }, { "a/bc/e", "a/b/c/d" } },
	/* Any number of folders. */
	{ "**", { "", "a", "a/b", "a/b/c" }, { NULL } },
	{ "**/a", { "a", "b/a", "b/c/a", "a/a" }, { "ba", "a/b", "b/ba" } },
	{ "a/**", { "a/b", "a/b/c", "a/" }, { "a", "ab", "b/a" } },
	{ "a/**/b", { "a/b", "a/x/b", "a/x/y/b", "a/b/b" },
	    { "ab", "a/xb", "a/b/c", "b", "xa/b" } },
	{ "**/a/**", { "a/b", "x/a/b", "x/y/a/b/c" }, { "a", "x/a", "xa/b" } },
	{ "**/a*/**/b", { "a/b", "x/ab/y/b", "ax/b/a/b" }, { "b", "x/b" } },
	{ "**/*.c", { "a.c", "b/a.c", "b.c/d/a.c" }, { "a.h", "a.c/b" } },
	{ "**/**/a", { "a", "b/a" }, { "b" } },
	{ "a/**/**", { "a/b", "a/b/c" }, { "a" } },
	{ "a/***/b", { "a/b", "a/x/b", "a/x/y/b" }, { "ab" } },
	{ "**/a/b/**/c", { "a/b/c", "a/a/b/c", "x/a/b/y/c", "a/b/a/b/c" },
	    { "a/c", "a/b", "a/x/b/c" } },
	/* Two stars that do not stand alone are one. */
	{ "a**", { "a", "ab" }, { "a/b", "ba" } },
	{ "a**/b", { "a/b", "ax/b" }, { "a/x/b", "ab" } },
	{ "**a", { "a", "ba" }, { "b/a" } },
	{ "a/**b", { "a/b", "a/xb" }, { "a/x/b" } },
	{ "**\\/a", { "b/a" }, { "a", "b/c/a" } },
	/* Taken as they are. */
	{ "\\*", { "*" }, { "a", "\\*", "" } },
	{ "\\\\", { "\\" }, { "\\\\", "a" } },
	{ "\\a\\?", { "a?" }, { "ab", "\\a?" } },
	{ "\\!a", { "!a" }, { "a" } },
	{ "\\[a]", { "[a]" }, { "a" } },
	{ "a]", { "a]" }, { "a" } },
	/* Sets. */
	{ "[ab]", { "a", "b" }, { "c", "", "ab", "[ab]" } },
	{ "[!ab]", { "c", "!", "\xff" }, { "a", "b", "/", "" } },
	{ "[^ab]", { "c", "^" }, { "a", "/" } },
	{ "[a!]", { "a", "!" }, { "b" } },
	{ "[a-c]x", { "ax", "bx", "cx" }, { "dx", "-x", "x" } },
	{ "[a-cx-z]", { "b", "y" }, { "d", "-" } },
	{ "[c-a]", { "c" }, { "a", "b", "-" } },
	{ "[a-]", { "a", "-" }, { "b" } },
	{ "[-a]", { "a", "-" }, { "b" } },
	{ "[!-]", { "a" }, { "-" } },
	{ "[--0]", { "-", "0", "." }, { "/", "1" } },
	{ "[]]", { "]" }, { "a", "[]]" } },
	{ "[]a]", { "]", "a" }, { "[" } },
	{ "[!]]", { "a" }, { "]" } },
	{ "[]-a]", { "]", "_", "a" }, { "-", "b", "\\" } },
	{ "[\\]a]", { "]", "a" }, { "\\" } },
	{ "[\\a-c]", { "a", "b" }, { "\\" } },
	{ "[a-\\c]", { "a", "b", "c" }, { "\\", "d" } },
	{ "[a-c-e]", { "a", "c", "-", "e" }, { "d" } },
	{ "[[]", { "[" }, { "]", "a" } },
	{ "[[a]", { "[", "a" }, { "]" } },
	{ "[/]", { NULL }, { "/", "a" } },
	{ "a[/]b", { NULL }, { "a/b", "ab" } },
	{ "a[!x]b", { "a-b" }, { "a/b", "axb" } },
	{ "a[.-0]b", { "a.b", "a0b" }, { "a/b" } },
	/* Classes. */
	{ "[[:digit:]]", { "0", "9" }, { "a", ":", "d" } },
	{ "[[:alpha:]_]", { "a", "Z", "_" }, { "1", "\xe4", ":" } },
	{ "[[:upper:]0-3]", { "A", "Z", "2" }, { "a", "4" } },
	{ "[![:lower:]]", { "A", "1" }, { "a", "z", "/" } },
	{ "[[:alnum:]-z]", { "a", "5", "-", "z" }, { "_", "{" } },
	{ "[[:blank:]]", { " ", "\t" }, { "\n", "a" } },
	{ "[[:space:]]", { " ", "\t", "\n", "\r" }, { "a", "\x0e" } },
	{ "[[:cntrl:]]", { "\x01", "\x1f", "\x7f" }, { " ", "\x80" } },
	{ "[[:punct:]]", { "!", ".", "@", "[", "`", "~" },
	    { "a", "0", "/", " ", "Z" } },
	{ "[[:graph:]]", { "!", "a", "~" }, { " ", "\x7f" } },
	{ "[[:print:]]", { " ", "a", "~" }, { "\x1f", "\x7f" } },
	{ "[[:xdigit:]]", { "0", "a", "F" }, { "g", "G" } },
	{ "[[:a]", { "[", ":", "a" }, { "]" } },
	{ "[[:]", { "[", ":" }, { "]" } },
	{ "[[:]]", { "[]", ":]" }, { "[", "]" } },
	{ "[[:alpha]]", { "a]", "[]", "h]" }, { "a", "b]" } },
};

static struct glob *
glob_of(const char *pattern)
{
	struct glob *glob = NULL;

	ck_assert_int_eq(glob_new(pattern, strlen(pattern), &glob), ST_OK);
	return glob;
}

START_TEST(matches_what_it_should)
{
	/* Each pattern matches all of its left column, none of its right. */
	struct glob *glob = glob_of(cases[_i].pattern);
	const char *s;
	size_t i;

	for (i = 0; i < 6 && (s = cases[_i].yes[i]) != NULL; i++)
		ck_assert_msg(glob_match(glob, s, strlen(s)),
		    "%s should match \"%s\"", cases[_i].pattern, s);
	for (i = 0; i < 6 && (s = cases[_i].no[i]) != NULL; i++)
		ck_assert_msg(!glob_match(glob, s, strlen(s)),
		    "%s should not match \"%s\"", cases[_i].pattern, s);
	glob_free(glob);
}
END_TEST

static const char *const broken[] = { "", "\\", "a\\", "[", "[a", "[]", "[!]",
	"[a-", "[\\", "[a\\", "[a-\\", "[[:alpha:]", "[[:nothing:]]", "[[::]]",
	"[[:alpha:", "[[:alphabet:]]", "*[", "a/[b" };

START_TEST(refuses_what_can_never_match)
{
	/* Said at once instead of never matching; the result is left alone. */
	struct glob *glob = NULL;

	ck_assert_int_eq(glob_new(broken[_i], strlen(broken[_i]), &glob),
	    ST_USAGE);
	ck_assert_ptr_null(glob);
	glob_free(NULL);
}
END_TEST

START_TEST(looks_at_len_bytes_alone)
{
	/* Neither pattern nor string is read behind its end. */
	struct glob *glob = NULL;

	ck_assert_int_eq(glob_new("ab]", 2, &glob), ST_OK);
	ck_assert(glob_match(glob, "abc", 2));
	ck_assert(!glob_match(glob, "abc", 3));
	glob_free(glob);
	glob = NULL;
	ck_assert_int_eq(glob_new("[a]", 2, &glob), ST_USAGE);
	ck_assert_int_eq(glob_new("[[:alpha:]]", 10, &glob), ST_USAGE);
	ck_assert_int_eq(glob_new("a**/", 3, &glob), ST_OK);
	ck_assert(glob_match(glob, "ab", 2));
	glob_free(glob);
}
END_TEST

START_TEST(knows_its_limit)
{
	/* The longest pattern works; one byte more is refused. */
	static char pattern[GLOB_LIMIT + 1];
	struct glob *glob = NULL;

	memset(pattern, '[', sizeof(pattern));
	memset(pattern, 'a', GLOB_LIMIT - 3);
	memcpy(pattern + GLOB_LIMIT - 3, "[b]", 3);
	ck_assert_int_eq(glob_new(pattern, GLOB_LIMIT + 1, &glob), ST_USAGE);
	ck_assert_int_eq(glob_new(pattern, GLOB_LIMIT, &glob), ST_OK);
	pattern[GLOB_LIMIT - 3] = 'b';
	ck_assert(glob_match(glob, pattern, GLOB_LIMIT - 2));
	glob_free(glob);
}
END_TEST

START_TEST(tells_all_bytes_apart)
{
	/* A set of one byte holds that byte, whichever it is but the slash. */
	char pattern[] = "[\\?]", s[1];
	struct glob *glob;
	int a, b;

	for (a = 1; a < 256; a++) {
		pattern[2] = (char)a;
		glob = glob_of(pattern);
		for (b = 1; b < 256; b++) {
			s[0] = (char)b;
			ck_assert_int_eq(glob_match(glob, s, 1),
			    a == b && a != '/');
		}
		glob_free(glob);
	}
}
END_TEST

/* Repeats part until text is full. */
static void
repeat(char *text, size_t size, const char *part)
{
	size_t i, len = strlen(part);

	for (i = 0; i + 1 < size; i++)
		text[i] = part[i % len];
	text[i] = '\0';
}

static const struct {
	const char *part; /* of the pattern, many times */
	const char *end;
	const char *text; /* many times */
} hostile[] = {
	{ "*a", "b", "a" },
	{ "*", "b", "a" },
	{ "*?", "b", "a" },
	{ "**/", "b", "a/" },
	{ "**/a/", "b", "a/" },
	{ "**/*a/", "b", "a/" },
	{ "**/*a*a*a/", "b", "aaaaaaaa/" },
	{ "*a*[ab]/**/", "b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab/" },
};

START_TEST(no_pattern_explodes)
{
	/* What takes others forever is done ten times in a few seconds. */
	char pattern[2000], text[4096];
	struct timespec start, end;
	struct glob *glob;
	int i;

	repeat(pattern, sizeof(pattern) - 12, hostile[_i].part);
	strcat(pattern, hostile[_i].end);
	repeat(text, sizeof(text), hostile[_i].text);
	glob = glob_of(pattern);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	for (i = 0; i < 10; i++)
		ck_assert(!glob_match(glob, text, sizeof(text) - 1));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	ck_assert_int_lt(end.tv_sec - start.tv_sec, 3);
	glob_free(glob);
}
END_TEST

START_TEST(without_memory)
{
	/* The one allocation fails: said so. */
	struct glob *glob = NULL;

	nomem_at(1);
	ck_assert_int_eq(glob_new("a", 1, &glob), ST_NOMEM);
	nomem_at(0);
	ck_assert_ptr_null(glob);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *s = suite_create("core glob");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, matches_what_it_should, 0, COUNT(cases));
	tcase_add_loop_test(t, refuses_what_can_never_match, 0, COUNT(broken));
	tcase_add_test(t, looks_at_len_bytes_alone);
	tcase_add_test(t, knows_its_limit);
	tcase_add_test(t, tells_all_bytes_apart);
	tcase_add_loop_test(t, no_pattern_explodes, 0, COUNT(hostile));
	tcase_add_test(t, without_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
