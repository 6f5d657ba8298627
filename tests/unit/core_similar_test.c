/* SPDX-License-Identifier: MIT */
/* Which of some texts a new one was made from, by signatures and by names. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/chunk.h"
#include "core/similar.h"
#include "nomem.h"
#include "unit.h"
#include "util/auto.h"
#include "util/buf.h"

#define TEXT 8000
#define BITS 6
#define NONE SIZE_MAX

static uint32_t state;

static uint32_t
draw(void)
{
	state = state * 1103515245 + 12345;
	return state >> 8;
}

static void
fill(uint8_t *data, size_t len, uint32_t seed)
{
	size_t i;

	state = seed;
	for (i = 0; i < len; i++)
		data[i] = (uint8_t)("etaoin shrdlu\n cmfwyp"[draw() % 21]);
}

static void
sign(unsigned bits, const void *data, size_t len, struct buf *out)
{
	buf_clear(out);
	ck_assert_int_eq(chunk_once(bits, data, len, out), ST_OK);
}

static void
add(struct similar *s, const char *path, const struct buf *sig)
{
	ck_assert_int_eq(similar_add(s, path, buf_data(sig), sig->len), ST_OK);
}

/* The text that is found by contents, or NONE. */
static size_t
find(struct similar *s, const struct buf *sig)
{
	size_t n = NONE;
	bool found = similar_by_contents(s, buf_data(sig), sig->len, &n);

	ck_assert(found == (n != NONE));
	return n;
}

static size_t
find_name(struct similar *s, const char *path)
{
	size_t n = NONE;
	bool found = similar_by_name(s, path, &n);

	ck_assert(found == (n != NONE));
	return n;
}

START_TEST(of_none_nothing_comes)
{
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 };

	similar_free(NULL);
	ck_assert_int_eq(similar_new(&s), ST_OK);
	ck_assert(!similar_full(s));
	sign(BITS, "one\n", 4, &sig);
	ck_assert_uint_eq(find(s, &sig), NONE);
	ck_assert_uint_eq(find_name(s, "a"), NONE);
}
END_TEST

START_TEST(an_edit_is_found_among_many)
{
	/* Each of 50 texts, with a line in front, in the middle, at the end. */
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 };
	autofree uint8_t *data = malloc(TEXT + 10);
	const size_t at = (size_t)_i * TEXT / 2;
	uint32_t i;

	ck_assert_int_eq(similar_new(&s), ST_OK);
	for (i = 0; i < 50; i++) {
		fill(data, TEXT, i);
		sign(BITS, data, TEXT, &sig);
		add(s, "a", &sig);
	}
	for (i = 0; i < 50; i++) {
		fill(data, TEXT, i);
		memmove(data + at + 10, data + at, TEXT - at);
		memcpy(data + at, "new line!\n", 10);
		sign(BITS, data, TEXT + 10, &sig);
		ck_assert_uint_eq(find(s, &sig), i);
	}
	fill(data, TEXT, 51);
	sign(BITS, data, TEXT, &sig);
	ck_assert_uint_eq(find(s, &sig), NONE);
}
END_TEST

START_TEST(half_of_it_is_enough)
{
	/* A text that keeps so many tenths of an old one. */
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 };
	autofree uint8_t *data = malloc(TEXT);
	const size_t kept = (size_t)_i * TEXT / 10;

	ck_assert_int_eq(similar_new(&s), ST_OK);
	fill(data, TEXT, 1);
	sign(BITS, data, TEXT, &sig);
	add(s, "a", &sig);
	fill(data + kept, TEXT - kept, 2);
	sign(BITS, data, TEXT, &sig);
	if (_i != 5) /* a chunk more or less: that may go either way */
		ck_assert_uint_eq(find(s, &sig), _i > 5 ? 0 : NONE);
}
END_TEST

START_TEST(the_one_with_most_is_taken)
{
	/* In whichever order they come, and asked for twice. */
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 };
	autofree uint8_t *data = malloc(TEXT);
	const size_t kept[] = { 6, 9, 7 };
	size_t i, k;

	ck_assert_int_eq(similar_new(&s), ST_OK);
	for (i = 0; i < 3; i++) {
		k = kept[(i + (size_t)_i) % 3] * TEXT / 10;
		fill(data, TEXT, 1);
		fill(data + k, TEXT - k, 10 + (uint32_t)i);
		sign(BITS, data, TEXT, &sig);
		add(s, "a", &sig);
	}
	fill(data, TEXT, 1);
	sign(BITS, data, TEXT, &sig);
	ck_assert_uint_eq(find(s, &sig), (4 - (size_t)_i) % 3);
	ck_assert_uint_eq(find(s, &sig), (4 - (size_t)_i) % 3);
}
END_TEST

