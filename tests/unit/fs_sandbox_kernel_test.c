/* SPDX-License-Identifier: MIT */
/*
 * The sandbox on other kernels than this one: older ones, ones that lack half
 * of it, and ones that only say that they have it.  And its errors.
 */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <pthread.h>

#include <linux/random.h>
#include <netinet/in.h>

#include "fs/sys.h"
#include "sandboxing.h"

#define MANY 17 /* layers: one more than the kernel takes */

static enum status
enter(const struct sandbox_opts *opts)
{
	return sandbox_enter(sb_env, opts, &sb, &sb_err);
}

static bool
says(const char *text)
{
	return strstr(sb_err.text, text) != NULL;
}

static const int missing[] = { ENOSYS, EOPNOTSUPP, EPERM };

static void
has_no_landlock(int i)
{
	sb_hide(SYS_landlock_create_ruleset, (unsigned)missing[i]);
	sb_enter(&sb_usual);
	WANT(sb.level == SANDBOX_SECCOMP && sb.abi == 0);
	WANT(strcmp(sb.text, "seccomp") == 0);
	FAILS(chmod(sb_path(sb_a, "f"), 0777), EPERM);
	FAILS(socket(AF_INET, SOCK_STREAM, 0), EPERM);
	sb_opens(sb_path(sb_out, "f"), O_RDONLY);
}

/* Without Landlock the filter is left, and that is what the text says. */
START_TEST(no_landlock)
{
	sb_child(has_no_landlock, _i);
}
END_TEST

static void
has_no_seccomp(int i)
{
	int abi = sb_kernel_abi();
	char text[SANDBOX_TEXT];

	snprintf(text, sizeof(text), "landlock %d", abi < 7 ? abi : 7);
	sb_hide(SYS_seccomp, (unsigned)missing[i]);
	sb_enter(&sb_usual);
	WANT(sb.level == (abi == 0 ? SANDBOX_NONE : SANDBOX_LANDLOCK));
	WANT(strcmp(sb.text, abi == 0 ? "none" : text) == 0);
	if (abi > 0)
		FAILS(sb_open(sb_path(sb_out, "f"), O_RDONLY), EACCES);
}

/* Without filters, Landlock. */
START_TEST(no_seccomp)
{
	sb_child(has_no_seccomp, _i);
}
END_TEST

static void
has_nothing(int required)
{
	struct sandbox_opts opts = sb_usual;
	struct rlimit core;

	opts.required = required != 0;
	sb_hide(SYS_landlock_create_ruleset, ENOSYS);
	sb_hide(SYS_seccomp, ENOSYS);
	if (required) {
		WANT(enter(&opts) == ST_REFUSED && says("required"));
		WANT(says("none"));
		return;
	}
	sb_enter(&opts);
	WANT(sb.level == SANDBOX_NONE && strcmp(sb.text, "none") == 0);
	WANT(getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0);
}

START_TEST(nothing)
{
	sb_child(has_nothing, _i);
}
END_TEST

static void requires(int i)
{
	struct sandbox_opts opts = sb_usual;

	opts.required = true;
	sb_hide(i == 0 ? SYS_landlock_create_ruleset : SYS_seccomp, ENOSYS);
	WANT(enter(&opts) == ST_REFUSED);
	WANT(says("required") && says(i == 0 ? "seccomp" : "landlock"));
}

/* Half a sandbox is none to who requires one. */
START_TEST(required)
{
	sb_child(requires, _i);
}
END_TEST

static void
lies(int i)
{
	const long calls[] = { SYS_landlock_restrict_self,
		SYS_landlock_add_rule, SYS_seccomp };

	sb_hide(calls[i], 0);
	WANT(enter(&sb_usual) != ST_OK);
	WANT(i == 1 ? sb_err.code == ST_IO : sb_err.code == ST_REFUSED);
	WANT(i == 1 || says("it does not hold"));
}

/* A kernel that says yes and does nothing is found out. */
START_TEST(lying)
{
	sb_child(lies, _i);
}
END_TEST

static void
gives_all_away(int i)
{
	static const char *const all[] = { "/", "/proc" };
	static const char *const texts[] = { "opening / is", "opening /proc/" };
	struct sandbox_opts opts = sb_usual;

	if (i < 2) {
		opts.writable = &all[i];
		opts.n_writable = 1;
	} else {
		opts.readable = &all[i - 2];
	}
	WANT(enter(&opts) != ST_OK);
	WANT(sb_err.code == ST_REFUSED && says("it does not hold"));
	WANT(says(texts[i % 2]));
}

/* Nor does a sandbox hold that has all in it. */
START_TEST(too_wide)
{
	sb_child(gives_all_away, _i);
}
END_TEST

/* Each right counts from its ABI on, and not before. */
static void
older_lacks(int abi)
{
	int fd = sb_open("/dev/urandom", O_RDONLY), bits;

	if (abi >= 5)
		FAILS(ioctl(fd, RNDGETENTCNT, &bits), EACCES);
	else
		WANT(ioctl(fd, RNDGETENTCNT, &bits) == 0);
	close(fd);
	fd = sb_open(sb_path(sb_ro, "f"), O_RDONLY | O_TRUNC);
	WANT(abi >= 3 ? fd == -1 && errno == EACCES : fd != -1);
}

