/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CODEC_RECORD_H
#define DSYNC_CODEC_RECORD_H

/*
 * One file as the wire carries it, packed: two bytes that say which fields
 * follow, then those fields, big endian, in the order of their bits.  Every
 * list of files in the protocol is a run of these.  (As JSON a listing of
 * 50,000 files costs 0.23 s and three times the bytes.)
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/entry.h"
#include "util/buf.h"
#include "util/err.h"

enum record_field {
	RECORD_ID = 1 << 0, /* u32: the sender's number for this request */
	RECORD_PATH = 1 << 1, /* u16 length, bytes; checked by path_fault() */
	RECORD_FROM = 1 << 2, /* the same; the source of a move */
	RECORD_KIND = 1 << 3, /* u8: enum entry_kind, 0x80: exec (TEXT only), */
	/* 0x40: cover (UNREAD and EXCLUDED only) */
	RECORD_HASH = 1 << 4, /* 32 bytes */
	RECORD_SIZE = 1 << 5, /* u64, at most INT64_MAX */
	RECORD_MTIME = 1 << 6, /* i64 */
	RECORD_IF = 1 << 7, /* u8 kind (ABSENT or TEXT), 0x80: exec; */
	/* for TEXT 32 bytes: what is to be replaced */
	RECORD_FORM = 1 << 8, /* u8: enum record_form */
	RECORD_SEQ = 1 << 9, /* u64, at most INT64_MAX */
	RECORD_WHY = 1 << 10, /* u8: enum reason, 0x80: a conflict */
	RECORD_FAULT = 1 << 11, /* u8: -enum status; u16 length, UTF-8 text */
	RECORD_OFFSET = 1 << 12, /* u64, at most INT64_MAX: held already */
	RECORD_LENGTH = 1 << 13, /* u32: bytes of the delta that is inline */
	RECORD_BASE = 1 << 14, /* 32 bytes: of the version at FROM */
	RECORD__ALL = (1 << 15) - 1,
};

enum record_form {
	FORM_WHOLE = 1, /* contents stand inline, behind the records */
	FORM_STREAM = 2, /* contents follow in FILE_DATA frames */
	FORM_META = 3, /* the receiver has the contents: exec bit and mtime */
	FORM_DELTA = 4, /* a delta stands inline, LENGTH bytes of it */
	FORM_DELTA_STREAM = 5, /* a delta follows in FILE_DATA frames */
};

#define RECORD_TEXT_LIMIT 600 /* bytes of a fault's text, with its NUL */
#define RECORD_LIMIT	  (2 * 4096 + 800) /* more than any record needs */
#define RECORD_FAULTS	  10000 /* and beginnings held, in one answer */

struct record {
	unsigned fields; /* which of the following are set */
	uint32_t id;
	const char *path; /* borrowed; after record_get: from the scratch */
	const char *from;
	uint8_t kind;
	bool exec;
	bool cover;
	struct hash hash;
	uint64_t size;
	int64_t mtime;
	uint8_t if_kind;
	bool if_exec;
	struct hash if_hash;
	uint8_t form;
	uint64_t seq;
	uint8_t why;
	bool conflict;
	enum status fault;
	const char *text;
	uint64_t offset;
	uint32_t length;
	struct hash base;
};

/* Where record_get keeps the strings of the last record it read. */
struct record_scratch {
	char path[4096];
	char from[4096];
	char text[RECORD_TEXT_LIMIT];
};

/*
 * Appends r's set fields.  What the wire can't say is left out: an exec bit of
 * what is no TEXT, the rest of a text behind a control byte or bad UTF-8.
 */
enum status record_put(struct buf *out, const struct record *r) MUST_CHECK;

/*
 * Reads one record from the *len bytes at *data and moves both past it.
 * Anything that is not exactly as above is ST_PROTO with a text: unknown
 * bits or enum values, bad paths, NULs, a negative or too large number.
 */
enum status record_get(const uint8_t **data, size_t *len,
    struct record_scratch *scratch, struct record *ret,
    struct err *err) MUST_CHECK;

/* Its contents come as a delta; they follow in FILE_DATA frames. */
bool record_is_delta(const struct record *r);
bool record_is_stream(const struct record *r);

/*
 * How much of what stands behind the records is this one's; false if that is
 * more than left, or if the record does not say.
 */
bool record_inline(const struct record *r, size_t left, size_t *ret_len);

/*
 * PATH, KIND and for TEXT also HASH, SIZE, MTIME of an entry, and back.  Both
 * fill the whole struct: other fields are not set afterwards.
 */
void record_from_entry(struct record *r, const struct entry *e);
void record_to_entry(const struct record *r, struct entry *e);

#endif