START_TEST(other_chunks_are_no_match)
{
	/* Signatures with chunks of another size can't be compared. */
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 };

	ck_assert_int_eq(similar_new(&s), ST_OK);
	sign(8, "one\n", 4, &sig);
	add(s, "a", &sig);
	ck_assert_uint_eq(find(s, &sig), 0);
	sign(10, "one\n", 4, &sig);
	ck_assert_uint_eq(find(s, &sig), NONE);
}
END_TEST

START_TEST(what_all_have_is_not_dear)
{
	/*
	 * As many equal texts as are known at all: any of them is right.  Were
	 * all of them entered for each chunk, that would be 2 * 10^9 steps.
	 */
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 };
	autofree uint8_t *data = malloc(TEXT);
	size_t i;

	ck_assert_int_eq(similar_new(&s), ST_OK);
	fill(data, TEXT, 1);
	sign(BITS, data, TEXT, &sig);
	for (i = 0; i < SIMILAR_TEXTS; i++)
		add(s, "a", &sig);
	for (i = 0; i < SIMILAR_TEXTS; i++)
		ck_assert_uint_eq(find(s, &sig), 0);
}
END_TEST

START_TEST(more_texts_are_known_by_name_alone)
{
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 }, none = { 0 };
	size_t i;

	ck_assert_int_eq(similar_new(&s), ST_OK);
	for (i = 0; i < SIMILAR_TEXTS; i++) {
		ck_assert(!similar_full(s));
		add(s, "a", &none);
	}
	ck_assert(similar_full(s));
	sign(BITS, "one\n", 4, &sig);
	add(s, "b", &sig);
	ck_assert_uint_eq(find(s, &sig), NONE);
	ck_assert_uint_eq(find_name(s, "c/b"), SIMILAR_TEXTS);
}
END_TEST

START_TEST(so_are_texts_behind_too_long_signatures)
{
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 };
	autofree uint8_t *data = malloc(TEXT);
	uint32_t i;

	ck_assert_int_eq(similar_new(&s), ST_OK);
	for (i = 0; !similar_full(s); i++) {
		ck_assert_uint_lt(i, SIMILAR_TEXTS);
		fill(data, TEXT, i);
		sign(BITS, data, TEXT, &sig);
		add(s, "a", &sig);
	}
	ck_assert_uint_eq(find(s, &sig), i - 1);
	fill(data, TEXT, i);
	sign(BITS, data, TEXT, &sig);
	add(s, "a", &sig);
	ck_assert_uint_eq(find(s, &sig), NONE);
}
END_TEST

static const struct {
	const char *sig;
	size_t len;
} damaged[] = {
	{ "", 0 }, { "\0", 1 }, /* no bits */
	{ "\5", 1 }, /* too few */
	{ "\15", 1 }, /* too many */
	{ "\6", 1 }, /* no chunk */
	{ "\6\4", 2 }, /* no hash */
	{ "\6\4ab", 4 }, /* half of one */
	{ "\6\0abc", 5 }, /* an empty chunk */
	{ "\6\200", 2 }, /* half a length */
	{ "\6\200\200\200\200\200\1abc", 10 }, /* too long a one */
};

START_TEST(damage_is_no_match)
{
	/* What is no signature is known by its name. */
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 };
	size_t n = NONE;

	ck_assert_int_eq(similar_new(&s), ST_OK);
	ck_assert_int_eq(similar_add(s, "a", damaged[_i].sig, damaged[_i].len),
	    ST_OK);
	sign(BITS, "one\n", 4, &sig);
	ck_assert_uint_eq(find(s, &sig), NONE);
	add(s, "b", &sig);
	ck_assert(
	    !similar_by_contents(s, damaged[_i].sig, damaged[_i].len, &n));
	ck_assert_uint_eq(find(s, &sig), 1);
	ck_assert_uint_eq(find_name(s, "x/a"), 0);
}
END_TEST

START_TEST(a_damaged_end_leaves_the_beginning)
{
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 };
	autofree uint8_t *data = malloc(TEXT);
	size_t len;

	fill(data, TEXT, 1);
	sign(BITS, data, TEXT, &sig);
	for (len = sig.len; len > 0; len--) {
		size_t n = NONE;

		similar_free(s);
		ck_assert_int_eq(similar_new(&s), ST_OK);
		ck_assert_int_eq(similar_add(s, "a", buf_data(&sig), len),
		    ST_OK);
		/* As of the first whole chunk. */
		if (len > 10)
			ck_assert(
			    similar_by_contents(s, buf_data(&sig), len, &n));
	}
}
END_TEST

START_TEST(any_bytes_do_no_harm)
{
	AUTO(similar) struct similar *s = NULL;
	uint8_t bytes[64];
	size_t i, k, n;

	ck_assert_int_eq(similar_new(&s), ST_OK);
	state = 1;
	for (i = 0; i < 20000; i++) {
		for (k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)(draw() % (i % 2 ? 256 : 8));
		bytes[0] = (uint8_t)(6 + draw() % 7);
		n = 1 + draw() % sizeof(bytes);
		ck_assert_int_eq(similar_add(s, "a", bytes, n), ST_OK);
		if (similar_by_contents(s, bytes, n, &k))
			ck_assert_uint_le(k, i);
	}
}
END_TEST

