/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_PRESENCE_H
#define DSYNC_FS_PRESENCE_H

/*
 * Who is here: a file for each session that stays, in .dsync/here, locked as
 * long as its process lives, with the name of whom it serves.
 */

#include <stddef.h>

#include "util/auto.h"
#include "util/err.h"

struct presence;
struct root;

#define PRESENCE_NAME 64 /* of one, with its NUL */

/* The root must outlive it; id is a name that no other session has. */
enum status presence_new(struct root *root, const char *id, const char *name,
    struct presence **ret, struct err *err) MUST_CHECK;
void presence_free(struct presence *p);
AUTO_DEFINE(presence);

/*
 * The names of the others, at most `room`, cut where they are too long;
 * returns how many.  What the dead have left is taken away.
 */
size_t presence_others(struct presence *p, char names[][PRESENCE_NAME],
    size_t room);

#endif
