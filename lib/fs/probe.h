/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_PROBE_H
#define DSYNC_FS_PROBE_H

/* What this kernel has, asked without changing anything. */

#include <stdbool.h>
#include <stdint.h>

struct env;

bool probe_openat2(struct env *env); /* 5.6: paths that can't lead outside */
bool probe_exchange(struct env *env); /* 3.15: RENAME_EXCHANGE */
int probe_landlock(struct env *env); /* its ABI; 0: there is none */

/* The number in a file such as /proc/sys/fs/inotify/max_user_watches. */
bool probe_number(struct env *env, const char *path, uint64_t *ret);

/* May this process read, change and enter the folder?  Else errno says why. */
bool probe_folder(struct env *env, const char *path);

#endif
