/* SPDX-License-Identifier: MIT */
/* Messages: every type there and back, and every member when it is bad. */
#include "config.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "messages.h"
#include "nomem.h"
#include "util/auto.h"

START_TEST(test_round_trip)
{
	/* Each type, read and written again, is what it was. */
	AUTO(message) struct message m = { 0 };
	autofree char *json = NULL;
	size_t len;

	decode_good(wire[_i], &m);
	ck_assert_int_eq((int)m.type, _i);
	ck_assert_int_eq(message_encode(&m, &json, &len), ST_OK);
	ck_assert_str_eq(json, wire[_i]);
	ck_assert_uint_eq(len, strlen(json));
	ck_assert_ptr_nonnull(strstr(json, message_type_name(m.type)));
}
END_TEST

START_TEST(test_hello_members)
{
	/* Each member of a HELLO lands where it belongs. */
	AUTO(message) struct message m = { 0 };

	decode_good(wire[MESSAGE_HELLO], &m);
	ck_assert_str_eq(m.hello->version, "0.1");
	ck_assert_uint_eq(m.hello->features.n, 2);
	ck_assert_str_eq(m.hello->features.name[0], "zstd");
	ck_assert_str_eq(m.hello->features.name[1], "x-1");
	ck_assert_uint_eq(m.hello->require.n, 0);
	ck_assert_str_eq(m.hello->name, "caf\xc3\xa9");
	ck_assert_str_eq(m.hello->root, "00ff");
	ck_assert_int_eq(m.hello->clock, INT64_MIN);
	ck_assert_int_eq(m.hello->granularity, 1);
	ck_assert_str_eq(m.hello->sandbox, "full");
	ck_assert_str_eq(m.hello->preset, "notes");
	ck_assert_str_eq(m.hello->epoch, "abc");
	ck_assert_uint_eq(m.hello->seq, INT64_MAX);
	ck_assert_uint_eq(m.hello->rate, 1048576);
	ck_assert_str_eq(m.hello->access, "edit");
	ck_assert_str_eq(m.hello->conflict, "newest");
	ck_assert(m.hello->hidden);
	ck_assert_uint_eq(m.hello->max_size, 104857600);
}
END_TEST

START_TEST(test_other_members)
{
	/* Each member of the other types lands where it belongs. */
	AUTO(message)
	struct message changes = { 0 }, part = { 0 }, data = { 0 },
		       done = { 0 }, ping = { 0 }, error = { 0 };

	decode_good(wire[MESSAGE_CHANGES], &changes);
	ck_assert_str_eq(changes.cursor.epoch, "e1");
	ck_assert_uint_eq(changes.cursor.seq, 7);
	ck_assert(changes.full && !changes.more);
	ck_assert_uint_eq(changes.records_len, 20);
	ck_assert_uint_eq(changes.data_len, 20);
	ck_assert(changes.has_fp && changes.count == 2);
	ck_assert(changes.fp.count == 3 && changes.fp.sum[31] == 0xff);
	decode_good("{\"t\":\"CHANGES\",\"epoch\":\"\",\"seq\":0,"
		    "\"full\":false,\"more\":true}",
	    &part);
	ck_assert(!part.has_fp && part.more && !part.heard && !part.news);
	decode_good(wire[MESSAGE_FILE_DATA], &data);
	ck_assert_uint_eq(data.offset, INT64_MAX);
	ck_assert(data.last && !data.bad && data.id == UINT32_MAX);
	decode_good(wire[MESSAGE_DONE], &done);
	ck_assert_uint_eq(done.fp.sum[0], 0);
	ck_assert_uint_eq(done.fp.sum[30], 0x1e);
	ck_assert_uint_eq(done.fp.sum[31], 0xff);
	ck_assert(done.equal && done.fp.count == 3);
	decode_good(wire[MESSAGE_PING], &ping);
	ck_assert_uint_eq(ping.token, UINT64_MAX);
	decode_good(wire[MESSAGE_ERROR], &error);
	ck_assert_int_eq(error.code, ST_REFUSED);
	ck_assert_str_eq(error.text, "no \"");
}
END_TEST

/* A message without a member that it must have, or with another value. */
static void
decode_without(const json_t *whole, const char *key, json_t *value,
    const char *why)
{
	json_t *copy = json_copy((json_t *)(uintptr_t)whole);
	autofree char *json = NULL;

	if (value == NULL)
		json_object_del(copy, key);
	else
		json_object_set_new(copy, key, value);
	json = json_dumps(copy, 0);
	decode_bad(json, strcmp(key, "t") == 0 ? "no type" : why);
	json_decref(copy);
}

