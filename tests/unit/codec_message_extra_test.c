/* SPDX-License-Identifier: MIT */
/* Members that a message need not have: read, written, and refused when bad. */
#include "config.h"

#include <stdlib.h>

#include "messages.h"
#include "util/auto.h"

static const struct {
	const char *name, *value;
	enum message_type type;
	const char *bad, *why;
} extras[] = {
	{ "settle", "60000", MESSAGE_HELLO, "60001", "out of its range" },
	{ "heard", "true", MESSAGE_CHANGES, "1", "wrong type" },
	{ "since", "0", MESSAGE_CHANGES, "-1", "out of its range" },
	{ "since", "9", MESSAGE_CHANGES, "true", "wrong type" },
	{ "others", "[\"desk\",\"\"]", MESSAGE_DONE, "[\"a\",\"b\\u0001\"]",
	    "control characters" },
	{ "others", "[]", MESSAGE_PONG, "[1]", "wrong type" },
	{ "others", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\"]",
	    MESSAGE_PONG,
	    "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]", "too" },
	{ "proof", "true", MESSAGE_PING, "0", "wrong type" },
};

START_TEST(test_extras)
{
	AUTO(message) struct message m = { 0 };
	char json[2048];
	autofree char *again = NULL;
	const char *whole = wire[extras[_i].type];
	const int len = (int)strlen(whole) - 1;
	size_t n;

	snprintf(json, sizeof(json), "%.*s,\"%s\":%s}", len, whole,
	    extras[_i].name, extras[_i].value);
	decode_good(json, &m);
	if (extras[_i].type == MESSAGE_HELLO)
		ck_assert_uint_eq(m.hello->settle, 60000);
	else
		ck_assert(m.heard == (_i == 1) && m.proof == (_i == 7));
	ck_assert(
	    m.news == (_i == 2 || _i == 3) && m.since == (_i == 3 ? 9 : 0));
	ck_assert_uint_eq(m.others.n, _i == 4 ? 2 : _i == 6 ? 8 : 0);
	ck_assert_str_eq(m.others.name[0],
	    _i == 4	? "desk" :
		_i == 6 ? "1" :
			  "");
	ck_assert_int_eq(message_encode(&m, &again, &n), ST_OK);
	/* A list that has nothing in it need not be there. */
	ck_assert((strstr(again, extras[_i].name) == NULL) == (_i == 5));
	snprintf(json, sizeof(json), "%.*s,\"%s\":%s}", len, whole,
	    extras[_i].name, extras[_i].bad);
	decode_bad(json, extras[_i].why);
}
END_TEST

/* What DONE would say, in PONG: all of it, or nothing. */
START_TEST(test_proof)
{
	static const char *const parts[] = { "\"epoch\":\"e1\"", "\"seq\":7",
		"\"fp\":\"" HEX64 "\"", "\"files\":3" };
	AUTO(message) struct message m = { 0 }, same = { 0 };
	autofree char *again = NULL;
	char json[512] = "{\"t\":\"PONG\",\"token\":12";
	size_t n, len = strlen(json);
	int i;

	for (i = 0; i < N(parts); i++)
		if (i != _i)
			len += (size_t)snprintf(json + len, sizeof(json) - len,
			    ",%s", parts[i]);
	snprintf(json + len, sizeof(json) - len, "}");
	if (_i < N(parts)) {
		decode_bad(json, "missing");
		return;
	}
	decode_good(json, &m);
	ck_assert_int_eq(message_encode(&m, &again, &n), ST_OK);
	decode_good(again, &same);
	ck_assert(same.has_fp && same.token == 12 && same.cursor.seq == 7);
	ck_assert_str_eq(same.cursor.epoch, "e1");
	ck_assert(fingerprint_equal(&same.fp, &m.fp) && m.fp.count == 3);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("message_extra");
	TCase *t = tcase_create("message_extra");

	tcase_add_loop_test(t, test_extras, 0, N(extras));
	tcase_add_loop_test(t, test_proof, 0, 5);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
