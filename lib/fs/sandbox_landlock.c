/* SPDX-License-Identifier: MIT */
/*
 * Landlock: whatever is not named can't be opened, made, removed or renamed.
 * Newer kernels know more rights (that is their "ABI"), and refuse those that
 * they don't know; so what is asked for is cut to what the kernel has.  The
 * headers of the machine we are built on say nothing about the kernel we run
 * on, hence the numbers here.
 *
 * Renames need the right to make, in the folder it goes to, the kind of thing
 * that is renamed.  Symlinks, FIFOs and sockets are never made by us (seccomp
 * sees to that), but they may come out of an exchange and have to go back.
 */
#include "config.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "fs/sandbox.h"
#include "fs/sandbox_part.h"
#include "fs/sys.h"
#include "util/auto.h"
#include "util/env.h"
#include "util/str.h"

#define CREATE_RULESET SANDBOX_CALL(444)
#define ADD_RULE       SANDBOX_CALL(445)
#define RESTRICT_SELF  SANDBOX_CALL(446)

#define ABI_KNOWN     7 /* the newest that is made use of here */
#define QUERY_VERSION 1u
#define PATH_BENEATH  1

#define FS_EXECUTE     (1ull << 0)
#define FS_WRITE_FILE  (1ull << 1)
#define FS_READ_FILE   (1ull << 2)
#define FS_READ_DIR    (1ull << 3)
#define FS_REMOVE_DIR  (1ull << 4)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_DIR    (1ull << 7)
#define FS_MAKE_REG    (1ull << 8)
#define FS_MAKE_SOCK   (1ull << 9)
#define FS_MAKE_FIFO   (1ull << 10)
#define FS_MAKE_SYM    (1ull << 12)
#define FS_FIRST       ((1ull << 13) - 1) /* all of ABI 1 */
#define FS_REFER       (1ull << 13) /* ABI 2 */
#define FS_TRUNCATE    (1ull << 14) /* ABI 3 */
#define FS_IOCTL_DEV   (1ull << 15) /* ABI 5 */
#define NET_TCP	       3ull /* bind, connect; ABI 4 */
#define SCOPE_ABSTRACT (1ull << 0) /* abstract sockets; ABI 6 */
#define SCOPE_SIGNALS  (1ull << 1) /* ABI 6 */

#define READING (FS_READ_FILE | FS_READ_DIR)
#define WRITING                                                                \
	(FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_DIR | FS_REMOVE_FILE |        \
	    FS_MAKE_DIR | FS_MAKE_REG | FS_MAKE_SOCK | FS_MAKE_FIFO |          \
	    FS_MAKE_SYM | FS_REFER)
#define OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)

struct ruleset {
	struct env *env;
	int fd; /* -1: no Landlock; then paths are only looked at */
	uint64_t handled;
	struct err *err;
};

