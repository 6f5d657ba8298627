/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_TEXT_H
#define DSYNC_CORE_TEXT_H

/*
 * What is text: no NUL and no control byte that a text has no use for.
 * Allowed below 0x20: BEL BS HT LF VT FF CR ESC (0x07..0x0d, 0x1b); 0x7f and
 * all bytes from 0x80 up are allowed too, so UTF-8 and Latin-1 are text, and
 * UTF-16 is not.  The empty file is text.
 */

#include <stdbool.h>
#include <stddef.h>

bool text_check(const void *data, size_t len);

#endif
