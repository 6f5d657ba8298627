/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_TALLY_H
#define DSYNC_SYNC_TALLY_H

/* Where the bytes went that one side gave the other: by the form of a file. */

#include <stdint.h>

#include "codec/record.h"

enum tally_form {
	TALLY_WHOLE, /* contents, inline */
	TALLY_STREAM, /* contents of a large file, in parts */
	TALLY_DELTA, /* what is new in it, inline */
	TALLY_DELTA_STREAM, /* the same of a large one */
	TALLY_MOVED, /* no contents: the other side has them elsewhere */
	TALLY_META, /* no contents: exec bit and mtime alone */
	TALLY__MAX,
};

/* Of each form what went, also if it had to go twice. */
struct tally {
	struct tally_row {
		uint64_t files;
		uint64_t size; /* bytes of contents that these hold, and */
		uint64_t bytes; /*  what of them, or as a delta, went */
	} row[TALLY__MAX];
};

enum tally_form tally_form_of(enum record_form form);
const char *tally_name(enum tally_form form); /* for people */
const char *tally_key(enum tally_form form); /* the same for programs */

/* A file goes in that form; then so many bytes of it.  tally may be NULL. */
void tally_file(struct tally *tally, enum tally_form form, uint64_t size);
void tally_bytes(struct tally *tally, enum tally_form form, uint64_t bytes);

/* What all would have taken as they are, beyond what they took. */
uint64_t tally_saved(const struct tally *tally);

#endif
