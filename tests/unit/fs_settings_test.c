/* SPDX-License-Identifier: MIT */
/*
 * A configuration file: read only if nobody else could have written it, and
 * replaced whole or not at all.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fs/settings.h"
#include "testenv.h"
#include "unit.h"
#include "util/buf.h"

static struct testenv te;
static char folder[UNIT_FOLDER];
static char file[UNIT_FOLDER + 32];
static struct err err;

static void
setup(void)
{
	testenv_init(&te);
	umask(022);
	unit_folder(folder);
	snprintf(file, sizeof(file), "%s/x.conf", folder);
}

static void
teardown(void)
{
	unit_folder_remove(folder);
}

static void
reads(const char *path, const char *text)
{
	AUTO(buf) struct buf got = { 0 };

	ck_assert_msg(settings_read(&te.env, path, &got, &err) == ST_OK, "%s",
	    err.text);
	ck_assert_uint_eq(got.len, strlen(text));
	ck_assert_str_eq((const char *)buf_data(&got), text);
}

static void
refuses(const char *path, enum status code, const char *why)
{
	AUTO(buf) struct buf got = { 0 };

	ck_assert_int_eq(settings_read(&te.env, path, &got, &err), code);
	ck_assert_msg(strstr(err.text, why) != NULL, "%s", err.text);
	ck_assert_msg(strstr(err.text, path) != NULL, "%s", err.text);
}

static void
writes(const char *path, const char *text, mode_t mode)
{
	ck_assert_msg(settings_write(&te.env, path, text, mode, &err) == ST_OK,
	    "%s", err.text);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

START_TEST(test_read)
{
	/* All bytes come, however few at a time, and an empty file is one. */
	char large[20000];

	testenv_write(folder, "x.conf", "");
	reads(file, "");
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	testenv_write(folder, "x.conf", large);
	reads(file, large);
	te.shorten = 7;
	reads(file, large);
}
END_TEST

START_TEST(test_trust)
{
	/* Who could have written it?  Only root and this user may. */
	refuses(file, ST_NOENT, "No such file");
	testenv_write(folder, "x.conf", "a\n");
	chmod(file, 0664);
	refuses(file, ST_REFUSED, "others could have written it");
	chmod(file, 0646);
	refuses(file, ST_REFUSED, "chmod go-w");
	chmod(file, 0644);
	reads(file, "a\n");
	chmod(file, 0400);
	reads(file, "a\n");
	if (geteuid() == 0) {
		ck_assert_int_eq(chown(file, 12345, 12345), 0);
		refuses(file, ST_REFUSED, "others could have written it");
		chmod(folder, 0755);
		ck_assert_int_eq(seteuid(12345), 0);
		reads(file, "a\n");
		ck_assert_int_eq(seteuid(0), 0);
	}
}
END_TEST

START_TEST(test_kinds)
{
	/* A symlink to a file is as good as the file; nothing else is one. */
	char other[UNIT_FOLDER + 32];

	snprintf(other, sizeof(other), "%s/link", folder);
	testenv_write(folder, "x.conf", "a\n");
	ck_assert_int_eq(symlink("x.conf", other), 0);
	reads(other, "a\n");
	chmod(file, 0666);
	refuses(other, ST_REFUSED, "others");
	unlink(file);
	refuses(other, ST_NOENT, "No such file");
	refuses(folder, ST_REFUSED, "not a file");
	ck_assert_int_eq(mkfifo(file, 0600), 0);
	refuses(file, ST_REFUSED, "not a file");
}
END_TEST

START_TEST(test_large)
{
	/* More than a person writes is no configuration. */
	testenv_write(folder, "x.conf", "a\n");
	ck_assert_int_eq(truncate(file, SETTINGS_LIMIT), 0);
	chmod(file, 0644);
	{
		AUTO(buf) struct buf got = { 0 };

		ck_assert_int_eq(settings_read(&te.env, file, &got, &err),
		    ST_OK);
		ck_assert_uint_eq(got.len, SETTINGS_LIMIT);
	}
	ck_assert_int_eq(truncate(file, SETTINGS_LIMIT + 1), 0);
	refuses(file, ST_REFUSED, "too large");
}
END_TEST

