/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_WIRE_H
#define DSYNC_SYNC_WIRE_H

/*
 * One end of a link as bytes: what came in becomes messages, messages become
 * what goes out, compressed or not.  Whoever owns the descriptors (net/loop,
 * or a test) moves the bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/message.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/err.h"

struct wire;

/*
 * Above this many waiting bytes a sender stops making more: they are packed
 * already, and not as hard as they would be once the link has shown how slow
 * it is.
 */
#define WIRE_HIGH_WATER (512u * 1024)

/*
 * Above this many no message is looked at that could be answered: who asks and
 * does not listen may not fill our memory.  From here on net/loop reads none.
 */
#define WIRE_MUCH (8u * 1024 * 1024)

enum status wire_new(struct wire **ret) MUST_CHECK;
void wire_free(struct wire *wire);
AUTO_DEFINE(wire);

/* From the next byte on both directions are zstd streams. */
enum status wire_compress(struct wire *wire, struct err *err) MUST_CHECK;

enum status wire_input(struct wire *wire, const void *data, size_t len,
    struct err *err) MUST_CHECK;
/*
 * What came in first, as a text for people, if it is no frame at all: some
 * other program's words.  "" if it may be one.  Only before the first message.
 */
void wire_noise(const struct wire *wire, char *buf, size_t size);
void wire_input_ended(struct wire *wire);
bool wire_at_end(const struct wire *wire); /* ended and nothing left to read */

/* A message has come: the first one says who the other side is. */
bool wire_greeted(const struct wire *wire);

/* As frame_next(). */
enum status wire_next(struct wire *wire, bool *ret_have, struct message *ret,
    const uint8_t **ret_data, struct err *err) MUST_CHECK;

/* wire_next() will give this message, which was its last one, once more. */
enum status wire_put_back(struct wire *wire, struct message *m,
    const uint8_t *data, struct err *err) MUST_CHECK;

enum status wire_send(struct wire *wire, const struct message *m,
    const void *data, struct err *err) MUST_CHECK;

/* Compress harder from now on, or less hard; nothing where it is off. */
void wire_press(struct wire *wire, bool harder);

/* Says PING, at once: the other side hears us, and has to answer. */
enum status wire_beat(struct wire *wire, struct err *err) MUST_CHECK;

/* Says ERROR, at once, if that can be. */
void wire_fail(struct wire *wire, const struct err *why);

/* Ends the burst: all that was sent can be read by the other side. */
enum status wire_flush(struct wire *wire, struct err *err) MUST_CHECK;

const uint8_t *wire_output(const struct wire *wire, size_t *ret_len);
void wire_sent(struct wire *wire, size_t len);

uint64_t wire_bytes_in(const struct wire *wire);
uint64_t wire_bytes_out(const struct wire *wire);

#endif
