/* SPDX-License-Identifier: MIT */
/*
 * Act first, then judge.  Whatever is looked at before a rename may be
 * replaced by its user before the rename happens; what came out of an
 * exchange can't.  So the looks before (approach) only save needless
 * exchanges, and all depends on the look after (swap_judge), and on putting
 * back what should not have come out.
 *
 * Putting back is an exchange, too, and can meet a save of its own: the file
 * that comes out must be the one that we put in.  If it is not, it is newer
 * than what went in, and goes on top of it (put_back).
 */
#include "config.h"

#include "fs/swap.h"

#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "core/path.h"
#include "fs/root.h"
#include "fs/scan.h"
#include "fs/stage.h"
#include "fs/swap_job.h"
#include "fs/sys.h"
#include "util/str.h"

#define ROUNDS 100 /* of saves, each faster than an exchange */

static struct swap_job
job_of(struct stage *stage, const char *path, const struct swap_expect *expect,
    struct hasher *hasher, struct err *err)
{
	return (struct swap_job){
		.stage = stage,
		.root = stage_root(stage),
		.env = root_env(stage_root(stage)),
		.expect = expect,
		.hasher = hasher,
		.err = err,
		.path = path,
		.dir = -1,
		.store = stage_fd(stage),
	};
}

/* lstat of path; a folder that is gone may only be gone from the cache. */
static enum status
stat_path(struct swap_job *job, struct stat *ret)
{
	enum status st;
	int i;

	for (i = 0; i < 2; i++) {
		st = root_parent(job->root, job->path, false, &job->dir,
		    &job->name, job->err);
		if (st != ST_OK)
			return st;
		if (sys_fstatat(job->env, job->dir, job->name, ret) == 0)
			return ST_OK;
		if (errno != ENOENT)
			break;
		root_forget(job->root);
	}
	return swap_error(job, errno);
}

/* Looks before anything is disturbed, and cheaply. */
static enum status
approach(struct swap_job *job)
{
	const struct swap_expect *expect = job->expect;
	struct stamp stamp;
	struct stat st;
	enum status status = stat_path(job, &st);

	if (status != ST_OK)
		return status;
	if (!S_ISREG(st.st_mode))
		return swap_refusal(job, SWAP_FOREIGN);
	sys_stamp(&st, &stamp);
	job->mode = st.st_mode;
	if (expect->stamp.ino != 0 && stamp.size != expect->stamp.size)
		return swap_refusal(job, SWAP_SAVED);
	/* Here the ctime counts, too; after an exchange it says nothing. */
	job->proof = expect->stamp.ino != 0 && expect->settled &&
	    stamp_equal(&stamp, &expect->stamp);
	return ST_OK;
}

/* file n's stamp, and whether somebody writes to it; false if not to be had. */
static bool
look(struct swap_job *job, struct stamp *ret, bool *ret_busy)
{
	autoclose int fd = -1;
	struct stat st;

	*ret_busy = false;
	if (sys_fstatat(job->env, job->store, job->file, &st) == -1)
		return false;
	if (S_ISREG(st.st_mode)) {
		fd = sys_openat(job->env, job->store, job->file, O_RDONLY, 0);
		if (fd == -1)
			return false;
		*ret_busy = sys_has_writer(job->env, fd);
		if (sys_fstat(job->env, fd, &st) == -1)
			return false;
	}
	sys_stamp(&st, ret);
	return true;
}

/* The same thing, and if it is a file, not written to since. */
static bool
untouched(const struct stamp *a, const struct stamp *b)
{
	if (S_ISREG(a->mode))
		return stamp_same_file(a, b);
	return a->dev == b->dev && a->ino == b->ino;
}

static bool
exchange(struct swap_job *job)
{
	return sys_renameat2(job->env, job->store, job->file, job->dir,
		   job->name, RENAME_EXCHANGE) == 0;
}

/*
 * At path stands what we put there (mine), in the stage what its user wants
 * there.  Returns true if something of his is left in the stage: an older
 * save of two, or the only one if it can't be put back.
 */
