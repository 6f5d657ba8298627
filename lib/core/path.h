/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_PATH_H
#define DSYNC_CORE_PATH_H

/*
 * Names inside a root: components of 1..255 bytes joined by single slashes,
 * no leading or trailing slash, no "." and "..", nothing private to dsync.
 * Bytes are bytes; no encoding is assumed.
 */

#include <stdbool.h>
#include <stddef.h>

#define PATH_LIMIT	 4096 /* bytes of a path with its NUL */
#define PATH_NAME_LIMIT	 255 /* bytes of one component */
#define PATH_DEPTH_LIMIT 256 /* components */
#define PATH_PRIVATE	 ".dsync"
#define PATH_IGNORE	 ".dsyncignore"

/* What is wrong with a path that came from outside, or NULL if it is fine. */
const char *path_fault(const char *path, size_t len);

/* The last component; points into path. */
const char *path_name(const char *path);

/* Length of the part before the last slash; 0 if there is none. */
size_t path_dir_len(const char *path);

/*
 * True if path lies below dir ("a/b" and "a/b/c" below "a"; "a" is not).
 * Every path lies below "", the root.
 */
bool path_below(const char *path, const char *dir);

/* True if the last component is .dsyncignore. */
bool path_is_ignore_file(const char *path);

#endif
