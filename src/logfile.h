/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_LOGFILE_H
#define DSYNC_LOGFILE_H

/*
 * --log-file: what is said is also written there, each line with the time and
 * the process.  Several processes may write to one file.
 */

#include <stdio.h>

#include "util/auto.h"
#include "util/err.h"

struct env;
struct logfile;

/* *ret is NULL if path is; then nothing is written by any of these. */
enum status logfile_open(struct env *env, const char *path,
    struct logfile **ret, struct err *err) MUST_CHECK;
void logfile_free(struct logfile *log);
AUTO_DEFINE(logfile);

/* What is written to *begin's* file (NULL: none) is lines of the log by end. */
FILE *logfile_begin(struct logfile *log);
void logfile_end(struct logfile *log);

void logfile_say(struct logfile *log, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
