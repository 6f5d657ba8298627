/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_HELLO_H
#define DSYNC_SYNC_HELLO_H

/* The handshake: what both sides say first, and what they make of it. */

#include <stdbool.h>

#include "util/err.h"

struct env;
struct message_hello;
struct replica;
struct wire;

#define HELLO_ZSTD   "zstd" /* the feature: the stream may be compressed */
#define HELLO_DELTA  "delta" /* the feature: so are contents, if need be */
#define HELLO_SKETCH "sketch" /* the feature: a first client may draw one */
#define HELLO_LIST   "list" /* required: not a folder, but PRESETS is wanted */
#define HELLO_LIVE   "live" /* required: tell, unasked, what is new */

/*
 * What this program knows goes into hello, with version, clock and so on; and
 * what is known of the folder, if there is one (r may be NULL).
 */
void hello_fill(struct message_hello *hello, struct env *env,
    const struct replica *r);

/* ST_VERSION if the other side requires what this program does not know. */
enum status hello_check(const struct message_hello *theirs,
    struct err *err) MUST_CHECK;

bool hello_knows(const struct message_hello *hello, const char *feature);
bool hello_requires(const struct message_hello *hello, const char *feature);
void hello_add(struct message_hello *hello, const char *feature);

/* With the ignore rules that bind the other side, one a line; "" if none. */
enum status hello_send(struct wire *wire, const struct message_hello *hello,
    const char *rules, struct err *err) MUST_CHECK;

/*
 * Before the other side's HELLO: ST_PEER if something else speaks there, as a
 * shell that greets.
 */
enum status hello_check_noise(struct wire *wire, struct err *err) MUST_CHECK;

#endif
