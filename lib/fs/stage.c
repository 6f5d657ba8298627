/* SPDX-License-Identifier: MIT */
/*
 * One stage is one folder with a flock on it, which the kernel drops when its
 * process ends, however that ends.  So a stage that can be locked is an
 * orphan.  Between making the folder and locking it somebody else may sweep
 * it: after locking one looks whether the name still leads to it.
 *
 * ext4 makes a file in its folder's part of the disk, and looks past all that
 * was removed from there in the last seconds, one by one, each time: 0.5 ms a
 * file where it was a few thousand, else 0.02.  What is renamed out of a stage
 * stays where the stage lay, and is removed there some day.  So each stage is
 * to lie in a part of its own, and one that lasts in a new one now and then.
 *
 * Sweeping removes regular files only.  Anything else in a stage was put
 * there by an exchange with a user's folder or symlink, and is his.
 */
#include "config.h"

#include "fs/stage.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/root.h"
#include "fs/sys.h"
#include "util/env.h"

#define TRIES	 16
#define MUCH	 500 /* numbers, after which a new folder is worth making */
#define SYNC_FEW 8 /* files, up to which fsync is cheaper than syncfs */
#define RESERVE	 (1024u * 1024) /* of bytes, or an eighth if that is less */

struct stage {
	struct root *root;
	struct env *env;
	int above; /* .dsync/stage */
	int fd;
	char id[STAGE_ID];
	uint64_t last; /* the number given out last, */
	uint64_t begun; /*  and the one when this folder was made */
	bool abandoned; /* what is in it stays, for recovery */
};

enum lock {
	LOCK_OURS,
	LOCK_THEIRS,
	LOCK_GONE,
	LOCK_FAILED, /* errno */
};

static enum status
stage_error(const struct stage *stage, struct err *err, int errnum)
{
	return err_sys(err, errnum, ".dsync/stage/%s", stage->id);
}

static enum status
file_error(const struct stage *stage, struct err *err, int errnum, uint64_t n)
{
	return err_sys(err, errnum, ".dsync/stage/%s/%" PRIu64, stage->id, n);
}

void
stage_name(uint64_t n, char name[STAGE_NAME])
{
	snprintf(name, STAGE_NAME, "%" PRIu64, n);
}

static void
stage_close(struct stage *stage)
{
	if (stage == NULL)
		return;
	if (stage->fd != -1)
		close(stage->fd);
	if (stage->above != -1)
		close(stage->above);
	free(stage);
}

static inline void
auto_stage_close(struct stage **stage)
{
	stage_close(*stage);
}

#define autoclose_stage __attribute__((cleanup(auto_stage_close)))

/* A stage that is not opened yet, beside its folder's parent. */
static enum status
stage_alloc(struct root *root, struct stage **ret, struct err *err)
{
	autoclose_stage struct stage *stage = calloc(1, sizeof(*stage));

	if (stage == NULL)
		return err_nomem(err);
	stage->root = root;
	stage->env = root_env(root);
	stage->fd = -1;
	stage->above = sys_openat(stage->env, root_private_fd(root), "stage",
	    O_RDONLY | O_DIRECTORY, 0);
	if (stage->above == -1)
		return err_sys(err, errno, ".dsync/stage");
	*ret = stage;
	stage = NULL;
	return ST_OK;
}

/* Opens and locks the folder named by stage->id. */
static enum lock
stage_take(struct stage *stage)
{
	struct stat mine, named;
	autoclose int fd = -1;

	fd = sys_openat(stage->env, stage->above, stage->id,
	    O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1)
		return errno == ENOENT ? LOCK_GONE : LOCK_FAILED;
	if (sys_flock(stage->env, fd, LOCK_EX | LOCK_NB) == -1)
		return errno == EWOULDBLOCK ? LOCK_THEIRS : LOCK_FAILED;
	if (sys_fstat(stage->env, fd, &mine) == -1)
		return LOCK_FAILED;
	if (sys_fstatat(stage->env, stage->above, stage->id, &named) == -1)
		return errno == ENOENT ? LOCK_GONE : LOCK_FAILED;
	if (mine.st_dev != named.st_dev || mine.st_ino != named.st_ino)
		return LOCK_GONE;
	stage->fd = fd;
	fd = -1;
	return LOCK_OURS;
}

