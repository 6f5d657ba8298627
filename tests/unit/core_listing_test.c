/* SPDX-License-Identifier: MIT */
/*
 * Listings.  Entries are written as words: a letter for the kind and the path
 * behind it.  T text, A absent, u unread, x excluded; U and X are covers.
 */
#include "config.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/entry.h"
#include "core/listing.h"
#include "core/path.h"
#include "nomem.h"
#include "unit.h"

#define TEXT_SIZE 4096

static struct entry
entry_of(const char *word)
{
	struct entry e = { .path = word + 1 };

	switch (word[0]) {
	case 'A':
		e.kind = ENTRY_ABSENT;
		break;
	case 'T':
		e.kind = ENTRY_TEXT;
		break;
	case 'u':
	case 'U':
		e.kind = ENTRY_UNREAD;
		break;
	default:
		e.kind = ENTRY_EXCLUDED;
	}
	e.cover = word[0] == 'U' || word[0] == 'X';
	return e;
}

static char
letter_of(const struct entry *e)
{
	return (e->cover ? "ATUX" : "ATux")[e->kind];
}

static enum status
fill(struct listing *list, const char *words)
{
	char text[TEXT_SIZE], *rest = text, *word;
	enum status st = ST_OK;
	struct entry e;

	snprintf(text, sizeof(text), "%s", words);
	while (st == ST_OK && (word = strsep(&rest, " ")) != NULL) {
		if (*word == '\0')
			continue;
		e = entry_of(word);
		st = listing_add(list, &e);
	}
	return st;
}

static struct listing *
listing_of(const char *words)
{
	struct listing *list = NULL;

	ck_assert_int_eq(listing_new(&list), ST_OK);
	ck_assert_int_eq(fill(list, words), ST_OK);
	listing_sort(list);
	return list;
}

static void
check_is(const struct listing *list, const char *words)
{
	char text[TEXT_SIZE] = "";
	const struct entry *e;
	size_t i, used = 0;

	for (i = 0; i < listing_count(list); i++) {
		e = listing_at(list, i);
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%c%s", i == 0 ? "" : " ", letter_of(e), e->path);
	}
	ck_assert_str_eq(text, words);
}

static const struct {
	const char *in;
	const char *out;
} sorts[] = {
	{ "", "" },
	{ "Ta", "Ta" },
	{ "Ta Tb Tc", "Ta Tb Tc" },
	{ "Tc Tb Ta", "Ta Tb Tc" },
	{ "Td/x Td-x Td Td0", "Td Td-x Td/x Td0" },
	{ "T\xff Ta T\x7f", "Ta T\x7f T\xff" },
	{ "Ta xa", "xa" },
	{ "xa Ta", "Ta" },
	{ "Ta xa ua", "ua" },
	{ "Ta Tb ua", "ua Tb" },
	{ "Tb Ta xb ub Tc xa", "xa ub Tc" },
	{ "Ta Tb Tc Td Te Tf Tg Th Ti Tj Tk Tl Tm Tn To Tp Tq Tr Ts A0 At",
	    "A0 Ta Tb Tc Td Te Tf Tg Th Ti Tj Tk Tl Tm Tn To Tp Tq Tr Ts At" },
};

START_TEST(sorts_by_bytes_and_keeps_the_last)
{
	/* Any order of adding gives the order of bytes; the last one stays. */
	struct listing *list = listing_of(sorts[_i].in);

	check_is(list, sorts[_i].out);
	listing_sort(list);
	check_is(list, sorts[_i].out);
	listing_free(list);
}
END_TEST

