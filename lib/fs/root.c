/* SPDX-License-Identifier: MIT */
/*
 * The folder of a replica.  It is opened once, by the path that a person
 * typed; from then on only its descriptor counts, and every path is resolved
 * below it by the kernel, with no symlink and no ".." on the way.  So what is
 * swapped for a symlink while we work leads to an error, never outside.
 *
 * Folders that were used lately are kept open: a group of files mostly goes
 * to few folders.
 */
#include "config.h"

#include "fs/root.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/entry.h"
#include "core/path.h"
#include "fs/sys.h"
#include "util/env.h"
#include "util/str.h"

#define CACHE 8
#define TICK  (10 * 1000 * 1000LL) /* of a kernel at HZ=100, ns */

struct folder {
	char path[PATH_LIMIT];
	int fd; /* -1: unused */
	uint64_t used; /* when, in uses */
};

struct root {
	struct env *env;
	char *path;
	int fd;
	int private_fd;
	int lock_fd;
	bool read_only;
	bool made; /* folders that no root_sync_parent() has seen yet */
	mode_t umask;
	uint64_t uses;
	struct folder cache[CACHE];
};

static void
close_fd(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

void
root_free(struct root *root)
{
	if (root == NULL)
		return;
	root_forget(root);
	close_fd(&root->lock_fd);
	close_fd(&root->private_fd);
	close_fd(&root->fd);
	free(root->path);
	free(root);
}

struct env *
root_env(const struct root *root)
{
	return root->env;
}

const char *
root_path(const struct root *root)
{
	return root->path;
}

int
root_fd(const struct root *root)
{
	return root->fd;
}

int
root_private_fd(const struct root *root)
{
	return root->private_fd;
}

uint32_t
root_umask(const struct root *root)
{
	return root->umask;
}

/* err_sys() with the path escaped. */
static enum status
path_error(struct err *err, int errnum, const char *path)
{
	char show[STR_SHOW];

	return err_sys(err, errnum, "%s", str_show(show, path));
}

/* A folder that can't be used is one kind of error, whatever the errno. */
static enum status
folder_error(struct err *err, const char *path, const char *why)
{
	char show[STR_SHOW];

	return err_set(err, ST_FOLDER, "%s: %s", str_show(show, path), why);
}

static const char *
folder_reason(int errnum)
{
	switch (errnum) {
	case ENOENT:
		return "no such folder";
	case ENOTDIR:
		return "not a folder";
	default:
		return strerror(errnum);
	}
}

/* True if path leads to the folder that st is of. */
static bool
leads_to(struct env *env, const char *path, const struct stat *st)
{
	autoclose int fd = sys_open_root(env, path);
	struct stat other;

	return fd != -1 && sys_fstat(env, fd, &other) == 0 &&
	    other.st_dev == st->st_dev && other.st_ino == st->st_ino;
}

static enum status
open_folder(struct root *root, const char *path, const char *home,
    struct err *err)
{
	struct stat st;

	root->fd = sys_open_root(root->env, path);
	if (root->fd == -1 || sys_fstat(root->env, root->fd, &st) == -1)
		return folder_error(err, path, folder_reason(errno));
	root->path = sys_resolve(root->env, root->fd, path);
	if (root->path == NULL)
		return folder_error(err, path, folder_reason(errno));
	if (leads_to(root->env, "/", &st))
		return folder_error(err, path,
		    "is the root of the file system; choose a folder in it");
	if (home != NULL && leads_to(root->env, home, &st))
		return folder_error(err, path,
		    "is a home folder; choose a folder in it");
	return ST_OK;
}

/* Is .dsync ours alone, and on the file system that we rename on? */
static const char *
private_fault(const struct root *root, const struct stat *st)
{
	struct stat top;

	if (st->st_uid != geteuid())
		return "its " PATH_PRIVATE " belongs to another user";
	if (sys_fstat(root->env, root->fd, &top) == -1)
		return strerror(errno);
	if (st->st_dev != top.st_dev)
		return "its " PATH_PRIVATE " is on another file system";
	return NULL;
}

static enum status
open_private(struct root *root, struct err *err)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	struct env *env = root->env;
	const char *fault;
	struct stat st;
	int fd;

	fd = sys_openat(env, root->fd, PATH_PRIVATE, flags, 0);
	if (fd == -1 && errno == ENOENT) {
		if (root->read_only)
			return ST_OK;
		if (sys_mkdirat(env, root->fd, PATH_PRIVATE, 0700) == -1 &&
		    errno != EEXIST)
			return path_error(err, errno, root->path);
		fd = sys_openat(env, root->fd, PATH_PRIVATE, flags, 0);
	}
	if (fd == -1 && (errno == ENOTDIR || errno == ELOOP))
		return folder_error(err, root->path,
		    "its " PATH_PRIVATE " is not a folder");
	if (fd == -1)
		return path_error(err, errno, root->path);
	root->private_fd = fd;
	if (sys_fstat(env, fd, &st) == -1)
		return path_error(err, errno, root->path);
	fault = private_fault(root, &st);
	if (fault != NULL)
		return folder_error(err, root->path, fault);
	if (!root->read_only && (st.st_mode & 07777) != 0700 &&
	    sys_fchmod(env, fd, 0700) == -1)
		return path_error(err, errno, root->path);
	return ST_OK;
}