enum status
stage_new(struct root *root, struct stage **ret, struct err *err)
{
	autoclose_stage struct stage *stage = NULL;
	enum lock lock = LOCK_GONE;
	enum status st = stage_alloc(root, &stage, err);
	int i;

	if (st != ST_OK)
		return st;
	sys_spread(stage->above);
	for (i = 0; i < TRIES && lock != LOCK_OURS; i++) {
		env_id(stage->env, stage->id, sizeof(stage->id));
		if (sys_mkdirat(stage->env, stage->above, stage->id, 0700) ==
		    -1) {
			if (errno == EEXIST)
				continue;
			return stage_error(stage, err, errno);
		}
		lock = stage_take(stage);
		if (lock == LOCK_FAILED) {
			st = stage_error(stage, err, errno);
			sys_unlinkat(stage->env, stage->above, stage->id,
			    AT_REMOVEDIR);
			return st;
		}
	}
	if (lock != LOCK_OURS)
		return err_set(err, ST_BUSY,
		    ".dsync/stage: no folder in it "
		    "stays ours");
	*ret = stage;
	stage = NULL;
	return ST_OK;
}

void
stage_renew(struct stage *stage)
{
	autoclose_stage struct stage *fresh = NULL;
	struct err ignored;
	int old = stage->fd;

	if (stage->last - stage->begun < MUCH || stage->abandoned ||
	    stage_new(stage->root, &fresh, &ignored) != ST_OK)
		return;
	stage->begun = stage->last;
	/* Something is in it, after all. */
	if (sys_unlinkat(stage->env, stage->above, stage->id, AT_REMOVEDIR) ==
	    -1) {
		sys_unlinkat(stage->env, stage->above, fresh->id, AT_REMOVEDIR);
		return;
	}
	memcpy(stage->id, fresh->id, STAGE_ID);
	stage->fd = fresh->fd;
	fresh->fd = old;
}

/* Calls each for every name in the folder until it returns non-zero. */
static int
each_name(struct env *env, int folder, int (*each)(void *ctx, const char *name),
    void *ctx)
{
	struct dirent *d;
	int fd, result = 0;
	DIR *dir;

	fd = sys_openat(env, folder, ".", O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1)
		return -1;
	dir = sys_fdopendir(env, fd);
	if (dir == NULL) {
		close(fd);
		return -1;
	}
	while (result == 0 && (d = sys_readdir(env, dir)) != NULL)
		result = each(ctx, d->d_name);
	closedir(dir);
	return result;
}

static int
remove_name(void *ctx, const char *name)
{
	struct stage *stage = ctx;
	struct stat st;

	if (sys_fstatat(stage->env, stage->fd, name, &st) == 0 &&
	    S_ISREG(st.st_mode))
		sys_unlinkat(stage->env, stage->fd, name, 0);
	return 0;
}

static void
stage_remove(struct stage *stage)
{
	each_name(stage->env, stage->fd, remove_name, stage);
	sys_unlinkat(stage->env, stage->above, stage->id, AT_REMOVEDIR);
}

void
stage_free(struct stage *stage)
{
	if (stage == NULL)
		return;
	if (!stage->abandoned)
		stage_remove(stage);
	stage_close(stage);
}

void
stage_abandon(struct stage *stage)
{
	stage->abandoned = true;
}

static int
count_name(void *ctx, const char *name)
{
	struct stage *stage = ctx;
	uint64_t n = strtoull(name, NULL, 10);

	if (n > stage->last && n < UINT64_MAX)
		stage->last = n;
	return 0;
}

struct orphans {
	struct root *root;
	enum status (*each)(void *ctx, struct stage *stage, struct err *err);
	void *ctx;
	struct err *err;
	enum status st;
};