START_TEST(sorts_many)
{
	/* Thousands in random order, many twice, against what a map says. */
	enum {
		PATHS = 3000,
		ADDS = 8000
	};
	static uint64_t last[PATHS];
	AUTO(listing) struct listing *list = NULL;
	struct entry e = { .kind = ENTRY_TEXT };
	size_t i, at, paths = 0;
	char path[64];

	ck_assert_int_eq(listing_new(&list), ST_OK);
	srandom(1);
	for (i = 1; i <= ADDS; i++) {
		at = (size_t)random() % PATHS;
		paths += last[at] == 0;
		last[at] = i;
		snprintf(path, sizeof(path), "folder/%05zu%040d", at, 0);
		e.path = path;
		e.size = i;
		if (listing_add(list, &e) != ST_OK)
			ck_abort_msg("out of memory");
	}
	listing_sort(list);
	ck_assert_uint_eq(listing_count(list), paths);
	for (i = 0; i < paths; i++) {
		snprintf(path, sizeof(path), "%.5s",
		    listing_at(list, i)->path + 7);
		at = strtoul(path, NULL, 10);
		ck_assert_uint_eq(listing_at(list, i)->size, last[at]);
		if (i > 0)
			ck_assert_int_lt(strcmp(listing_at(list, i - 1)->path,
					     listing_at(list, i)->path),
			    0);
	}
}
END_TEST

START_TEST(keeps_its_own_copy)
{
	/* An added path may change afterwards; a borrowed one is the caller's. */
	AUTO(listing) struct listing *list = NULL;
	char own[] = "own", borrowed[] = "two";
	struct entry e = { .path = own, .kind = ENTRY_TEXT, .size = 7 };

	ck_assert_int_eq(listing_new(&list), ST_OK);
	ck_assert_int_eq(listing_add(list, &e), ST_OK);
	e.path = borrowed;
	ck_assert_int_eq(listing_add_borrowed(list, &e), ST_OK);
	own[0] = 'X';
	listing_sort(list);
	ck_assert_str_eq(listing_at(list, 0)->path, "own");
	ck_assert_uint_eq(listing_at(list, 0)->size, 7);
	ck_assert_ptr_eq(listing_at(list, 1)->path, borrowed);
}
END_TEST

START_TEST(takes_paths_longer_than_a_block)
{
	/* No limit on a path is built in: 100,000 bytes beside short ones. */
	AUTO(listing) struct listing *list = NULL;
	struct entry e = { .kind = ENTRY_TEXT };
	char *path = malloc(100001);

	ck_assert_ptr_nonnull(path);
	memset(path, 'p', 100000);
	path[100000] = '\0';
	ck_assert_int_eq(listing_new(&list), ST_OK);
	ck_assert_int_eq(fill(list, "Ta"), ST_OK);
	e.path = path;
	ck_assert_int_eq(listing_add(list, &e), ST_OK);
	ck_assert_int_eq(fill(list, "Tz"), ST_OK);
	listing_sort(list);
	ck_assert_ptr_eq(listing_find(list, path), listing_at(list, 1));
	ck_assert_ptr_nonnull(listing_find(list, "z"));
	free(path);
}
END_TEST

START_TEST(is_cheap)
{
	/* An entry in order costs its 64 bytes, its path, and some growth. */
	enum {
		N = 100000
	};
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd, after;
	AUTO(listing) struct listing *list = NULL;
	struct entry e = { .kind = ENTRY_TEXT };
	char path[64];
	int i;

	ck_assert_uint_eq(sizeof(struct entry), 64);
	ck_assert_int_eq(listing_new(&list), ST_OK);
	for (i = 0; i < N; i++) {
		snprintf(path, sizeof(path),
		    "some/folder/with/a/name/and-a-file-%08d.txt", i);
		e.path = path;
		if (listing_add(list, &e) != ST_OK)
			ck_abort_msg("out of memory");
	}
	after = mallinfo2().uordblks + mallinfo2().hblkhd;
	ck_assert_uint_lt((after - before) / N, 200);
}
END_TEST

