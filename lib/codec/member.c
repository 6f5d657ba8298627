/* SPDX-License-Identifier: MIT */
/*
 * JSON members by jansson, which keeps 64-bit integers exact, takes only
 * well-formed UTF-8, and refuses NULs inside strings, so that a string's
 * length is its strlen().
 */
#include "config.h"

#include "codec/member.h"

#include <string.h>

#include "codec/line.h"
#include "util/hash.h"
#include "util/str.h"

/* Takes value over; NULL is what jansson returns when out of memory. */
static void
put(struct member_writer *w, const char *key, json_t *value)
{
	if (json_object_set_new_nocheck(w->object, key, value) != 0)
		w->nomem = true;
}

static json_t *
string_new(const char *s)
{
	return json_stringn_nocheck(s, line_len(s, SIZE_MAX));
}

void
member_put_string(struct member_writer *w, const char *key, const char *s)
{
	put(w, key, string_new(s));
}

void
member_put_hex(struct member_writer *w, const char *key, const uint8_t data[32])
{
	char hex[HASH_HEX];

	str_hex(data, 32, hex);
	put(w, key, string_new(hex));
}

void
member_put_int(struct member_writer *w, const char *key, int64_t v)
{
	put(w, key, json_integer(v));
}

void
member_put_count(struct member_writer *w, const char *key, uint64_t v)
{
	member_put_int(w, key, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

void
member_put_bool(struct member_writer *w, const char *key, bool v)
{
	put(w, key, json_boolean(v));
}

void
member_put_list(struct member_writer *w, const char *key, const char *v,
    size_t size, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		if (json_array_append_new(array, string_new(v + i * size)) != 0)
			w->nomem = true;
	put(w, key, array);
}

void
member_fail(struct member_reader *r, const char *key, const char *fault)
{
	if (r->fault != NULL)
		return;
	r->key = key;
	r->fault = fault;
}

/* The member; or NULL, and why is kept. */
static const json_t *
get(struct member_reader *r, const char *key)
{
	const json_t *value = json_object_get(r->object, key);

	if (value == NULL)
		member_fail(r, key, "is missing");
	return value;
}

static const json_t *
get_typed(struct member_reader *r, const char *key, json_type type)
{
	const json_t *value = get(r, key);

	if (value != NULL && json_typeof(value) != type) {
		member_fail(r, key, "is of the wrong type");
		return NULL;
	}
	return value;
}

/* What is wrong with a string that goes into size bytes, or NULL. */
static const char *
string_fault(const json_t *value, member_check *check, size_t size)
{
	if (json_typeof(value) != JSON_STRING)
		return "is of the wrong type";
	if (json_string_length(value) >= size)
		return "is too long";
	return check(json_string_value(value));
}

static void
string_copy(const json_t *value, char *ret)
{
	memcpy(ret, json_string_value(value), json_string_length(value) + 1);
}

void
member_get_string(struct member_reader *r, const char *key, member_check *check,
    char *ret, size_t size)
{
	const json_t *value = get(r, key);
	const char *fault;

	if (value == NULL)
		return;
	fault = string_fault(value, check, size);
	if (fault == NULL)
		string_copy(value, ret);
	else
		member_fail(r, key, fault);
}

static const char *
any_string(const char *s)
{
	(void)s;
	return NULL;
}

void
member_get_hex(struct member_reader *r, const char *key, uint8_t ret[32])
{
	char hex[HASH_HEX] = "";
	struct hash hash = { 0 };

	member_get_string(r, key, any_string, hex, sizeof(hex));
	if (!hash_parse(hex, &hash))
		member_fail(r, key, "is not 64 hex digits");
	memcpy(ret, hash.b, HASH_SIZE);
}

size_t
member_get_list(struct member_reader *r, const char *key, member_check *check,
    const struct member_list *list)
{
	const json_t *array = get_typed(r, key, JSON_ARRAY);
	const json_t *value;
	const char *fault;
	size_t n = json_array_size(array), i;

	if (n > list->n) {
		member_fail(r, key, "has too many strings");
		return 0;
	}
	for (i = 0; i < n; i++) {
		value = json_array_get(array, i);
		fault = string_fault(value, check, list->size);
		if (fault == NULL)
			string_copy(value, list->v + i * list->size);
		else
			member_fail(r, key, fault);
	}
	return n;
}

int64_t
member_get_int(struct member_reader *r, const char *key, int64_t min,
    int64_t max)
{
	const json_t *value = get_typed(r, key, JSON_INTEGER);
	int64_t v = json_integer_value(value);

	if (value != NULL && (v < min || v > max))
		member_fail(r, key, "is out of its range");
	return v;
}

uint64_t
member_get_count(struct member_reader *r, const char *key)
{
	return (uint64_t)member_get_int(r, key, 0, INT64_MAX);
}

bool
member_get_bool(struct member_reader *r, const char *key)
{
	const json_t *value = get(r, key);

	if (value == NULL)
		return false;
	if (json_typeof(value) == JSON_TRUE)
		return true;
	if (json_typeof(value) != JSON_FALSE)
		member_fail(r, key, "is of the wrong type");
	return false;
}

bool
member_has(const struct member_reader *r, const char *key)
{
	return json_object_get(r->object, key) != NULL;
}

size_t
member_get_optional(struct member_reader *r, const char *key, size_t max)
{
	if (json_object_get(r->object, key) == NULL)
		return 0;
	return (size_t)member_get_int(r, key, 0, (int64_t)max);
}