static bool
is_optional(const char *key)
{
	return strcmp(key, "records") == 0 || strcmp(key, "n") == 0 ||
	    strcmp(key, "data") == 0;
}

START_TEST(test_every_member_counts)
{
	/* Without any one of its members, or with null, a message is bad. */
	json_t *whole = json_loads(wire[_i], 0, NULL);
	const char *key;
	json_t *value;

	ck_assert_ptr_nonnull(whole);
	json_object_foreach(whole, key, value)
	{
		decode_without(whole, key, json_null(), "is of the wrong type");
		if (!is_optional(key))
			decode_without(whole, key, NULL, "is missing");
	}
	json_decref(whole);
}
END_TEST

START_TEST(test_optional)
{
	/* Sizes that are missing are 0, which must fit the others. */
	AUTO(message) struct message m = { 0 };

	decode_good("{\"t\":\"ACK\",\"data\":5}", &m);
	ck_assert_uint_eq(m.data_len, 5);
	ck_assert_uint_eq(m.records_len, 0);
	ck_assert_uint_eq(m.count, 0);
	decode_bad("{\"t\":\"ACK\",\"records\":1}", "\"records\" is out");
	decode_bad("{\"t\":\"ACK\",\"n\":1}", "\"n\" is out");
}
END_TEST

/* One member of a good message is replaced by another value. */
static const struct change {
	enum message_type type;
	const char *key;
	const char *value; /* JSON */
	const char *why; /* NULL: it stays good */
} changes[] = {
	{ MESSAGE_HELLO, "more_to_come", "[{}]", NULL },
	{ MESSAGE_HELLO, "version", "1", "wrong type" },
	{ MESSAGE_HELLO, "version", "\"\\u001b[2J\"", "control" },
	{ MESSAGE_HELLO, "version", "\"1234567890123456789012345678901\"",
	    NULL },
	{ MESSAGE_HELLO, "version", "\"12345678901234567890123456789012\"",
	    "too long" },
	{ MESSAGE_HELLO, "features", "\"a\"", "wrong type" },
	{ MESSAGE_HELLO, "features", "[1]", "wrong type" },
	{ MESSAGE_HELLO, "features", "[\"\"]", "bad name" },
	{ MESSAGE_HELLO, "features", "[\"a b\"]", "bad name" },
	{ MESSAGE_HELLO, "features", "[\"Zstd\"]", "bad name" },
	{ MESSAGE_HELLO, "features", "[\"a\",\"\xc3\xa9\"]", "bad name" },
	{ MESSAGE_HELLO, "features", "[\"a234567890123456789012345678901\"]",
	    NULL },
	{ MESSAGE_HELLO, "features", "[\"a2345678901234567890123456789012\"]",
	    "too long" },
	{ MESSAGE_HELLO, "require", "[[]]", "wrong type" },
	{ MESSAGE_HELLO, "name", "\"a\\nb\"", "control" },
	{ MESSAGE_HELLO, "name", "\"\\u009b\"", "control" },
	{ MESSAGE_HELLO, "root", "\"xyz\"", "not hex" },
	{ MESSAGE_HELLO, "root", "\"0\xc3\xa9\"", "not hex" },
	{ MESSAGE_HELLO, "root", "\"ABC\"", "not hex" },
	{ MESSAGE_HELLO, "root", "\"\"", NULL },
	{ MESSAGE_HELLO, "root", "\"012345678901234567890123456789012345678\"",
	    NULL },
	{ MESSAGE_HELLO, "root", "\"0123456789012345678901234567890123456789\"",
	    "too long" },
	{ MESSAGE_HELLO, "clock", "9223372036854775807", NULL },
	{ MESSAGE_HELLO, "clock", "1.0", "wrong type" },
	{ MESSAGE_HELLO, "clock", "1e3", "wrong type" },
	{ MESSAGE_HELLO, "clock", "\"1\"", "wrong type" },
	{ MESSAGE_HELLO, "granularity", "-1", "range" },
	{ MESSAGE_HELLO, "granularity", "0", NULL },
	{ MESSAGE_HELLO, "preset", "\"\\u007f\"", "control" },
	{ MESSAGE_HELLO, "epoch", "\"-\"", "not hex" },
	{ MESSAGE_HELLO, "seq", "-1", "range" },
	{ MESSAGE_HELLO, "access", "\"\"", NULL },
	{ MESSAGE_HELLO, "access", "\"full\"", NULL },
	{ MESSAGE_HELLO, "access", "\"root\"", "not known" },
	{ MESSAGE_HELLO, "conflict", "\"\"", NULL },
	{ MESSAGE_HELLO, "conflict", "\"manual\"", NULL },
	{ MESSAGE_HELLO, "conflict", "\"coin\"", "not known" },
	{ MESSAGE_HELLO, "hidden", "1", "wrong type" },
	{ MESSAGE_HELLO, "hidden", "false", NULL },
	{ MESSAGE_HELLO, "max_size", "-1", "range" },
	{ MESSAGE_HELLO, "rate", "-1", "range" },
	{ MESSAGE_HELLO, "rate", "true", "wrong type" },
	{ MESSAGE_CHANGES, "seq", "-5", "range" },
	{ MESSAGE_CHANGES, "more", "\"true\"", "wrong type" },
	{ MESSAGE_CHANGES, "records", "0", NULL },
	{ MESSAGE_CHANGES, "records", "-1", "range" },
	{ MESSAGE_CHANGES, "records", "21", "range" },
	{ MESSAGE_CHANGES, "records", "true", "wrong type" },
	{ MESSAGE_CHANGES, "n", "21", "range" },
	{ MESSAGE_CHANGES, "n", "-1", "range" },
	{ MESSAGE_CHANGES, "data", "1048576", NULL },
	{ MESSAGE_CHANGES, "data", "1048577", "range" },
	{ MESSAGE_CHANGES, "data", "-1", "range" },
	{ MESSAGE_BYE, "data", "4294967296", "range" },
	{ MESSAGE_FILE_DATA, "id", "4294967296", "range" },
	{ MESSAGE_FILE_DATA, "id", "-1", "range" },
	{ MESSAGE_FILE_DATA, "offset", "-1", "range" },
	{ MESSAGE_DONE, "fp", "\"00\"", "64 hex" },
	{ MESSAGE_DONE, "fp", "\"g" HEX64 "\"", "too long" },
	{ MESSAGE_DONE, "fp", "7", "wrong type" },
	{ MESSAGE_DONE, "files", "-1", "range" },
	{ MESSAGE_PONG, "token", "-9223372036854775808", NULL },
	{ MESSAGE_ERROR, "code", "0", "range" },
	{ MESSAGE_ERROR, "code", "-7", "range" },
	{ MESSAGE_ERROR, "code", "19", NULL },
	{ MESSAGE_ERROR, "code", "22", "range" },
	{ MESSAGE_ERROR, "text", "\"a\\u0007\"", "control" },
};

