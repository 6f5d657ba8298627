/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_SYS_H
#define DSYNC_FS_SYS_H

/*
 * Every system call that takes a path or touches a file of a replica, thin:
 * the same arguments, -1 and errno on failure.  Each asks env_fault() first,
 * so that a test can make the k-th call fail, come back short, or be the last
 * thing a process did.  EINTR is retried here and nowhere else.  Descriptors
 * are close-on-exec, names are never followed through symlinks.
 */

#include <sys/stat.h>
#include <sys/types.h>

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct env;
struct stamp;

/* openat(2) with O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK added. */
int sys_openat(struct env *env, int dir, const char *name, int flags,
    mode_t mode);

/*
 * Opens path below dir, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
 * RESOLVE_NO_MAGICLINKS; one component at a time where openat2(2) is missing
 * or walk is true.
 */
int sys_open_beneath(struct env *env, int dir, const char *path, int flags,
    bool walk);

/* An operator's path: symlinks are followed.  For opening a root. */
int sys_open_root(struct env *env, const char *path);

/* The same for one of an operator's own files: a configuration. */
int sys_open_config(struct env *env, const char *path, int flags);

/* The same of anything, to name it (O_PATH), not to read it. */
int sys_open_handle(struct env *env, const char *path);

/* The absolute path of what fd, opened as path, is; malloc'd, or NULL. */
char *sys_resolve(struct env *env, int fd, const char *path);

mode_t sys_umask(void); /* without changing it where there is a /proc */
void sys_set_umask(mode_t mask); /* of the whole process */

ssize_t sys_read(struct env *env, int fd, void *buf, size_t len);
ssize_t sys_pread(struct env *env, int fd, void *buf, size_t len, off_t offset);

/* Until len bytes are there, or the file ends: then the number is smaller. */
ssize_t sys_read_all(struct env *env, int fd, void *buf, size_t len);
ssize_t sys_pread_all(struct env *env, int fd, void *buf, size_t len,
    off_t offset);

ssize_t sys_write(struct env *env, int fd, const void *buf, size_t len);
void sys_push(struct env *env, int fd); /* to the disk, without waiting */
int sys_fstat(struct env *env, int fd, struct stat *ret);
int sys_fstatat(struct env *env, int dir, const char *name, struct stat *ret);
int sys_fchmod(struct env *env, int fd, mode_t mode);
int sys_futimens(struct env *env, int fd, int64_t mtime);
int sys_ftruncate(struct env *env, int fd, uint64_t size);
int sys_fsync(struct env *env, int fd);
int sys_syncfs(struct env *env, int fd);
int sys_mkdirat(struct env *env, int dir, const char *name, mode_t mode);
int sys_unlinkat(struct env *env, int dir, const char *name, int flags);
int sys_renameat2(struct env *env, int olddir, const char *old, int newdir,
    const char *new_name, unsigned flags);
int sys_linkat(struct env *env, int olddir, const char *old, int newdir,
    const char *new_name);
int sys_flock(struct env *env, int fd, int operation);
int sys_statfs_type(struct env *env, int fd, long *ret_type);
/* Bytes that may still be written, of how many; of the file system of fd. */
int sys_space(struct env *env, int fd, uint64_t *ret_free, uint64_t *ret_all);

/*
 * Asks for the folders in this one to lie far from each other on the disk,
 * where the file system knows of that (ext4).  A wish: nothing fails by it.
 */
void sys_spread(int dir);

/* May this process, as it is, do that with an operator's path? */
int sys_access(struct env *env, const char *path, int mode);

/* What the kernel has; asking changes nothing. */
bool sys_knows_openat2(struct env *env);
int sys_landlock_abi(struct env *env); /* -1: there is no Landlock */

/*
 * True if some process has the file open for writing (F_SETLEASE says so; fd
 * must be open for reading only).  False if the kernel can't tell: the file
 * is somebody else's, or the file system has no leases.
 */
bool sys_has_writer(struct env *env, int fd);

/*
 * fdopendir(3) takes the descriptor over unless it fails, readdir(3) skips "."
 * and "..".
 */
DIR *sys_fdopendir(struct env *env, int fd);
struct dirent *sys_readdir(struct env *env, DIR *dir); /* errno 0 at the end */

/*
 * inotify(7): the descriptor is non-blocking, and gives whole events: no read
 * of it is ever cut short.  What is watched is the folder of a descriptor, so
 * no name is followed to it.
 */
ssize_t sys_inotify_read(struct env *env, int fd, void *buf, size_t len);
int sys_inotify_init(struct env *env);
int sys_inotify_add_watch(struct env *env, int fd, int folder, uint32_t mask);
int sys_inotify_rm_watch(struct env *env, int fd, int wd);

/*
 * A stream socket by a name in a folder, non-blocking: listening (0600, the
 * name must be free), or connected to who listens there.
 */
int sys_listen(struct env *env, int folder, const char *name);
int sys_dial(struct env *env, int folder, const char *name);

void sys_stamp(const struct stat *st, struct stamp *ret);

#endif