static void
is_older(int abi)
{
	char text[SANDBOX_TEXT];
	int a = sys_open_root(sb_env, sb_a), b = sys_open_root(sb_env, sb_b);

	sb_te.shorten = (size_t)abi;
	sb_enter(&sb_usual);
	snprintf(text, sizeof(text), "landlock %d + seccomp", abi);
	WANT(sb.abi == abi && strcmp(sb.text, text) == 0);
	FAILS(sb_open("/etc/passwd", O_RDONLY), EACCES);
	FAILS(sb_open(sb_path(sb_out, "n"), O_WRONLY | O_CREAT), EACCES);
	FAILS(truncate(sb_path(sb_a, "f"), 0), EPERM);
	sb_opens(sb_path(sb_a, "f"), O_WRONLY | O_TRUNC);
	WANT(sys_renameat2(sb_env, a, "f", a, "g", 0) == 0);
	if (abi >= 2)
		WANT(sys_renameat2(sb_env, a, "g", b, "g", 0) == 0);
	else
		FAILS(sys_renameat2(sb_env, a, "g", b, "g", 0), EXDEV);
	older_lacks(abi);
}

/* What older kernels have is used, and nothing that they don't know. */
START_TEST(older)
{
	if (_i <= sb_kernel_abi())
		sb_child(is_older, _i);
}
END_TEST

/* An abstract socket of this very process, but from before. */
static void
listen_abstract(struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(un->sun_path + 1, sizeof(un->sun_path) - 1, "%s", sb_top);
	WANT(bind(fd, (const void *)un, sizeof(*un)) == 0);
	WANT(listen(fd, 1) == 0);
}

static void
net_by_landlock(int abi)
{
	const struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_un un;
	int inet, local;

	listen_abstract(&un);
	sb_te.shorten = (size_t)abi;
	sb_hide(SYS_seccomp, ENOSYS);
	sb_enter(&sb_usual);
	inet = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	WANT(inet != -1 && local != -1);
	if (abi >= 4)
		FAILS(bind(inet, (const void *)&in, sizeof(in)), EACCES);
	else
		WANT(bind(inet, (const void *)&in, sizeof(in)) == 0);
	if (abi >= 6)
		FAILS(connect(local, (const void *)&un, sizeof(un)), EPERM);
	else
		WANT(connect(local, (const void *)&un, sizeof(un)) == 0);
}

/* TCP from ABI 4 on, and abstract sockets from 6 on, are shut twice. */
START_TEST(net)
{
	if (_i <= sb_kernel_abi())
		sb_child(net_by_landlock, _i);
}
END_TEST

static void
misses(int i)
{
	struct sandbox_opts opts = sb_usual;
	const char *none = sb_path(sb_top, "nothing");
	const char *file = sb_path(sb_b, "f");
	const char *const lists[][2] = { { sb_a, none }, { sb_a, file },
		{ file, none } };

	if (i % 2 == 1)
		sb_hide(SYS_landlock_create_ruleset, ENOSYS);
	if (i / 2 < 2) {
		opts.writable = lists[i / 2];
	} else {
		opts.readable = lists[2];
		opts.n_readable = 2;
	}
	WANT(enter(&opts) == ST_FOLDER);
	WANT(says(i / 2 == 1 ? file : none));
	WANT(says(i / 2 == 1 ? "not a folder" : "no such"));
}

/* What is named must be there, and be of the kind, Landlock or not. */
START_TEST(not_there)
{
	sb_child(misses, _i);
}
END_TEST

static void *
wait_for_close(void *ctx)
{
	char byte;

	(void)!read(*(int *)ctx, &byte, 1);
	return NULL;
}

static void
is_not_alone(int arg)
{
	pthread_t thread;
	int pipes[2];

	(void)arg;
	WANT(pipe(pipes) == 0);
	WANT(pthread_create(&thread, NULL, wait_for_close, &pipes[0]) == 0);
	WANT(enter(&sb_usual) == ST_USAGE && says("threads"));
	sb_opens(sb_path(sb_out, "f"), O_RDONLY);
	close(pipes[1]);
	WANT(pthread_join(thread, NULL) == 0);
}

/* A thread that runs already would stay outside: nothing is begun. */
START_TEST(threads_before)
{
	sb_child(is_not_alone, 0);
}
END_TEST

static void
fails(int i)
{
	static const char *const ops[] = { "prctl", "setrlimit", "landlock_abi",
		"landlock_create_ruleset", "landlock_add_rule",
		"landlock_restrict_self", "seccomp_filter", "openat", "fstat",
		"unlinkat" };

	WANT(i < (int)COUNT(ops));
	testenv_fail(&sb_te, ops[i], 1, EMFILE);
	WANT(enter(&sb_usual) != ST_OK);
	WANT(sb_te.failed && says("sandbox: ") && sb.text[0] == '\0');
}

/* A call that fails as no kernel without it would is an error. */
START_TEST(faults)
{
	sb_child(fails, _i);
}
END_TEST

static void
enters_often(int arg)
{
	int i;

	(void)arg;
	for (i = 0; i < MANY - 1; i++)
		sb_enter(&sb_usual);
	WANT(enter(&sb_usual) == ST_IO && sb_err.sys == E2BIG);
}

/* More layers than the kernel has are an error, not silence. */
START_TEST(too_often)
{
	if (sb_kernel_abi() > 0)
		sb_child(enters_often, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_sandbox_kernel");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, sb_setup, sb_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, no_landlock, 0, (int)COUNT(missing));
	tcase_add_loop_test(tc, no_seccomp, 0, (int)COUNT(missing));
	tcase_add_loop_test(tc, nothing, 0, 2);
	tcase_add_loop_test(tc, not_there, 0, 6);
	tcase_add_test(tc, threads_before);
	if (sb_kernel_abi() > 0) {
		tcase_add_loop_test(tc, required, 0, 2);
		tcase_add_loop_test(tc, lying, 0, 3);
		tcase_add_loop_test(tc, too_wide, 0, 4);
		tcase_add_loop_test(tc, older, 1, 8);
		tcase_add_loop_test(tc, net, 3, 7);
		tcase_add_loop_test(tc, faults, 0, 10);
		tcase_add_test(tc, too_often);
	}
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
