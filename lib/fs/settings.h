/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_SETTINGS_H
#define DSYNC_FS_SETTINGS_H

/* Reading and replacing a file by which somebody tells dsync what to do. */

#include <sys/types.h>

#include "util/err.h"

struct buf;
struct env;

#define SETTINGS_LIMIT (1024u * 1024) /* bytes of one */

/*
 * The whole file at an operator's path; ST_NOENT if there is none.  ST_REFUSED
 * if somebody other than root and this user could have written it, or if it
 * is no regular file or too large.  ret has a NUL behind its bytes.
 */
enum status settings_read(struct env *env, const char *path, struct buf *ret,
    struct err *err) MUST_CHECK;

/*
 * Replaces it by text, whole and safe on the disk; it keeps its mode, and a
 * symlink to it stays one.  If there is none it is made with mode (0644 or
 * 0600, less the umask), and so are the folders above it, to fit.
 */
enum status settings_write(struct env *env, const char *path, const char *text,
    mode_t mode, struct err *err) MUST_CHECK;

#endif