static int
orphan_look(void *ctx, const char *name)
{
	struct orphans *o = ctx;
	autoclose_stage struct stage *stage = NULL;
	enum lock lock;

	if (strlen(name) != STAGE_ID - 1)
		return 0;
	o->st = stage_alloc(o->root, &stage, o->err);
	if (o->st != ST_OK)
		return 1;
	memcpy(stage->id, name, STAGE_ID);
	lock = stage_take(stage);
	/* What can't be opened is not ours to judge; a later run may. */
	if (lock != LOCK_OURS)
		return 0;
	each_name(stage->env, stage->fd, count_name, stage);
	if (o->each(o->ctx, stage, o->err) == ST_OK)
		stage_remove(stage);
	return 0;
}

enum status
stage_orphans(struct root *root,
    enum status (*each)(void *ctx, struct stage *stage, struct err *err),
    void *ctx, struct err *err)
{
	struct orphans o = { root, each, ctx, err, ST_OK };
	autoclose int fd = -1;

	fd = sys_openat(root_env(root), root_private_fd(root), "stage",
	    O_RDONLY | O_DIRECTORY, 0);
	if (fd == -1 || each_name(root_env(root), fd, orphan_look, &o) == -1)
		return err_sys(err, errno, ".dsync/stage");
	return o.st;
}

const char *
stage_id(const struct stage *stage)
{
	return stage->id;
}

int
stage_fd(const struct stage *stage)
{
	return stage->fd;
}

struct root *
stage_root(const struct stage *stage)
{
	return stage->root;
}

uint64_t
stage_next(struct stage *stage)
{
	return ++stage->last;
}

enum status
stage_create(struct stage *stage, uint64_t n, int *ret_fd, struct err *err)
{
	char name[STAGE_NAME];
	int fd;

	stage_name(n, name);
	fd = sys_openat(stage->env, stage->fd, name, O_RDWR | O_CREAT | O_EXCL,
	    0600);
	if (fd == -1)
		return file_error(stage, err, errno, n);
	*ret_fd = fd;
	return ST_OK;
}

/*
 * A file that takes the last of the room takes it from the journal, too, and
 * then nothing can be written down any more, of no file.
 */
static bool
has_room(const struct stage *stage, size_t len)
{
	uint64_t room, all;

	if (sys_space(stage->env, stage->fd, &room, &all) == -1 || all == 0)
		return true;
	return room >= len + (all / 8 < RESERVE ? all / 8 : RESERVE);
}

enum status
stage_write(struct stage *stage, int fd, const void *data, size_t len,
    struct err *err)
{
	const uint8_t *p = data;
	ssize_t n;

	if (!has_room(stage, len))
		return stage_error(stage, err, ENOSPC);
	while (len > 0) {
		n = sys_write(stage->env, fd, p, len);
		if (n == -1)
			return stage_error(stage, err, errno);
		p += n;
		len -= (size_t)n;
	}
	return ST_OK;
}

void
stage_push(struct stage *stage, int fd)
{
	sys_push(stage->env, fd);
}

enum status
stage_seal(struct stage *stage, int fd, int64_t mtime, bool exec,
    struct err *err)
{
	const mode_t mode = exec ? 0777 : 0666;

	if (sys_fchmod(stage->env, fd, mode & ~root_umask(stage->root)) == -1 ||
	    sys_futimens(stage->env, fd, mtime) == -1)
		return stage_error(stage, err, errno);
	return ST_OK;
}

enum status
stage_open(struct stage *stage, uint64_t n, int *ret_fd,
    struct stamp *ret_stamp, struct err *err)
{
	autoclose int fd = -1;
	char name[STAGE_NAME];
	struct stat st;

	stage_name(n, name);
	fd = sys_openat(stage->env, stage->fd, name, O_RDONLY, 0);
	if (fd == -1 || sys_fstat(stage->env, fd, &st) == -1)
		return file_error(stage, err, errno, n);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ST_IO,
		    ".dsync/stage/%s/%" PRIu64 ": not a regular file",
		    stage->id, n);
	sys_stamp(&st, ret_stamp);
	*ret_fd = fd;
	fd = -1;
	return ST_OK;
}

enum status
stage_sync(struct stage *stage, const int *fds, size_t n, struct err *err)
{
	size_t i;

	if (n > SYNC_FEW) {
		if (sys_syncfs(stage->env, stage->fd) == -1)
			return stage_error(stage, err, errno);
		return ST_OK;
	}
	for (i = 0; i < n; i++)
		if (sys_fsync(stage->env, fds[i]) == -1)
			return stage_error(stage, err, errno);
	return ST_OK;
}

