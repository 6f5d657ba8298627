/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_FILE_H
#define DSYNC_STORE_FILE_H

/* journal.db as a file: opened, set up, looked over.  For db.c. */

#include <sqlite3.h>
#include <stdbool.h>

#include "util/err.h"

/*
 * Before it is opened: true if something waits beside it to be taken in,
 * because somebody was killed, or is at work.
 */
bool file_unclean(const char *path);

enum status file_open(const char *path, bool read_only, sqlite3 **ret,
    struct err *err) MUST_CHECK;

/* Every safety on. */
enum status file_configure(sqlite3 *sql, bool read_only, bool network,
    struct err *err) MUST_CHECK;

/* Reads the whole file: ST_DAMAGED if it is. */
enum status file_examine(sqlite3 *sql, struct err *err) MUST_CHECK;

/*
 * ST_DAMAGED if it is.  The whole file is read only if it is unclean (20 ms
 * for 50,000 rows) or was cut.
 */
enum status file_check(sqlite3 *sql, bool read_only, bool unclean,
    struct err *err) MUST_CHECK;

#endif
