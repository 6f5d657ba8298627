/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_SYS_PART_H
#define DSYNC_FS_SYS_PART_H

/* What sys.c and sys_socket.c share; theirs alone. */

#include <stdbool.h>
#include <stddef.h>

struct env;

/* True, and errno set, if a test wants the call to fail. */
bool sys_faulted(struct env *env, const char *op, size_t *len);

#endif