enum status
stage_sync_folder(struct stage *stage, struct err *err)
{
	/* Some file systems can't fsync a folder, and need not. */
	if (sys_fsync(stage->env, stage->fd) == -1 && errno != EINVAL)
		return stage_error(stage, err, errno);
	return ST_OK;
}

void
stage_drop(struct stage *stage, uint64_t n)
{
	char name[STAGE_NAME];

	stage_name(n, name);
	sys_unlinkat(stage->env, stage->fd, name, 0);
}

/* Makes what was a file's contents safe, for nobody else may have. */
static int
sync_file(struct stage *stage, const char *name)
{
	autoclose int fd = sys_openat(stage->env, stage->fd, name, O_RDONLY, 0);

	return fd == -1 ? -1 : sys_fsync(stage->env, fd);
}

/* Under a name of ours: what is there already is the same, or damaged. */
static int
keep_fresh(struct env *env, int versions, const char *hex)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL;
	int fd = sys_openat(env, versions, hex, flags, 0600);

	if (fd == -1 && errno == EEXIST &&
	    sys_unlinkat(env, versions, hex, 0) == 0)
		fd = sys_openat(env, versions, hex, flags, 0600);
	return fd;
}

static int
copy_all(struct env *env, int from, int to)
{
	char block[64 * 1024];
	ssize_t n, k, done;

	while ((n = sys_read(env, from, block, sizeof(block))) > 0)
		for (done = 0; done < n; done += k) {
			k = sys_write(env, to, block + done,
			    (size_t)(n - done));
			if (k == -1)
				return -1;
		}
	return n == -1 ? -1 : sys_fsync(env, to);
}

/*
 * A file with another name elsewhere (a backup made of hard links) can be
 * written to under that name; then only a copy is ours.
 */
static int
keep_copy(struct stage *stage, const char *name, int versions, const char *hex)
{
	autoclose int from = sys_openat(stage->env, stage->fd, name, O_RDONLY,
	    0);
	autoclose int to = -1;

	if (from == -1)
		return -1;
	to = keep_fresh(stage->env, versions, hex);
	return to == -1 ? -1 : copy_all(stage->env, from, to);
}

/*
 * A link, so that the file stays in the stage for as long as only an intent
 * knows of it.  It is named by its contents: the one that may be there already
 * is the same, unless it is damaged; this one was just hashed.
 */
static int
keep_link(struct stage *stage, const char *name, int versions, const char *hex)
{
	struct env *env = stage->env;
	struct stat st;
	int result = sys_fstatat(env, stage->fd, name, &st);

	if (result == 0 && st.st_nlink > 1)
		return keep_copy(stage, name, versions, hex);
	if (result == 0)
		result = sys_linkat(env, stage->fd, name, versions, hex);
	if (result == -1 && errno == EEXIST &&
	    sys_unlinkat(env, versions, hex, 0) == 0)
		result = sys_linkat(env, stage->fd, name, versions, hex);
	/* Not every file system has links. */
	if (result == -1 &&
	    (errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK))
		result = sys_renameat2(env, stage->fd, name, versions, hex, 0);
	return result;
}

enum status
stage_keep(struct stage *stage, uint64_t n, const char *hex, struct err *err)
{
	struct env *env = stage->env;
	autoclose int versions = -1;
	char name[STAGE_NAME];

	stage_name(n, name);
	versions = sys_openat(env, root_private_fd(stage->root), "versions",
	    O_RDONLY | O_DIRECTORY, 0);
	if (versions == -1)
		return err_sys(err, errno, ".dsync/versions");
	if (sync_file(stage, name) == -1)
		return file_error(stage, err, errno, n);
	if (keep_link(stage, name, versions, hex) == -1)
		return file_error(stage, err, errno, n);
	if (sys_fsync(env, versions) == -1 && errno != EINVAL)
		return err_sys(err, errno, ".dsync/versions");
	return ST_OK;
}
