/* SPDX-License-Identifier: MIT */
/*
 * The calls that are refused in the sandbox, whatever the kernel knows of
 * Landlock, and what else is given up: see sandboxing.h.
 */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <utime.h>

#include <netinet/in.h>

#include "sandboxing.h"

static void
changes_by_path(int arg)
{
	const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	const char *f = sb_path(arg == 0 ? sb_a : sb_out, "f");
	const uid_t uid = geteuid();
	const gid_t gid = getegid();

	sb_enter(&sb_usual);
	FAILS(chmod(f, 0777), EPERM);
	FAILS(fchmodat(AT_FDCWD, f, 0777, 0), EPERM);
	FAILS(chown(f, uid, gid), EPERM);
	FAILS(lchown(f, uid, gid), EPERM);
	FAILS(fchownat(AT_FDCWD, f, uid, gid, 0), EPERM);
	FAILS(utime(f, NULL), EPERM);
	FAILS(utimes(f, NULL), EPERM);
	FAILS(utimensat(AT_FDCWD, f, times, 0), EPERM);
	FAILS(setxattr(f, "user.x", "", 0, 0), EPERM);
	FAILS(lsetxattr(f, "user.x", "", 0, 0), EPERM);
	FAILS(removexattr(f, "user.x"), EPERM);
	FAILS(lremovexattr(f, "user.x"), EPERM);
	FAILS(truncate(f, 0), EPERM);
	FAILS(mkfifo(sb_path(sb_a, "n"), 0600), EPERM);
	FAILS(mknod(sb_path(sb_a, "n"), S_IFREG | 0600, 0), EPERM);
	FAILS(symlink("x", sb_path(sb_a, "n")), EPERM);
	FAILS(symlinkat("x", AT_FDCWD, sb_path(sb_a, "n")), EPERM);
}

/* By path nothing but contents and names can be changed, inside or not. */
START_TEST(by_path)
{
	struct stat before, after;
	const char *f = sb_path(_i == 0 ? sb_a : sb_out, "f");

	ck_assert_int_eq(stat(f, &before), 0);
	sb_child(changes_by_path, _i);
	ck_assert_int_eq(stat(f, &after), 0);
	ck_assert_int_eq(before.st_ctim.tv_sec, after.st_ctim.tv_sec);
	ck_assert_int_eq(before.st_ctim.tv_nsec, after.st_ctim.tv_nsec);
}
END_TEST

