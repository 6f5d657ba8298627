/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_UTIL_STR_H
#define DSYNC_UTIL_STR_H

/* Text for people: names escaped, sizes, times; and hex for machines. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STR_SHOW 400 /* a buffer for str_show */

/*
 * Writes name so that a terminal, a log and a line parser are safe from it:
 * control bytes, DEL, C1, backslash and invalid UTF-8 become \n, \t, \\ or
 * \xHH.  What does not fit is cut and ends in "...".  Returns buf.
 * size is 4 at least.
 */
const char *str_show_n(char *buf, size_t size, const char *name);
const char *str_show(char buf[STR_SHOW], const char *name);

/* Drops from the end of s a character of which only a part is there. */
void str_trim_cut(char *s);

/* True if the len bytes are well-formed UTF-8 (no surrogates, no overlongs). */
bool str_utf8(const char *s, size_t len);

/* "0 B", "999 B", "1.2 KB", "34 MB"; decimal units.  Returns buf. */
const char *str_size(char buf[16], uint64_t n);

#define STR_COUNT 32

/* "7", "1,204", "12,345,678".  Returns buf. */
const char *str_count(char buf[STR_COUNT], uint64_t n);

/* Bytes as lower-case hex with a NUL; hex has room for 2 * len + 1. */
void str_hex(const void *data, size_t len, char *hex);

/* The reverse, either case; false if it is not hex or does not fit. */
bool str_unhex(const char *hex, void *data, size_t cap, size_t *ret_len);

#endif
