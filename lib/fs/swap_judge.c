/* SPDX-License-Identifier: MIT */
/*
 * Is this the version that was to be displaced?  A file that nobody has open
 * for writing, and whose stamp is the one that was written down long enough
 * after its last change, is; of any other the contents decide.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>

#include "fs/scan.h"
#include "fs/swap.h"
#include "fs/swap_job.h"
#include "fs/sys.h"
#include "util/str.h"

enum status
swap_error(struct swap_job *job, int errnum)
{
	char show[STR_SHOW];

	return err_sys(job->err, errnum, "%s", str_show(show, job->path));
}

enum status
swap_refusal(struct swap_job *job, enum swap_verdict verdict)
{
	char show[STR_SHOW];

	if (verdict == SWAP_EXPECTED)
		return ST_OK;
	str_show(show, job->path);
	if (verdict == SWAP_FOREIGN)
		return err_set(job->err, ST_EXIST, "%s: not a regular file",
		    show);
	return err_set(job->err, ST_CHANGED, "%s: changed meanwhile", show);
}

static enum status
stamp_of(struct swap_job *job, int fd, struct stamp *ret)
{
	struct stat st;

	if (sys_fstat(job->env, fd, &st) == -1)
		return swap_error(job, errno);
	sys_stamp(&st, ret);
	return ST_OK;
}

enum status
swap_judge_fd(struct swap_job *job, int fd, enum swap_verdict *ret,
    struct stamp *ret_stamp)
{
	struct stamp before, after;
	struct hash hash;
	enum status st;
	uint64_t size;
	bool busy = sys_has_writer(job->env, fd);

	st = stamp_of(job, fd, &before);
	if (st != ST_OK)
		return st;
	*ret_stamp = before;
	*ret = S_ISREG(before.mode) ? SWAP_SAVED : SWAP_FOREIGN;
	if (busy || *ret == SWAP_FOREIGN)
		return ST_OK;
	if (job->proof && stamp_same_file(&before, &job->expect->stamp)) {
		*ret = SWAP_EXPECTED;
		return ST_OK;
	}
	st = scan_hash_fd(job->root, fd, job->hasher, &hash, &size, job->err);
	/* Where the kernel does not tell of writers, this may. */
	if (st == ST_OK)
		st = stamp_of(job, fd, &after);
	if (st != ST_OK)
		return st;
	if (hash_equal(&hash, &job->expect->hash) &&
	    stamp_equal(&before, &after) && !sys_has_writer(job->env, fd))
		*ret = SWAP_EXPECTED;
	return ST_OK;
}

enum status
swap_judge(struct swap_job *job, int dir, const char *name,
    enum swap_verdict *ret, struct stamp *ret_stamp)
{
	autoclose int fd = -1;
	struct stat st;

	if (sys_fstatat(job->env, dir, name, &st) == -1)
		return swap_error(job, errno);
	if (!S_ISREG(st.st_mode)) {
		sys_stamp(&st, ret_stamp);
		*ret = SWAP_FOREIGN;
		return ST_OK;
	}
	fd = sys_openat(job->env, dir, name, O_RDONLY, 0);
	if (fd == -1)
		return swap_error(job, errno);
	return swap_judge_fd(job, fd, ret, ret_stamp);
}
