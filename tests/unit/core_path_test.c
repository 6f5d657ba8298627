/* SPDX-License-Identifier: MIT */
/* Paths from outside: what is refused, and how they are taken apart. */
#include "config.h"

#include <string.h>

#include "core/path.h"
#include "unit.h"

static const struct {
	const char *path;
	const char *fault; /* NULL: a good path */
} faults[] = {
	{ "a", NULL },
	{ "a/b/c", NULL },
	{ "a b", NULL },
	{ ".", "a name is \".\"" },
	{ "a/.", "a name is \".\"" },
	{ "./a", "a name is \".\"" },
	{ "..", "a name is \"..\"" },
	{ "a/../b", "a name is \"..\"" },
	{ "../a", "a name is \"..\"" },
	{ "...", NULL },
	{ "..a", NULL },
	{ ".hidden", NULL },
	{ "", "empty path" },
	{ "/", "leading slash" },
	{ "/a", "leading slash" },
	{ "a/", "trailing slash" },
	{ "a//b", "empty name" },
	{ ".dsync", ".dsync is private" },
	{ ".dsync/journal.db", ".dsync is private" },
	{ "a/.dsync/b", ".dsync is private" },
	{ "a/.dsync", ".dsync is private" },
	{ ".dsyncignore", NULL },
	{ "a/.dsyncignore", NULL },
	{ ".dsynd", NULL },
	{ ".dsyn", NULL },
	{ "\xff\xfe\n\x1b[2J", NULL },
	{ "C:\\con", NULL },
};

START_TEST(finds_the_fault)
{
	/* Each path has the fault that the table names, or none. */
	const char *path = faults[_i].path;
	const char *fault = path_fault(path, strlen(path));

	if (faults[_i].fault == NULL)
		ck_assert_ptr_null(fault);
	else
		ck_assert_pstr_eq(fault, faults[_i].fault);
}
END_TEST

START_TEST(looks_at_len_bytes_alone)
{
	/* What stands behind the path is not read; a NUL inside is a fault. */
	ck_assert_ptr_null(path_fault("a/b//", 3));
	ck_assert_pstr_eq(path_fault("a\0b", 3), "NUL in path");
	ck_assert_pstr_eq(path_fault("\0", 1), "NUL in path");
}
END_TEST

START_TEST(knows_its_limits)
{
	/* The longest name, the longest path and the deepest are still fine. */
	char path[PATH_LIMIT + 1];
	size_t i;

	memset(path, 'n', sizeof(path));
	ck_assert_ptr_null(path_fault(path, PATH_NAME_LIMIT));
	ck_assert_pstr_eq(path_fault(path, PATH_NAME_LIMIT + 1),
	    "name too long");
	for (i = 200; i < sizeof(path); i += 200)
		path[i] = '/';
	ck_assert_ptr_null(path_fault(path, PATH_LIMIT - 1));
	ck_assert_pstr_eq(path_fault(path, PATH_LIMIT), "path too long");
	memset(path, 'n', sizeof(path));
	for (i = 1; i < sizeof(path); i += 2)
		path[i] = '/';
	ck_assert_ptr_null(path_fault(path, 2 * PATH_DEPTH_LIMIT - 1));
	ck_assert_pstr_eq(path_fault(path, 2 * PATH_DEPTH_LIMIT + 1),
	    "too deep");
}
END_TEST

static const struct {
	const char *path;
	const char *name;
	size_t dir_len;
} parts[] = {
	{ "", "", 0 },
	{ "a", "a", 0 },
	{ "a/b", "b", 1 },
	{ "ab/cd/ef", "ef", 5 },
};

START_TEST(takes_apart)
{
	/* A path is its folder, a slash and its name. */
	ck_assert_str_eq(path_name(parts[_i].path), parts[_i].name);
	ck_assert_uint_eq(path_dir_len(parts[_i].path), parts[_i].dir_len);
}
END_TEST

static const struct {
	const char *path;
	const char *dir;
	bool below;
} pairs[] = {
	{ "a/b", "a", true },
	{ "a/b/c", "a", true },
	{ "a/b/c", "a/b", true },
	{ "a", "a", false },
	{ "a/", "a", false },
	{ "a-b", "a", false },
	{ "ab/c", "a", false },
	{ "a", "a/b", false },
	{ "b/a", "a", false },
	{ "a", "", true },
	{ "a/b", "", true },
	{ "", "", false },
};

START_TEST(knows_what_is_below)
{
	/* Below a folder is what has it as whole leading components. */
	ck_assert_int_eq(path_below(pairs[_i].path, pairs[_i].dir),
	    pairs[_i].below);
}
END_TEST

START_TEST(knows_ignore_files)
{
	/* Only the very name, in any folder. */
	ck_assert(path_is_ignore_file(".dsyncignore"));
	ck_assert(path_is_ignore_file("a/b/.dsyncignore"));
	ck_assert(!path_is_ignore_file(".dsyncignore/a"));
	ck_assert(!path_is_ignore_file("a.dsyncignore"));
	ck_assert(!path_is_ignore_file(".gitignore"));
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *s = suite_create("core path");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, finds_the_fault, 0, COUNT(faults));
	tcase_add_test(t, looks_at_len_bytes_alone);
	tcase_add_test(t, knows_its_limits);
	tcase_add_loop_test(t, takes_apart, 0, COUNT(parts));
	tcase_add_loop_test(t, knows_what_is_below, 0, COUNT(pairs));
	tcase_add_test(t, knows_ignore_files);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
