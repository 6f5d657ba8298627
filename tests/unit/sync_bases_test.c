/* SPDX-License-Identifier: MIT */
/*
 * From which other file each one of a plan is to be made.  A case is a folder
 * in three states: "PATH:BLR" is a path with what both agreed on, what is
 * here and what the server has.  A letter is a text, the small one is the same
 * with an edit, "0" a short text, "." nothing, "?" what can't be read.
 */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "core/chunk.h"
#include "core/listing.h"
#include "core/plan.h"
#include "core/reconcile.h"
#include "nomem.h"
#include "store/db.h"
#include "store/signature.h"
#include "sync/bases.h"
#include "sync/replica.h"
#include "unit/store.h"

#define TEXT  3000
#define CASE  200
#define FILES 6

static struct db *db;
static char names[FILES][16];
static struct listing *listings[3]; /* base, local, remote */
static struct plan *plan;

static void
fill(uint8_t data[TEXT], char version)
{
	uint32_t state = (uint32_t)toupper(version);
	size_t i;

	for (i = 0; i < TEXT; i++) {
		state = state * 1103515245 + 12345;
		data[i] =
		    (uint8_t)("etaoin shrdlu\n cmfwyp"[(state >> 8) % 21]);
	}
	if (islower(version))
		memcpy(data + TEXT / 2, "an edit", 7);
}

/* Files whose names begin with an "m" keep their time when they move. */
static struct entry
entry_of(const char *path, char version)
{
	struct entry e = { .path = path,
		.kind = version == '?' ? ENTRY_UNREAD : ENTRY_TEXT };

	if (e.kind == ENTRY_UNREAD)
		return e;
	e.hash.b[0] = (uint8_t)version;
	e.size = version == '0' ? CHUNK_WORTH - 1 : TEXT;
	e.mtime = 1700000000ll * NSEC + (*path == 'm' ? 0 : *path);
	return e;
}

static void
put_signature(const char *path, char version)
{
	const struct entry e = entry_of(path, version);
	AUTO(buf) struct buf sig = { 0 };
	uint8_t data[TEXT];

	fill(data, version);
	ck_assert_int_eq(chunk_once(6, data, TEXT, &sig), ST_OK);
	STORE_OK(db_begin(db, ERR));
	STORE_OK(
	    signature_put(db, path, &e.hash, buf_data(&sig), sig.len, ERR));
	STORE_OK(db_commit(db, ERR));
}

static void
put_state(const char *path, size_t state, char version, bool is_signed)
{
	const struct entry e = entry_of(path, version);

	if (version == '.')
		return;
	ck_assert_int_eq(listing_add(listings[state], &e), ST_OK);
	/* Of what the server alone has there is no signature here. */
	if (state < 2 && is_signed && isalpha(version))
		put_signature(path, version);
}

static void
make_plan(const char *files, bool is_signed)
{
	const struct rules rules = { .access = ACCESS_FULL,
		.now = 1800000000ll * NSEC };
	char text[CASE], *save = NULL, *word, *states;
	size_t i, k;

	for (i = 0; i < 3; i++)
		ck_assert_int_eq(listing_new(&listings[i]), ST_OK);
	snprintf(text, sizeof(text), "%s", files);
	for (k = 0, word = strtok_r(text, " ", &save); word != NULL;
	     k++, word = strtok_r(NULL, " ", &save)) {
		states = strchr(word, ':');
		*states++ = '\0';
		snprintf(names[k], sizeof(names[k]), "%s", word);
		for (i = 0; i < 3; i++)
			put_state(names[k], i, states[i], is_signed);
	}
	for (i = 0; i < 3; i++)
		listing_sort(listings[i]);
	ck_assert_int_eq(reconcile(listings[0], listings[1], listings[2],
			     &rules, &plan),
	    ST_OK);
	ck_assert_int_eq(plan_find_moves(plan), ST_OK);
	plan_order(plan);
}

static enum status
find(struct bases **ret)
{
	struct replica r = { .db = db,
		.base = listings[0],
		.disk = listings[1] };

	return bases_new(&r, plan, listings[2], ret, ERR);
}

/* "PATH=BASE " of each that has one, in the plan's order. */
static void
show(const struct bases *b, char out[CASE])
{
	const struct base *base;
	size_t i, n = 0;

	*out = '\0';
	for (i = 0; i < plan->n; i++) {
		base = bases_of(b, i);
		if (base != NULL)
			n += (size_t)snprintf(out + n, CASE - n, "%s%s=%s/%c",
			    n == 0 ? "" : " ", plan->v[i].path, base->path,
			    base->hash.b[0]);
	}
}

static void
drop_plan(void)
{
	size_t i;

	plan_free(plan);
	for (i = 0; i < 3; i++)
		listing_free(listings[i]);
}

