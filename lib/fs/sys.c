/* SPDX-License-Identifier: MIT */
/*
 * The thin skin around the kernel: see sys.h.  Each wrapper first asks
 * env_fault() under the name of the call it stands for ("openat" for every
 * way of opening), then makes the call.  There is no logic here but for two
 * things: opening a path below a folder on a kernel without openat2(2), and
 * asking for a lease to learn whether anybody writes to a file.
 */
#include "config.h"

#include "fs/sys.h"

#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/openat2.h>

#include "core/entry.h"
#include "core/path.h"
#include "fs/sys_part.h"
#include "util/auto.h"
#include "util/env.h"

/* linux/landlock.h is younger than some kernels that have it. */
#ifndef SYS_landlock_create_ruleset
#	define SYS_landlock_create_ruleset 444
#endif
#define LANDLOCK_VERSION 1u

#define OPEN_ALWAYS (O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)

bool
sys_faulted(struct env *env, const char *op, size_t *len)
{
	int errnum;

	do
		errnum = env_fault(env, op, len);
	while (errnum == EINTR);
	if (errnum != 0)
		errno = errnum;
	return errnum != 0;
}

int
sys_openat(struct env *env, int dir, const char *name, int flags, mode_t mode)
{
	if (sys_faulted(env, "openat", NULL))
		return -1;
	return (int)TEMP_FAILURE_RETRY(
	    openat(dir, name, flags | OPEN_ALWAYS, mode));
}

/* The length of the component at path, -1 if it isn't an honest name. */
static int
component(const char *path, char name[PATH_NAME_LIMIT + 1])
{
	size_t len = strcspn(path, "/");

	if (len == 0 || len > PATH_NAME_LIMIT) {
		errno = len == 0 ? ENOENT : ENAMETOOLONG;
		return -1;
	}
	memcpy(name, path, len);
	name[len] = '\0';
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		errno = EXDEV;
		return -1;
	}
	return (int)len;
}

/* openat() says ENOTDIR of a symlink; openat2() says ELOOP, which says more. */
static void
name_the_symlink(struct env *env, int dir, const char *name)
{
	struct stat st;
	int errnum = errno;

	if (errnum == ENOTDIR && sys_fstatat(env, dir, name, &st) == 0 &&
	    S_ISLNK(st.st_mode))
		errnum = ELOOP;
	errno = errnum;
}

static int
walk_beneath(struct env *env, int dir, const char *path, int flags)
{
	char name[PATH_NAME_LIMIT + 1];
	autoclose int held = -1;
	int at = dir, fd, len;

	for (;;) {
		len = component(path, name);
		if (len == -1)
			return -1;
		path += len;
		if (*path == '\0')
			break;
		path++;
		fd = sys_openat(env, at, name, O_PATH | O_DIRECTORY, 0);
		if (fd == -1) {
			name_the_symlink(env, at, name);
			return -1;
		}
		if (held != -1)
			close(held);
		at = held = fd;
	}
	fd = sys_openat(env, at, name, flags, 0);
	if (fd == -1)
		name_the_symlink(env, at, name);
	return fd;
}

int
sys_open_beneath(struct env *env, int dir, const char *path, int flags,
    bool walk)
{
	/* openat2(2) takes no needless flag beside O_PATH. */
	const int always = (flags & O_PATH) != 0 ? O_CLOEXEC | O_NOFOLLOW :
						   OPEN_ALWAYS;
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | always),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS,
	};
	long fd;

	if (walk)
		return walk_beneath(env, dir, path, flags);
	if (sys_faulted(env, "openat", NULL))
		return -1;
	fd = TEMP_FAILURE_RETRY(
	    syscall(SYS_openat2, dir, path, &how, sizeof(how)));
	/* EPERM is what the filters of old containers say to a new call. */
	if (fd == -1 && (errno == ENOSYS || errno == EPERM))
		return walk_beneath(env, dir, path, flags);
	return (int)fd;
}