static enum status
fill_private(struct root *root, struct err *err)
{
	static const char *const folders[] = { "stage", "versions" };
	struct env *env = root->env;
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (sys_mkdirat(env, root->private_fd, folders[i], 0700) ==
			-1 &&
		    errno != EEXIST)
			return path_error(err, errno, root->path);
	if (sys_fstatat(env, root->private_fd, ".gitignore", &st) == 0)
		return ST_OK;
	if (errno != ENOENT)
		return path_error(err, errno, root->path);
	return root_write_private(root, ".gitignore", "*\n", err);
}

enum status
root_open(struct env *env, const char *path, const char *home, bool read_only,
    struct root **ret, struct err *err)
{
	AUTO(root) struct root *root = calloc(1, sizeof(*root));
	enum status st;
	size_t i;

	if (root == NULL)
		return err_nomem(err);
	root->env = env;
	root->fd = root->private_fd = root->lock_fd = -1;
	root->read_only = read_only;
	root->umask = sys_umask();
	for (i = 0; i < CACHE; i++)
		root->cache[i].fd = -1;
	st = open_folder(root, path, home, err);
	if (st == ST_OK)
		st = root_check_above(env, root->path, err);
	if (st == ST_OK)
		st = open_private(root, err);
	if (st == ST_OK && !read_only)
		st = fill_private(root, err);
	if (st != ST_OK)
		return st;
	*ret = root;
	root = NULL;
	return ST_OK;
}

/* True if path is dir or below it; both absolute. */
static bool
inside(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	while (len > 0 && dir[len - 1] == '/')
		len--;
	return strncmp(path, dir, len) == 0 &&
	    (path[len] == '/' || path[len] == '\0');
}

bool
root_nested(const char *resolved_a, const char *resolved_b)
{
	return inside(resolved_a, resolved_b) || inside(resolved_b, resolved_a);
}

static struct folder *
cache_find(struct root *root, const char *dir)
{
	size_t i;

	for (i = 0; i < CACHE; i++)
		if (root->cache[i].fd != -1 &&
		    strcmp(root->cache[i].path, dir) == 0)
			return &root->cache[i];
	return NULL;
}

static struct folder *
cache_put(struct root *root, const char *dir, int fd)
{
	struct folder *oldest = &root->cache[0];
	size_t i;

	for (i = 0; i < CACHE && oldest->fd != -1; i++)
		if (root->cache[i].fd == -1 ||
		    root->cache[i].used < oldest->used)
			oldest = &root->cache[i];
	close_fd(&oldest->fd);
	memcpy(oldest->path, dir, strlen(dir) + 1);
	oldest->fd = fd;
	return oldest;
}

void
root_forget(struct root *root)
{
	size_t i;

	for (i = 0; i < CACHE; i++)
		close_fd(&root->cache[i].fd);
}

