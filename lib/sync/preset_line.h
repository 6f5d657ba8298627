/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_PRESET_LINE_H
#define DSYNC_SYNC_PRESET_LINE_H

/*
 * The lines of presets.conf, as strictly as inih is lenient: what it would
 * cut, join or pass over is a fault here.
 */

#include <stdbool.h>
#include <stddef.h>

#define PRESET_LINE_LIMIT 198 /* bytes; of a longer one inih makes two */

enum preset_line_kind {
	PRESET_LINE_OTHER, /* blank, or a comment */
	PRESET_LINE_SECTION,
	PRESET_LINE_KEY, /* whatever else: inih judges it */
};

/* All borrowed from the text. */
struct preset_line {
	enum preset_line_kind kind;
	const char *text;
	size_t len; /* with its end */
	size_t shown; /* without "\n" or "\r\n" */
	const char *name; /* of the section's preset, or of the key */
	size_t name_len;
	const char *comment; /* behind a value, to the end; or NULL */
	const char *fault; /* what is wrong with it, or NULL */
};

/* The first line: behind a byte order mark, which some editors write. */
const char *preset_line_first(const char *text);

/* True if behind "KEY = " this is read as it stands. */
bool preset_line_holds(const char *value);

/* Takes the next line off *text; false at the end. */
bool preset_line_next(const char **text, struct preset_line *ret);

#endif
