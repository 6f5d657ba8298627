/* SPDX-License-Identifier: MIT */
/* The door: one behind it, and who may come in. */
#include "config.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#include "fs/control.h"
#include "rooted.h"

static bool
is_there(struct stat *st)
{
	char path[UNIT_FOLDER + 40];

	snprintf(path, sizeof(path), "%s/.dsync/control", folder);
	return stat(path, st) == 0;
}

START_TEST(both_ways)
{
	struct control c = CONTROL_NONE, other = CONTROL_NONE;
	struct stat st;
	char text[8];
	int caller, fd;

	ck_assert_int_eq(control_dial(root, &caller, &err), ST_NOENT);
	ck_assert_int_eq(control_open(root, &c, &err), ST_OK);
	ck_assert(is_there(&st));
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(control_open(root, &other, &err), ST_BUSY);
	control_close(root, &other);
	ck_assert(is_there(&st));

	ck_assert_int_eq(control_accept(&c), -1);
	ck_assert_int_eq(control_dial(root, &caller, &err), ST_OK);
	ck_assert_int_eq(write(caller, "hello", 5), 5);
	fd = control_accept(&c);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(read(fd, text, sizeof(text)), 5);
	close(fd);
	close(caller);

	control_close(root, &c);
	ck_assert(!is_there(&st));
	ck_assert_int_eq(control_dial(root, &caller, &err), ST_NOENT);
	ck_assert_int_eq(control_open(root, &c, &err), ST_OK);
	control_close(root, &c);
}
END_TEST

/* Whoever was killed has left a door with nobody behind it. */
START_TEST(left_behind)
{
	struct control c = CONTROL_NONE;
	struct stat st;
	int caller, status;
	const pid_t child = fork();

	if (child == 0) {
		(void)!control_open(root, &c, &err);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(is_there(&st));
	ck_assert_int_eq(control_dial(root, &caller, &err), ST_NOENT);
	ck_assert_int_eq(control_open(root, &c, &err), ST_OK);
	ck_assert_int_eq(control_dial(root, &caller, &err), ST_OK);
	close(caller);
	control_close(root, &c);
}
END_TEST

/* A file system without sockets is watched all the same, by one. */
START_TEST(no_sockets)
{
	struct control c = CONTROL_NONE, other = CONTROL_NONE;

	testenv_fail(&te, "listen", 1, EPERM);
	ck_assert_int_eq(control_open(root, &c, &err), ST_OK);
	ck_assert_int_eq(c.fd, -1);
	ck_assert_int_eq(control_open(root, &other, &err), ST_BUSY);
	control_close(root, &c);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("control");
	TCase *t = tcase_create("control");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, both_ways);
	tcase_add_test(t, left_behind);
	tcase_add_test(t, no_sockets);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
