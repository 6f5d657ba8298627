/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_ENTRY_H
#define DSYNC_CORE_ENTRY_H

/* One path as one side has it, and what a file looked like on a disk. */

#include <stdbool.h>
#include <stdint.h>

#include "util/hash.h"

enum entry_kind {
	ENTRY_ABSENT, /* known not to be there */
	ENTRY_TEXT, /* a file that is synced */
	ENTRY_UNREAD, /* there may be something, it could not be read */
	ENTRY_EXCLUDED, /* there, or ruled out, but not ours to sync */
};

struct entry {
	const char *path; /* borrowed */
	struct hash hash; /* TEXT only; zero otherwise */
	uint64_t size;
	int64_t mtime; /* ns since 1970 */
	uint8_t kind; /* enum entry_kind */
	bool exec;
	bool cover; /* UNREAD, EXCLUDED: holds for all that is below, too */
};

/* What a delta is for: a file, and this version of it. */
struct base {
	const char *path;
	struct hash hash;
};

/* Who a file is and what it looked like; equal stamps mean "not touched". */
struct stamp {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	int64_t mtime;
	int64_t ctime;
	uint32_t mode;
};

/* Same version: same kind and, for texts, same contents and exec bit. */
bool entry_same(const struct entry *a, const struct entry *b);

bool stamp_equal(const struct stamp *a, const struct stamp *b);

/*
 * Equal but for the ctime and mode, which a rename or an exchange of ours
 * changes (measured: RENAME_EXCHANGE touches the ctime of both inodes).
 */
bool stamp_same_file(const struct stamp *a, const struct stamp *b);

#endif