/* With these arguments each would say something else, to root at least. */
static const struct {
	long call;
	long args[3];
} refused[] = {
	{ SANDBOX_CALL(452), { -1, 0, 0 } }, /* fchmodat2 */
	{ SANDBOX_CALL(463), { -1, 0, 0 } }, /* setxattrat */
	{ SANDBOX_CALL(466), { -1, 0, 0 } }, /* removexattrat */
	{ SANDBOX_CALL(469), { -1, 0, 0 } }, /* file_setattr */
	{ SANDBOX_CALL(438), { -1, -1, 0 } }, /* pidfd_getfd */
	{ SANDBOX_CALL(442), { -1, 0, 0 } }, /* mount_setattr */
	{ SANDBOX_CALL(447), { -1, 0, 0 } }, /* memfd_secret */
	{ SANDBOX_CALL(440), { -1, 0, 0 } }, /* process_madvise */
	{ SANDBOX_CALL(443), { -1, -1, 0 } }, /* quotactl_fd */
	{ SANDBOX_CALL(467), { -1, 0, -1 } }, /* open_tree_attr */
#ifdef SYS_utimes
	{ SYS_utimes, { 0, 0, 0 } },
	{ SYS_futimesat, { -1, 0, 0 } },
	{ SYS_mknod, { 0, 0, 0 } },
	{ SYS_symlink, { 0, 0, 0 } },
#endif
#ifdef SYS_utime
	{ SYS_utime, { 0, 0, 0 } },
#endif
#ifdef SYS_iopl
	{ SYS_iopl, { 4, 0, 0 } },
	{ SYS_ioperm, { -1, 0, 0 } },
#endif
#ifdef SYS_kexec_file_load
	{ SYS_kexec_file_load, { -1, -1, 0 } },
#endif
	{ SYS_ptrace, { -1, 0, 0 } },
	{ SYS_process_vm_readv, { 0, 0, 0 } },
	{ SYS_process_vm_writev, { 0, 0, 0 } },
	{ SYS_kcmp, { 0, 0, -1 } },
	{ SYS_open_by_handle_at, { -1, 0, 0 } },
	{ SYS_io_uring_setup, { 0, 0, 0 } },
	{ SYS_io_uring_enter, { -1, 0, 0 } },
	{ SYS_io_uring_register, { -1, 0, 0 } },
	{ SYS_memfd_create, { 0, 0, 0 } },
	{ SYS_userfaultfd, { -1, 0, 0 } },
	{ SYS_bpf, { -1, 0, 0 } },
	{ SYS_perf_event_open, { 0, 0, 0 } },
	{ SYS_keyctl, { -1, 0, 0 } },
	{ SYS_add_key, { 0, 0, 0 } },
	{ SYS_request_key, { 0, 0, 0 } },
	{ SYS_chroot, { 0, 0, 0 } },
	{ SYS_pivot_root, { 0, 0, 0 } },
	{ SYS_mount, { 0, 0, 0 } },
	{ SYS_umount2, { 0, -1, 0 } },
	{ SYS_fsopen, { 0, 0, 0 } },
	{ SYS_open_tree, { -1, 0, 0 } },
	{ SYS_move_mount, { -1, 0, -1 } },
	{ SYS_fsconfig, { -1, 0, 0 } },
	{ SYS_fsmount, { -1, -1, 0 } },
	{ SYS_fspick, { -1, 0, -1 } },
	{ SYS_setns, { -1, 0, 0 } },
	{ SYS_unshare, { CLONE_NEWNS | 1, 0, 0 } },
	{ SYS_unshare, { 0x80 | 1, 0, 0 } }, /* CLONE_NEWTIME */
	{ SYS_clone, { CLONE_NEWUSER | CLONE_FS, 0, 0 } },
	{ SYS_init_module, { 0, 0, 0 } },
	{ SYS_finit_module, { -1, 0, 0 } },
	{ SYS_delete_module, { 0, 0, 0 } },
	{ SYS_kexec_load, { 0, -1, 0 } },
	{ SYS_reboot, { 0, 0, 0 } },
	{ SYS_swapon, { 0, -1, 0 } },
	{ SYS_swapoff, { 0, 0, 0 } },
	{ SYS_acct, { 1, 0, 0 } },
	{ SYS_syslog, { -1, 0, 0 } },
	{ SYS_fanotify_init, { -1, 0, 0 } },
	{ SYS_quotactl, { -1, 0, 0 } },
	{ SYS_settimeofday, { 1, 0, 0 } },
	{ SYS_clock_settime, { -1, 0, 0 } },
	{ SYS_clock_adjtime, { -1, 0, 0 } },
	{ SYS_adjtimex, { 0, 0, 0 } },
	{ SYS_sethostname, { 0, -1, 0 } },
	{ SYS_setdomainname, { 0, -1, 0 } },
	{ SYS_utimensat, { -1, 0x1000, 0 } },
	{ SYS_ioctl, { -1, TIOCSTI, 0 } },
	{ SYS_ioctl, { -1, TIOCLINUX, 0 } },
#if __LP64__
	/* Of a pointer either half counts; of a request, the lower one. */
	{ SYS_utimensat, { -1, 1l << 40, 0 } },
	{ SYS_ioctl, { -1, (1l << 32) | TIOCSTI, 0 } },
#endif
};

static void
is_refused(int i)
{
	const long *args = refused[i].args;

	sb_enter(&sb_usual);
	FAILS(syscall(refused[i].call, args[0], args[1], args[2]), EPERM);
}

/* Ways out, or into the kernel, are shut. */
START_TEST(ways_out)
{
	sb_child(is_refused, _i);
}
END_TEST

