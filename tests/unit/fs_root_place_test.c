/* SPDX-License-Identifier: MIT */
/* A root that is held, and the path by which everybody else knows it. */
#include "config.h"

#include <stdlib.h>

#include "fs/root.h"
#include "testenv.h"
#include "unit.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static char folder[UNIT_FOLDER];
static struct testenv te;
static struct err err;

static void
setup(void)
{
	unit_folder(folder);
	testenv_init(&te);
}

static void
teardown(void)
{
	unit_folder_remove(folder);
}

static const struct {
	const char *act; /* beside the root, which is called r */
	const char *why; /* NULL: it is still where it was */
} cases[] = {
	{ "true", NULL },
	{ "mv r t && ln -s t r", NULL },
	{ "mv r t && ln -s r r", NULL }, /* who can tell? */
	{ "mv r t", "r: is not there any more" },
	{ "rm -r r", "r: is not there any more" },
	{ "mv r t && echo x >r", "r: another folder" },
	{ "mv r t && mkdir r", "r: another folder" },
	{ "mv r t && ln -s /etc r", "r: another folder" },
};

START_TEST(knows_its_place)
{
	AUTO(root) struct root *root = NULL;
	char path[UNIT_FOLDER + 8], command[UNIT_FOLDER + 64];
	enum status st;

	snprintf(path, sizeof(path), "%s/r", folder);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert_int_eq(root_open(&te.env, path, NULL, false, &root, &err),
	    ST_OK);
	snprintf(command, sizeof(command), "cd %s && %s", folder,
	    cases[_i].act);
	ck_assert_int_eq(system(command), 0);
	st = root_check_place(root, &err);
	ck_assert_int_eq(st, cases[_i].why == NULL ? ST_OK : ST_FOLDER);
	if (cases[_i].why != NULL)
		ck_assert_ptr_nonnull(strstr(err.text, cases[_i].why));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_root_place");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, knows_its_place, 0, COUNT(cases));
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
