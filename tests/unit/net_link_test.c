/* SPDX-License-Identifier: MIT */
/* Peers that start, that can't, that die, and that will not go. */
#include "config.h"

#include <sys/stat.h>

#include <signal.h>
#include <time.h>

#include "net/link.h"
#include "testenv.h"
#include "unit.h"

static char folder[UNIT_FOLDER];
static struct link *link_to;
static struct err err;

static void
setup(void)
{
	unit_folder(folder);
	signal(SIGPIPE, SIG_IGN);
}

static void
teardown(void)
{
	link_free(link_to);
	link_to = NULL;
	unit_folder_remove(folder);
}

static void
open_link(const char *name, const char *arg, const char *script)
{
	const char *const argv[] = { name, arg, script, NULL };

	ck_assert_int_eq(link_open(argv, &link_to, &err), ST_OK);
}

static void
shell(const char *script)
{
	open_link("/bin/sh", "-c", script);
}

static void
why_is(const char *text)
{
	err.text[0] = '\0';
	ck_assert_int_eq(link_why(link_to, &err), ST_PEER);
	ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
}

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* What goes in comes to its standard input, what it prints comes out. */
START_TEST(talks)
{
	char text[20] = "";

	shell("read line; echo \"<$line>\"");
	ck_assert_int_eq(write(link_out(link_to), "hello\n", 6), 6);
	ck_assert_int_eq(read(link_in(link_to), text, sizeof(text) - 1), 8);
	ck_assert_str_eq(text, "<hello>\n");
	ck_assert_int_eq(read(link_in(link_to), text, sizeof(text)), 0);
	ck_assert_int_eq(link_why(link_to, &err), ST_OK);
}
END_TEST

/* A name without a slash is looked up. */
START_TEST(looked_up)
{
	char text[20] = "";

	open_link("echo", "hi", NULL);
	ck_assert_int_eq(read(link_in(link_to), text, sizeof(text) - 1), 3);
	ck_assert_str_eq(text, "hi\n");
}
END_TEST

/* No such program: which, and what to do. */
START_TEST(missing)
{
	open_link(_i == 0 ? "/nowhere/dsync" : "no-such-dsync", NULL, NULL);
	why_is(_i == 0 ? "/nowhere/dsync" : "no-such-dsync");
	why_is("not found");
}
END_TEST

/* A file that is no program. */
START_TEST(not_executable)
{
	char path[UNIT_FOLDER + 10];

	testenv_write(folder, "peer", "text\n");
	snprintf(path, sizeof(path), "%s/peer", folder);
	open_link(_i == 0 ? path : folder, NULL, NULL);
	why_is("can't be started");
}
END_TEST

/* Killed, and by what. */
START_TEST(killed)
{
	shell(_i == 0 ? "kill -KILL $$" : "kill -TERM $$");
	why_is(_i == 0 ? "was killed: Killed" : "was killed: Terminated");
	why_is("/bin/sh");
}
END_TEST

/* One that fails by itself has said why, on its standard error. */
START_TEST(exits_badly)
{
	shell("exit 3");
	ck_assert_int_eq(link_why(link_to, &err), ST_OK);
}
END_TEST

/* One that still runs is no reason. */
START_TEST(still_runs)
{
	shell("read line");
	ck_assert_int_eq(link_why(link_to, &err), ST_OK);
}
END_TEST

/* A peer has nothing of the link to another: that one would never end. */
START_TEST(nothing_else)
{
	AUTO(link) struct link *first = NULL;
	char text[20] = "", script[100];
	struct stat st;

	shell("read line");
	first = link_to;
	link_to = NULL;
	ck_assert_int_eq(fstat(link_in(first), &st), 0);
	snprintf(script, sizeof(script),
	    "ls -l /proc/self/fd | grep -cF 'socket:[%llu]'",
	    (unsigned long long)st.st_ino);
	shell(script);
	ck_assert_int_gt(read(link_in(link_to), text, sizeof(text) - 1), 0);
	ck_assert_str_eq(text, "0\n");
}
END_TEST

/* A peer that dies of SIGPIPE does so, though we ignore it. */
START_TEST(default_pipe)
{
	shell("kill -PIPE $$; exit 0");
	why_is("was killed");
}
END_TEST

/* The end of its input ends it; nobody waits longer than that takes. */
START_TEST(goes)
{
	double start = seconds();

	shell("read line");
	link_free(link_to);
	link_to = NULL;
	ck_assert(seconds() - start < 1.5);
}
END_TEST

/* One that ignores the end is killed. */
START_TEST(will_not_go)
{
	double start = seconds();
	char pid[20] = "";

	shell("trap '' TERM HUP PIPE; echo $$; exec sleep 100");
	ck_assert_int_gt(read(link_in(link_to), pid, sizeof(pid) - 1), 0);
	link_free(link_to);
	link_to = NULL;
	ck_assert(seconds() - start < 10);
	ck_assert_int_eq(kill((pid_t)strtol(pid, NULL, 10), 0), -1);
	ck_assert_int_eq(errno, ESRCH);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("net_link");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, talks);
	tcase_add_test(t, looked_up);
	tcase_add_loop_test(t, missing, 0, 2);
	tcase_add_loop_test(t, not_executable, 0, 2);
	tcase_add_loop_test(t, killed, 0, 2);
	tcase_add_test(t, exits_badly);
	tcase_add_test(t, still_runs);
	tcase_add_test(t, nothing_else);
	tcase_add_test(t, default_pipe);
	tcase_add_test(t, goes);
	tcase_add_test(t, will_not_go);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