/* What stands in the way of a folder is ST_EXIST; err->sys tells a symlink. */
static enum status
parent_error(struct err *err, int errnum, const char *dir)
{
	enum status st = path_error(err, errnum, dir);

	if (errnum != ENOTDIR && errnum != ELOOP)
		return st;
	if (err != NULL)
		err->code = ST_EXIST;
	return ST_EXIST;
}

/* Opens the folder name in at, making it if it isn't there. */
static int
open_or_make(struct root *root, int at, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	int fd = sys_openat(root->env, at, name, flags, 0);

	if (fd != -1 || errno != ENOENT)
		return fd;
	if (sys_mkdirat(root->env, at, name, 0777) == -1 && errno != EEXIST)
		return -1;
	root->made = true;
	return sys_openat(root->env, at, name, flags, 0);
}

/* Opens dir, one component after the other; -1 and errno. */
static int
make_folders(struct root *root, const char *dir)
{
	char name[PATH_NAME_LIMIT + 1];
	autoclose int held = -1;
	int at = root->fd, fd;
	size_t len;

	for (;;) {
		len = strcspn(dir, "/");
		memcpy(name, dir, len);
		name[len] = '\0';
		fd = open_or_make(root, at, name);
		if (fd == -1 || dir[len] == '\0')
			return fd;
		if (held != -1)
			close(held);
		at = held = fd;
		dir += len + 1;
	}
}

enum status
root_parent(struct root *root, const char *path, bool make, int *ret_fd,
    const char **ret_name, struct err *err)
{
	const char *fault = path_fault(path, strlen(path));
	const size_t len = path_dir_len(path);
	char dir[PATH_LIMIT], show[STR_SHOW];
	struct folder *folder;
	int fd;

	if (fault != NULL)
		return err_set(err, ST_REFUSED, "%s: %s", str_show(show, path),
		    fault);
	if (len == 0) {
		*ret_fd = root->fd;
		*ret_name = path;
		return ST_OK;
	}
	memcpy(dir, path, len);
	dir[len] = '\0';
	folder = cache_find(root, dir);
	if (folder == NULL) {
		fd = sys_open_beneath(root->env, root->fd, dir,
		    O_RDONLY | O_DIRECTORY, false);
		if (fd == -1 && errno == ENOENT && make)
			fd = make_folders(root, dir);
		if (fd == -1)
			return parent_error(err, errno, dir);
		folder = cache_put(root, dir, fd);
	}
	folder->used = ++root->uses;
	*ret_fd = folder->fd;
	*ret_name = path + len + 1;
	return ST_OK;
}

void
root_prune(struct root *root, const char *path)
{
	char dir[PATH_LIMIT];
	struct folder *folder;
	const char *name;
	size_t len;
	int fd;

	if (path_fault(path, strlen(path)) != NULL)
		return;
	memcpy(dir, path, strlen(path) + 1);
	while ((len = path_dir_len(dir)) > 0) {
		dir[len] = '\0';
		if (root_parent(root, dir, false, &fd, &name, NULL) != ST_OK ||
		    sys_unlinkat(root->env, fd, name, AT_REMOVEDIR) == -1)
			return;
		folder = cache_find(root, dir);
		if (folder != NULL)
			close_fd(&folder->fd);
	}
}

/* Some file systems can't fsync a folder, and need not. */
static enum status
sync_folder(struct root *root, int fd, const char *path, struct err *err)
{
	if (sys_fsync(root->env, fd) == -1 && errno != EINVAL)
		return path_error(err, errno, path);
	return ST_OK;
}

enum status
root_sync_parent(struct root *root, const char *path, struct err *err)
{
	char dir[PATH_LIMIT];
	enum status st;
	const char *name;
	size_t len;
	int fd;

	st = root_parent(root, path, false, &fd, &name, err);
	if (st == ST_REFUSED)
		return st;
	memcpy(dir, path, strlen(path) + 1);
	/* Gone, or a file by now: the nearest folder above holds the news. */
	while ((st == ST_NOENT || st == ST_EXIST) &&
	    (len = path_dir_len(dir)) > 0) {
		dir[len] = '\0';
		st = root_parent(root, dir, false, &fd, &name, err);
	}
	if (st != ST_OK)
		return st;
	/* A new folder is safe once the entry in its own parent is. */
	if (root->made) {
		if (sys_syncfs(root->env, root->fd) == -1)
			return path_error(err, errno, path);
		root->made = false;
		return ST_OK;
	}
	return sync_folder(root, fd, path, err);
}

