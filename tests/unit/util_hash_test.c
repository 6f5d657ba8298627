/* SPDX-License-Identifier: MIT */
/* SHA-256 against published values, in pieces, and when libcrypto fails. */
#include "config.h"

#include <string.h>

#include "nodigest.h"
#include "nomem.h"
#include "unit.h"
#include "util/hash.h"

/* FIPS 180-4's examples. */
static const struct {
	const char *text;
	const char *hex;
} known[] = {
	{ "",
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855" },
	{ "abc",
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1" },
};

START_TEST(hashes_as_published)
{
	/* At once and byte by byte, again and again with one hasher. */
	AUTO(hasher) struct hasher *h = NULL;
	struct hash once, parts;
	char hex[HASH_HEX];
	const char *p;

	ck_assert_int_eq(hasher_new(&h), ST_OK);
	ck_assert_int_eq(hasher_once(h, known[_i].text, strlen(known[_i].text),
			     &once),
	    ST_OK);
	hash_hex(&once, hex);
	ck_assert_str_eq(hex, known[_i].hex);
	ck_assert_int_eq(hasher_start(h), ST_OK);
	for (p = known[_i].text; *p != '\0'; p++)
		ck_assert_int_eq(hasher_add(h, p, 1), ST_OK);
	ck_assert_int_eq(hasher_end(h, &parts), ST_OK);
	ck_assert(hash_equal(&once, &parts));
	parts.b[31] ^= 1;
	ck_assert(!hash_equal(&once, &parts));
}
END_TEST

START_TEST(starting_again_forgets)
{
	/* A hash that was given up leaves nothing in the next one. */
	AUTO(hasher) struct hasher *h = NULL;
	struct hash a, b;

	ck_assert_int_eq(hasher_new(&h), ST_OK);
	ck_assert_int_eq(hasher_once(h, "abc", 3, &a), ST_OK);
	ck_assert_int_eq(hasher_start(h), ST_OK);
	ck_assert_int_eq(hasher_add(h, "rubbish", 7), ST_OK);
	ck_assert_int_eq(hasher_once(h, "abc", 3, &b), ST_OK);
	ck_assert(hash_equal(&a, &b));
}
END_TEST

START_TEST(reads_what_it_writes)
{
	/* Hex and back, in both cases; anything else is refused. */
	struct hash hash, back = { 0 };
	char hex[HASH_HEX + 2];
	size_t i;

	for (i = 0; i < HASH_SIZE; i++)
		hash.b[i] = (uint8_t)(i * 8 + 5);
	hash_hex(&hash, hex);
	ck_assert(hash_parse(hex, &back));
	ck_assert(hash_equal(&hash, &back));
	for (i = 0; hex[i] != '\0'; i++)
		hex[i] = (char)(hex[i] >= 'a' ? hex[i] - 32 : hex[i]);
	memset(&back, 0, sizeof(back));
	ck_assert(hash_parse(hex, &back));
	ck_assert(hash_equal(&hash, &back));
	hex[63] = 'g';
	ck_assert(!hash_parse(hex, &back));
	hex[62] = '\0';
	ck_assert(!hash_parse(hex, &back));
	ck_assert(!hash_parse("", &back));
	memset(hex, '0', 66);
	hex[66] = '\0';
	ck_assert(!hash_parse(hex, &back));
	ck_assert(hash_equal(&hash, &back));
}
END_TEST

START_TEST(without_memory)
{
	/* Each allocation and each call of libcrypto can fail, once. */
	struct hasher *h = NULL;
	struct hash hash;
	int k;

	nomem_at(1);
	ck_assert_int_eq(hasher_new(&h), ST_NOMEM);
	nomem_at(0);
	for (k = 1; k <= 2; k++) {
		nodigest_at(k);
		ck_assert_int_eq(hasher_new(&h), ST_NOMEM);
		ck_assert_ptr_null(h);
	}
	ck_assert_int_eq(hasher_new(&h), ST_OK);
	for (k = 1; k <= 3; k++) {
		nodigest_at(k);
		ck_assert_int_eq(hasher_once(h, "abc", 3, &hash), ST_NOMEM);
	}
	ck_assert_int_eq(hasher_once(h, "abc", 3, &hash), ST_OK);
	hasher_free(h);
	hasher_free(NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("util hash");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, hashes_as_published, 0,
	    sizeof(known) / sizeof(known[0]));
	tcase_add_test(t, starting_again_forgets);
	tcase_add_test(t, reads_what_it_writes);
	tcase_add_test(t, without_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