START_TEST(finds)
{
	/* What is there is found, what is not is not; covers don't count. */
	AUTO(listing) struct listing *list = listing_of("Ta Ta/b Xc Te xg");
	AUTO(listing) struct listing *empty = listing_of("");
	static const char *const there[] = { "a", "a/b", "c", "e", "g" };
	static const char *const not_there[] = { "", "0", "a/", "b", "c/d", "d",
		"f", "h" };
	size_t i;

	for (i = 0; i < 5; i++)
		ck_assert_str_eq(listing_find(list, there[i])->path, there[i]);
	for (i = 0; i < 8; i++)
		ck_assert_ptr_null(listing_find(list, not_there[i]));
	ck_assert_ptr_null(listing_find(empty, "a"));
}
END_TEST

/* Answers: the entry's letter, or "-", "u", "x" from no entry, in brackets. */
static const struct {
	const char *list;
	const char *asked;
	const char *answers;
} walks[] = {
	{ "", "a b", "(-)(-)" },
	{ "Ta Tc", "a b c d", "T(-)T(-)" },
	{ "Ta Tb Tc", "c", "T" },
	{ "Ta Tb Tc", "b", "T" },
	{ "Ua", "a a/b a/b/c a0", "U(u)(u)(-)" },
	{ "Xa", "a a/b b", "X(x)(-)" },
	{ "Xa", "a/b", "(x)" },
	{ "ua xb", "a a/b b b/c", "u(-)x(-)" },
	/* "d-x" stands between "d" and "d/x" and is not below it. */
	{ "Xd", "d d-x d/x", "X(-)(x)" },
	{ "Xd Ud-x", "d-x d-x/y d/x", "U(u)(x)" },
	{ "Xd Td-x Td/b", "d-x d/a d/b d/c", "T(x)T(x)" },
	{ "Xd Ud- Xd-x", "d- d-/a d-x/b d/x", "U(u)(x)(x)" },
	/* The innermost decides, and ends where its folder ends. */
	{ "Xa Ua/b", "a/a a/b a/b/c a/c", "(x)U(u)(x)" },
	{ "Ua Xa/b Ua/b/c", "a/b/b a/b/c/d a/b/d a/c b", "(x)(u)(x)(u)(-)" },
	/* An exact entry wins, and shades nothing. */
	{ "Xa Ta/b Aa/c", "a/b a/b/c a/c a/d", "T(x)A(x)" },
	/* Covers that were stepped over count, too. */
	{ "Xa Ta/a Ub Tb/c", "b/d", "(u)" },
	{ "Xa Ub", "c", "(-)" },
	/* One for all. */
	{ "U", "a b/c", "(u)(u)" },
};

static void
add_answer(char *text, const struct entry *e)
{
	char one[4] = { letter_of(e) };

	if (e->path == NULL)
		snprintf(one, sizeof(one), "(%c)", "-Tux"[e->kind]);
	strcat(text, one);
}

START_TEST(walks_under_covers)
{
	/* Each path asked for, in order, gives what the table says. */
	AUTO(listing) struct listing *list = listing_of(walks[_i].list);
	AUTO(listing_walk) struct listing_walk *walk = NULL;
	char text[256], answers[256] = "", *rest = text, *path;

	ck_assert_int_eq(listing_walk_new(list, &walk), ST_OK);
	snprintf(text, sizeof(text), "%s", walks[_i].asked);
	while ((path = strsep(&rest, " ")) != NULL)
		add_answer(answers, listing_walk_at(walk, path));
	ck_assert_str_eq(answers, walks[_i].answers);
}
END_TEST

START_TEST(a_flag_alone_is_no_cover)
{
	/* Only what is unread or excluded covers what is below it. */
	AUTO(listing) struct listing *list = NULL;
	AUTO(listing_walk) struct listing_walk *walk = NULL;
	struct entry e = { .path = "a", .kind = ENTRY_TEXT, .cover = true };

	ck_assert_int_eq(listing_new(&list), ST_OK);
	ck_assert_int_eq(listing_add(list, &e), ST_OK);
	listing_sort(list);
	ck_assert_int_eq(listing_walk_new(list, &walk), ST_OK);
	ck_assert_int_eq(listing_walk_at(walk, "a/b")->kind, ENTRY_ABSENT);
}
END_TEST

