/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_ROOT_H
#define DSYNC_FS_ROOT_H

/*
 * A replica's folder, held by its descriptor.  All that is done inside goes
 * through here: by path relative to it, never through a symlink, never up.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/auto.h"
#include "util/err.h"

struct env;
struct root;
struct stamp;

/*
 * Opens an existing folder; ST_FOLDER says why not.  "/" and the home folder
 * (home, may be NULL) are refused, and one inside a folder that has a .dsync.  Makes .dsync (0700) with its .gitignore
 * and stage/ unless read_only.  A .dsync that is a symlink, not a folder, or
 * somebody else's is refused.
 */
enum status root_open(struct env *env, const char *path, const char *home,
    bool read_only, struct root **ret, struct err *err) MUST_CHECK;
void root_free(struct root *root);
AUTO_DEFINE(root);

struct env *root_env(const struct root *root);
const char *root_path(const struct root *root); /* absolute, resolved */
int root_fd(const struct root *root);
/* Of .dsync; -1 if read_only and there is none. */
int root_private_fd(const struct root *root);
uint32_t root_umask(const struct root *root); /* of this process */

/*
 * ST_FOLDER if its path leads to it no more: unmounted, moved along with what
 * it is in, or covered.  It can still be worked on, but nobody would see that.
 */
enum status root_check_place(const struct root *root,
    struct err *err) MUST_CHECK;

/*
 * ST_FOLDER if a folder above an absolute path has a .dsync.  One that is synced
 * carries its subfolders along; a replica in there would be synced into
 * itself, deeper with each run.
 */
enum status root_check_above(struct env *env, const char *path,
    struct err *err) MUST_CHECK;

/* True if the two are the same folder, or one lies inside the other. */
bool root_nested(const char *resolved_a, const char *resolved_b);

/*
 * The folder that holds path, and path's last component (points into path).
 * The descriptor is borrowed and outlives one more call of this.  With make,
 * missing folders are made.  ST_NOENT if it isn't there, ST_EXIST if a file or
 * a symlink stands where a folder should, ST_REFUSED if path_fault() says so.
 */
enum status root_parent(struct root *root, const char *path, bool make,
    int *ret_fd, const char **ret_name, struct err *err) MUST_CHECK;

/* Drops cached descriptors: before relying on what paths mean now. */
void root_forget(struct root *root);

/* Removes the folders above path that are empty now, from the deepest up. */
void root_prune(struct root *root, const char *path);

/* Removes the folder at path if nothing but folders is in it; true if so. */
bool root_vacate(struct root *root, const char *path);

/*
 * fsyncs the folder that holds path (or the nearest one that is still there),
 * and what was made above it since the last time.
 */
enum status root_sync_parent(struct root *root, const char *path,
    struct err *err) MUST_CHECK;

/*
 * Opens a regular file for reading.  ST_NOENT, ST_IO (permission, not a
 * regular file) or ST_OK; *ret_stamp is what was opened.  This and root_stat()
 * use no cache and may be called from any thread.
 */
enum status root_open_file(struct root *root, const char *path, int *ret_fd,
    struct stamp *ret_stamp, struct err *err) MUST_CHECK;

/* lstat of path; ST_NOENT if there is nothing, ST_IO below a symlink. */
enum status root_stat(struct root *root, const char *path,
    struct stamp *ret_stamp, struct err *err) MUST_CHECK;

/*
 * Small files of our own below .dsync, whole: the id, the ignore file.
 * ST_DAMAGED if one is too large for buf or no text; writing is atomic.
 */
enum status root_read_private(struct root *root, const char *name, char *buf,
    size_t size, struct err *err) MUST_CHECK;
enum status root_write_private(struct root *root, const char *name,
    const char *text, struct err *err) MUST_CHECK;
/* The same, but ST_EXIST if somebody was faster: then theirs stands. */
enum status root_make_private(struct root *root, const char *name,
    const char *text, struct err *err) MUST_CHECK;

/* Renames a file of our own below .dsync ("journal.db" to a new name). */
enum status root_rename_private(struct root *root, const char *from,
    const char *to, struct err *err) MUST_CHECK;

/*
 * A folder of our own in .dsync; it is made, if it is to be.  The descriptor,
 * or -1 and errno.
 */
int root_private_folder(struct root *root, const char *name, bool make);

/* Opens ("versions/<hash>", for reading) or unlinks one; gone is fine. */
enum status root_open_private(struct root *root, const char *name, int *ret_fd,
    struct err *err) MUST_CHECK;
enum status root_drop_private(struct root *root, const char *name,
    struct err *err) MUST_CHECK;

/*
 * Takes .dsync/lock for the life of the root; ST_BUSY if another holds it.
 */
enum status root_lock(struct root *root, struct err *err) MUST_CHECK;

/* mtime granularity of the file system, ns: a second, or a kernel tick. */
int64_t root_granularity(struct root *root);

/* True if the file system is a network one (NFS, CIFS, ...). */
bool root_is_network(struct root *root);

#endif