START_TEST(test_one_change)
{
	/* One bad member makes a message bad; an unknown one does not. */
	const struct change *c = &changes[_i];
	json_t *whole = json_loads(wire[c->type], 0, NULL);
	json_t *value = json_loads(c->value, JSON_DECODE_ANY, NULL);
	AUTO(message) struct message m = { 0 };
	autofree char *json = NULL;

	ck_assert_int_eq(json_object_set_new(whole, c->key, value), 0);
	json = json_dumps(whole, JSON_COMPACT);
	if (c->why == NULL) {
		decode_good(json, &m);
	} else {
		decode_bad(json, c->why);
		ck_assert_ptr_nonnull(strstr(err.text, c->key));
		ck_assert_ptr_nonnull(
		    strstr(err.text, message_type_name(c->type)));
	}
	json_decref(whole);
}
END_TEST

static const struct {
	const char *json;
	const char *why;
} not_messages[] = {
	{ "", "bad message" },
	{ " ", "bad message" },
	{ "{", "bad message" },
	{ "[]", "no type" },
	{ "[\"t\",\"BYE\"]", "no type" },
	{ "{}", "no type" },
	{ "7", "bad message" },
	{ "null", "bad message" },
	{ "{\"t\":7}", "no type" },
	{ "{\"t\":\"NO\"}", "unknown type \"NO\"" },
	{ "{\"t\":\"bye\"}", "unknown type" },
	{ "{\"t\":\"BYE \"}", "unknown type" },
	{ "{\"t\":\"\"}", "unknown type" },
	{ "{\"t\":\"\\u001b[2J\"}", "unknown type \"\\x1b[2J\"" },
	{ "{\"t\":\"BYE\"}x", "end of file" },
	{ "{\"t\":\"BYE\"}{}", "end of file" },
	{ "{\"t\":\"BYE\",}", "bad message" },
	{ "{\"t\":\"BYE\",\"t\":\"BYE\"}", "duplicate" },
	{ "{\"t\":\"BYE\",\"a\":1,\"a\":1}", "duplicate" },
	{ "{\"t\":\"BYE\",\"a\":\"\\u0000\"}", "\\\\u0000" },
	{ "{\"t\":\"BYE\",\"a\\u0000\":1}", "\\\\u0000" },
	{ "{\"t\":\"BYE\",\"a\":\"\xff\"}", "decode byte" },
	{ "{\"t\":\"BYE\",\"a\":\"\xed\xa0\x80\"}", "decode byte" },
	{ "{\"t\":\"BYE\",\"a\":\"\xc0\x80\"}", "decode byte" },
	{ "{\"t\":\"BYE\",\"a\":9223372036854775808}", "too big" },
	{ "{\"t\":\"BYE\",\"a\":NaN}", "bad message" },
	{ "{\"t\":\"BYE\" /* so */}", "bad message" },
	{ "{'t':'BYE'}", "bad message" },
	{ "\xef\xbb\xbf{\"t\":\"BYE\"}", "bad message" },
};