static const char *const paths[] = { "n.md", "a/n.md", "a/b/n.md", "c/b/n.md",
	"m.md", "a/xn.md", "!n.md", "a/n.md!", "n", "c/x/y/n.md" };

static const struct {
	const char *path;
	const char *found; /* NULL: none */
} names[] = {
	{ "n.md", "n.md" },
	{ "a/n.md", "a/n.md" },
	{ "b/n.md", "a/b/n.md" }, /* of two that end so either */
	{ "z/b/n.md", "c/b/n.md" },
	{ "zc/b/n.md", "c/b/n.md" },
	{ "za/b/n.md", "a/b/n.md" },
	{ "y/n.md", "c/x/y/n.md" },
	{ "x/y/z/m.md", "m.md" },
	{ "xn.md", "a/xn.md" },
	{ "q/!n.md", "!n.md" },
	{ "q/n.md!", "a/n.md!" },
	{ "q/n", "n" },
	{ "q/md", NULL },
	{ "q/nn.md", NULL },
	{ "a", NULL },
	{ "zzz", NULL },
	{ "\xff", NULL },
};

START_TEST(the_nearest_of_a_name)
{
	/* However the texts come. */
	AUTO(similar) struct similar *s = NULL;
	const size_t n = sizeof(paths) / sizeof(paths[0]);
	AUTO(buf) struct buf none = { 0 };
	size_t i, k, turn;

	for (turn = 0; turn < n; turn++) {
		similar_free(s);
		ck_assert_int_eq(similar_new(&s), ST_OK);
		for (i = 0; i < n; i++)
			add(s, paths[(i + turn) % n], &none);
		k = find_name(s, names[_i].path);
		if (names[_i].found == NULL)
			ck_assert_uint_eq(k, NONE);
		else
			ck_assert_str_eq(paths[(k + turn) % n],
			    names[_i].found);
	}
}
END_TEST

START_TEST(of_equal_paths_the_first)
{
	/* And one that is added behind a question is found as well. */
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf none = { 0 };

	ck_assert_int_eq(similar_new(&s), ST_OK);
	add(s, "a/n", &none);
	add(s, "a/n", &none);
	ck_assert_uint_eq(find_name(s, "a/n"), 0);
	ck_assert_uint_eq(find_name(s, "b/m"), NONE);
	add(s, "m", &none);
	ck_assert_uint_eq(find_name(s, "b/m"), 2);
}
END_TEST

START_TEST(memory_can_end)
{
	/* After that it is as it was, and the text can be added again. */
	AUTO(similar) struct similar *s = NULL;
	AUTO(buf) struct buf sig = { 0 };
	autofree uint8_t *data = malloc(TEXT);
	enum status st = ST_NOMEM;
	uint32_t i, failed = 0;
	long k;

	for (k = 1; st != ST_OK; k++) {
		nomem_at(k);
		st = similar_new(&s);
		nomem_at(0);
	}
	for (i = 0; i < 200; i++) {
		fill(data, TEXT, i);
		sign(BITS, data, TEXT, &sig);
		for (k = 1, st = ST_NOMEM; st != ST_OK; k++) {
			nomem_at(k);
			st = similar_add(s, "a", buf_data(&sig), sig.len);
			nomem_at(0);
			ck_assert(st == ST_OK || st == ST_NOMEM);
			failed += st != ST_OK;
		}
		ck_assert_uint_eq(find(s, &sig), i);
	}
	ck_assert_uint_gt(failed, 10);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("similar");
	TCase *t = tcase_create("similar");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, of_none_nothing_comes);
	tcase_add_loop_test(t, an_edit_is_found_among_many, 0, 3);
	tcase_add_loop_test(t, half_of_it_is_enough, 0, 11);
	tcase_add_loop_test(t, the_one_with_most_is_taken, 0, 3);
	tcase_add_test(t, other_chunks_are_no_match);
	tcase_add_test(t, what_all_have_is_not_dear);
	tcase_add_test(t, more_texts_are_known_by_name_alone);
	tcase_add_test(t, so_are_texts_behind_too_long_signatures);
	tcase_add_loop_test(t, damage_is_no_match, 0,
	    (int)(sizeof(damaged) / sizeof(damaged[0])));
	tcase_add_test(t, a_damaged_end_leaves_the_beginning);
	tcase_add_test(t, any_bytes_do_no_harm);
	tcase_add_loop_test(t, the_nearest_of_a_name, 0,
	    (int)(sizeof(names) / sizeof(names[0])));
	tcase_add_test(t, of_equal_paths_the_first);
	tcase_add_test(t, memory_can_end);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
