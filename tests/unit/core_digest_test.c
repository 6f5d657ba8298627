/* SPDX-License-Identifier: MIT */
/* What one pass over a text says of it is what two passes would. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/chunk.h"
#include "core/digest.h"
#include "nodigest.h"
#include "nomem.h"
#include "unit.h"
#include "util/auto.h"
#include "util/buf.h"

#define LARGE ((size_t)3 << 20) /* a thread is worth it */

static uint8_t *
make_text(size_t len)
{
	uint8_t *data = malloc(len + 1);
	uint32_t state = 5;
	size_t i;

	for (i = 0; i < len; i++) {
		state = state * 1103515245 + 12345;
		data[i] =
		    (uint8_t)("etaoin shrdlu\n cmfwyp"[(state >> 8) % 21]);
	}
	return data;
}

/* In two buffers, by turns, as who reads a file does it. */
static void
feed(struct digest *d, const uint8_t *data, size_t len, size_t piece)
{
	autofree uint8_t *buf = malloc(2 * piece);
	uint8_t *at = buf;
	size_t done, n;

	for (done = 0; done < len; done += n) {
		n = len - done < piece ? len - done : piece;
		memcpy(at, data + done, n);
		ck_assert_int_eq(digest_add(d, at, n), ST_OK);
		at = at == buf ? buf + piece : buf;
	}
	ck_assert_int_eq(digest_wait(d), ST_OK);
	memset(buf, 'x', 2 * piece);
}

/* All of it is copied from a text that is the same. */
static void
copy(struct digest *d, const uint8_t *data, size_t len, size_t piece,
    const struct buf *sig, struct buf *ret)
{
	struct chunk_known known;
	struct hash hash, got;
	size_t at, n;

	ck_assert_int_eq(digest_start(d, len, NULL), ST_OK);
	ck_assert_int_eq(digest_add(d, data, len), ST_OK);
	ck_assert_int_eq(digest_end(d, &hash), ST_OK);
	ck_assert(len < CHUNK_WORTH ||
	    chunk_known_start(&known, buf_data(sig), sig->len,
		chunk_bits(len)));
	ck_assert_int_eq(digest_start(d, len, ret), ST_OK);
	for (at = 0; at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		ck_assert_int_eq(digest_copy(d, &known, at, data + at, n),
		    ST_OK);
	}
	ck_assert_int_eq(digest_end(d, &got), ST_OK);
	ck_assert(hash_equal(&hash, &got));
}

static void
check(struct digest *d, const uint8_t *data, size_t len, size_t piece)
{
	AUTO(hasher) struct hasher *hasher = NULL;
	AUTO(buf) struct buf want = { 0 }, sig = { 0 }, copied = { 0 };
	struct hash hash, got;

	ck_assert_int_eq(hasher_new(&hasher), ST_OK);
	ck_assert_int_eq(hasher_once(hasher, data, len, &hash), ST_OK);
	if (len >= CHUNK_WORTH)
		ck_assert_int_eq(chunk_once(chunk_bits(len), data, len, &want),
		    ST_OK);
	ck_assert_int_eq(digest_start(d, len, &sig), ST_OK);
	feed(d, data, len, piece);
	ck_assert_int_eq(digest_end(d, &got), ST_OK);
	ck_assert(hash_equal(&hash, &got));
	ck_assert_uint_eq(sig.len, want.len);
	ck_assert(sig.len == 0 ||
	    memcmp(buf_data(&sig), buf_data(&want), sig.len) == 0);
	copy(d, data, len, piece, &sig, &copied);
	ck_assert_uint_eq(copied.len, want.len);
	ck_assert(sig.len == 0 ||
	    memcmp(buf_data(&copied), buf_data(&want), want.len) == 0);
	/* The hash alone. */
	ck_assert_int_eq(digest_start(d, len, NULL), ST_OK);
	feed(d, data, len, piece);
	ck_assert_int_eq(digest_end(d, &got), ST_OK);
	ck_assert(hash_equal(&hash, &got));
}

START_TEST(one_pass_says_what_two_say)
{
	static const size_t sizes[] = { 0, 1, CHUNK_WORTH - 1, CHUNK_WORTH,
		70000, LARGE, 2 };
	static const size_t pieces[] = { 1 << 18, 1 << 14, 16383, 4099 };
	autofree uint8_t *data = make_text(LARGE);
	AUTO(digest) struct digest *d = NULL;
	size_t i;

	/* The same one again and again, with its thread and without. */
	ck_assert_int_eq(digest_new(&d), ST_OK);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		check(d, data, sizes[i], pieces[_i]);
}
END_TEST

/* Another text can begin before the last one has ended. */
START_TEST(given_up_and_begun_again)
{
	autofree uint8_t *data = make_text(LARGE);
	AUTO(digest) struct digest *d = NULL;
	AUTO(buf) struct buf sig = { 0 };
	int i;

	ck_assert_int_eq(digest_new(&d), ST_OK);
	for (i = 0; i < 5; i++) {
		buf_clear(&sig);
		ck_assert_int_eq(digest_start(d, LARGE, &sig), ST_OK);
		ck_assert_int_eq(digest_add(d, data, LARGE), ST_OK);
	}
	check(d, data, LARGE, 1 << 18);
}
END_TEST

START_TEST(no_memory)
{
	autofree uint8_t *data = make_text(LARGE);
	enum status st = ST_NOMEM;
	int k;

	for (k = 1; st != ST_OK; k++) {
		AUTO(digest) struct digest *d = NULL;
		AUTO(buf) struct buf sig = { 0 };
		struct hash hash;

		nomem_at(k);
		st = digest_new(&d);
		if (st == ST_OK)
			st = digest_start(d, LARGE, &sig);
		if (st == ST_OK)
			st = digest_add(d, data, LARGE);
		if (st == ST_OK)
			st = digest_end(d, &hash);
		ck_assert(st == ST_OK || st == ST_NOMEM);
	}
	nomem_at(0);
	ck_assert_int_gt(k, 3);
}
END_TEST

/* libcrypto has no memory: that is seen in the end, and does no harm. */
START_TEST(no_crypto)
{
	autofree uint8_t *data = make_text(1000);
	enum status st = ST_NOMEM;
	int k;

	for (k = 1; st != ST_OK; k++) {
		AUTO(digest) struct digest *d = NULL;
		AUTO(buf) struct buf sig = { 0 };
		struct chunk_known known = { .have = false };
		struct hash hash;

		nodigest_at(k);
		st = digest_new(&d);
		if (st == ST_OK)
			st = digest_start(d, 3000, &sig);
		if (st == ST_OK)
			st = digest_add(d, data, 1000);
		if (st == ST_OK)
			st = digest_copy(d, &known, 0, data, 1000);
		if (st == ST_OK)
			st = digest_add(d, data, 1000);
		if (st == ST_OK)
			st = digest_end(d, &hash);
		ck_assert(st == ST_OK || st == ST_NOMEM);
	}
	nodigest_at(0);
	ck_assert_int_eq(k, 7 + 2); /* calls, and the time that none failed */
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("digest");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, one_pass_says_what_two_say, 0, 4);
	tcase_add_test(t, given_up_and_begun_again);
	tcase_add_test(t, no_memory);
	tcase_add_test(t, no_crypto);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