START_TEST(test_not_messages)
{
	/* What is no JSON object with a known type is refused. */
	decode_bad(not_messages[_i].json, not_messages[_i].why);
}
END_TEST

START_TEST(test_bytes_behind)
{
	/* Length counts: a NUL behind the object is a byte too many. */
	AUTO(message) struct message m = { 0 };
	static const char json[] = "{\"t\":\"BYE\"}\0";

	ck_assert_int_eq(message_decode(json, sizeof(json) - 2, &m, &err),
	    ST_OK);
	ck_assert_int_eq(message_decode(json, sizeof(json) - 1, &m, &err),
	    ST_PROTO);
	ck_assert_int_eq(message_decode(json, sizeof(json) - 3, &m, NULL),
	    ST_PROTO);
}
END_TEST

START_TEST(test_deep)
{
	/* A header that is all brackets is refused, not recursed into. */
	static char json[FRAME_HEADER_LIMIT];
	struct message m;

	memset(json, '[', sizeof(json));
	ck_assert_int_eq(message_decode(json, sizeof(json), &m, &err),
	    ST_PROTO);
	memcpy(json, "{\"a\":", 5);
	ck_assert_int_eq(message_decode(json, sizeof(json), &m, &err),
	    ST_PROTO);
}
END_TEST

/* A HELLO with n features. */
static char *
hello_with(size_t n)
{
	json_t *whole = json_loads(wire[MESSAGE_HELLO], 0, NULL);
	json_t *list = json_object_get(whole, "features");
	char *json;

	while (json_array_size(list) < n)
		json_array_append_new(list, json_string("more"));
	json = json_dumps(whole, 0);
	json_decref(whole);
	return json;
}

START_TEST(test_many_features)
{
	/* A list may be as long as its limit, and not longer. */
	AUTO(message) struct message m = { 0 };
	autofree char *good = hello_with(MESSAGE_FEATURES);
	autofree char *bad = hello_with(MESSAGE_FEATURES + 1);
	autofree char *json = NULL;
	size_t len;

	decode_good(good, &m);
	ck_assert_uint_eq(m.hello->features.n, MESSAGE_FEATURES);
	ck_assert_str_eq(m.hello->features.name[MESSAGE_FEATURES - 1], "more");
	ck_assert_int_eq(message_encode(&m, &json, &len), ST_OK);
	decode_bad(bad, "too many");
}
END_TEST

START_TEST(test_largest)
{
	/* A HELLO with all its strings full is far below a header's limit. */
	AUTO(message) struct message m = { 0 };
	AUTO(message) struct message back = { 0 };
	autofree char *json = NULL;
	size_t len, i;

	message_init(&m, MESSAGE_HELLO);
	m.hello = calloc(1, sizeof(*m.hello));
	ck_assert_ptr_nonnull(m.hello);
	m.hello->features.n = m.hello->require.n = MESSAGE_FEATURES;
	for (i = 0; i < MESSAGE_FEATURES; i++) {
		memset(m.hello->features.name[i], 'f', 31);
		memset(m.hello->require.name[i], 'r', 31);
	}
	memset(m.hello->name, '"', sizeof(m.hello->name) - 1);
	memset(m.hello->preset, '\\', sizeof(m.hello->preset) - 1);
	ck_assert_int_eq(message_encode(&m, &json, &len), ST_OK);
	ck_assert_uint_lt(len, FRAME_HEADER_LIMIT / 10);
	decode_good(json, &back);
	ck_assert_mem_eq(back.hello, m.hello, sizeof(*m.hello));
}
END_TEST

