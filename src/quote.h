/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_QUOTE_H
#define DSYNC_QUOTE_H

/* Commands as a person can paste them into a shell. */

#include <stdio.h>

/*
 * Writes one word so that a shell reads the same bytes, and no byte of it
 * does anything to a terminal: plain, 'quoted', or $'with \x1b in it'.
 */
void quote_word(FILE *f, const char *word);

/* dir/path as one word. */
void quote_path(FILE *f, const char *dir, const char *path);

#endif
