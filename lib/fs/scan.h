/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_SCAN_H
#define DSYNC_FS_SCAN_H

/*
 * Looking at a folder.  The walk finds names and stamps; reading a file for
 * its hash is a second step, asked for only where the stamp is not known.
 */

#include <stddef.h>

#include "core/entry.h"
#include "util/auto.h"
#include "util/err.h"

struct buf;
struct digest;
struct filter;
struct root;
struct scope;
struct stat;

struct scan_file {
	const char *path;
	struct stamp stamp; /* of what is there; zero for UNREAD */
	uint8_t kind; /* TEXT: a candidate, contents not looked at; UNREAD; */
	/* EXCLUDED: by a rule, its size, or its type */
	bool cover; /* the entry stands for a folder and all below it */
	bool ruled_out; /* EXCLUDED: a rule says so (a walk's only) */
};

struct scan_problem {
	char *path;
	char *text;
};

struct scan; /* what a walk found, in path order */

/*
 * Walks the root.  Reads .dsyncignore files into filter as it meets them
 * (those of before are forgotten first).  Names that begin with a dot leave
 * no entry at all; other excluded files one each, excluded folders, symlinks
 * and special files one cover each.  A folder that can't be read, or not to
 * its end, becomes an UNREAD cover and a problem, and the walk goes on.
 * Names that are longer or deeper than path.h allows are problems, too.
 * The root itself unreadable is an error.
 */
enum status scan_walk(struct root *root, struct filter *filter,
    struct scan **ret, struct err *err) MUST_CHECK;
void scan_free(struct scan *scan);
AUTO_DEFINE(scan);

/*
 * The same walk as a job.  A step does about `share` of work: names judged
 * and folders entered.  Nothing else may use the filter meanwhile.
 */
struct scan_job;
enum status scan_job_new(struct root *root, struct filter *filter,
    struct scan_job **ret) MUST_CHECK;
/*
 * Only what is in the scope, which is closed and not everything; path by path
 * as scan_look() sees it.  It reads no rules: where *ret_rules is true in the
 * end, there are .dsyncignore files in it, and what was found may be wrong.
 */
enum status scan_job_new_part(struct root *root, struct filter *filter,
    const struct scope *scope, bool *ret_rules,
    struct scan_job **ret) MUST_CHECK;
void scan_job_free(struct scan_job *job);
AUTO_DEFINE(scan_job);
/*
 * *ret_done: it is through.  *ret has what this step found, and goes with the
 * next; all steps together are in path order, but that a folder which could
 * not be entered has its place where its contents would be.  Every problem is
 * in it from the step on that met it.
 */
enum status scan_job_step(struct scan_job *job, size_t share, bool *ret_done,
    const struct scan **ret, struct err *err) MUST_CHECK;

size_t scan_count(const struct scan *scan);
const struct scan_file *scan_at(const struct scan *scan, size_t i);
size_t scan_problem_count(const struct scan *scan);
const struct scan_problem *scan_problem_at(const struct scan *scan, size_t i);

/*
 * One path as the walk would see it, by the rules that the last one read (kind
 * ABSENT if nothing is there, or a folder that the walk would enter; hidden
 * ones are EXCLUDED here).  With UNREAD err says why, though this is ST_OK.
 * Folders that root has open are not looked up again: see root_forget().
 */
enum status scan_look(struct root *root, const struct filter *filter,
    const char *path, struct scan_file *ret, struct err *err) MUST_CHECK;

/*
 * Opens the folder path ("": the root) as the walk does, to list it; -1 and
 * errno.  The walk enters those alone whose device is the root's.
 */
int scan_open(struct root *root, const char *path, struct stat *ret);

/*
 * Reads a whole file: its hash, and whether it is text.  stat before and
 * after must agree, which they don't if another file got its name; up to
 * three tries, then ST_CHANGED.  ret->kind: TEXT, EXCLUDED (binary, or over
 * max_size; 0: no limit) or ABSENT (it is gone, or no regular file any more);
 * *ret_stamp is what was hashed.  sig, if not NULL, gets the signature of a
 * TEXT of at least CHUNK_WORTH bytes, else nothing.  ret->path is the caller's
 * path.  May be called from any thread, with a digest of its own.
 */
enum status scan_read(struct root *root, const char *path, uint64_t max_size,
    struct digest *digest, struct buf *sig, struct entry *ret,
    struct stamp *ret_stamp, struct err *err) MUST_CHECK;

/* Hash and size of an open file, from its start; the offset stays. */
enum status scan_hash_fd(struct root *root, int fd, struct hasher *hasher,
    struct hash *ret, uint64_t *ret_size, struct err *err) MUST_CHECK;

/*
 * True if a stamp taken at time now can be relied on later: the file's mtime
 * and ctime lie further back than the clock's and the file system's ticks.
 * (git's racy rule: else a same-size edit within the tick goes unseen.)
 */
bool scan_settled(const struct stamp *stamp, int64_t now);

#endif