START_TEST(test_strings_sent)
{
	/* What the other side would refuse in a text is cut off here. */
	AUTO(message) struct message m = { 0 };
	AUTO(message) struct message back = { 0 };
	autofree char *json = NULL;
	size_t len;

	message_init(&m, MESSAGE_ERROR);
	m.code = ST_IO;
	snprintf(m.text, sizeof(m.text), "caf\xc3\xa9: \xff rest");
	ck_assert_int_eq(message_encode(&m, &json, &len), ST_OK);
	decode_good(json, &back);
	ck_assert_str_eq(back.text, "caf\xc3\xa9: ");
	ck_assert_int_eq(back.code, ST_IO);
}
END_TEST

START_TEST(test_large_counts)
{
	/* "No limit" is sent as the largest number that there is. */
	AUTO(message) struct message m = { 0 };
	AUTO(message) struct message back = { 0 };
	autofree char *json = NULL;
	size_t len;

	decode_good(wire[MESSAGE_HELLO], &m);
	m.hello->max_size = UINT64_MAX;
	ck_assert_int_eq(message_encode(&m, &json, &len), ST_OK);
	decode_good(json, &back);
	ck_assert_uint_eq(back.hello->max_size, INT64_MAX);
}
END_TEST

START_TEST(test_init_fini)
{
	/* A message begins and ends as zeros. */
	struct message m;

	message_init(&m, MESSAGE_BYE);
	ck_assert_int_eq((int)m.type, MESSAGE_BYE);
	m.type = 0;
	ck_assert(all_zero(&m, sizeof(m)));
	message_fini(&m);
	ck_assert(all_zero(&m, sizeof(m)));
	decode_good(wire[MESSAGE_HELLO], &m);
	message_fini(&m);
	ck_assert(all_zero(&m, sizeof(m)));
}
END_TEST

START_TEST(test_no_memory_encode)
{
	/* Whichever allocation fails while writing, it is said. */
	AUTO(message) struct message m = { 0 };
	char *json = NULL;
	enum status st = ST_NOMEM;
	size_t len = 77;
	long k;

	json_set_alloc_funcs(malloc, free);
	decode_good(wire[_i], &m);
	for (k = 1; st != ST_OK; k++) {
		ck_assert_ptr_null(json);
		ck_assert_uint_eq(len, 77);
		nomem_at(k);
		st = message_encode(&m, &json, &len);
		nomem_at(0);
		ck_assert(st == ST_OK || st == ST_NOMEM);
	}
	ck_assert_int_gt((int)k, 4);
	ck_assert_str_eq(json, wire[_i]);
	free(json);
}
END_TEST

START_TEST(test_no_memory_decode)
{
	/*
	 * Whichever allocation fails while reading: nothing leaks, nothing is
	 * left behind.  (Jansson calls some of them a syntax error, and a few
	 * cost it a character without its saying so: see parse().)
	 */
	AUTO(message) struct message m = { 0 };
	bool failed = true;
	int said = 0;
	enum status st;
	long k;

	json_set_alloc_funcs(malloc, free);
	for (k = 1; failed; k++) {
		message_fini(&m);
		nomem_at(k);
		st = decode(wire[_i], &m);
		failed = nomem_count() >= k;
		nomem_at(0);
		ck_assert(st == ST_OK || all_zero(&m, sizeof(m)));
		ck_assert(
		    st != ST_NOMEM || strcmp(err.text, "out of memory") == 0);
		said += st == ST_NOMEM;
	}
	ck_assert_int_eq(st, ST_OK);
	ck_assert_int_gt(said, 3);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("codec/message");
	TCase *tc = tcase_create("message");

	tcase_add_loop_test(tc, test_round_trip, 0, MESSAGE__MAX);
	tcase_add_test(tc, test_hello_members);
	tcase_add_test(tc, test_other_members);
	tcase_add_loop_test(tc, test_every_member_counts, 0, MESSAGE__MAX);
	tcase_add_test(tc, test_optional);
	tcase_add_loop_test(tc, test_one_change, 0, N(changes));
	tcase_add_loop_test(tc, test_not_messages, 0, N(not_messages));
	tcase_add_test(tc, test_bytes_behind);
	tcase_add_test(tc, test_deep);
	tcase_add_test(tc, test_many_features);
	tcase_add_test(tc, test_largest);
	tcase_add_test(tc, test_strings_sent);
	tcase_add_test(tc, test_large_counts);
	tcase_add_test(tc, test_init_fini);
	tcase_add_loop_test(tc, test_no_memory_encode, 0, MESSAGE__MAX);
	tcase_add_loop_test(tc, test_no_memory_decode, 0, MESSAGE__MAX);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
