/* SPDX-License-Identifier: MIT */
/*
 * Shutting oneself in, in order: load what libraries would open later by
 * themselves, give up privileges, Landlock, seccomp; then try the doors.  A
 * sandbox that is broken, or was never built, looks like one that is
 * whole to everybody but who tries the doors; so that is done each time, and
 * an open door is an error.
 */
#include "config.h"

#include "fs/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fs/sandbox_part.h"
#include "fs/sys.h"
#include "util/auto.h"
#include "util/env.h"
#include "util/hash.h"
#include "util/str.h"

#ifdef __has_feature
#	define CLANG_ASAN __has_feature(address_sanitizer)
#else
#	define CLANG_ASAN 0
#endif
#if defined(__SANITIZE_ADDRESS__) || CLANG_ASAN
#	include <sanitizer/lsan_interface.h>

/*
 * At the end of a process the leak checker attaches to it and reads /proc;
 * where it can't, it makes a failure of the exit.  So it lets those go that
 * are in the sandbox, which are those that nobody may attach to.
 */
int
__lsan_is_turned_off(void)
{
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}
#endif

#define SCRATCH_FILE "sandbox.tmp"

bool
sandbox_faulted(struct env *env, const char *op)
{
	errno = env_fault(env, op, NULL);
	return errno != 0;
}

/* Each half binds the thread that enters it, and none that is there already. */
static enum status
check_alone(struct env *env, struct err *err)
{
	/* Changes nothing where there is one thread, and fails where not. */
	if ((sandbox_faulted(env, "unshare") ||
		syscall(SYS_unshare, CLONE_THREAD) == -1) &&
	    errno == EINVAL)
		return err_set(err, ST_USAGE,
		    "sandbox: too late, there are threads");
	return ST_OK;
}

/*
 * The time zone, and libcrypto with its settings and modules, are read from
 * files when they are needed first, and later from memory.
 */
static enum status
load_ahead(struct err *err)
{
	AUTO(hasher) struct hasher *hasher = NULL;
	struct hash hash;

	tzset();
	if (hasher_new(&hasher) != ST_OK ||
	    hasher_once(hasher, "", 0, &hash) != ST_OK)
		return err_nomem(err);
	return ST_OK;
}

/* No setuid programs, no core files, nobody attaches to look at our memory. */
static enum status
give_up(struct env *env, struct err *err)
{
	const struct rlimit none = { 0, 0 };

	if (sandbox_faulted(env, "prctl") ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return err_sys(err, errno, "sandbox: prctl");
	if (sandbox_faulted(env, "setrlimit") ||
	    setrlimit(RLIMIT_CORE, &none) == -1)
		return err_sys(err, errno, "sandbox: setrlimit");
	return ST_OK;
}

static enum status
open_door(struct err *err, const char *what)
{
	return err_set(err, ST_REFUSED,
	    "sandbox: it does not hold: %s is possible", what);
}

/* What everybody may read, so that nothing but Landlock says no. */
static enum status
try_files(struct env *env, struct err *err)
{
	autoclose int root = -1, file = -1;

	root = sys_openat(env, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);
	if (root != -1 || errno != EACCES)
		return open_door(err, "opening /");
	file = sys_openat(env, AT_FDCWD, "/proc/self/status", O_RDONLY, 0);
	if (file != -1 || (errno != EACCES && errno != ENOENT))
		return open_door(err, "opening /proc/self/status");
	return ST_OK;
}

/* With arguments that would give another error, or do no harm. */
static enum status
try_calls(const struct sandbox_opts *opts, struct err *err)
{
	autoclose int sock = -1;

	if (syscall(SYS_truncate, NULL, 0) != -1 || errno != EPERM)
		return open_door(err, "truncate");
	if (syscall(SYS_mknodat, -1, NULL, 0, 0) != -1 || errno != EPERM)
		return open_door(err, "mknod");
	if (!opts->exec &&
	    (syscall(SYS_execve, NULL, NULL, NULL) != -1 || errno != EPERM))
		return open_door(err, "execve");
	if (opts->network)
		return ST_OK;
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock != -1 || errno != EPERM)
		return open_door(err, "socket");
	return ST_OK;
}

/*
 * What must still be possible.  The file has one name, so that one which a
 * dead process left is removed here; another process may be at it, too.
 */
static enum status
try_scratch(struct env *env, const char *scratch, struct err *err)
{
	autoclose int dir = sys_open_root(env, scratch), fd = -1;
	char show[STR_SHOW];

	if (dir == -1 && errno == ENOENT)
		return ST_OK;
	if (dir != -1)
		fd = sys_openat(env, dir, SCRATCH_FILE, O_WRONLY | O_CREAT,
		    0600);
	if (fd == -1 ||
	    (sys_unlinkat(env, dir, SCRATCH_FILE, 0) == -1 && errno != ENOENT))
		return err_sys(err, errno, "sandbox: %s: making a file",
		    str_show(show, scratch));
	return ST_OK;
}

static enum status
try_doors(struct env *env, const struct sandbox_opts *opts,
    enum sandbox_level level, struct err *err)
{
	enum status st = ST_OK;

	if ((level & SANDBOX_LANDLOCK) != 0)
		st = try_files(env, err);
	if (st == ST_OK && (level & SANDBOX_SECCOMP) != 0)
		st = try_calls(opts, err);
	if (st == ST_OK && opts->scratch != NULL)
		st = try_scratch(env, opts->scratch, err);
	return st;
}

static void
describe(struct sandbox *s, int abi, bool filtered)
{
	*s = (struct sandbox){ .abi = abi };
	s->level = (abi > 0 ? SANDBOX_LANDLOCK : SANDBOX_NONE) |
	    (filtered ? SANDBOX_SECCOMP : SANDBOX_NONE);
	if (abi > 0)
		snprintf(s->text, sizeof(s->text), "landlock %d%s", abi,
		    filtered ? " + seccomp" : "");
	else
		snprintf(s->text, sizeof(s->text), "%s",
		    filtered ? "seccomp" : "none");
}

enum status
sandbox_enter(struct env *env, const struct sandbox_opts *opts,
    struct sandbox *ret, struct err *err)
{
	struct sandbox reached;
	bool filtered = false;
	enum status st;
	int abi = 0;

	st = check_alone(env, err);
	if (st == ST_OK)
		st = load_ahead(err);
	if (st == ST_OK)
		st = give_up(env, err);
	if (st == ST_OK)
		st = sandbox_landlock(env, opts, &abi, err);
	if (st == ST_OK)
		st = sandbox_seccomp(env, opts, &filtered, err);
	describe(&reached, abi, filtered);
	if (st == ST_OK)
		st = try_doors(env, opts, reached.level, err);
	if (st != ST_OK)
		return st;
	if (opts->required && reached.level != SANDBOX_FULL)
		return err_set(err, ST_REFUSED,
		    "sandbox: required, but all the kernel has is: %s",
		    reached.text);
	*ret = reached;
	return ST_OK;
}
