/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_JSON_H
#define DSYNC_JSON_H

/* One JSON object a line, for programs. */

#include <jansson.h>
#include <stdint.h>

#include "exitcode.h"

struct event;
struct hash;

/*
 * A path: "key" as text, escaped for people if it is no UTF-8, and then
 * "key_hex" with its very bytes.  Does nothing for NULL.
 */
void json_put_path(json_t *o, const char *key, const char *path);
void json_put_hash(json_t *o, const char *key, const struct hash *hash);
/* "2026-11-21T09:11:43.123456789Z" */
void json_put_time(json_t *o, const char *key, int64_t ns);
/* The same back, to the second; 0 if there is none that can be read. */
int64_t json_get_time(const json_t *o, const char *key);

/* Writes the object as one line to standard output and drops it. */
void json_print(json_t *o);

void json_event(const struct event *event);
/* A live session rests for the first time. */
void json_live(uint64_t files);
void json_error(const struct err *err);

#endif
