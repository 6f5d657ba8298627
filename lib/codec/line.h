/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CODEC_LINE_H
#define DSYNC_CODEC_LINE_H

/*
 * Text for people as it crosses the wire: one line of UTF-8 without control
 * characters (C0, DEL, C1), so that a terminal and a log are safe from it.
 */

#include <stdbool.h>
#include <stddef.h>

bool line_ok(const char *s, size_t len);

/*
 * Length of the longest beginning of s, at most max bytes, that is such a
 * line.  Senders cut their texts to it; receivers refuse what is not one.
 */
size_t line_len(const char *s, size_t max);

#endif
