/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CODEC_MEMBER_H
#define DSYNC_CODEC_MEMBER_H

/*
 * Members of a JSON object, written and read one a call.  Neither side stops
 * at the first failure: it is kept, and looked at once when all is done.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct member_writer {
	json_t *object; /* NULL counts as out of memory */
	bool nomem;
};

void member_put_string(struct member_writer *w, const char *key, const char *s);
void member_put_hex(struct member_writer *w, const char *key,
    const uint8_t data[32]);
void member_put_int(struct member_writer *w, const char *key, int64_t v);
void member_put_bool(struct member_writer *w, const char *key, bool v);

/* As an integer that is not negative: more than INT64_MAX is INT64_MAX. */
void member_put_count(struct member_writer *w, const char *key, uint64_t v);

/* n strings, each with its NUL in size bytes. */
void member_put_list(struct member_writer *w, const char *key, const char *v,
    size_t size, size_t n);

/* The same, to be filled. */
struct member_list {
	char *v;
	size_t size;
	size_t n;
};

struct member_reader {
	const json_t *object;
	const char *key; /* of the first bad member */
	const char *fault; /* what is wrong with it, or NULL */
};

void member_fail(struct member_reader *r, const char *key, const char *fault);

/* What is wrong with a string, or NULL. */
typedef const char *member_check(const char *s);

/* What these return, or leave in ret, after a failure means nothing. */
void member_get_string(struct member_reader *r, const char *key,
    member_check *check, char *ret, size_t size);
void member_get_hex(struct member_reader *r, const char *key, uint8_t ret[32]);

/* Into a list of which n is the room; returns how many came. */
size_t member_get_list(struct member_reader *r, const char *key,
    member_check *check, const struct member_list *list);
int64_t member_get_int(struct member_reader *r, const char *key, int64_t min,
    int64_t max);
uint64_t member_get_count(struct member_reader *r, const char *key);
bool member_get_bool(struct member_reader *r, const char *key);

bool member_has(const struct member_reader *r, const char *key);

/* 0 to max; 0 if there is no such member. */
size_t member_get_optional(struct member_reader *r, const char *key,
    size_t max);

#endif
