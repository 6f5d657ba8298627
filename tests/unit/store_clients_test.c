/* SPDX-License-Identifier: MIT */
/* store/clients: who was here last, how far, and no more of them than that. */
#include "config.h"

#include <errno.h>
#include <sqlite3.h>

#include "store/clients.h"
#include "unit/rows.h"
#include "unit/store.h"

#define T0 (1800000000 * NSEC)

struct seen {
	unsigned n;
	char ids[200];
	struct clients_row last; /* texts are not kept */
	uint64_t behind[10];
};

static enum status
on_row(void *ctx, const struct clients_row *row, struct err *err)
{
	struct seen *seen = ctx;
	const size_t used = strlen(seen->ids);

	(void)err;
	if (seen->n < 10)
		seen->behind[seen->n] = row->behind;
	if (seen->n++ < 10)
		snprintf(seen->ids + used, sizeof(seen->ids) - used,
		    "%s=%s(%s) ", row->id, row->name, row->origin);
	seen->last = *row;
	return ST_OK;
}

static struct seen
list(void)
{
	struct seen seen = { 0 };

	STORE_OK(clients_each(db, on_row, &seen, ERR));
	return seen;
}

static void
note(const char *id, const char *name, int64_t when, uint64_t seq)
{
	const struct clients_row row = { .id = id,
		.name = name,
		.origin = "::1",
		.seen = when,
		.seq = seq };

	STORE_OK(clients_note(db, &row, ERR));
}

static void
change(const char *path, unsigned n)
{
	struct journal_row row = text(path, n);

	begin();
	STORE_OK(journal_next_seq(db, &row.seq, ERR));
	put(&row);
	commit();
}

START_TEST(who_was_here)
{
	/* The newest first, each once, with its last words. */
	struct seen seen = list();

	ck_assert_uint_eq(seen.n, 0);
	note("aa", "anna", T0, 0);
	note("bb", "ben", T0 + 5, 0);
	note("cc", "cat's \"laptop\"", T0 + 1, 0);
	seen = list();
	ck_assert_str_eq(seen.ids,
	    "bb=ben(::1) cc=cat's \"laptop\"(::1) aa=anna(::1) ");
	note("aa", "anna-2", T0 + 9, 0);
	seen = list();
	ck_assert_uint_eq(seen.n, 3);
	ck_assert(strncmp(seen.ids, "aa=anna-2(::1)", 14) == 0);
}
END_TEST

START_TEST(how_far)
{
	/* Behind is how many paths changed since, deleted ones too. */
	struct journal_row gone = text("a", 0);
	struct seen seen;

	note("aa", "anna", T0, 0);
	change("a", 1);
	change("b", 1);
	change("b", 2);
	note("bb", "ben", T0 + 1, 2);
	note("cc", "cat", T0 + 2, 3);
	seen = list();
	ck_assert_uint_eq(seen.behind[0], 0);
	ck_assert_uint_eq(seen.behind[1], 1);
	ck_assert_uint_eq(seen.behind[2], 2);
	gone.entry.kind = ENTRY_ABSENT;
	begin();
	STORE_OK(journal_next_seq(db, &gone.seq, ERR));
	put(&gone);
	commit();
	seen = list();
	ck_assert_uint_eq(seen.behind[0], 1);
	ck_assert_uint_eq(seen.last.seq, 0);
	ck_assert_int_eq(seen.last.seen, T0);
}
END_TEST

START_TEST(nothing_new_is_not_written)
{
	/* The same again, soon: no commit.  Later, or anything else: one. */
	note("aa", "anna", T0, 3);
	store_env.asked = 0;
	note("aa", "anna", T0, 3);
	note("aa", "anna", T0 + 59 * NSEC, 3);
	ck_assert_uint_eq(store_env.asked, 0);
	note("aa", "anna", T0 + 60 * NSEC, 3);
	ck_assert_uint_gt(store_env.asked, 0);
	ck_assert_int_eq(list().last.seen, T0 + 60 * NSEC);
	note("aa", "anna", T0 + 61 * NSEC, 4);
	ck_assert_uint_eq(list().last.seq, 4);
	/* The clock was set back: what is said now counts. */
	note("aa", "anna", T0, 4);
	ck_assert_int_eq(list().last.seen, T0);
}
END_TEST

START_TEST(made_up_ids_have_a_limit)
{
	char id[40];
	unsigned i;

	for (i = 0; i < CLIENTS_MOST + 20; i++) {
		snprintf(id, sizeof(id), "%x", i);
		note(id, "x", T0 + i, 0);
	}
	ck_assert_uint_eq(list().n, CLIENTS_MOST);
	ck_assert_int_eq(list().last.seen, T0 + 20);
}
END_TEST

START_TEST(failures)
{
	/* What can't be written is not there, and the journal goes on. */
	static const char *const ops[] = { "begin", "db", "commit" };
	const struct clients_row row = { .id = "aa",
		.name = "anna",
		.origin = "",
		.seen = T0 };

	store_env.fail = ops[_i];
	store_env.errnum = ENOSPC;
	ck_assert_int_eq(clients_note(db, &row, ERR), ST_NOSPC);
	store_env.fail = NULL;
	ck_assert_uint_eq(list().n, 0);
	ck_assert(!db_writing(db));
	note("aa", "anna", T0, 0);
	ck_assert_uint_eq(list().n, 1);
}
END_TEST

START_TEST(an_old_journal_has_none)
{
	/* Opened to be read it stays as it is, and knows nobody. */
	sqlite3 *s = NULL;

	db_free(db);
	ck_assert_int_eq(sqlite3_open(store_path, &s), SQLITE_OK);
	ck_assert_int_eq(sqlite3_exec(s, STORE_OLDEST, NULL, NULL, NULL),
	    SQLITE_OK);
	sqlite3_close(s);
	STORE_OK(db_open(&store_env.env, store_path, true, false, &db, ERR));
	ck_assert_uint_eq(list().n, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("store_clients");
	TCase *t = tcase_create("clients");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, who_was_here);
	tcase_add_test(t, how_far);
	tcase_add_test(t, nothing_new_is_not_written);
	tcase_add_test(t, made_up_ids_have_a_limit);
	tcase_add_loop_test(t, failures, 0, 3);
	tcase_add_test(t, an_old_journal_has_none);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
