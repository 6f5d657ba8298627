/* SPDX-License-Identifier: MIT */
/*
 * For file systems whose rename knows no flags (NFS, many of FUSE's).
 *
 * Without RENAME_NOREPLACE a link does it, which never replaces.  Without
 * RENAME_EXCHANGE the old version is linked into the stage, judged there, and
 * then renamed over.  That is weaker: a save that replaces the file in the
 * moment between the last look and the rename is lost.  A save into the file
 * is not, for the link keeps it.
 *
 * The link's name is the incoming file's with ".old", so that recovery finds
 * it without being told.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fs/swap.h"
#include "fs/swap_job.h"
#include "fs/sys.h"
#include "util/str.h"

bool
swap_unsupported(int errnum)
{
	return errnum == EINVAL || errnum == ENOSYS || errnum == EOPNOTSUPP;
}

static bool
same_inode(struct env *env, int dir_a, const char *a, int dir_b, const char *b)
{
	struct stat sa, sb;

	return sys_fstatat(env, dir_a, a, &sa) == 0 &&
	    sys_fstatat(env, dir_b, b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	    sa.st_ino == sb.st_ino;
}

static int
link_and_unlink(struct env *env, int from_dir, const char *from, int to_dir,
    const char *to)
{
	int errnum;

	if (sys_linkat(env, from_dir, from, to_dir, to) == -1)
		return -1;
	/* Another file by now: a save, which stays where it is. */
	if (!same_inode(env, from_dir, from, to_dir, to))
		return 0;
	if (sys_unlinkat(env, from_dir, from, 0) == 0)
		return 0;
	errnum = errno;
	sys_unlinkat(env, to_dir, to, 0);
	errno = errnum;
	return -1;
}

int
swap_rename(struct env *env, int from_dir, const char *from, int to_dir,
    const char *to)
{
	int result = sys_renameat2(env, from_dir, from, to_dir, to,
	    RENAME_NOREPLACE);

	if (result == -1 && swap_unsupported(errno))
		return link_and_unlink(env, from_dir, from, to_dir, to);
	return result;
}

static void
old_name(const struct swap_job *job, char old[STAGE_NAME + 4])
{
	snprintf(old, STAGE_NAME + 4, "%s.old", job->file);
}

/* Plain renames; true if done. */
static bool
stage_to_path(struct swap_job *job, const char *file)
{
	return sys_renameat2(job->env, job->store, file, job->dir, job->name,
		   0) == 0;
}

static bool
stage_to_file(struct swap_job *job, const char *file)
{
	return sys_renameat2(job->env, job->store, file, job->store, job->file,
		   0) == 0;
}

/* Links the old version, judges it, and replaces it if it is as expected. */
static enum status
judge_and_replace(struct swap_job *job, const char *old)
{
	enum swap_verdict verdict;
	struct stamp stamp;
	enum status st;

	st = swap_judge(job, job->store, old, &verdict, &stamp);
	if (st != ST_OK)
		return st;
	if (verdict != SWAP_EXPECTED)
		return swap_refusal(job, verdict);
	if (!same_inode(job->env, job->store, old, job->dir, job->name))
		return swap_refusal(job, SWAP_SAVED);
	if (!stage_to_path(job, job->file))
		return swap_error(job, errno);
	return ST_OK;
}

/* True if what stands at path is still what we put there. */
static bool
path_is_mine(struct swap_job *job, const struct stamp *mine)
{
	struct stamp now;
	struct stat st;

	if (sys_fstatat(job->env, job->dir, job->name, &st) == -1)
		return false;
	sys_stamp(&st, &now);
	return stamp_same_file(&now, mine);
}

enum status
swap_weak_in(struct swap_job *job, const struct stamp *mine, bool *ret_left)
{
	enum swap_verdict verdict = SWAP_SAVED;
	char old[STAGE_NAME + 4];
	struct stamp stamp;
	enum status st;

	old_name(job, old);
	if (sys_linkat(job->env, job->dir, job->name, job->store, old) == -1)
		return swap_error(job, errno);
	st = judge_and_replace(job, old);
	if (st != ST_OK) {
		sys_unlinkat(job->env, job->store, old, 0);
		return st;
	}
	st = swap_judge(job, job->store, old, &verdict, &stamp);
	if (st == ST_OK && verdict == SWAP_EXPECTED && stage_to_file(job, old))
		return ST_OK;
	/* Saved into meanwhile, or not to be judged: back, if it can be. */
	if (!path_is_mine(job, mine) || !stage_to_path(job, old))
		*ret_left = stage_to_file(job, old);
	return swap_refusal(job, SWAP_SAVED);
}

enum status
swap_weak_recover(struct swap_job *job)
{
	char old[STAGE_NAME + 4];
	struct stat st;

	old_name(job, old);
	if (sys_fstatat(job->env, job->store, old, &st) == -1)
		return errno == ENOENT ? ST_OK : swap_error(job, errno);
	/* The incoming file is here yet: only a second name of the old one. */
	if (sys_fstatat(job->env, job->store, job->file, &st) == 0) {
		sys_unlinkat(job->env, job->store, old, 0);
		return ST_OK;
	}
	if (errno != ENOENT || !stage_to_file(job, old))
		return swap_error(job, errno);
	return ST_OK;
}