/* As the kernel has them. */
struct ruleset_attr {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

struct path_attr {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* 0 if there is none: not built in, not switched on, or behind a filter. */
static enum status
find_abi(struct env *env, int *ret, struct err *err)
{
	size_t most = ABI_KNOWN; /* a test may make it less */
	int errnum = env_fault(env, "landlock_abi", &most);
	long abi = -1;

	if (errnum == 0) {
		abi = syscall(CREATE_RULESET, NULL, 0, QUERY_VERSION);
		errnum = errno;
	}
	if (abi > 0) {
		*ret = abi < (long)most ? (int)abi : (int)most;
		return ST_OK;
	}
	*ret = 0;
	if (errnum == ENOSYS || errnum == EOPNOTSUPP || errnum == EPERM)
		return ST_OK;
	return err_sys(err, errnum, "sandbox: landlock");
}

static uint64_t
handled_fs(int abi)
{
	return FS_FIRST | (abi >= 2 ? FS_REFER : 0) |
	    (abi >= 3 ? FS_TRUNCATE : 0) | (abi >= 5 ? FS_IOCTL_DEV : 0);
}

/* An older kernel takes a longer struct only if the rest is zeros. */
static enum status
create(struct ruleset *rules, const struct sandbox_opts *opts, int abi)
{
	struct ruleset_attr attr = { .fs = handled_fs(abi) };

	rules->handled = attr.fs;
	if (abi >= 4 && !opts->network)
		attr.net = NET_TCP;
	if (abi >= 6 && !opts->network && !opts->exec)
		attr.scoped = SCOPE_ABSTRACT;
	if (abi >= 6 && !opts->signals && !opts->exec)
		attr.scoped |= SCOPE_SIGNALS;
	if (!sandbox_faulted(rules->env, "landlock_create_ruleset"))
		rules->fd = (int)syscall(CREATE_RULESET, &attr, sizeof(attr),
		    0);
	if (rules->fd == -1)
		return err_sys(rules->err, errno, "sandbox: landlock");
	return ST_OK;
}

static enum status
path_error(struct ruleset *rules, const char *path, const char *why)
{
	char show[STR_SHOW];

	return err_set(rules->err, ST_FOLDER, "sandbox: %s: %s",
	    str_show(show, path), why);
}

static enum status
allow_fd(struct ruleset *rules, int fd, uint64_t rights, const char *path)
{
	const struct path_attr attr = { .allowed = rights & rules->handled,
		.fd = fd };

	if (rules->fd == -1)
		return ST_OK;
	if (sandbox_faulted(rules->env, "landlock_add_rule") ||
	    syscall(ADD_RULE, rules->fd, PATH_BENEATH, &attr, 0) == -1)
		return path_error(rules, path, strerror(errno));
	return ST_OK;
}

static enum status
allow(struct ruleset *rules, const char *path, uint64_t rights)
{
	autoclose int fd = sys_open_handle(rules->env, path);
	struct stat st;

	if (fd == -1 && errno == ENOENT)
		return path_error(rules, path, "no such folder");
	if (fd == -1 || sys_fstat(rules->env, fd, &st) == -1)
		return path_error(rules, path, strerror(errno));
	if (!S_ISDIR(st.st_mode)) {
		if ((rights & FS_MAKE_REG) != 0)
			return path_error(rules, path, "not a folder");
		rights &= OF_FILES;
	}
	return allow_fd(rules, fd, rights, path);
}

/*
 * What libraries seed their hash tables and names with, at a time of their
 * choosing; without it they take the clock, which the other side knows too.
 */
static enum status
allow_randomness(struct ruleset *rules)
{
	static const char path[] = "/dev/urandom";
	autoclose int fd = sys_open_handle(rules->env, path);

	if (fd == -1 && errno == ENOENT)
		return ST_OK;
	if (fd == -1)
		return path_error(rules, path, strerror(errno));
	return allow_fd(rules, fd, FS_READ_FILE, path);
}

static enum status
allow_all(struct ruleset *rules, const struct sandbox_opts *opts)
{
	enum status st = allow_randomness(rules);
	size_t i;

	for (i = 0; st == ST_OK && i < opts->n_writable; i++)
		st = allow(rules, opts->writable[i], READING | WRITING);
	for (i = 0; st == ST_OK && i < opts->n_readable; i++)
		st = allow(rules, opts->readable[i],
		    READING | (opts->exec ? FS_EXECUTE : 0));
	return st;
}

static enum status
restrict_self(struct ruleset *rules)
{
	if (rules->fd == -1)
		return ST_OK;
	if (sandbox_faulted(rules->env, "landlock_restrict_self") ||
	    syscall(RESTRICT_SELF, rules->fd, 0) == -1)
		return err_sys(rules->err, errno, "sandbox: landlock");
	return ST_OK;
}

enum status
sandbox_landlock(struct env *env, const struct sandbox_opts *opts, int *ret_abi,
    struct err *err)
{
	struct ruleset rules = { .env = env, .fd = -1, .err = err };
	enum status st;
	int abi;

	st = find_abi(env, &abi, err);
	if (st == ST_OK && abi > 0)
		st = create(&rules, opts, abi);
	if (st == ST_OK)
		st = allow_all(&rules, opts);
	if (st == ST_OK)
		st = restrict_self(&rules);
	if (rules.fd != -1)
		close(rules.fd);
	*ret_abi = abi;
	return st;
}