START_TEST(gives_the_next_path)
{
	/* A walk over what it offers itself passes every entry once. */
	AUTO(listing) struct listing *list = listing_of("Xa Ta/b Tc");
	AUTO(listing_walk) struct listing_walk *walk = NULL;
	size_t i;

	ck_assert_int_eq(listing_walk_new(list, &walk), ST_OK);
	for (i = 0; i < 3; i++) {
		ck_assert_ptr_eq(listing_walk_next_path(walk),
		    listing_at(list, i)->path);
		ck_assert_ptr_eq(listing_walk_at(walk,
				     listing_walk_next_path(walk)),
		    listing_at(list, i));
	}
	ck_assert_ptr_null(listing_walk_next_path(walk));
}
END_TEST

/* What a cover says, found the slow way: the longest that is above path. */
static int
slow_kind(const struct listing *list, const char *path)
{
	const struct entry *e = listing_find(list, path);
	size_t i, best = 0;
	int kind = ENTRY_ABSENT;

	if (e != NULL)
		return e->kind;
	for (i = 0; i < listing_count(list); i++) {
		e = listing_at(list, i);
		if (e->cover && path_below(path, e->path) &&
		    strlen(e->path) > best) {
			best = strlen(e->path);
			kind = e->kind;
		}
	}
	return kind;
}

static void
random_path(char *path)
{
	static const char *const names[] = { "a", "a-", "b", "a-b", "-" };
	int depth = (int)(random() % 4);

	strcpy(path, names[random() % 5]);
	while (depth-- > 0) {
		strcat(path, "/");
		strcat(path, names[random() % 5]);
	}
}

START_TEST(walks_as_the_slow_way_does)
{
	/* Random covers and random questions, against a search of them all. */
	AUTO(listing) struct listing *list = NULL, *asked = NULL;
	AUTO(listing_walk) struct listing_walk *walk = NULL;
	char path[64], word[80];
	const char *next;
	int i;

	srandom((unsigned)_i);
	ck_assert_int_eq(listing_new(&list), ST_OK);
	ck_assert_int_eq(listing_new(&asked), ST_OK);
	for (i = 0; i < 60; i++) {
		random_path(path);
		snprintf(word, sizeof(word), "%c%s", "UXT"[random() % 3], path);
		ck_assert_int_eq(fill(i % 5 == 0 ? list : asked, word), ST_OK);
	}
	listing_sort(list);
	listing_sort(asked);
	ck_assert_int_eq(listing_walk_new(list, &walk), ST_OK);
	for (i = 0; i < (int)listing_count(asked); i++) {
		next = listing_at(asked, (size_t)i)->path;
		ck_assert_int_eq(listing_walk_at(walk, next)->kind,
		    slow_kind(list, next));
	}
}
END_TEST

static const struct {
	const char *base;
	const char *newer;
	const char *out;
} overlays[] = {
	{ "", "", "" },
	{ "Ta Tb", "", "Ta Tb" },
	{ "", "Ta xb", "Ta xb" },
	{ "Ta Tc", "Tb Td", "Ta Tb Tc Td" },
	{ "Ta Tb Tc", "xb", "Ta xb Tc" },
	{ "Ta Tb Tc", "Aa Ac", "Aa Tb Ac" },
	{ "Ta", "Ab Ta", "Ta Ab" },
	{ "Ta", "Aa", "Aa" },
	{ "Td/f", "Ud Ad/f", "Ud Ad/f" },
	{ "Xa", "Ta/b", "Xa Ta/b" },
};

START_TEST(overlays_the_newer)
{
	/* The newer entry stands, an absent one too; paths are borrowed. */
	AUTO(listing) struct listing *base = listing_of(overlays[_i].base);
	AUTO(listing) struct listing *newer = listing_of(overlays[_i].newer);
	AUTO(listing) struct listing *out = NULL;

	ck_assert_int_eq(listing_overlay(base, newer, &out), ST_OK);
	check_is(out, overlays[_i].out);
}
END_TEST

