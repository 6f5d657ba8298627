/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_SWAP_JOB_H
#define DSYNC_FS_SWAP_JOB_H

/* What the files of swap share: one change of one path.  Not for others. */

#include <stdbool.h>
#include <stdint.h>

#include "core/entry.h"
#include "fs/stage.h"
#include "util/err.h"

struct env;
struct hasher;
struct root;
struct swap_expect;

struct swap_job {
	struct stage *stage;
	struct root *root;
	struct env *env;
	const struct swap_expect *expect;
	struct hasher *hasher;
	struct err *err;
	const char *path;
	int dir; /* the folder of path; borrowed from the root */
	const char *name; /* of path in it */
	int store; /* the stage's folder */
	char file[STAGE_NAME]; /* name of file n in it */
	bool proof; /* a stamp as expected is proof enough */
	mode_t mode; /* of what stood there before */
};

enum swap_verdict {
	SWAP_EXPECTED, /* the version that was to be displaced */
	SWAP_SAVED, /* another one, or one that is being written to */
	SWAP_FOREIGN, /* no regular file */
};

/* Looks at what has that name in dir. */
enum status swap_judge(struct swap_job *job, int dir, const char *name,
    enum swap_verdict *ret, struct stamp *ret_stamp) MUST_CHECK;

/* The same for a regular file that is open for reading. */
enum status swap_judge_fd(struct swap_job *job, int fd, enum swap_verdict *ret,
    struct stamp *ret_stamp) MUST_CHECK;

/* What a verdict means to the caller of swap_*; ST_OK for SWAP_EXPECTED. */
enum status swap_refusal(struct swap_job *job, enum swap_verdict verdict);

/* err_sys() with the job's path. */
enum status swap_error(struct swap_job *job, int errnum);

/* True if renameat2(2) failed with this because of its flags. */
bool swap_unsupported(int errnum);

/* renameat2(2) with RENAME_NOREPLACE, or the nearest thing to it. */
int swap_rename(struct env *env, int from_dir, const char *from, int to_dir,
    const char *to);

/*
 * swap_in for a file system without RENAME_EXCHANGE: file n replaces what is
 * at path and becomes the displaced version.
 */
enum status swap_weak_in(struct swap_job *job, const struct stamp *mine,
    bool *ret_left) MUST_CHECK;

/* Puts right what a swap_weak_in() that was cut short left in the stage. */
enum status swap_weak_recover(struct swap_job *job) MUST_CHECK;

#endif