static bool
put_back(struct swap_job *job, struct stamp mine)
{
	struct stamp out, theirs;
	bool busy;
	int i;

	if (!look(job, &theirs, &busy))
		theirs = (struct stamp){ 0 };
	for (i = 0; i < ROUNDS; i++) {
		if (!exchange(job) || !look(job, &out, &busy))
			return true;
		if (!busy && untouched(&mine, &out))
			return i > 0;
		mine = theirs;
		theirs = out;
	}
	return true;
}

/* After putting back: what to say, when something of the user is left. */
static enum status
left_over(struct swap_job *job, bool *ret_left)
{
	char show[STR_SHOW];
	struct stat st;

	if (sys_fstatat(job->env, job->store, job->file, &st) == 0 &&
	    !S_ISREG(st.st_mode))
		return err_set(job->err, ST_IO,
		    "%s: what stood there is now .dsync/stage/%s/%s",
		    str_show(show, job->path), stage_id(job->stage), job->file);
	*ret_left = true;
	return swap_refusal(job, SWAP_SAVED);
}

/*
 * What now stands at path, if it is mine still, with its new ctime.  If it
 * was written to already, the stamp of before: it will not match.
 */
static struct stamp
stamp_now(struct swap_job *job, int fd, const struct stamp *mine)
{
	struct stamp now;
	struct stat st;

	if (sys_fstat(job->env, fd, &st) == -1)
		return *mine;
	sys_stamp(&st, &now);
	return stamp_same_file(&now, mine) ? now : *mine;
}

/* After a failed rename to path: was it an empty folder?  It is gone now. */
static bool
made_room(struct swap_job *job, const char *path)
{
	int errnum = errno;
	bool gone = errnum == EEXIST && root_vacate(job->root, path);

	errno = errnum;
	return gone;
}

static enum status
put_new(struct swap_job *job)
{
	enum status st;
	int i;

	for (i = 0; i < 2; i++) {
		st = root_parent(job->root, job->path, true, &job->dir,
		    &job->name, job->err);
		if (st != ST_OK)
			return st;
		if (swap_rename(job->env, job->store, job->file, job->dir,
			job->name) == 0)
			return ST_OK;
		if (made_room(job, job->path))
			continue;
		if (errno != ENOENT)
			break;
		/* The folder was removed since it was opened. */
		root_forget(job->root);
	}
	return swap_error(job, errno);
}

/* What its user hid from others, or opened to them, stays so. */
static enum status
keep_mode(struct swap_job *job, int fd, const struct stamp *mine)
{
	mode_t mode = job->mode & 0666;

	if ((mine->mode & 0100) != 0)
		mode |= (mode & 0444) >> 2;
	if (mode != (mine->mode & 0777) && sys_fchmod(job->env, fd, mode) == -1)
		return swap_error(job, errno);
	return ST_OK;
}

static enum status
put_over(struct swap_job *job, int fd, const struct stamp *mine, bool *ret_left)
{
	enum swap_verdict verdict = SWAP_SAVED;
	struct stamp out;
	enum status st = approach(job);

	if (st == ST_OK)
		st = keep_mode(job, fd, mine);
	if (st != ST_OK)
		return st;
	if (!exchange(job)) {
		if (swap_unsupported(errno))
			return swap_weak_in(job, mine, ret_left);
		return swap_error(job, errno);
	}
	st = swap_judge(job, job->store, job->file, &verdict, &out);
	if (st == ST_OK && verdict == SWAP_EXPECTED)
		return ST_OK;
	if (put_back(job, *mine))
		return left_over(job, ret_left);
	return st == ST_OK ? swap_refusal(job, verdict) : st;
}

enum status
swap_in(struct stage *stage, uint64_t n, const char *path,
    const struct swap_expect *expect, struct hasher *hasher,
    struct stamp *ret_stamp, bool *ret_left, struct err *err)
{
	struct swap_job job = job_of(stage, path, expect, hasher, err);
	autoclose int fd = -1;
	struct stamp mine;
	enum status st;