START_TEST(test_write)
{
	/* A new file gets the mode asked for, an old one keeps its own. */
	writes(file, "one\n", 0644);
	ck_assert_str_eq(testenv_read(folder, "x.conf"), "one\n");
	ck_assert_uint_eq(mode_of(file), 0644);
	chmod(file, 0400);
	writes(file, "two\n", 0644);
	ck_assert_str_eq(testenv_read(folder, "x.conf"), "two\n");
	ck_assert_uint_eq(mode_of(file), 0400);
	te.shorten = 3;
	writes(file, "a longer text\n", 0644);
	ck_assert_str_eq(testenv_read(folder, "x.conf"), "a longer text\n");
	unlink(file);
	writes(file, "", 0600);
	ck_assert_uint_eq(mode_of(file), 0600);
	ck_assert(!testenv_exists(folder, "x.conf.new"));
}
END_TEST

START_TEST(test_umask)
{
	/* The umask is the user's word on new files. */
	umask(077);
	writes(file, "x", 0644);
	ck_assert_uint_eq(mode_of(file), 0600);
	umask(022);
}
END_TEST

START_TEST(test_folders)
{
	/* All folders above are made, as private as the file. */
	char path[UNIT_FOLDER + 32];

	snprintf(path, sizeof(path), "%s/a/b/x", folder);
	writes(path, "x", 0600);
	*strrchr(path, '/') = '\0';
	ck_assert_uint_eq(mode_of(path), 0700);
	snprintf(path, sizeof(path), "%s/c/d/x", folder);
	writes(path, "x", 0644);
	*strrchr(path, '/') = '\0';
	ck_assert_uint_eq(mode_of(path), 0755);
}
END_TEST

START_TEST(test_through_symlink)
{
	/* What was a symlink stays one; the file it leads to is replaced. */
	char other[UNIT_FOLDER + 32];
	struct stat st;

	snprintf(other, sizeof(other), "%s/link", folder);
	testenv_write(folder, "x.conf", "old\n");
	ck_assert_int_eq(symlink("x.conf", other), 0);
	writes(other, "new\n", 0644);
	ck_assert_int_eq(lstat(other, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_assert_str_eq(testenv_read(folder, "x.conf"), "new\n");
}
END_TEST

START_TEST(test_leftover)
{
	/* What a killed writer left, or somebody put there, is not followed. */
	char path[UNIT_FOLDER + 32];

	testenv_write(folder, "mine", "mine\n");
	snprintf(path, sizeof(path), "%s/x.conf.new", folder);
	ck_assert_int_eq(symlink("mine", path), 0);
	writes(file, "new\n", 0644);
	ck_assert_str_eq(testenv_read(folder, "x.conf"), "new\n");
	ck_assert_str_eq(testenv_read(folder, "mine"), "mine\n");
}
END_TEST

START_TEST(test_faults)
{
	/* Whichever call fails: old or new, whole, and nothing left behind. */
	enum status st;
	const char *now;
	int k;

	for (k = 1;; k++) {
		testenv_fail(&te, NULL, 0, 0);
		testenv_write(folder, "x.conf", "old\n");
		testenv_fail(&te, NULL, k, ENOSPC);
		st = settings_write(&te.env, file, "new\n", 0644, &err);
		now = testenv_read(folder, "x.conf");
		ck_assert_str_eq(now, st == ST_OK ? "new\n" : "old\n");
		if (st != ST_OK)
			ck_assert(!testenv_exists(folder, "x.conf.new"));
		if (!te.failed)
			break;
	}
	ck_assert_int_gt(k, 6);
	testenv_fail(&te, "write", 1, ENOSPC);
	ck_assert_int_eq(settings_write(&te.env, file, "x", 0644, &err),
	    ST_NOSPC);
	testenv_fail(&te, "read", 1, EIO);
	refuses(file, ST_IO, "Input/output");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_settings");
	TCase *t = tcase_create("settings");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_read);
	tcase_add_test(t, test_trust);
	tcase_add_test(t, test_kinds);
	tcase_add_test(t, test_large);
	tcase_add_test(t, test_write);
	tcase_add_test(t, test_umask);
	tcase_add_test(t, test_folders);
	tcase_add_test(t, test_through_symlink);
	tcase_add_test(t, test_leftover);
	tcase_add_test(t, test_faults);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
