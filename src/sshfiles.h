/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SSHFILES_H
#define DSYNC_SSHFILES_H

/* The files of SSH, as struct ssh_user wants them; ctx is not looked at. */

#include "util/err.h"

enum status sshfiles_read(void *ctx, const char *path, char **ret,
    struct err *err);
enum status sshfiles_find(void *ctx, const char *pattern, char ***ret,
    struct err *err);
enum status sshfiles_append(void *ctx, const char *path, const char *line,
    struct err *err);

#endif