/* Enough to grow twice, to go out of order, and to need a second block. */
static enum status
build(struct listing **ret)
{
	AUTO(listing) struct listing *list = NULL;
	struct entry e = { .kind = ENTRY_TEXT };
	enum status st = listing_new(&list);
	char path[3000];
	int i;

	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	e.path = path;
	for (i = 0; st == ST_OK && i < 50; i++) {
		path[0] = (char)('a' + (i * 7) % 20);
		st = listing_add(list, &e);
		if (st == ST_OK)
			st = listing_add_borrowed(list,
			    &(struct entry){ .path = "b" });
	}
	if (st != ST_OK)
		return st;
	listing_sort(list);
	*ret = list;
	list = NULL;
	return ST_OK;
}

START_TEST(building_without_memory)
{
	/* Whichever allocation fails: said so, and nothing leaks. */
	struct listing *list = NULL;
	enum status st;
	long k;

	for (k = 1;; k++) {
		nomem_at(k);
		st = build(&list);
		nomem_at(0);
		if (st == ST_OK)
			break;
		ck_assert_int_eq(st, ST_NOMEM);
		ck_assert_ptr_null(list);
	}
	ck_assert_int_gt(k, 5);
	ck_assert_uint_eq(listing_count(list), 21);
	listing_free(list);
}
END_TEST

START_TEST(adding_again_after_a_failure)
{
	/* A listing that could not grow is as it was, and goes on. */
	AUTO(listing) struct listing *list = NULL;
	struct entry b = entry_of("Tb"), a = entry_of("Ta");

	ck_assert_int_eq(listing_new(&list), ST_OK);
	ck_assert_int_eq(listing_add(list, &b), ST_OK);
	nomem_at(1);
	ck_assert_int_eq(listing_add(list, &a), ST_NOMEM);
	nomem_at(0);
	ck_assert_uint_eq(listing_count(list), 1);
	ck_assert_int_eq(listing_add(list, &a), ST_OK);
	listing_sort(list);
	check_is(list, "Ta Tb");
}
END_TEST

START_TEST(reading_without_memory)
{
	/* Walks and overlays say so, and leave their results alone. */
	AUTO(listing) struct listing *a = listing_of("Ta Tc");
	AUTO(listing) struct listing *b = listing_of("Tb");
	struct listing *out = NULL;
	struct listing_walk *walk = NULL;
	long k;

	nomem_at(1);
	ck_assert_int_eq(listing_walk_new(a, &walk), ST_NOMEM);
	ck_assert_ptr_null(walk);
	for (k = 1; k <= 2; k++) {
		nomem_at(k);
		ck_assert_int_eq(listing_overlay(a, b, &out), ST_NOMEM);
		ck_assert_ptr_null(out);
	}
	nomem_at(0);
	listing_walk_free(NULL);
	listing_free(NULL);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *s = suite_create("core listing");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, sorts_by_bytes_and_keeps_the_last, 0,
	    COUNT(sorts));
	tcase_add_test(t, sorts_many);
	tcase_add_test(t, keeps_its_own_copy);
	tcase_add_test(t, takes_paths_longer_than_a_block);
	tcase_add_test(t, is_cheap);
	tcase_add_test(t, finds);
	tcase_add_loop_test(t, walks_under_covers, 0, COUNT(walks));
	tcase_add_test(t, a_flag_alone_is_no_cover);
	tcase_add_test(t, gives_the_next_path);
	tcase_add_loop_test(t, walks_as_the_slow_way_does, 0, 30);
	tcase_add_loop_test(t, overlays_the_newer, 0, COUNT(overlays));
	tcase_add_test(t, building_without_memory);
	tcase_add_test(t, adding_again_after_a_failure);
	tcase_add_test(t, reading_without_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
