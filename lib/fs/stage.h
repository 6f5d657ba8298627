/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_STAGE_H
#define DSYNC_FS_STAGE_H

/*
 * Where incoming files wait until they are whole and safe on the disk, and
 * where displaced ones go: .dsync/stage/<id>/, one folder a process, held by
 * flock.  Files in it have numbers for names.
 */

#include <stdint.h>

#include "core/entry.h"
#include "util/auto.h"
#include "util/err.h"

#define STAGE_ID   17 /* 16 hex digits and a NUL */
#define STAGE_NAME 28 /* a number, ".old", and a NUL */

struct root;
struct stage;

enum status stage_new(struct root *root, struct stage **ret,
    struct err *err) MUST_CHECK;
/* Removes the files that are left in it, and itself. */
void stage_free(struct stage *stage);
AUTO_DEFINE(stage);

/*
 * For a process that stays: goes on in a folder of its own if much was made in
 * the one that it has; at a time when nothing is staged.  Its id is another
 * one then; numbers are not used anew.  Where that can't be done it stays.
 */
void stage_renew(struct stage *stage);

/* From now on stage_free() removes nothing: recovery is to look at it. */
void stage_abandon(struct stage *stage);

/*
 * Calls each for the id of every stage whose owner is gone, locked and opened
 * for the time of the call.  What each leaves behind is removed if it
 * returned ST_OK, kept otherwise.
 */
enum status stage_orphans(struct root *root,
    enum status (*each)(void *ctx, struct stage *stage, struct err *err),
    void *ctx, struct err *err) MUST_CHECK;

const char *stage_id(const struct stage *stage);
int stage_fd(const struct stage *stage);
struct root *stage_root(const struct stage *stage);
uint64_t stage_next(struct stage *stage); /* a number not used before */
void stage_name(uint64_t n, char name[STAGE_NAME]); /* of file n */

enum status stage_create(struct stage *stage, uint64_t n, int *ret_fd,
    struct err *err) MUST_CHECK;
enum status stage_write(struct stage *stage, int fd, const void *data,
    size_t len, struct err *err) MUST_CHECK;

/* The disk may begin with what was written; nobody waits for it here. */
void stage_push(struct stage *stage, int fd);

/* mode (executable or not, by umask) and mtime; the last thing done to it. */
enum status stage_seal(struct stage *stage, int fd, int64_t mtime, bool exec,
    struct err *err) MUST_CHECK;

/* Opens what is there now, for reading; ST_NOENT if nothing is. */
enum status stage_open(struct stage *stage, uint64_t n, int *ret_fd,
    struct stamp *ret_stamp, struct err *err) MUST_CHECK;

/* All staged files safe on the disk: syncfs, or fsync of each if few. */
enum status stage_sync(struct stage *stage, const int *fds, size_t n,
    struct err *err) MUST_CHECK;

enum status stage_sync_folder(struct stage *stage, struct err *err) MUST_CHECK;

void stage_drop(struct stage *stage, uint64_t n); /* unlink, if it is there */

/*
 * Makes file n .dsync/versions/<hex> as well, safe on the disk; one that is
 * there already is replaced.  A file with other links is copied; where there
 * are no links at all, file n is moved.
 */
enum status stage_keep(struct stage *stage, uint64_t n, const char *hex,
    struct err *err) MUST_CHECK;

#endif