	*ret_left = false;
	stage_name(n, job.file);
	st = stage_open(stage, n, &fd, &mine, err);
	/* ST_NOENT is about path alone. */
	if (st == ST_NOENT)
		return err_set(err, ST_IO, "%s is not in the stage", job.file);
	if (st == ST_OK && expect->absent)
		st = put_new(&job);
	else if (st == ST_OK)
		st = put_over(&job, fd, &mine, ret_left);
	if (st == ST_OK)
		*ret_stamp = stamp_now(&job, fd, &mine);
	return st;
}

/* path to file n.  A number is fresh, so a plain rename replaces nothing. */
static enum status
take_out(struct swap_job *job)
{
	int result;

	result = sys_renameat2(job->env, job->dir, job->name, job->store,
	    job->file, RENAME_NOREPLACE);
	if (result == -1 && swap_unsupported(errno))
		result = sys_renameat2(job->env, job->dir, job->name,
		    job->store, job->file, 0);
	return result == -1 ? swap_error(job, errno) : ST_OK;
}

enum status
swap_out(struct stage *stage, uint64_t n, const char *path,
    const struct swap_expect *expect, struct hasher *hasher, bool *ret_left,
    struct err *err)
{
	struct swap_job job = job_of(stage, path, expect, hasher, err);
	enum swap_verdict verdict = SWAP_SAVED;
	struct stamp out;
	enum status st;

	assert(!expect->absent);
	*ret_left = false;
	stage_name(n, job.file);
	st = approach(&job);
	if (st == ST_OK)
		st = take_out(&job);
	if (st != ST_OK)
		return st;
	st = swap_judge(&job, job.store, job.file, &verdict, &out);
	if (st == ST_OK && verdict == SWAP_EXPECTED)
		return ST_OK;
	if (swap_rename(job.env, job.store, job.file, job.dir, job.name) == -1)
		return left_over(&job, ret_left);
	return st == ST_OK ? swap_refusal(&job, verdict) : st;
}

/* from to path, unjudged.  *ret_dir, *ret_name: path's folder and name. */
static enum status
move(struct swap_job *job, const char *path, int *ret_dir,
    const char **ret_name)
{
	enum status st;
	int i;

	for (i = 0; i < 2; i++) {
		st = approach(job);
		if (st == ST_OK)
			st = root_parent(job->root, path, true, ret_dir,
			    ret_name, job->err);
		if (st != ST_OK)
			return st;
		if (swap_rename(job->env, job->dir, job->name, *ret_dir,
			*ret_name) == 0)
			return ST_OK;
		if (made_room(job, path))
			continue;
		if (errno != ENOENT)
			break;
		root_forget(job->root);
	}
	return swap_error(job, errno);
}

enum status
swap_move(struct stage *stage, const char *from, const char *path,
    const struct swap_expect *expect, struct hasher *hasher,
    struct stamp *ret_stamp, struct err *err)
{
	struct swap_job job = job_of(stage, from, expect, hasher, err);
	enum swap_verdict verdict = SWAP_SAVED;
	struct stamp stamp;
	const char *name;
	enum status st;
	int dir;

	assert(!expect->absent);
	st = move(&job, path, &dir, &name);
	if (st != ST_OK)
		return st;
	st = swap_judge(&job, dir, name, &verdict, &stamp);
	if (st == ST_OK && verdict == SWAP_EXPECTED) {
		*ret_stamp = stamp;
		return ST_OK;
	}
	/* If he saved at the old name again, both saves stay, in sight. */
	if (swap_rename(job.env, dir, name, job.dir, job.name) == -1)
		return swap_refusal(&job, SWAP_SAVED);
	return st == ST_OK ? swap_refusal(&job, verdict) : st;
}

/* The mode with the exec bits as wanted: x for those who may read. */
static mode_t
mode_with(mode_t mode, bool exec)
{
	mode &= 07777;
	if (exec)
		return mode | ((mode & 0444) >> 2);
	return mode & ~(mode_t)0111;
}

