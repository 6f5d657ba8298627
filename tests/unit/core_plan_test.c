/* SPDX-License-Identifier: MIT */
/*
 * The moves and the ignore files of a plan, and how it grows.  Plans are
 * written in words here, one line an action: path, verb, version.
 */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/entry.h"
#include "core/plan.h"
#include "core/reconcile.h"
#include "deciding.h"
#include "nomem.h"
#include "unit.h"

#define LINES	   7
#define LINE_LIMIT 64

/*
 * What a line may say of a path.  The sides are base, local, remote: 'v' the
 * version that the line names, 'z' another, '-' none.
 */
static const struct verb {
	const char *name;
	struct decision what;
	char sides[4];
} verbs[] = {
	{ "send", { ACTION_SEND, REASON_CREATED, false }, "-v-" },
	{ "send-over", { ACTION_SEND, REASON_CHANGED, false }, "zvz" },
	{ "send-anyway", { ACTION_SEND, REASON_RULE, true }, "-vz" },
	{ "fetch", { ACTION_FETCH, REASON_CREATED, false }, "--v" },
	{ "fetch-over", { ACTION_FETCH, REASON_CHANGED, false }, "zzv" },
	{ "fetch-anyway", { ACTION_FETCH, REASON_TIE, true }, "-zv" },
	{ "delete-there", { ACTION_DELETE_REMOTE, REASON_DELETED, false },
	    "v-v" },
	{ "clear-there", { ACTION_DELETE_REMOTE, REASON_CLASH, true }, "--v" },
	{ "delete-here", { ACTION_DELETE_LOCAL, REASON_DELETED, false },
	    "vv-" },
	{ "clear-here", { ACTION_DELETE_LOCAL, REASON_CLASH, true }, "-v-" },
	{ "adopt", { ACTION_ADOPT, REASON_EQUAL, false }, "-vv" },
	{ "forget", { ACTION_FORGET, REASON_GONE, false }, "v--" },
	{ "let-go", { ACTION_LET_GO, REASON_EXCLUDED, false }, "vXv" },
	{ "leave", { ACTION_LEAVE, REASON_NOT_ALLOWED, false }, "-v-" },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *
verb_find(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	ck_abort_msg("no such verb: %s", name);
	return NULL;
}

/* "a1": contents a, mtime 1; "A1": with the exec bit. */
static struct entry
line_entry(char side, const char *version, const char *path)
{
	struct entry e = side_entry(side == 'v' ? version[0] : side,
	    side == '-' || side == 'X' ? 0 : version[1]);

	e.path = path;
	return e;
}

/* The words of a line, path first; path must live as long as the plan. */
static struct action
line_action(const char *line, char path[LINE_LIMIT])
{
	char name[LINE_LIMIT], version[LINE_LIMIT];
	struct action a = { .path = path };
	const struct verb *verb;

	ck_assert_int_eq(sscanf(line, "%63s %63s %63s", path, name, version),
	    3);
	verb = verb_find(name);
	a.what = verb->what;
	a.base = line_entry(verb->sides[0], version, path);
	a.local = line_entry(verb->sides[1], version, path);
	a.remote = line_entry(verb->sides[2], version, path);
	return a;
}

struct story {
	struct plan *plan;
	char path[LINES][LINE_LIMIT];
};

static void
story_begin(struct story *s, const char *const lines[LINES])
{
	struct action a;

	s->plan = NULL;
	ck_assert_int_eq(plan_new(&s->plan), ST_OK);
	for (size_t i = 0; i < LINES && lines[i] != NULL; i++) {
		a = line_action(lines[i], s->path[i]);
		ck_assert_int_eq(plan_add(s->plan, &a), ST_OK);
	}
}

static const char *
action_show(const struct action *a, char text[3 * LINE_LIMIT])
{
	const char *word = "?";

	for (size_t i = 0; i < VERBS; i++)
		if (decision_equal(verbs[i].what, a->what))
			word = verbs[i].name;
	if (a->what.type == ACTION_MOVE_LOCAL)
		word = "move-here";
	if (a->what.type == ACTION_MOVE_REMOTE)
		word = "move-there";
	snprintf(text, 3 * LINE_LIMIT, "%s %s%s%s", a->path, word,
	    a->from != NULL ? " " : "", a->from != NULL ? a->from : "");
	return text;
}

static bool
story_has(const struct story *s, const char *line)
{
	char text[3 * LINE_LIMIT];

	for (size_t i = 0; i < s->plan->n; i++)
		if (strcmp(action_show(&s->plan->v[i], text), line) == 0)
			return true;
	return false;
}

/* The plan has these actions, in whatever order. */
static void
story_check(const struct story *s, const char *const lines[LINES], int number)
{
	char text[3 * LINE_LIMIT];
	size_t n = 0;

	for (; n < LINES && lines[n] != NULL; n++)
		ck_assert_msg(story_has(s, lines[n]), "case %d: not there: %s",
		    number, lines[n]);
	for (size_t i = 0; i < s->plan->n; i++)
		ck_assert_msg(s->plan->n == n, "case %d: has %s", number,
		    action_show(&s->plan->v[i], text));
}

/* What is found */

static const struct {
	const char *given[LINES];
	const char *found[LINES];
} moves[] = {
	/* Nothing, and nothing to pair. */
	{ { NULL }, { NULL } },
	{ { "f send a1" }, { "f send" } },
	{ { "f delete-there a1" }, { "f delete-there" } },

	/* Renamed here, renamed there, either way round in the alphabet. */
	{ { "new send a1", "old delete-there a1" }, { "new move-there old" } },
	{ { "a delete-there a1", "b send a1" }, { "b move-there a" } },
	{ { "new fetch a1", "old delete-here a1" }, { "new move-here old" } },
	{ { "a delete-here A1", "b/c fetch A1" }, { "b/c move-here a" } },
	{ { "a delete-here a1", "b fetch a1", "c send a1",
	      "d delete-there a1" },
	    { "b move-here a", "c move-there d" } },

	/* Other contents, another mtime, another exec bit. */
	{ { "a delete-there a1", "b send b1" },
	    { "a delete-there", "b send" } },
	{ { "a delete-there a1", "b send a2" },
	    { "a delete-there", "b send" } },
	{ { "a delete-there a1", "b send A1" },
	    { "a delete-there", "b send" } },
	{ { "a delete-here A1", "b fetch a1" },
	    { "a delete-here", "b fetch" } },

	/* Gone on one side, new on the other. */
	{ { "a delete-here a1", "b send a1" }, { "a delete-here", "b send" } },
	{ { "a delete-there a1", "b fetch a1" },
	    { "a delete-there", "b fetch" } },

	/* It does not appear: something was there. */
	{ { "a delete-there a1", "b send-over a1" },
	    { "a delete-there", "b send-over" } },
	{ { "a delete-here a1", "b fetch-over a1" },
	    { "a delete-here", "b fetch-over" } },

	/* Conflicts, and what only stands there. */
	{ { "a clear-there a1", "b send a1" }, { "a clear-there", "b send" } },
	{ { "a clear-here a1", "b fetch a1" }, { "a clear-here", "b fetch" } },
	{ { "a delete-there a1", "b send-anyway a1" },
	    { "a delete-there", "b send-anyway" } },
	{ { "a delete-here a1", "b fetch-anyway a1" },
	    { "a delete-here", "b fetch-anyway" } },
	{ { "a delete-there a1", "b leave a1", "c adopt a1", "d let-go a1",
	      "e forget a1" },
	    { "a delete-there", "b leave", "c adopt", "d let-go",
		"e forget" } },

	/* Many alike: the same name first, then in order; each once. */
	{ { "a/n delete-there a1", "b/m delete-there a1", "c/m send a1" },
	    { "a/n delete-there", "c/m move-there b/m" } },
	{ { "a/m delete-there a1", "b/m send a1", "c/m send a1" },
	    { "b/m move-there a/m", "c/m send" } },
	{ { "a/m delete-there a1", "b/m delete-there a1", "c/m send a1" },
	    { "b/m delete-there", "c/m move-there a/m" } },
	{ { "d/one send a1", "e/two send a1", "f/two delete-there a1" },
	    { "d/one send", "e/two move-there f/two" } },
	{ { "a delete-here a1", "b delete-here a1", "c fetch a1",
	      "d fetch a1" },
	    { "c move-here a", "d move-here b" } },
	{ { "a delete-here a1", "b delete-here a1", "c fetch a1" },
	    { "c move-here a", "b delete-here" } },
	{ { "a delete-here a1", "b fetch a1", "c fetch a1" },
	    { "b move-here a", "c fetch" } },
	{ { "a/x delete-there a1", "a/y delete-there a1", "b/x send a1",
	      "b/y send a1" },
	    { "b/x move-there a/x", "b/y move-there a/y" } },
	{ { "a/x delete-there a1", "a/y delete-there a1", "b/y send a1",
	      "b/z send a1" },
	    { "b/y move-there a/y", "b/z move-there a/x" } },
	{ { "a/x delete-there a1", "a/y delete-there b1", "b/x send b1",
	      "b/y send a1" },
	    { "b/x move-there a/y", "b/y move-there a/x" } },

	/* Not between a path and one below it. */
	{ { "d delete-there a1", "d/f send a1" },
	    { "d delete-there", "d/f send" } },
	{ { "x delete-there a1", "x/x send a1" },
	    { "x delete-there", "x/x send" } },
	{ { "d fetch a1", "d/f delete-here a1" },
	    { "d fetch", "d/f delete-here" } },
	{ { "d delete-there a1", "d-x send a1" }, { "d-x move-there d" } },
	{ { "d/f delete-here a1", "d/g fetch a1" }, { "d/g move-here d/f" } },
};

START_TEST(moves_are_found)
{
	/* A text gone under one path and new under another is a move. */
	struct story s;

	story_begin(&s, moves[_i].given);
	ck_assert_int_eq(plan_find_moves(s.plan), ST_OK);
	story_check(&s, moves[_i].found, _i);
	ck_assert_int_eq(plan_find_moves(s.plan), ST_OK);
	story_check(&s, moves[_i].found, _i);
	plan_free(s.plan);
}
END_TEST

START_TEST(move_carries_both_ends)
{
	/* A move has the new path's states and what stood at the old one. */
	static const char *const given[][LINES] = {
		{ "new send a1", "old delete-there a1" },
		{ "new fetch a1", "old delete-here a1" },
	};
	static const enum action_type types[] = { ACTION_MOVE_REMOTE,
		ACTION_MOVE_LOCAL };
	const struct action *a;
	struct story s;

	story_begin(&s, given[_i]);
	ck_assert_int_eq(plan_find_moves(s.plan), ST_OK);
	ck_assert_uint_eq(s.plan->n, 1);
	a = &s.plan->v[0];
	ck_assert_int_eq(a->what.type, types[_i]);
	ck_assert(!a->what.conflict);
	ck_assert_str_eq(a->path, "new");
	ck_assert_str_eq(a->from, "old");
	ck_assert_int_eq(a->base.kind, ENTRY_ABSENT);
	ck_assert_int_eq(a->local.kind, _i == 0 ? ENTRY_TEXT : ENTRY_ABSENT);
	ck_assert_int_eq(a->remote.kind, _i == 0 ? ENTRY_ABSENT : ENTRY_TEXT);
	ck_assert(entry_same(&a->gone, _i == 0 ? &a->local : &a->remote));
	ck_assert_int_eq(a->gone.mtime, '1');
	ck_assert_str_eq(a->gone.path, "old");
	plan_free(s.plan);
}
END_TEST

/* What comes first */

static const struct {
	const char *given[LINES];
	const char *kept[LINES];
	bool kept_only;
} ignores[] = {
	{ { "a fetch a1", "b send a1" }, { "a fetch", "b send" }, false },
	{ { ".dsyncignore adopt a1", "b fetch b1" },
	    { ".dsyncignore adopt", "b fetch" }, false },
	{ { ".dsyncignore leave a1", "b fetch b1", "d/.dsyncignore forget c1",
	      "e/.dsyncignore let-go c1" },
	    { ".dsyncignore leave", "b fetch", "d/.dsyncignore forget",
		"e/.dsyncignore let-go" },
	    false },
	{ { "b fetch b1", "d.dsyncignore send a1", "d/.dsyncignores send a1",
	      ".dsyncignore/f send a1" },
	    { "b fetch", "d.dsyncignore send", "d/.dsyncignores send",
		".dsyncignore/f send" },
	    false },
	{ { ".dsyncignore fetch a1", "b fetch b1", "d/.dsyncignore adopt a1" },
	    { ".dsyncignore fetch", "d/.dsyncignore adopt" }, true },
	{ { "b fetch b1", "d/.dsyncignore send a1" }, { "d/.dsyncignore send" },
	    true },
	{ { "b fetch b1", "d/.dsyncignore send-anyway a1" },
	    { "d/.dsyncignore send-anyway" }, true },
	{ { ".dsyncignore delete-here a1", "b fetch b1" },
	    { ".dsyncignore delete-here" }, true },
	{ { "b leave b1", "d/e/.dsyncignore delete-there a1" },
	    { "d/e/.dsyncignore delete-there" }, true },
	{ { ".dsyncignore clear-there a1" }, { ".dsyncignore clear-there" },
	    true },
	{ { "b send c1", "d/.dsyncignore delete-there a1",
	      "e/.dsyncignore send a1" },
	    { "d/.dsyncignore delete-there", "e/.dsyncignore send" }, true },
	{ { "a delete-there b1", "b send b1", "d/.dsyncignore send a1" },
	    { "d/.dsyncignore send" }, true },
	{ { "d delete-there b1", "d/.dsyncignore send a1", "x send c1",
	      "y delete-there c1" },
	    { "d delete-there", "d/.dsyncignore send" }, true },
	{ { ".dsyncignore fetch a1", ".dsyncignore/f delete-here b1",
	      ".dsyncignore/g delete-there b1" },
	    { ".dsyncignore fetch", ".dsyncignore/f delete-here" }, true },
	{ { ".dsyncignore delete-here a1", "b fetch b1", "notes fetch a1" },
	    { ".dsyncignore delete-here" }, true },
	{ { NULL }, { NULL }, false },
};

START_TEST(ignore_files_come_alone)
{
	/* Where an ignore file is to change, nothing else is done. */
	struct story s;

	story_begin(&s, ignores[_i].given);
	ck_assert_int_eq(plan_find_moves(s.plan), ST_OK);
	ck_assert_int_eq(plan_only_ignore_files(s.plan), ignores[_i].kept_only);
	story_check(&s, ignores[_i].kept, _i);
	plan_free(s.plan);
}
END_TEST

/* Room and memory */

START_TEST(plan_grows)
{
	/* Thousands of actions stay as they were added, and find moves. */
	enum {
		N = 3000
	};
	autofree char(*path)[LINE_LIMIT] = calloc(2 * N, LINE_LIMIT);
	struct plan *plan = NULL;
	struct action a;

	ck_assert_ptr_nonnull(path);
	plan_free(NULL);
	ck_assert_int_eq(plan_new(&plan), ST_OK);
	for (unsigned i = 0; i < 2 * N; i++) {
		a = line_action(i < N ? "x send a1" : "x delete-there a1",
		    path[i]);
		snprintf(path[i], LINE_LIMIT, "%c/%04u", i < N ? 'n' : 'o',
		    i % N);
		a.local.size = a.remote.size = i % N;
		a.local.mtime = a.remote.mtime = i % N % 10;
		must(plan_add(plan, &a) == ST_OK, "no room");
	}
	for (unsigned i = 0; i < 2 * N; i++)
		must(plan->v[i].path == path[i], "%u is another", i);
	ck_assert_int_eq(plan_find_moves(plan), ST_OK);
	ck_assert_uint_eq(plan->n, N);
	for (unsigned i = 0; i < N; i++)
		must(plan->v[i].what.type == ACTION_MOVE_REMOTE &&
			strcmp(plan->v[i].from + 1, plan->v[i].path + 1) == 0,
		    "%s is from %s", plan->v[i].path, plan->v[i].from);
	plan_free(plan);
}
END_TEST

START_TEST(out_of_memory)
{
	/* Whichever allocation fails, it is told and nothing is lost. */
	static const char *const given[LINES] = { "a delete-here a1",
		"b fetch a1", "c send a1", "d delete-there a1" };
	static const char *const plain[LINES] = { "a delete-here", "b fetch",
		"c send", "d delete-there" };
	static const char *const found[LINES] = { "b move-here a",
		"c move-there d" };
	enum status st = ST_NOMEM;
	struct story s;

	for (long k = 1; st != ST_OK; k++) {
		story_begin(&s, given);
		nomem_at(k);
		st = plan_find_moves(s.plan);
		nomem_at(0);
		ck_assert(st == ST_OK || st == ST_NOMEM);
		story_check(&s, st == ST_OK ? found : plain, (int)k);
		ck_assert(k > 1 || st == ST_NOMEM);
		plan_free(s.plan);
	}
}
END_TEST

START_TEST(out_of_memory_growing)
{
	/* A plan that cannot be made or grow stays as it was. */
	struct plan *plan = NULL;
	char path[LINE_LIMIT];
	struct action a = line_action("f send a1", path);
	unsigned failed = 0;
	enum status st;

	nomem_at(1);
	st = plan_new(&plan);
	nomem_at(0);
	ck_assert_int_eq(st, ST_NOMEM);
	ck_assert_ptr_null(plan);
	ck_assert_int_eq(plan_new(&plan), ST_OK);
	for (size_t n = 0; n < 1000; n++) {
		nomem_at(1);
		st = plan_add(plan, &a);
		nomem_at(0);
		if (st != ST_OK) {
			failed++;
			ck_assert_int_eq(st, ST_NOMEM);
			ck_assert_uint_eq(plan->n, n);
			ck_assert_int_eq(plan_add(plan, &a), ST_OK);
		}
		ck_assert_uint_eq(plan->n, n + 1);
	}
	ck_assert_uint_gt(failed, 1);
	plan_free(plan);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static Suite *
suite(void)
{
	Suite *s = suite_create("core/plan");
	TCase *tc = tcase_create("plan");

	tcase_add_loop_test(tc, moves_are_found, 0, COUNT(moves));
	tcase_add_loop_test(tc, move_carries_both_ends, 0, 2);
	tcase_add_loop_test(tc, ignore_files_come_alone, 0, COUNT(ignores));
	tcase_add_test(tc, plan_grows);
	tcase_add_test(tc, out_of_memory);
	tcase_add_test(tc, out_of_memory_growing);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