int
sys_open_root(struct env *env, const char *path)
{
	if (sys_faulted(env, "openat", NULL))
		return -1;
	return (int)TEMP_FAILURE_RETRY(
	    open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int
sys_open_config(struct env *env, const char *path, int flags)
{
	if (sys_faulted(env, "openat", NULL))
		return -1;
	return (int)TEMP_FAILURE_RETRY(
	    open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644));
}

int
sys_open_handle(struct env *env, const char *path)
{
	if (sys_faulted(env, "openat", NULL))
		return -1;
	return (int)TEMP_FAILURE_RETRY(open(path, O_PATH | O_CLOEXEC));
}

char *
sys_resolve(struct env *env, int fd, const char *path)
{
	char proc[40], buf[PATH_MAX];
	ssize_t n;

	if (sys_faulted(env, "readlink", NULL))
		return NULL;
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	n = readlink(proc, buf, sizeof(buf) - 1);
	if (n <= 0 || buf[0] != '/')
		return realpath(path, NULL);
	buf[n] = '\0';
	return strdup(buf);
}

mode_t
sys_umask(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[256];
	unsigned mask;
	bool known = false;

	/* umask(2) can't be read without being changed for other threads. */
	while (f != NULL && !known && fgets(line, sizeof(line), f) != NULL)
		known = sscanf(line, "Umask: %o", &mask) == 1;
	if (f != NULL)
		fclose(f);
	if (!known) {
		/* In the sandbox.  What they make then is only more private. */
		mask = umask(077);
		umask(mask);
	}
	return mask & 0777;
}

void
sys_set_umask(mode_t mask)
{
	(void)umask(mask);
}

ssize_t
sys_read(struct env *env, int fd, void *buf, size_t len)
{
	if (sys_faulted(env, "read", &len))
		return -1;
	return TEMP_FAILURE_RETRY(read(fd, buf, len));
}

ssize_t
sys_pread(struct env *env, int fd, void *buf, size_t len, off_t offset)
{
	if (sys_faulted(env, "read", &len))
		return -1;
	return TEMP_FAILURE_RETRY(pread(fd, buf, len, offset));
}

ssize_t
sys_read_all(struct env *env, int fd, void *buf, size_t len)
{
	size_t used = 0;
	ssize_t n = 1;

	while (used < len && n > 0) {
		n = sys_read(env, fd, (char *)buf + used, len - used);
		if (n == -1)
			return -1;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

ssize_t
sys_pread_all(struct env *env, int fd, void *buf, size_t len, off_t offset)
{
	size_t used = 0;
	ssize_t n = 1;

	while (used < len && n > 0) {
		n = sys_pread(env, fd, (char *)buf + used, len - used,
		    offset + (off_t)used);
		if (n == -1)
			return -1;
		used += (size_t)n;
	}
	return (ssize_t)used;
}

ssize_t
sys_write(struct env *env, int fd, const void *buf, size_t len)
{
	if (sys_faulted(env, "write", &len))
		return -1;
	return TEMP_FAILURE_RETRY(write(fd, buf, len));
}

/* A hint: what comes of it, who syncs the file will see. */
void
sys_push(struct env *env, int fd)
{
	if (env_fault(env, "sync_file_range", NULL) == 0)
		(void)!sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

int
sys_fstat(struct env *env, int fd, struct stat *ret)
{
	if (sys_faulted(env, "fstat", NULL) || fstat(fd, ret) == -1)
		return -1;
	env_filed(env, ret);
	return 0;
}

int
sys_fstatat(struct env *env, int dir, const char *name, struct stat *ret)
{
	if (sys_faulted(env, "fstatat", NULL) ||
	    TEMP_FAILURE_RETRY(fstatat(dir, name, ret, AT_SYMLINK_NOFOLLOW)) ==
		-1)
		return -1;
	env_filed(env, ret);
	return 0;
}

int
sys_fchmod(struct env *env, int fd, mode_t mode)
{
	return sys_faulted(env, "fchmod", NULL) ? -1 : fchmod(fd, mode);
}

int
sys_futimens(struct env *env, int fd, int64_t mtime)
{
	struct timespec ts[2] = { { .tv_nsec = UTIME_OMIT }, { 0 } };

	if (sys_faulted(env, "futimens", NULL))
		return -1;
	ts[1].tv_sec = mtime / NSEC;
	ts[1].tv_nsec = mtime % NSEC;
	if (ts[1].tv_nsec < 0) {
		ts[1].tv_sec--;
		ts[1].tv_nsec += NSEC;
	}
	return futimens(fd, ts);
}

int
sys_ftruncate(struct env *env, int fd, uint64_t size)
{
	if (sys_faulted(env, "ftruncate", NULL))
		return -1;
	return (int)TEMP_FAILURE_RETRY(ftruncate(fd, (off_t)size));
}

int
sys_fsync(struct env *env, int fd)
{
	if (sys_faulted(env, "fsync", NULL))
		return -1;
	return (int)TEMP_FAILURE_RETRY(fsync(fd));
}

int
sys_syncfs(struct env *env, int fd)
{
	if (sys_faulted(env, "syncfs", NULL))
		return -1;
	return (int)TEMP_FAILURE_RETRY(syncfs(fd));
}

void
sys_spread(int dir)
{
	int flags = 0;

	if (ioctl(dir, FS_IOC_GETFLAGS, &flags) == -1 ||
	    (flags & FS_TOPDIR_FL) != 0)
		return;
	flags |= FS_TOPDIR_FL;
	(void)!ioctl(dir, FS_IOC_SETFLAGS, &flags);
}

int
sys_mkdirat(struct env *env, int dir, const char *name, mode_t mode)
{
	return sys_faulted(env, "mkdirat", NULL) ? -1 :
						   mkdirat(dir, name, mode);
}

int
sys_unlinkat(struct env *env, int dir, const char *name, int flags)
{
	return sys_faulted(env, "unlinkat", NULL) ? -1 :
						    unlinkat(dir, name, flags);
}

/* Never tried twice: a second exchange would undo the first. */
int
sys_renameat2(struct env *env, int olddir, const char *old, int newdir,
    const char *new_name, unsigned flags)
{
	if (sys_faulted(env, "renameat2", NULL))
		return -1;
	return renameat2(olddir, old, newdir, new_name, flags);
}

int
sys_linkat(struct env *env, int olddir, const char *old, int newdir,
    const char *new_name)
{
	if (sys_faulted(env, "linkat", NULL))
		return -1;
	return linkat(olddir, old, newdir, new_name, 0);
}

int
sys_flock(struct env *env, int fd, int operation)
{
	if (sys_faulted(env, "flock", NULL))
		return -1;
	return (int)TEMP_FAILURE_RETRY(flock(fd, operation));
}

int
sys_statfs_type(struct env *env, int fd, long *ret_type)
{
	struct statfs sf;

	if (sys_faulted(env, "fstatfs", NULL))
		return -1;
	if (TEMP_FAILURE_RETRY(fstatfs(fd, &sf)) == -1)
		return -1;
	*ret_type = sf.f_type;
	return 0;
}

int
sys_space(struct env *env, int fd, uint64_t *ret_free, uint64_t *ret_all)
{
	struct statfs sf;

	if (sys_faulted(env, "fstatfs", NULL))
		return -1;
	if (TEMP_FAILURE_RETRY(fstatfs(fd, &sf)) == -1)
		return -1;
	*ret_free = (uint64_t)sf.f_bavail * (uint64_t)sf.f_bsize;
	*ret_all = (uint64_t)sf.f_blocks * (uint64_t)sf.f_bsize;
	return 0;
}

bool
sys_has_writer(struct env *env, int fd)
{
	if (sys_faulted(env, "fcntl", NULL))
		return errno == EAGAIN;
	/*
	 * Who opens the file for writing in the moment the lease is held
	 * breaks it.  The signal for that is one which is ignored unless
	 * asked for; the usual SIGIO would end the process.
	 */
	if (fcntl(fd, F_SETSIG, SIGURG) == -1)
		return false;
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == -1)
		return errno == EAGAIN;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return false;
}

DIR *
sys_fdopendir(struct env *env, int fd)
{
	return sys_faulted(env, "fdopendir", NULL) ? NULL : fdopendir(fd);
}

struct dirent *
sys_readdir(struct env *env, DIR *dir)
{
	struct dirent *d;

	if (sys_faulted(env, "readdir", NULL))
		return NULL;
	do {
		errno = 0;
		d = readdir(dir);
	} while (d != NULL &&
	    (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0));
	return d;
}

ssize_t
sys_inotify_read(struct env *env, int fd, void *buf, size_t len)
{
	if (sys_faulted(env, "read", NULL))
		return -1;
	return TEMP_FAILURE_RETRY(read(fd, buf, len));
}

int
sys_inotify_init(struct env *env)
{
	if (sys_faulted(env, "inotify_init", NULL))
		return -1;
	return inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

int
sys_inotify_add_watch(struct env *env, int fd, int folder, uint32_t mask)
{
	char proc[40];

	if (sys_faulted(env, "inotify_add_watch", NULL))
		return -1;
	/* Looked up in any sandbox of ours: Landlock minds what is opened. */
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", folder);
	return inotify_add_watch(fd, proc, mask);
}

int
sys_inotify_rm_watch(struct env *env, int fd, int wd)
{
	if (sys_faulted(env, "inotify_rm_watch", NULL))
		return -1;
	return inotify_rm_watch(fd, wd);
}

/* A file system may hold times that 64 bits of nanoseconds can't. */
static int64_t
nanoseconds(const struct timespec *ts)
{
	int64_t ns;

	if (__builtin_mul_overflow((int64_t)ts->tv_sec, NSEC, &ns) ||
	    __builtin_add_overflow(ns, (int64_t)ts->tv_nsec, &ns))
		return ts->tv_sec < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

void
sys_stamp(const struct stat *st, struct stamp *ret)
{
	*ret = (struct stamp){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime = nanoseconds(&st->st_mtim),
		.ctime = nanoseconds(&st->st_ctim),
		.mode = st->st_mode,
	};
}

int
sys_access(struct env *env, const char *path, int mode)
{
	if (sys_faulted(env, "faccessat", NULL))
		return -1;
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS);
}

/* A call without arguments fails, and by its error tells who knows it. */
bool
sys_knows_openat2(struct env *env)
{
	if (sys_faulted(env, "openat2", NULL))
		return false;
	return syscall(SYS_openat2, -1, NULL, NULL, (size_t)0) == -1 &&
	    errno != ENOSYS && errno != EPERM;
}

int
sys_landlock_abi(struct env *env)
{
	if (sys_faulted(env, "landlock", NULL))
		return -1;
	return (int)syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    LANDLOCK_VERSION);
}
