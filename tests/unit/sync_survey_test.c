/* SPDX-License-Identifier: MIT */
/*
 * A survey step by step: what it finds is what it finds in one go, also where
 * it was given up and begun anew, and each step is a small one.
 */
#include "config.h"

#include <sys/stat.h>

#include <stdlib.h>

#include "core/listing.h"
#include "store/db.h"
#include "store/journal.h"
#include "sync/replica.h"
#include "sync/survey.h"
#include "testenv.h"
#include "unit.h"

#define OK(call) ck_assert_msg((call) == ST_OK, "%s: %s", #call, err.text)
#define FILES	 2500

static struct testenv te;
static struct err err;
static char folder[UNIT_FOLDER];
static struct replica *r;

static void
open_replica(bool server, bool read_only)
{
	const struct replica_opts opts = { .path = folder,
		.server = server,
		.read_only = read_only };

	replica_free(r);
	r = NULL;
	OK(replica_open(&te.env, &opts, &r, &err));
}

static void
setup(void)
{
	char path[UNIT_FOLDER + 8];

	testenv_init(&te);
	unit_folder(folder);
	snprintf(path, sizeof(path), "%s/d", folder);
	ck_assert_int_eq(mkdir(path, 0755), 0);
}

static void
teardown(void)
{
	replica_free(r);
	r = NULL;
	unit_folder_remove(folder);
}

static void
make_files(int from, int to)
{
	char name[20];

	for (; from < to; from++) {
		snprintf(name, sizeof(name), "d/%d", from);
		testenv_write(folder, name, "text\n");
	}
}

/* The number that the journal gave last. */
static uint64_t
last_seq(void)
{
	uint64_t seq;

	OK(journal_last_seq(r->db, &seq, &err));
	return seq;
}

/* All steps, each of which makes at most `most` calls; how many there were. */
static int
survey_in_steps(int most)
{
	AUTO(survey) struct survey *s = NULL;
	bool done = false;
	int steps = 0;

	ck_assert_int_eq(survey_new(r, NULL, true, &s), ST_OK);
	for (; !done; steps++) {
		testenv_fail(&te, NULL, 0, 0);
		OK(survey_step(s, &done, &err));
		ck_assert_int_le(te.calls, most);
	}
	return steps;
}

/* Many small files are many steps; the next time none of them is read. */
START_TEST(in_steps)
{
	const bool server = _i == 1;

	make_files(0, FILES);
	open_replica(server, false);
	/* A file that is read costs about ten calls. */
	ck_assert_int_ge(survey_in_steps(25000), FILES / 2000 * 2 + 2);
	ck_assert_uint_eq(listing_count(r->disk), FILES);
	ck_assert_uint_eq(listing_count(r->base), 0);
	if (server)
		ck_assert_uint_eq(last_seq(), FILES);
	te.now += 100 * NSEC;
	OK(survey(r, true, &err));
	te.now += 100 * NSEC;
	/* Reading the names of a folder is one piece. */
	survey_in_steps(FILES + 2500);
	ck_assert_uint_eq(listing_count(r->disk), FILES);
	ck_assert_uint_eq(listing_count(r->base), server ? FILES : 0);
	if (server)
		ck_assert_uint_eq(last_seq(), FILES);
}
END_TEST

/* Large files: few of them are a step. */
START_TEST(by_bytes)
{
	autofree char *text = malloc((3u << 20) + 1);
	char name[20];
	int i;

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', 3u << 20);
	text[3u << 20] = '\0';
	for (i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		testenv_write(folder, name, text);
	}
	open_replica(true, false);
	/* 30 MiB in steps of 8, and start, walk, writing. */
	ck_assert_int_ge(survey_in_steps(1000), 4 + 3);
	ck_assert_uint_eq(listing_count(r->disk), 10);
}
END_TEST

/* Given up after any step, nothing of it counts; begun anew, it is whole. */
START_TEST(given_up)
{
	AUTO(survey) struct survey *s = NULL;
	bool done = false;
	int i;

	make_files(0, FILES);
	open_replica(true, false);
	for (i = 0; i < _i * 2 && !done; i++) {
		if (s == NULL)
			ck_assert_int_eq(survey_new(r, NULL, true, &s), ST_OK);
		OK(survey_step(s, &done, &err));
	}
	survey_free(s);
	s = NULL;
	if (!done)
		ck_assert(r->disk == NULL || listing_count(r->disk) == 0);
	OK(db_begin(r->db, &err));
	OK(db_commit(r->db, &err));
	OK(survey(r, true, &err));
	ck_assert_uint_eq(listing_count(r->disk), FILES);
	ck_assert_uint_eq(last_seq(), FILES);
}
END_TEST

/* What changes between the steps is seen now or the next time. */
START_TEST(changed_between)
{
	AUTO(survey) struct survey *s = NULL;
	bool done = false;
	int i;

	make_files(0, 5);
	open_replica(true, false);
	OK(survey(r, true, &err));
	te.now += 100 * NSEC;
	ck_assert_int_eq(survey_new(r, NULL, true, &s), ST_OK);
	for (i = 0; !done; i++) {
		OK(survey_step(s, &done, &err));
		if (i == _i) {
			testenv_save(folder, "d/3", "another text\n");
			testenv_save(folder, "d/new", "new\n");
		}
	}
	survey_free(s);
	s = NULL;
	te.now += 100 * NSEC;
	OK(survey(r, true, &err));
	ck_assert_uint_eq(listing_count(r->disk), 6);
	OK(survey(r, true, &err));
	ck_assert_uint_eq(listing_count(r->base), 6);
	ck_assert_uint_eq(last_seq(), 7);
	ck_assert(hash_equal(&listing_find(r->base, "d/3")->hash,
	    &listing_find(r->disk, "d/3")->hash));
}
END_TEST

/* Read-only: all is seen, nothing is written, the journal may be missing. */
START_TEST(read_only)
{
	make_files(0, 5);
	if (_i == 1) {
		open_replica(true, false);
		OK(survey(r, true, &err));
		make_files(5, 8);
	}
	open_replica(true, true);
	OK(survey(r, true, &err));
	ck_assert_uint_eq(listing_count(r->disk), _i == 0 ? 5 : 8);
	ck_assert_uint_eq(listing_count(r->base), _i == 0 ? 0 : 5);
	ck_assert_int_eq(testenv_exists(folder, ".dsync"), _i == 1);
	if (_i == 1)
		ck_assert_uint_eq(last_seq(), 5);
}
END_TEST

/* The journal can't be written, at any of the writing steps. */
START_TEST(not_written)
{
	const int files = 2 * FILES; /* two transactions */
	enum status st;

	make_files(0, files);
	open_replica(true, false);
	testenv_fail(&te, "commit", _i, ENOSPC);
	st = survey(r, true, &err);
	ck_assert(te.failed);
	ck_assert_int_eq(st, ST_NOSPC);
	testenv_fail(&te, NULL, 0, 0);
	OK(survey(r, true, &err));
	ck_assert_uint_eq(listing_count(r->disk), files);
	ck_assert_uint_eq(last_seq(), files);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_survey");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, in_steps, 0, 2);
	tcase_add_test(t, by_bytes);
	tcase_add_loop_test(t, given_up, 0, 5);
	tcase_add_loop_test(t, changed_between, 0, 4);
	tcase_add_loop_test(t, read_only, 0, 2);
	tcase_add_loop_test(t, not_written, 1, 3);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
