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
	const struct link_opts opts = { .argv = argv };

	ck_assert_int_eq(link_open(&opts, &link_to, &err), ST_OK);
}

static void
shell(const char *script)
{
	open_link("/bin/sh", "-c", script);
}

static char heard[8192];

static void
hear_line(void *ctx, const char *text)
{
	(void)ctx;
	strncat(heard, text, sizeof(heard) - strlen(heard) - 2);
	strcat(heard, "|");
}

static void
why_is(const char *text)
{
	err.text[0] = '\0';
	ck_assert_int_eq(link_why(link_to, hear_line, NULL, &err), ST_PEER);
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
	ck_assert_int_eq(link_why(link_to, hear_line, NULL, &err), ST_OK);
}
END_TEST

/* One socket will do for both ways, for who can hold only one. */
START_TEST(talks_over_one)
{
	const char *const argv[] = { "/bin/sh", "-c",
		"read line; echo \"<$line>\"", NULL };
	const struct link_opts opts = { .argv = argv, .one = true };
	char text[20] = "";

	ck_assert_int_eq(link_open(&opts, &link_to, &err), ST_OK);
	ck_assert_int_eq(write(link_in(link_to), "hello\n", 6), 6);
	ck_assert_int_eq(read(link_in(link_to), text, sizeof(text) - 1), 8);
	ck_assert_str_eq(text, "<hello>\n");
	ck_assert_int_eq(read(link_out(link_to), text, sizeof(text)), 0);
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

static void
cant_open(const char *name, const char *text)
{
	const char *const argv[] = { name, NULL };
	const struct link_opts opts = { .argv = argv };

	ck_assert_int_eq(link_open(&opts, &link_to, &err), ST_PEER);
	ck_assert_msg(strstr(err.text, name) != NULL, "%s", err.text);
	ck_assert_msg(strstr(err.text, text) != NULL, "%s", err.text);
}

/* No such program. */
START_TEST(missing)
{
	cant_open(_i == 0 ? "/nowhere/dsync" : "no-such-dsync",
	    "no such program");
}
END_TEST

/* A file that is no program. */
START_TEST(not_executable)
{
	char path[UNIT_FOLDER + 10];

	testenv_write(folder, "peer", "text\n");
	snprintf(path, sizeof(path), "%s/peer", folder);
	cant_open(_i == 0 ? path : folder, "Permission denied");
}
END_TEST

static void
remote_shell(const char *script, bool own)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	const struct link_opts opts = { .argv = argv,
		.host = "box",
		.own = own };

	ck_assert_int_eq(link_open(&opts, &link_to, &err), ST_OK);
}

/* What another machine's end means, and what is told of it. */
static const struct {
	const char *script;
	bool own;
	enum status status;
	const char *text; /* of err */
	const char *said; /* lines, a "|" behind each */
} ends[] = {
	{ "exit 0", false, ST_OK, "", "" },
	{ "exit 3", false, ST_OK, "", "" },
	{ "echo one >&2; printf two >&2", false, ST_OK, "", "one|two|" },
	{ "exit 127", false, ST_PEER, "box: dsync is not installed", "" },
	{ "exit 127", true, ST_PEER, "--remote-path", "" },
	{ "exit 126", false, ST_PEER, "can't be executed", "" },
	{ "echo 'a@box: Permission denied (publickey).' >&2; exit 255", false,
	    ST_AUTH, "Permission denied",
	    "a@box: Permission denied "
	    "(publickey).|" },
	{ "echo 'Host key verification failed.' >&2; exit 255", false, ST_AUTH,
	    "Host key", "Host key verification failed.|" },
	{ "echo 'port 22: Connection refused' >&2; exit 255", false, ST_LINK,
	    "refused", "port 22: Connection refused|" },
	{ "echo 'dsync: no key fits' >&2; exit 15", true, ST_AUTH,
	    "no key fits", "" },
	{ "echo 'dsync: too slow' >&2; exit 35", true, ST_CONNECT, "too slow",
	    "" },
	{ "echo 'dsync: gone' >&2; exit 10", true, ST_LINK, "gone", "" },
	{ "echo 'dsync: ' >&2; exit 10", true, ST_OK, "", "" },
	{ "echo hello >&2; exit 10", true, ST_OK, "", "hello|" },
	{ "echo 'dsync: hello' >&2; exit 10", false, ST_OK, "",
	    "dsync: hello|" },
};

START_TEST(ends_there)
{
	err.text[0] = heard[0] = '\0';
	remote_shell(ends[_i].script, ends[_i].own);
	ck_assert_int_eq(link_why(link_to, hear_line, NULL, &err),
	    ends[_i].status);
	ck_assert_msg(strstr(err.text, ends[_i].text) != NULL, "%s", err.text);
	ck_assert_str_eq(heard, ends[_i].said);
	ck_assert_int_eq(link_aside(link_to), -1);
}
END_TEST

/* A line without an end is told in pieces, and takes no more memory. */
START_TEST(long_line)
{
	heard[0] = '\0';
	remote_shell("head -c 3000 /dev/zero | tr '\\0' x >&2", false);
	ck_assert_int_eq(link_why(link_to, hear_line, NULL, &err), ST_OK);
	ck_assert_uint_eq(strlen(heard), 3000 + 3);
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
	ck_assert_int_eq(link_why(link_to, hear_line, NULL, &err), ST_OK);
}
END_TEST

/* One that still runs is no reason. */
START_TEST(still_runs)
{
	shell("read line");
	ck_assert_int_eq(link_why(link_to, hear_line, NULL, &err), ST_OK);
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
	ck_assert_int_eq(fstat(link_out(first), &st), 0);
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

/* Before it is killed it is told to go. */
START_TEST(told_to_go)
{
	char script[200], c;

	snprintf(script, sizeof(script),
	    "trap 'echo told >%s/told; exit' TERM; echo r; "
	    "while :; do sleep 0.05; done",
	    folder);
	shell(script);
	ck_assert_int_eq(read(link_in(link_to), &c, 1), 1);
	link_free(link_to);
	link_to = NULL;
	ck_assert_str_eq(testenv_read(folder, "told"), "told\n");
}
END_TEST

/* One that was stopped hears nothing, and goes too. */
START_TEST(stopped)
{
	char pid[20] = "";

	shell("echo $$; kill -STOP $$");
	ck_assert_int_gt(read(link_in(link_to), pid, sizeof(pid) - 1), 0);
	link_free(link_to);
	link_to = NULL;
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
	tcase_add_test(t, talks_over_one);
	tcase_add_test(t, looked_up);
	tcase_add_loop_test(t, missing, 0, 2);
	tcase_add_loop_test(t, not_executable, 0, 2);
	tcase_add_loop_test(t, ends_there, 0,
	    (int)(sizeof(ends) / sizeof(ends[0])));
	tcase_add_test(t, long_line);
	tcase_add_loop_test(t, killed, 0, 2);
	tcase_add_test(t, exits_badly);
	tcase_add_test(t, still_runs);
	tcase_add_test(t, nothing_else);
	tcase_add_test(t, default_pipe);
	tcase_add_test(t, goes);
	tcase_add_test(t, will_not_go);
	tcase_add_test(t, told_to_go);
	tcase_add_test(t, stopped);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
