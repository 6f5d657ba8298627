/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STORE_JOURNAL_H
#define DSYNC_STORE_JOURNAL_H

/*
 * What is remembered of each path.
 *
 * file_state(path, last_modified, sha256, origin, ...): on a client the state
 * that both sides last agreed on; on a server the state of the server, with
 * the number (seq) of the change that made it, and a tombstone where a file
 * was.  The same row says what the file on the disk looked like (its stamp)
 * when it was last read, and what its contents were then, so that a file that
 * was not touched is never read again.  A row with only that has no agreed
 * state (kind ABSENT, seq 0).
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/entry.h"
#include "core/fingerprint.h"
#include "util/auto.h"
#include "util/err.h"

struct db;
struct listing;

struct journal_row {
	struct entry
	    entry; /* agreed: TEXT, EXCLUDED, or ABSENT; path borrowed */
	char origin[64]; /* who made it so: a client's name, "server", ... */
	uint64_t seq; /* server: number of the change; client: 0 */
	bool has_disk;
	uint8_t disk_kind; /* TEXT, EXCLUDED (binary) */
	struct hash disk_hash;
	struct stamp disk;
	bool disk_settled; /* the stamp alone proves the hash */
};

/* What the row says is on the disk; ABSENT if it says nothing. */
void journal_disk(const struct journal_row *row, struct entry *ret);

/* All writers below must stand between db_begin() and db_commit(). */

/* ret_have false: no such row.  row->entry.path is the caller's path. */
enum status journal_get(struct db *db, const char *path, bool *ret_have,
    struct journal_row *ret, struct err *err) MUST_CHECK;

/*
 * Writes the agreed state (and, if has_disk, the disk's) of row->entry.path.
 * ABSENT and EXCLUDED with seq 0 have no agreed state: the row goes, or keeps
 * its disk part if has_disk.  With a seq, or TEXT, a row without has_disk
 * leaves the disk's part as it was.  ABSENT with a seq is a tombstone.  Keeps
 * the fingerprint.
 */
enum status journal_put(struct db *db, struct hasher *hasher,
    const struct journal_row *row, struct err *err) MUST_CHECK;

/* The same over a row that was just read; old NULL: there is none. */
enum status journal_put_over(struct db *db, struct hasher *hasher,
    const struct journal_row *old, const struct journal_row *row,
    struct err *err) MUST_CHECK;

/* Writes only the disk's part of a row. */
enum status journal_put_disk(struct db *db, const struct journal_row *row,
    struct err *err) MUST_CHECK;

/* Forgets the disk's part (the file is gone); a row with nothing else goes. */
enum status journal_drop_disk(struct db *db, const char *path,
    struct err *err) MUST_CHECK;

/* Rows in path order, with seq > since (since -1: all rows). */
struct journal_cursor;
enum status journal_rows(struct db *db, int64_t since,
    struct journal_cursor **ret, struct err *err) MUST_CHECK;
/*
 * Those that lie below a folder, in path order.  *cursor is NULL, or what an
 * earlier call made, which is used again.
 */
enum status journal_rows_below(struct db *db, const char *folder,
    struct journal_cursor **cursor, struct err *err) MUST_CHECK;
/* Of texts of that many bytes, at least and at most; in any order. */
enum status journal_rows_sized(struct db *db, uint64_t least, uint64_t most,
    struct journal_cursor **ret, struct err *err) MUST_CHECK;
/* *ret_have false at the end; the row is borrowed until the next call. */
enum status journal_next(struct journal_cursor *cursor, bool *ret_have,
    struct journal_row *ret, struct err *err) MUST_CHECK;
void journal_cursor_free(struct journal_cursor *cursor);
AUTO_DEFINE(journal_cursor);

/* The number for the next change; grows with each call. */
enum status journal_next_seq(struct db *db, uint64_t *ret,
    struct err *err) MUST_CHECK;
/* The number of the last one. */
enum status journal_last_seq(struct db *db, uint64_t *ret,
    struct err *err) MUST_CHECK;

/* Of all rows whose agreed state is TEXT. */
enum status journal_fingerprint(struct db *db, struct fingerprint *ret,
    struct err *err) MUST_CHECK;
/* The same, computed from the rows. */
enum status journal_fingerprint_slow(struct db *db, struct hasher *hasher,
    struct fingerprint *ret, struct err *err) MUST_CHECK;

/*
 * Drops every agreed state (first contact again) but keeps what is known of
 * the disk; pending is emptied.
 */
enum status journal_forget_agreed(struct db *db, struct err *err) MUST_CHECK;

/*
 * pending: what a client knows the server to have where that is not what was
 * agreed (a change not taken, on purpose or for want of space).  The server's
 * tree is the agreed one overlaid with these.
 */
enum status journal_pending(struct db *db, struct listing **ret,
    struct err *err) MUST_CHECK; /* sorted; entries may be ABSENT */
enum status journal_pending_set(struct db *db, const struct listing *list,
    struct err *err) MUST_CHECK; /* replaces all */

#endif