#ifdef __x86_64__
static void
speaks_x32(int arg)
{
	(void)arg;
	sb_enter(&sb_usual);
	FAILS(syscall(0x40000000 | SYS_getpid), EPERM);
	FAILS(syscall(0x40000000 | SYS_chmod, NULL, 0), EPERM);
}

/* The calls of the machine's other ABI are no way around. */
START_TEST(other_abi)
{
	sb_child(speaks_x32, 0);
}
END_TEST
#endif

static void *
set_true(void *ctx)
{
	*(bool *)ctx = true;
	return NULL;
}

static void
starts(int arg)
{
	pthread_t thread;
	bool ran = false;
	pid_t pid;

	(void)arg;
	sb_enter(&sb_usual);
	FAILS(syscall(SYS_clone3, NULL, 0), ENOSYS);
	WANT(pthread_create(&thread, NULL, set_true, &ran) == 0);
	WANT(pthread_join(thread, NULL) == 0 && ran);
	pid = fork();
	if (pid == 0)
		_exit(chmod(sb_a, 0700) == -1 && errno == EPERM ? 0 : 1);
	WANT(waitpid(pid, &arg, 0) == pid && arg == 0);
}

/* Threads and children can be made, and are shut in, too. */
START_TEST(threads_after)
{
	sb_child(starts, 0);
}
END_TEST

static void
calls(int network)
{
	const struct sockaddr_in in = { .sin_family = AF_INET };
	const struct sockaddr_un un = { AF_UNIX, "/dsync-nobody" };
	struct sandbox_opts opts = sb_usual;
	int pair[2], inet, local;

	opts.network = network != 0;
	sb_enter(&opts);
	WANT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	local = socket(AF_UNIX, SOCK_STREAM, 0);
	inet = socket(AF_INET, SOCK_STREAM, 0);
	WANT(local != -1);
	if (!network) {
		WANT(inet == -1);
		FAILS(socket(AF_INET, SOCK_DGRAM, 0), EPERM);
		FAILS(socket(AF_INET6, SOCK_DGRAM, 0), EPERM);
		FAILS(socket(AF_NETLINK, SOCK_RAW, 0), EPERM);
		FAILS(bind(local, (const void *)&un, sizeof(un)), EPERM);
		FAILS(listen(local, 1), EPERM);
		FAILS(connect(local, (const void *)&un, sizeof(un)), EPERM);
		return;
	}
	WANT(inet != -1);
	WANT(bind(inet, (const void *)&in, sizeof(in)) == 0);
	/* Nobody listens: that is the network's answer, not the sandbox's. */
	FAILS(connect(local, (const void *)&un, sizeof(un)), ENOENT);
}

/* No sockets to anybody, unless that is what the process is for. */
START_TEST(sockets)
{
	sb_child(calls, _i);
}
END_TEST

static void
signals_parent(int allowed)
{
	struct sandbox_opts opts = sb_usual;

	opts.signals = allowed != 0;
	sb_enter(&opts);
	WANT(kill(getpid(), 0) == 0);
	if (allowed || sb.abi < 6)
		WANT(kill(getppid(), 0) == 0);
	else
		FAILS(kill(getppid(), 0), EPERM);
}

/* Who was there before is not signalled, unless that was asked for. */
START_TEST(signals)
{
	sb_child(signals_parent, _i);
}
END_TEST

static void
gave_up(int arg)
{
	struct rlimit core;

	(void)arg;
	sb_enter(&sb_usual);
	WANT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	WANT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	WANT(getrlimit(RLIMIT_CORE, &core) == 0);
	WANT(core.rlim_cur == 0 && core.rlim_max == 0);
}

/* No privileges by setuid, no core file, no debugger. */
START_TEST(given_up)
{
	sb_child(gave_up, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_sandbox_calls");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, sb_setup, sb_teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, by_path, 0, 2);
	tcase_add_loop_test(tc, ways_out, 0, (int)COUNT(refused));
#ifdef __x86_64__
	tcase_add_test(tc, other_abi);
#endif
	tcase_add_test(tc, threads_after);
	tcase_add_loop_test(tc, sockets, 0, 2);
	tcase_add_loop_test(tc, signals, 0, 2);
	tcase_add_test(tc, given_up);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
