/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_PRESET_EDIT_H
#define DSYNC_SYNC_PRESET_EDIT_H

/*
 * Changes the text of a presets.conf, and of it only what is meant: comments,
 * order and the ends of lines stay.  The text is one that presets_add_text()
 * takes; what comes of it is for the caller to have it judged again.
 */

#include <stddef.h>

#include "util/err.h"

struct buf;

struct preset_setting {
	const char *key;
	const char *value; /* "": no such line */
};

/* A preset of n settings at the end.  ST_EXIST if there is one. */
enum status preset_edit_add(const char *text, const char *name,
    const struct preset_setting *v, size_t n, struct buf *ret,
    struct err *err) MUST_CHECK;

/*
 * The values of a key take the place of all its lines, in their order; a key
 * that has none yet comes last.  ST_NOENT if there is no such preset.
 */
enum status preset_edit_set(const char *text, const char *name,
    const struct preset_setting *v, size_t n, struct buf *ret,
    struct err *err) MUST_CHECK;

enum status preset_edit_remove(const char *text, const char *name,
    struct buf *ret, struct err *err) MUST_CHECK;

#endif
