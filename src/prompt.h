/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_PROMPT_H
#define DSYNC_PROMPT_H

/* A question on the terminal that the program was started from. */

#include <stdbool.h>
#include <stddef.h>

/*
 * False: there is no terminal, or the person gave up (^D).  Without echo the
 * answer is not shown; the terminal is as it was before, also when a signal
 * ends the program.  An answer that does not fit is cut.
 */
bool prompt_ask(const char *question, bool echo, char *answer, size_t size);

#endif
