/* SPDX-License-Identifier: MIT */
/* Who is here: seen by others while they live, and swept when they are dead. */
#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "fs/presence.h"
#include "rooted.h"

#define ROOM 3

static char names[ROOM][PRESENCE_NAME];

static struct presence *
come(const char *id, const char *name)
{
	struct presence *p = NULL;

	ck_assert_int_eq(presence_new(root, id, name, &p, &err), ST_OK);
	return p;
}

static bool
is_there(const char *id)
{
	char path[UNIT_FOLDER + 40];
	struct stat st;

	snprintf(path, sizeof(path), "%s/.dsync/here/%s", folder, id);
	return stat(path, &st) == 0;
}

START_TEST(seen)
{
	AUTO(presence) struct presence *me = come("1", "me");
	AUTO(presence) struct presence *you = come("2", "");
	struct presence *she = come("3", "she");

	ck_assert_uint_eq(presence_others(me, names, ROOM), 2);
	ck_assert_uint_eq(presence_others(you, names, 1), 1);
	presence_free(she);
	ck_assert(!is_there("3"));
	ck_assert_uint_eq(presence_others(me, names, ROOM), 1);
	ck_assert_str_eq(names[0], "?");
	ck_assert_uint_eq(presence_others(you, names, ROOM), 1);
	ck_assert_str_eq(names[0], "me");
}
END_TEST

/* Who was killed can't have gone. */
START_TEST(swept)
{
	AUTO(presence) struct presence *me = come("1", "me");
	const pid_t child = fork();
	int status;

	if (child == 0) {
		(void)!come("2", "killed");
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(is_there("2"));
	ck_assert_uint_eq(presence_others(me, names, ROOM), 0);
	ck_assert(!is_there("2"));
}
END_TEST

/* Somebody is just coming: he has neither a lock nor a name. */
START_TEST(coming)
{
	AUTO(presence) struct presence *me = come("1", "me");
	char path[UNIT_FOLDER + 40];

	snprintf(path, sizeof(path), "%s/.dsync/here/2", folder);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	te.now = time(NULL) * NSEC;
	ck_assert_uint_eq(presence_others(me, names, ROOM), 0);
	ck_assert(is_there("2"));
	te.now += 3600 * NSEC;
	ck_assert_uint_eq(presence_others(me, names, ROOM), 0);
	ck_assert(!is_there("2"));
}
END_TEST

/* What is no file of ours is passed over, a long name is cut. */
START_TEST(odd)
{
	AUTO(presence) struct presence *me = come("1", "me");
	AUTO(presence) struct presence *you = NULL;
	char path[UNIT_FOLDER + 40], long_name[200];

	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	snprintf(path, sizeof(path), "%s/.dsync/here/folder", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/.dsync/here/link", folder);
	ck_assert_int_eq(symlink("1", path), 0);
	you = come("2", long_name);
	ck_assert_uint_eq(presence_others(me, names, ROOM), 1);
	ck_assert_uint_eq(strlen(names[0]), PRESENCE_NAME - 1);
}
END_TEST

START_TEST(twice)
{
	AUTO(presence) struct presence *me = come("1", "me");
	struct presence *you = NULL;

	ck_assert_int_ne(presence_new(root, "1", "you", &you, &err), ST_OK);
	ck_assert_ptr_null(you);
	ck_assert(is_there("1"));
	ck_assert_uint_eq(presence_others(me, names, ROOM), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("presence");
	TCase *t = tcase_create("presence");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, seen);
	tcase_add_test(t, swept);
	tcase_add_test(t, coming);
	tcase_add_test(t, odd);
	tcase_add_test(t, twice);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