static enum status
set_meta(struct swap_job *job, int fd, int64_t mtime, bool exec)
{
	struct stat st;
	mode_t mode;

	if (sys_fstat(job->env, fd, &st) == -1)
		return swap_error(job, errno);
	mode = mode_with(st.st_mode, exec);
	if (mode != (st.st_mode & 07777) &&
	    sys_fchmod(job->env, fd, mode) == -1)
		return swap_error(job, errno);
	if (mtime != INT64_MIN && sys_futimens(job->env, fd, mtime) == -1)
		return swap_error(job, errno);
	return ST_OK;
}

enum status
swap_meta(struct stage *stage, const char *path,
    const struct swap_expect *expect, int64_t mtime, bool exec,
    struct hasher *hasher, struct stamp *ret_stamp, struct err *err)
{
	struct swap_job job = job_of(stage, path, expect, hasher, err);
	enum swap_verdict verdict = SWAP_SAVED;
	autoclose int fd = -1;
	struct stamp stamp;
	enum status st;
	struct stat now;

	assert(!expect->absent);
	st = approach(&job);
	if (st != ST_OK)
		return st;
	fd = sys_openat(job.env, job.dir, job.name, O_RDONLY, 0);
	if (fd == -1)
		return swap_error(&job, errno);
	st = swap_judge_fd(&job, fd, &verdict, &stamp);
	if (st == ST_OK)
		st = swap_refusal(&job, verdict);
	if (st == ST_OK)
		st = set_meta(&job, fd, mtime, exec);
	if (st != ST_OK)
		return st;
	/* A save meanwhile has another inode, or another size, or time. */
	if (sys_fstatat(job.env, job.dir, job.name, &now) == -1)
		return swap_error(&job, errno);
	if (now.st_ino != stamp.ino || (uint64_t)now.st_size != stamp.size)
		return swap_refusal(&job, SWAP_SAVED);
	sys_stamp(&now, ret_stamp);
	return ST_OK;
}

/* True if what stands at path has the contents want; also its stamp. */
static bool
path_has(struct swap_job *job, const struct hash *want, struct stamp *ret)
{
	autoclose int fd = -1;
	struct hash hash;
	uint64_t size;

	return root_open_file(job->root, job->path, &fd, ret, NULL) == ST_OK &&
	    scan_hash_fd(job->root, fd, job->hasher, &hash, &size, NULL) ==
	    ST_OK &&
	    hash_equal(&hash, want);
}

/* Somebody's save is file n: back to path, if what is there may go. */
static enum status
save_back(struct swap_job *job, const struct hash *want, bool *ret_left)
{
	struct stamp there;

	if (put_new(job) == ST_OK)
		return ST_OK;
	if (want != NULL && job->dir != -1 && path_has(job, want, &there) &&
	    !put_back(job, there))
		return ST_OK;
	return left_over(job, ret_left) == ST_IO ? ST_IO : ST_OK;
}

enum status
swap_recover(struct stage *stage, uint64_t n, const char *path,
    const struct hash *want, const struct swap_expect *expect,
    struct hasher *hasher, bool *ret_displaced, bool *ret_left, struct err *err)
{
	struct swap_job job = job_of(stage, path, expect, hasher, err);
	autoclose int fd = -1;
	struct stamp stamp;
	struct hash hash;
	enum status st;
	uint64_t size;
	struct stat now;

	*ret_displaced = *ret_left = false;
	stage_name(n, job.file);
	st = swap_weak_recover(&job);
	if (st != ST_OK)
		return st;
	if (sys_fstatat(job.env, job.store, job.file, &now) == -1)
		return errno == ENOENT ? ST_OK : swap_error(&job, errno);
	if (!S_ISREG(now.st_mode))
		return save_back(&job, want, ret_left);
	st = stage_open(stage, n, &fd, &stamp, err);
	if (st == ST_OK)
		st = scan_hash_fd(job.root, fd, hasher, &hash, &size, err);
	if (st != ST_OK)
		return st;
	*ret_displaced = !expect->absent && hash_equal(&hash, &expect->hash);
	if (*ret_displaced || (want != NULL && hash_equal(&hash, want)))
		return ST_OK;
	return save_back(&job, want, ret_left);
}
