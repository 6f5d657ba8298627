/* SPDX-License-Identifier: MIT */
/*
 * A survey of a part of the folder finds what a survey of all would find there,
 * and writes down the same; a brief one of all, with what is recalled, finds
 * what a whole one does.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>

#include "core/entry.h"
#include "core/fingerprint.h"
#include "core/listing.h"
#include "core/scope.h"
#include "store/journal.h"
#include "sync/recall.h"
#include "sync/replica.h"
#include "sync/survey.h"
#include "testenv.h"
#include "unit.h"

#define OK(call) ck_assert_msg((call) == ST_OK, "%s: %s", #call, err.text)

static struct testenv te;
static struct err err;
static char folder[UNIT_FOLDER];
static struct replica *r;

static void
open_replica(bool server)
{
	const struct replica_opts opts = { .path = folder, .server = server };

	OK(replica_open(&te.env, &opts, &r, &err));
}

static void
setup(void)
{
	testenv_init(&te);
	unit_folder(folder);
}

static void
teardown(void)
{
	replica_free(r);
	r = NULL;
	unit_folder_remove(folder);
}

static uint64_t
last_seq(void)
{
	uint64_t seq;

	OK(journal_last_seq(r->db, &seq, &err));
	return seq;
}

/* Nothing if something is in the way. */
static void
try_write(const char *path, const char *text)
{
	char full[UNIT_FOLDER + 32], *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", folder, path);
	for (slash = strchr(full + strlen(folder) + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(full, 0755);
		*slash = '/';
	}
	f = fopen(full, "w");
	if (f == NULL)
		return;
	fputs(text, f);
	fclose(f);
}

static const char *const places[] = { "a", "a/b", "a/b/c", "a.b", "a.b/c",
	"a/d", "a-", "x.o", "x", "x/a", "x/b/c/d", "x/b.o" };
#define PLACES (sizeof(places) / sizeof(places[0]))

static unsigned dice;

static unsigned
roll(unsigned n)
{
	dice = dice * 1103515245u + 12345u;
	return (dice >> 16) % n;
}

static void
change_away(const char *path)
{
	char full[UNIT_FOLDER + 32];

	snprintf(full, sizeof(full), "%s/%s", folder, path);
	nftw(full, unit_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A file, a folder or nothing, where that can be. */
static void
change_place(const char *path)
{
	char full[UNIT_FOLDER + 32], text[16];

	snprintf(full, sizeof(full), "%s/%s", folder, path);
	if (roll(3) == 0) {
		change_away(path);
		return;
	}
	if (roll(3) == 0) {
		(void)mkdir(full, 0755);
		return;
	}
	if (roll(6) == 0) {
		ck_assert(symlink("no/where", full) == 0 || errno != EPERM);
		return;
	}
	snprintf(text, sizeof(text), "%u\n", roll(1000));
	try_write(path, text);
	te.now += NSEC;
}

static struct scope *
scope_of(const bool changed[PLACES])
{
	struct scope *scope;
	size_t i;

	ck_assert_int_eq(scope_new(&scope), ST_OK);
	for (i = 0; i < PLACES; i++)
		if (changed[i])
			ck_assert_int_eq(scope_add(scope, places[i], true),
			    ST_OK);
	ck_assert_int_eq(scope_close(scope), ST_OK);
	return scope;
}

static void
look(struct scope *scope)
{
	AUTO(survey) struct survey *s = NULL;
	bool done = false;

	ck_assert_int_eq(survey_new(r, scope, true, &s), ST_OK);
	while (!done)
		OK(survey_step(s, &done, &err));
}

static struct listing *
all_places(void)
{
	struct listing *list;
	size_t i;

	ck_assert_int_eq(listing_new(&list), ST_OK);
	for (i = 0; i < PLACES; i++)
		ck_assert_int_eq(listing_add_borrowed(list,
				     &(struct entry){ .path = places[i] }),
		    ST_OK);
	listing_sort(list);
	return list;
}

/* What both listings say of each place, and the journal in all. */
static void
tell(char out[4096], const struct scope *scope)
{
	AUTO(listing_walk) struct listing_walk *disk = NULL;
	AUTO(listing) struct listing *sorted = all_places();
	struct fingerprint fp;
	size_t i, len = 0;

	ck_assert_int_eq(listing_walk_new(r->disk, &disk), ST_OK);
	for (i = 0; i < PLACES; i++) {
		const char *path = listing_at(sorted, i)->path;
		const struct entry *e = listing_walk_at(disk, path);
		const struct entry *base = listing_find(r->base, path);

		if (!scope_has(scope, path))
			continue;
		len += (size_t)snprintf(out + len, 4096 - len,
		    "%s: %d %02x, %d %02x\n", path, e->kind,
		    e->kind == ENTRY_TEXT ? e->hash.b[0] : 0,
		    base == NULL ? ENTRY_ABSENT : base->kind,
		    base == NULL ? 0 : base->hash.b[0]);
	}
	OK(journal_fingerprint(r->db, &fp, &err));
	snprintf(out + len, 4096 - len, "%llu %02x\n",
	    (unsigned long long)fp.count, fp.sum[0]);
}

/* Nothing is in both listings of a brief survey, and the same there. */
static void
check_brief(void)
{
	const struct entry *e, *was;
	size_t i;

	ck_assert(r->brief);
	for (i = 0; i < listing_count(r->disk); i++) {
		e = listing_at(r->disk, i);
		was = listing_find(r->base, e->path);
		ck_assert(was == NULL || e->kind != ENTRY_TEXT ||
		    !entry_same(e, was));
	}
}

/* The same as a whole one, once all places are spoken of. */
static void
look_briefly(const char *whole)
{
	AUTO(listing) struct listing *paths = all_places();
	const uint64_t size = r->size;
	char brief[4096];

	OK(survey(r, false, &err));
	check_brief();
	ck_assert_uint_eq(r->size, size);
	OK(recall(r, paths, &err));
	tell(brief, NULL);
	ck_assert_str_eq(brief, whole);
}

/*
 * A look at what was changed finds what a look at all would find, and writes
 * down the same.
 */
START_TEST(a_part_of_it)
{
	const bool server = _i % 2 == 1;
	char part[4096], all[4096];
	bool changed[PLACES];
	struct scope *scope;
	uint64_t seq;
	size_t i;
	int n;

	dice = (unsigned)_i;
	open_replica(server);
	OK(survey(r, true, &err));
	for (n = 0; n < 12; n++) {
		memset(changed, 0, sizeof(changed));
		for (i = 0; i < PLACES; i++) {
			changed[i] = roll(4) == 0;
			if (changed[i])
				change_place(places[i]);
		}
		look(scope_of(changed));
		ck_assert_ptr_nonnull(r->scope);
		seq = last_seq();
		/* A server writes its base: it is the same from then on. */
		look(scope_of(changed));
		tell(part, r->scope);
		OK(survey(r, true, &err));
		ck_assert_ptr_null(r->scope);
		scope = scope_of(changed);
		tell(all, scope);
		scope_free(scope);
		ck_assert_str_eq(part, all);
		tell(all, NULL);
		look_briefly(all);
		ck_assert_uint_eq(last_seq(), seq);
		te.now += 10 * NSEC;
	}
}
END_TEST

/* Rules that come, change or go are everybody's business. */
START_TEST(a_part_with_rules)
{
	const bool changed[PLACES] = { [1] = true };
	struct scope *scope;

	open_replica(true);
	try_write("x.o", "o\n");
	OK(survey(r, true, &err));
	ck_assert_uint_eq(listing_count(r->disk), 1);
	try_write("a/b/.dsyncignore", "*.o\n");
	try_write("a/b/x.o", "o\n");
	look(scope_of(changed));
	ck_assert_ptr_null(r->scope);
	/* "x.o" is as it was. */
	ck_assert_uint_eq(listing_count(r->disk), 2);
	ck_assert_int_eq(listing_find(r->disk, "a/b/x.o")->kind,
	    ENTRY_EXCLUDED);
	/* The folder goes, and the rules in it. */
	change_away("a/b");
	look(scope_of(changed));
	ck_assert_ptr_null(r->scope);
	ck_assert_uint_eq(listing_count(r->disk), 0);
	try_write("a/b/x.o", "o\n");
	look(scope_of(changed));
	ck_assert_ptr_nonnull(r->scope);
	ck_assert_int_eq(listing_find(r->disk, "a/b/x.o")->kind, ENTRY_TEXT);
	/* The file alone. */
	try_write(".dsyncignore", "*.o\n");
	ck_assert_int_eq(scope_new(&scope), ST_OK);
	ck_assert_int_eq(scope_add(scope, ".dsyncignore", false), ST_OK);
	ck_assert_int_eq(scope_close(scope), ST_OK);
	look(scope);
	ck_assert_ptr_null(r->scope);
	ck_assert_int_eq(listing_find(r->disk, "a/b/x.o")->kind,
	    ENTRY_EXCLUDED);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("survey_part");
	TCase *t = tcase_create("survey_part");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, a_part_of_it, 0, 40);
	tcase_add_test(t, a_part_with_rules);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
