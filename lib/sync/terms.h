/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_TERMS_H
#define DSYNC_SYNC_TERMS_H

/*
 * What a server leaves out of its preset, as its HELLO says.  A client leaves
 * it out, too, for it would be refused; it never takes more than its own user
 * wants, whatever a server says.  Remembered, since a client looks at its
 * folder before it hears from the server.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct db;
struct message_hello;
struct replica_opts;

#define TERMS_LIMIT ((size_t)64 * 1024) /* bytes of rules */

struct terms {
	bool hidden; /* names with a dot may be synced */
	uint64_t max_size;
	char *rules; /* owned; lines as in .dsyncignore */
};

void terms_fini(struct terms *terms);

/* As the HELLO and the bytes that came with it say. */
enum status terms_hear(struct terms *terms, const struct message_hello *h,
    const uint8_t *data, size_t len, struct err *err) MUST_CHECK;

/*
 * As a text for the journal, to be freed, NULL: no memory; and back, ones
 * that allow all if it is no such text.
 */
char *terms_format(const struct terms *terms);
enum status terms_parse(struct terms *terms, const char *text,
    struct err *err) MUST_CHECK;

/* Those of the last time; ones that allow all if db is NULL or has none. */
enum status terms_load(struct terms *terms, struct db *db,
    struct err *err) MUST_CHECK;
enum status terms_save(const struct terms *terms, struct db *db,
    struct err *err) MUST_CHECK;

bool terms_equal(const struct terms *a, const struct terms *b);

/* To a client of these opts both leave out the same. */
bool terms_alike(const struct terms *a, const struct terms *b,
    const struct replica_opts *opts);

/* Narrows the filter that opts ask for; rules are borrowed. */
void terms_apply(const struct terms *terms, struct replica_opts *opts);

#endif
