/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_SANDBOXING_H
#define DSYNC_TESTS_UNIT_SANDBOXING_H

/*
 * Folders, and children that shut themselves in: a sandbox can't be left, so
 * each lives in a process of its own, that says by its exit whether all was
 * as WANTed.
 */

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <stddef.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "fs/sandbox.h"
#include "fs/sandbox_part.h"
#include "testenv.h"
#include "unit.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* In the child; there are no fixtures and no Check there. */
#define WANT(cond)                                                             \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "%s:%d: %s (%s; %s)\n", __FILE__,      \
			    __LINE__, #cond, strerror(errno), sb_err.text);    \
			_exit(1);                                              \
		}                                                              \
	} while (0)

#define FAILS(call, errnum) WANT((call) == -1 && errno == (errnum))

static struct testenv sb_te;
static struct env *sb_env = &sb_te.env;
static struct err sb_err;
static struct sandbox sb;

/* top/a and top/b may be written, top/ro read; top/out is outside. */
static char sb_top[UNIT_FOLDER];
static char sb_a[80], sb_b[80], sb_ro[80], sb_out[80];
static const char *const sb_writable[] = { sb_a, sb_b };
static const char *const sb_readable[] = { sb_ro };
static const struct sandbox_opts sb_usual = { .writable = sb_writable,
	.n_writable = 2,
	.readable = sb_readable,
	.n_readable = 1,
	.scratch = sb_a };

static inline void
sb_make(char path[80], const char *name)
{
	snprintf(path, 80, "%s/%s", sb_top, name);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	testenv_write(path, "f", name);
}

static inline void
sb_setup(void)
{
	testenv_init(&sb_te);
	unit_folder(sb_top);
	sb_make(sb_a, "a");
	sb_make(sb_b, "b");
	sb_make(sb_ro, "ro");
	sb_make(sb_out, "out");
}

static inline void
sb_teardown(void)
{
	unit_folder_remove(sb_top);
}

/* "dir/name"; overwritten by the fourth call from now. */
static inline const char *
sb_path(const char *dir, const char *name)
{
	static char paths[4][200];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

/* Runs body in a child; fails if it did not come to its end. */
static inline void
sb_child(void (*body)(int), int arg)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		body(arg);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "the child ended with %#x", (unsigned)status);
}

/* What the kernel itself says; asked without a line of the sandbox's code. */
static inline int
sb_kernel_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

	return abi > 0 ? (int)abi : 0;
}

static inline void
sb_enter(const struct sandbox_opts *opts)
{
	WANT(sandbox_enter(sb_env, opts, &sb, &sb_err) == ST_OK);
}

static inline int
sb_open(const char *path, int flags)
{
	return open(path, flags | O_CLOEXEC, 0600);
}

/* A file that can be opened so. */
static inline void
sb_opens(const char *path, int flags)
{
	int fd = sb_open(path, flags);

	WANT(fd != -1);
	close(fd);
}

/*
 * From now on the call fails with errnum; with 0 it does nothing and says that
 * all went well.  That is how a kernel looks that lacks it, or lies.
 */
static inline void
sb_hide(long call, unsigned errnum)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | errnum),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog prog = { COUNT(code), code };

	WANT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	WANT(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) == 0);
}

#endif
