/* SPDX-License-Identifier: MIT */
/* What the kernel has: asked so that a test can make it lack each thing. */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "fs/probe.h"
#include "testenv.h"
#include "unit.h"

static struct testenv te;
static char folder[UNIT_FOLDER];

static void
setup(void)
{
	testenv_init(&te);
	unit_folder(folder);
}

static void
teardown(void)
{
	unit_folder_remove(folder);
}

START_TEST(test_lacking)
{
	/* A kernel that knows none of it is told apart from this one. */
	testenv_fail(&te, "openat2", 1, ENOSYS);
	ck_assert(!probe_openat2(&te.env));
	testenv_fail(&te, "renameat2", 1, ENOSYS);
	ck_assert(!probe_exchange(&te.env));
	testenv_fail(&te, "renameat2", 1, EINVAL);
	ck_assert(!probe_exchange(&te.env));
	testenv_fail(&te, "landlock", 1, ENOSYS);
	ck_assert_int_eq(probe_landlock(&te.env), 0);
	testenv_fail(&te, NULL, 0, 0);
	ck_assert(probe_exchange(&te.env));
	ck_assert_int_ge(probe_landlock(&te.env), 0);
}
END_TEST

START_TEST(test_number)
{
	/* The number a file begins with; anything else is none. */
	static const struct {
		const char *text;
		bool fine;
		uint64_t n;
	} v[] = { { "8192\n", true, 8192 }, { "0", true, 0 }, { "", false, 0 },
		{ "x\n", false, 0 }, { "-1\n", false, 0 } };
	char path[UNIT_FOLDER + 8];
	uint64_t n;
	size_t i;

	snprintf(path, sizeof(path), "%s/n", folder);
	ck_assert(!probe_number(&te.env, path, &n));
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		testenv_write(folder, "n", v[i].text);
		n = 0;
		ck_assert_int_eq(probe_number(&te.env, path, &n), v[i].fine);
		ck_assert_uint_eq(n, v[i].n);
	}
	testenv_write(folder, "n", "1\n");
	testenv_fail(&te, "read", 1, EIO);
	ck_assert(!probe_number(&te.env, path, &n));
}
END_TEST

START_TEST(test_folder)
{
	/* Read, write and enter: all three. */
	static const unsigned modes[] = { 0500, 0300, 0600, 0000 };
	char path[UNIT_FOLDER + 8];
	size_t i;

	snprintf(path, sizeof(path), "%s/d", folder);
	ck_assert(!probe_folder(&te.env, path));
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert(probe_folder(&te.env, path));
	if (geteuid() == 0) {
		ck_assert_int_eq(chmod(folder, 0711), 0);
		ck_assert_int_eq(chown(path, 12345, 12345), 0);
		ck_assert_int_eq(seteuid(12345), 0);
	}
	ck_assert(probe_folder(&te.env, path));
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		ck_assert_int_eq(chmod(path, modes[i]), 0);
		ck_assert(!probe_folder(&te.env, path));
		ck_assert_int_eq(errno, EACCES);
	}
	ck_assert_int_eq(chmod(path, 0700), 0);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	testenv_fail(&te, "faccessat", 1, EIO);
	ck_assert(!probe_folder(&te.env, path));
	ck_assert_int_eq(errno, EIO);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_probe");
	TCase *t = tcase_create("probe");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_lacking);
	tcase_add_test(t, test_number);
	tcase_add_test(t, test_folder);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