static const struct {
	const char *files;
	const char *bases;
} cases[] = {
	/* Copies, made here and there. */
	{ "x:AAA y:.A.", "y=x/A" },
	{ "x:AAA y:..A", "y=x/A" },
	{ "x:AAA y:.A. z:.A.", "y=x/A z=x/A" },
	{ "x:AAA y:.A. z:..A", "y=x/A z=x/A" },
	{ "x:000 y:.0.", "" },
	/* What it was copied from is not what it was. */
	{ "x:AAB y:.A.", "" },
	{ "x:ABA y:.A.", "" },
	{ "x:AAB y:..A", "" },
	{ "x:ABA y:..A", "" },
	{ "x:ABB y:.A.", "" },
	{ "x:A?A y:.A.", "" },
	{ "x:AA? y:.A.", "" },
	{ "x:A?A y:..A", "" },
	/* Nobody agreed on it. */
	{ "x:.A. y:.A.", "" },
	{ "x:..A y:..A", "" },
	{ "x:..A y:.A.", "" },
	{ "x:.AA y:.A.", "" },
	/* It goes, where the copy is to come, and where not. */
	{ "x:A.A y:.A.", "y=x/A" },
	{ "x:AA. y:..A", "y=x/A" },
	{ "x:A.A y:..A", "" },
	{ "x:AA. y:.A.", "" },
	{ "x:A.. y:.A.", "" },
	{ "x:A.B y:.A.", "" },
	{ "x:AB. y:..A", "" },
	/* Over something else. */
	{ "x:A.A y:BAB", "y=x/A" },
	{ "x:AA. y:BBA", "y=x/A" },
	{ "x:AAA y:BAB z:.A.", "y=x/A z=x/A" },
	/* It moves, and then it stands elsewhere. */
	{ "m1:A.A m2:.A. y:.A.", "y=m2/A" },
	{ "m1:AA. m2:..A y:..A", "y=m2/A" },
	{ "m1:A.A m2:.A. y:.a.", "" },
	/* It gives way to what is made of it. */
	{ "x:A.A x/y:.A.", "" },
	{ "x:A.A x/y:.a.", "" },
	{ "x:AA. x/y:..A", "" },
	{ "x/y:A.A x:.A.", "" },
	/* Renamed and edited: of what is here a signature is known. */
	{ "x:A.A y:.a.", "y=x/A" },
	{ "x:a.a y:.A.", "y=x/a" },
	{ "x:A.A y:.B.", "" },
	{ "x:A.A w:B.B y:.b.", "y=w/B" },
	{ "x:A.A w:B.B y:.b. z:.a.", "y=w/B z=x/A" },
	{ "x:A.A y:.a. z:.a.", "y=x/A z=x/A" },
	{ "x:AA. y:..a", "" },
	{ "x:AAA y:.a.", "" },
	{ "x:A.B y:.a.", "" },
	{ "x:000 y:.a.", "" },
	{ "x:A.A y:BaB", "" },
	/* By name, if by nothing else. */
	{ "d/x:A.A e/x:.B.", "e/x=d/x/A" },
	{ "d/x:A.A e/y:.a. e/x:.B.", "e/x=d/x/A e/y=d/x/A" },
	{ "d/x:A.A f/x:B.B e/x:.b.", "e/x=f/x/B" },
	{ "d/x:A.A e/x:.0.", "" },
	{ "d/x:0.0 e/x:.A.", "" },
	/* Nothing to do, or nothing to do it with. */
	{ "x:AAA", "" },
	{ "x:ABA", "" },
	{ "x:.A.", "" },
	{ "x:A.A", "" },
};

#define CASES ((int)(sizeof(cases) / sizeof(cases[0])))

START_TEST(is_found)
{
	AUTO(bases) struct bases *b = NULL;
	char out[CASE];

	db = store_open();
	make_plan(cases[_i].files, true);
	STORE_OK(find(&b));
	show(b, out);
	ck_assert_msg(strcmp(out, cases[_i].bases) == 0,
	    "%s: \"%s\", not \"%s\"", cases[_i].files, out, cases[_i].bases);
	drop_plan();
	db_free(db);
}
END_TEST

/* Copies are found by their hashes, and what has a name by that. */
START_TEST(without_signatures)
{
	AUTO(bases) struct bases *b = NULL;
	char out[CASE];

	db = store_open();
	make_plan("x:AAA y:.A. d/n:B.B e/n:.b. q:C.C r:.c.", false);
	STORE_OK(find(&b));
	show(b, out);
	ck_assert_str_eq(out, "e/n=d/n/B y=x/A");
	drop_plan();
	db_free(db);
}
END_TEST

START_TEST(memory_can_end)
{
	enum status st = ST_NOMEM;
	struct bases *b = NULL;
	long k;

	db = store_open();
	make_plan("x:AAA y:.A. d/n:B.B e/n:.b. q:C.C r:.c.", true);
	for (k = 1; st != ST_OK; k++) {
		nomem_at(k);
		st = find(&b);
		nomem_at(0);
		ck_assert(st == ST_OK || st == ST_NOMEM);
	}
	ck_assert_int_gt(k, 8);
	bases_free(b);
	bases_free(NULL);
	ck_assert_ptr_null(bases_of(NULL, 0));
	drop_plan();
	db_free(db);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("bases");
	TCase *t = tcase_create("bases");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, store_setup, store_teardown);
	tcase_add_loop_test(t, is_found, 0, CASES);
	tcase_add_test(t, without_signatures);
	tcase_add_test(t, memory_can_end);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