enum status
root_open_file(struct root *root, const char *path, int *ret_fd,
    struct stamp *ret_stamp, struct err *err)
{
	autoclose int fd = -1;
	char show[STR_SHOW];
	struct stat st;

	fd = sys_open_beneath(root->env, root->fd, path, O_RDONLY, false);
	if (fd == -1 || sys_fstat(root->env, fd, &st) == -1)
		return path_error(err, errno, path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ST_IO, "%s: not a regular file",
		    str_show(show, path));
	sys_stamp(&st, ret_stamp);
	*ret_fd = fd;
	fd = -1;
	return ST_OK;
}

enum status
root_stat(struct root *root, const char *path, struct stamp *ret_stamp,
    struct err *err)
{
	autoclose int fd = -1;
	struct stat st;

	fd = sys_open_beneath(root->env, root->fd, path, O_PATH, false);
	if (fd == -1 || sys_fstat(root->env, fd, &st) == -1)
		return path_error(err, errno, path);
	sys_stamp(&st, ret_stamp);
	return ST_OK;
}

enum status
root_lock(struct root *root, struct err *err)
{
	const int flags = root->read_only ? O_RDONLY : O_RDWR | O_CREAT;
	autoclose int fd = -1;

	if (root->private_fd == -1)
		return ST_OK;
	fd = sys_openat(root->env, root->private_fd, "lock", flags, 0600);
	if (fd == -1 && errno == ENOENT && root->read_only)
		return ST_OK;
	if (fd == -1)
		return path_error(err, errno, root->path);
	if (sys_flock(root->env, fd, LOCK_EX | LOCK_NB) == -1) {
		char show[STR_SHOW];

		if (errno != EWOULDBLOCK)
			return path_error(err, errno, root->path);
		return err_set(err, ST_BUSY, "%s: another run holds the folder",
		    str_show(show, root->path));
	}
	close_fd(&root->lock_fd);
	root->lock_fd = fd;
	fd = -1;
	return ST_OK;
}

/*
 * A ctime is set by the file system alone.  Where it knows no more than
 * seconds, all are whole; that three happen to be is one in 10^18 (ticks are
 * counted from the moment of boot, so their nanoseconds are arbitrary).
 */
int64_t
root_granularity(struct root *root)
{
	static const char *const names[] = { "stage", "versions", ".gitignore",
		"lock" };
	struct stat st;
	size_t i;

	if (root->private_fd == -1)
		return TICK;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (sys_fstatat(root->env, root->private_fd, names[i], &st) ==
			0 &&
		    st.st_ctim.tv_nsec != 0)
			return TICK;
	return NSEC;
}

bool
root_is_network(struct root *root)
{
	/* linux/magic.h has not all of them.  FUSE may be (sshfs). */
	static const uint32_t network[] = { 0x6969 /* NFS */, 0x517b /* SMB */,
		0xff534d42 /* CIFS */, 0xfe534d42 /* SMB2 */,
		0x65735546 /* FUSE */, 0x01021997 /* 9P */,
		0x00c36400 /* Ceph */, 0x5346414f /* AFS */,
		0x73757245 /* Coda */, 0x0bd00bd0 /* Lustre */,
		0x47504653 /* GPFS */, 0x01161970 /* GFS2 */,
		0x7461636f /* OCFS2 */, 0x786f4256 /* vboxsf */ };
	long type = 0;
	size_t i;

	if (sys_statfs_type(root->env, root->fd, &type) == -1)
		return false;
	for (i = 0; i < sizeof(network) / sizeof(network[0]); i++)
		if ((uint32_t)type == network[i])
			return true;
	return false;
}
