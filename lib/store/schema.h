/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_SCHEMA_H
#define DSYNC_STORE_SCHEMA_H

/* The tables of journal.db. */

#include <stdbool.h>

#include "util/err.h"

struct db;

/*
 * Makes the tables in an empty database, or checks that what is there is
 * ours, not newer, and exactly what we would have made; adds what an older
 * one lacks, unless read_only.
 */
enum status schema_ready(struct db *db, bool read_only,
    struct err *err) MUST_CHECK;

/*
 * From now on what this connection writes of meta, the agreed states and the
 * shelf goes to copies in its memory, which it reads, too: for a dry run that
 * needs another base.  Once, in a transaction.
 */
enum status schema_imagine(struct db *db, struct err *err) MUST_CHECK;

#endif
