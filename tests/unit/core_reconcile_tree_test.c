/* SPDX-License-Identifier: MIT */
/*
 * reconcile() over small trees.  The design's words about clashes are turned
 * into a judge that looks at every pair of paths, slowly and plainly; all
 * trees over three names that stand around "d/" in byte order, and many
 * random ones over more, must be decided as the judge does.
 */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/entry.h"
#include "core/listing.h"
#include "core/path.h"
#include "core/plan.h"
#include "core/reconcile.h"
#include "deciding.h"
#include "nomem.h"
#include "unit.h"

#define NAMES 8
#define NOW   (INT64_C(1790000000) * 1000000000)

enum side {
	BASE,
	LOCAL,
	REMOTE,
	SIDES
};

/*
 * A tree: names in byte order, and a letter a name, as of side_entry(); 'u'
 * and 'x' are 'U' and 'X' that cover what is below.
 */
struct tree {
	const char *const *names;
	size_t n;
	char side[SIDES][NAMES];
};

/* What the judge has seen of one path. */
struct verdict {
	struct entry is[SIDES];
	struct decision d;
	bool local_then; /* a text, as far as decided before clashes */
	bool remote_then;
};

static struct entry
letter_entry(char letter, enum side side)
{
	static const int64_t mtime[SIDES] = { NOW - 9, NOW, NOW - 1 };
	bool cover = letter == 'u' || letter == 'x';
	struct entry e = side_entry(cover ? (char)(letter - 32) : letter,
	    mtime[side]);

	e.cover = cover;
	return e;
}

/* The judge */

/* What stands at the name, or what a cover above it says. */
static struct entry
judge_entry(const struct tree *t, enum side side, size_t i)
{
	for (size_t k = 0; k < t->n; k++)
		if (strchr("ux", t->side[side][k]) != NULL &&
		    path_below(t->names[i], t->names[k]))
			return letter_entry(t->side[side][k], side);
	return letter_entry(t->side[side][i], side);
}

/*
 * A path that nobody has a text of is not in the plan: what could not be read
 * there was told by who tried.
 */
static struct verdict
judge_alone(const struct tree *t, const struct rules *rules, size_t i)
{
	struct verdict v = { .d = { ACTION_NONE, REASON_NONE, false } };
	bool local, remote, text = false;

	for (int s = 0; s < SIDES; s++) {
		v.is[s] = judge_entry(t, (enum side)s, i);
		text = text || v.is[s].kind == ENTRY_TEXT;
	}
	if (text)
		v.d = reconcile_path(&v.is[BASE], &v.is[LOCAL], &v.is[REMOTE],
		    rules);
	local = v.is[LOCAL].kind == ENTRY_TEXT;
	remote = v.is[REMOTE].kind == ENTRY_TEXT;
	v.local_then = v.d.type == ACTION_FETCH ||
	    (local && v.d.type != ACTION_DELETE_LOCAL);
	v.remote_then = v.d.type == ACTION_SEND ||
	    (remote && v.d.type != ACTION_DELETE_REMOTE);
	return v;
}

static bool
judge_takes_part(const struct verdict *v)
{
	return v->is[LOCAL].kind <= ENTRY_TEXT &&
	    v->is[REMOTE].kind <= ENTRY_TEXT;
}

/* A file on one side, a file below it on the other, when all is done. */
static bool
judge_clash(const struct verdict *a, const struct verdict *b)
{
	if (!judge_takes_part(a) || !judge_takes_part(b) ||
	    (a->d.type == ACTION_LEAVE && b->d.type == ACTION_LEAVE))
		return false;
	return (a->local_then && b->remote_then) ||
	    (a->remote_then && b->local_then);
}

/* The decision for one that is in a clash. */
static struct decision
judge_settle(const struct verdict *v, const struct rules *r)
{
	bool both = r->direction == DIRECTION_BOTH;
	bool client_stands = r->direction == DIRECTION_PUSH ||
	    (both && r->conflict == CONFLICT_CLIENT &&
		r->access == ACCESS_FULL);
	enum side loser = client_stands ? REMOTE : LOCAL;

	if (r->keep_deleted || (both && r->conflict == CONFLICT_MANUAL) ||
	    (client_stands && r->access != ACCESS_FULL))
		return (struct decision){ ACTION_LEAVE, REASON_CLASH, false };
	if (v->is[loser].kind != ENTRY_TEXT)
		return v->d;
	return (struct decision){ client_stands ? ACTION_DELETE_REMOTE :
						  ACTION_DELETE_LOCAL,
		REASON_CLASH, true };
}

static void
judge(const struct tree *t, const struct rules *rules, struct verdict v[NAMES])
{
	bool clash[NAMES] = { false };

	for (size_t i = 0; i < t->n; i++)
		v[i] = judge_alone(t, rules, i);
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->n; k++)
			if (path_below(t->names[k], t->names[i]) &&
			    judge_clash(&v[i], &v[k]))
				clash[i] = clash[k] = true;
	for (size_t i = 0; i < t->n; i++)
		if (clash[i])
			v[i].d = judge_settle(&v[i], rules);
}

/* Trees and plans */

static struct listing *
list_side(const struct tree *t, enum side side)
{
	struct listing *list = NULL;
	struct entry e;

	must(listing_new(&list) == ST_OK, "no listing");
	for (size_t i = 0; i < t->n; i++) {
		if (t->side[side][i] == '-')
			continue;
		e = letter_entry(t->side[side][i], side);
		e.path = t->names[i];
		must(listing_add_borrowed(list, &e) == ST_OK, "no entry");
	}
	listing_sort(list);
	return list;
}

static const char *
tree_show(const struct tree *t, const struct rules *r, char text[300])
{
	char rules[96];
	int at = snprintf(text, 300, "%s;", rules_show(r, rules));

	for (size_t i = 0; i < t->n; i++)
		at += snprintf(text + at, 300 - (size_t)at, " %s:%c%c%c",
		    t->names[i], t->side[BASE][i], t->side[LOCAL][i],
		    t->side[REMOTE][i]);
	return text;
}

static struct decision
plan_decision(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->n; i++)
		if (strcmp(plan->v[i].path, path) == 0)
			return plan->v[i].what;
	return (struct decision){ ACTION_NONE, REASON_NONE, false };
}

static bool
entry_same_state(const struct entry *a, const struct entry *b)
{
	return entry_same(a, b) && a->kind == b->kind &&
	    (a->kind != ENTRY_TEXT || a->mtime == b->mtime);
}

/* Path order, no NONE, and each action carries its path's three states. */
static void
check_form(const struct tree *t, const struct plan *plan,
    const struct verdict v[NAMES])
{
	size_t k = 0;

	for (size_t i = 0; i < plan->n; i++) {
		const struct action *a = &plan->v[i];

		must(a->from == NULL, "a move");
		must(a->what.type != ACTION_NONE, "an action that is none");
		must(i == 0 || strcmp(plan->v[i - 1].path, a->path) < 0,
		    "%s is not in order", a->path);
		while (k < t->n && strcmp(t->names[k], a->path) != 0)
			k++;
		must(k < t->n, "%s: a path of nobody", a->path);
		must(entry_same_state(&a->base, &v[k].is[BASE]) &&
			entry_same_state(&a->local, &v[k].is[LOCAL]) &&
			entry_same_state(&a->remote, &v[k].is[REMOTE]),
		    "%s: carries other states", a->path);
	}
}

/* The plan is what the judge says. */
static void
check_judged(const struct tree *t, const struct rules *rules,
    const struct plan *plan)
{
	char text[300], got[DECISION_TEXT], want[DECISION_TEXT];
	struct verdict v[NAMES];

	judge(t, rules, v);
	check_form(t, plan, v);
	for (size_t i = 0; i < t->n; i++) {
		struct decision d = plan_decision(plan, t->names[i]);

		must(decision_equal(d, v[i].d), "%s: %s: %s, not %s",
		    tree_show(t, rules, text), t->names[i],
		    decision_show(d, got), decision_show(v[i].d, want));
	}
}

/* Both trees and the base when the plan has been carried out. */
static struct tree
carry_out(const struct tree *t, const struct plan *plan)
{
	struct tree then = *t;

	for (size_t i = 0; i < t->n; i++) {
		enum action_type d = plan_decision(plan, t->names[i]).type;

		if (d == ACTION_SEND || d == ACTION_ADOPT)
			then.side[REMOTE][i] = then.side[BASE][i] =
			    t->side[LOCAL][i];
		if (d == ACTION_FETCH)
			then.side[LOCAL][i] = then.side[BASE][i] =
			    t->side[REMOTE][i];
		if (d == ACTION_DELETE_LOCAL)
			then.side[LOCAL][i] = then.side[BASE][i] = '-';
		if (d == ACTION_DELETE_REMOTE)
			then.side[REMOTE][i] = then.side[BASE][i] = '-';
		if (d == ACTION_FORGET || d == ACTION_LET_GO)
			then.side[BASE][i] = '-';
	}
	return then;
}

static bool
side_possible(const struct tree *t, enum side side)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->n; k++)
			if (t->side[side][i] != '-' &&
			    t->side[side][k] != '-' &&
			    path_below(t->names[k], t->names[i]))
				return false;
	return true;
}

static bool
tree_possible(const struct tree *t)
{
	return side_possible(t, BASE) && side_possible(t, LOCAL) &&
	    side_possible(t, REMOTE);
}

/* No side is to hold a file and one below it, and it ends there. */
static void
check_settled(const struct tree *t, const struct rules *rules,
    const struct plan *plan)
{
	struct tree then = carry_out(t, plan);
	struct verdict v[NAMES];
	char text[300];

	must(side_possible(&then, LOCAL) && side_possible(&then, REMOTE),
	    "%s: a file and one below it", tree_show(t, rules, text));
	judge(&then, rules, v);
	for (size_t i = 0; i < t->n; i++)
		must(v[i].d.type == ACTION_NONE || v[i].d.type == ACTION_LEAVE,
		    "%s: %s is not settled", tree_show(t, rules, text),
		    t->names[i]);
}

static struct plan *
reconcile_lists(struct listing *const list[SIDES], const struct rules *rules)
{
	struct plan *plan = NULL;

	must(reconcile(list[BASE], list[LOCAL], list[REMOTE], rules, &plan) ==
		ST_OK,
	    "no plan");
	return plan;
}

/* Decides the tree under rules, and checks all that can be checked. */
static void
check_tree(const struct tree *t, struct listing *const list[SIDES],
    const struct rules *rules, bool texts_only)
{
	struct plan *plan = reconcile_lists(list, rules);

	check_judged(t, rules, plan);
	if (texts_only)
		check_settled(t, rules, plan);
	plan_free(plan);
}

static void
check_rules(const struct tree *t, bool texts_only)
{
	struct rules rules = { .now = NOW, .granularity = 1 };
	struct listing *list[SIDES];

	for (int s = 0; s < SIDES; s++)
		list[s] = list_side(t, (enum side)s);
	for (unsigned k = 0; k < RULES_COUNT; k++) {
		rules_nth(k, &rules);
		check_tree(t, list, &rules, texts_only);
	}
	for (int s = 0; s < SIDES; s++)
		listing_free(list[s]);
}

static const char *const three[] = { "d", "d-x", "d/f" };

START_TEST(all_small_trees)
{
	/* Every tree over d, d-x, d/f with two versions, under every rule. */
	struct tree t = { .names = three, .n = 3 };
	unsigned seen = 0;

	for (unsigned n = 0; n < 19683; n++) { /* 3 letters, 9 places */
		for (unsigned i = 0, rest = n; i < 9; i++, rest /= 3)
			t.side[i / 3][i % 3] = "-ab"[rest % 3];
		if (!tree_possible(&t))
			continue;
		seen++;
		check_rules(&t, true);
	}
	ck_assert_uint_eq(seen, 15 * 15 * 15);
}
END_TEST

/* One side of d and d/f, with what can't be read or is not ours. */
static const char odd_sides[][2] = { "--", "a-", "-a", "-U", "-X", "U-", "X-",
	"u-", "x-", "b-", "-b" };

#define ODD_SIDES (sizeof(odd_sides) / sizeof(odd_sides[0]))

START_TEST(unread_and_excluded_trees)
{
	/* What can't be read or is not ours, alone and over a whole folder. */
	struct tree t = { .names = three, .n = 3 };

	for (size_t n = 0; n < ODD_SIDES * ODD_SIDES * 5; n++) {
		const char *local = odd_sides[n % ODD_SIDES];
		const char *remote = odd_sides[n / ODD_SIDES % ODD_SIDES];
		size_t b = n / ODD_SIDES / ODD_SIDES;
		const char *base = odd_sides[b < 3 ? b : b + 6];

		memset(t.side, '-', sizeof(t.side));
		t.side[LOCAL][1] = 'a';
		t.side[BASE][0] = base[0];
		t.side[BASE][2] = base[1];
		t.side[LOCAL][0] = local[0];
		t.side[LOCAL][2] = local[1];
		t.side[REMOTE][0] = remote[0];
		t.side[REMOTE][2] = remote[1];
		check_rules(&t, false);
	}
}
END_TEST

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static const char *const many[NAMES] = { "d", "d-x", "d/e", "d/e-", "d/e/f",
	"d/g", "d0", "e/d" };

static void
random_tree(uint32_t *state, struct tree *ret)
{
	for (int s = 0; s < SIDES; s++)
		do
			for (size_t i = 0; i < NAMES; i++)
				ret->side[s][i] =
				    "---aab"[next_random(state) % 6];
		while (!side_possible(ret, (enum side)s));
}

START_TEST(random_trees)
{
	/* Deeper trees, where one file stands against many and others lie
	 * between them. */
	struct tree t = { .names = many, .n = NAMES };
	uint32_t state = 1;

	for (int n = 0; n < 700; n++) {
		random_tree(&state, &t);
		check_rules(&t, true);
	}
}
END_TEST

static void
check_same_plan(const struct plan *a, const struct plan *b)
{
	ck_assert_uint_eq(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		ck_assert_str_eq(a->v[i].path, b->v[i].path);
		ck_assert(decision_equal(a->v[i].what, b->v[i].what));
		ck_assert_mem_eq(&a->v[i].base, &b->v[i].base,
		    sizeof(a->v[i].base));
		ck_assert_mem_eq(&a->v[i].local, &b->v[i].local,
		    sizeof(a->v[i].local));
		ck_assert_mem_eq(&a->v[i].remote, &b->v[i].remote,
		    sizeof(a->v[i].remote));
	}
}

START_TEST(same_input_same_plan)
{
	/* Decided twice, the plans are equal byte for byte. */
	struct tree t = { .names = many, .n = NAMES };
	struct rules rules = { .now = NOW, .granularity = 1 };
	struct listing *list[SIDES];
	struct plan *first, *second;
	uint32_t state = 7;

	for (unsigned n = 0; n < 2000; n++) {
		random_tree(&state, &t);
		rules_nth(next_random(&state) % RULES_COUNT, &rules);
		for (int s = 0; s < SIDES; s++)
			list[s] = list_side(&t, (enum side)s);
		first = reconcile_lists(list, &rules);
		second = reconcile_lists(list, &rules);
		check_same_plan(first, second);
		plan_free(first);
		plan_free(second);
		for (int s = 0; s < SIDES; s++)
			listing_free(list[s]);
	}
}
END_TEST

START_TEST(impossible_side)
{
	/* A side that claims a file and one below it clashes with nobody. */
	struct tree t = { .names = three,
		.n = 3,
		.side = { "---", "---", "a-b" } };
	struct rules rules = { .access = ACCESS_FULL, .granularity = 1 };
	struct listing *list[SIDES];
	struct plan *plan;

	for (int s = 0; s < SIDES; s++)
		list[s] = list_side(&t, (enum side)s);
	plan = reconcile_lists(list, &rules);
	ck_assert_uint_eq(plan->n, 2);
	ck_assert_int_eq(plan->v[0].what.type, ACTION_FETCH);
	ck_assert_int_eq(plan->v[1].what.type, ACTION_FETCH);
	plan_free(plan);
	for (int s = 0; s < SIDES; s++)
		listing_free(list[s]);
}
END_TEST

/* n files "p/0000" .. of one version, every third name a folder instead. */
static struct listing *
list_many(unsigned n, char version, bool folders)
{
	struct listing *list = NULL;
	struct entry e = side_entry(version, NOW);
	char path[32];

	must(listing_new(&list) == ST_OK, "no listing");
	for (unsigned i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "p/%04u%s", i,
		    folders && i % 3 == 0 ? "/f" : "");
		e.path = path;
		must(listing_add(list, &e) == ST_OK, "no entry");
	}
	listing_sort(list);
	return list;
}

START_TEST(large_plan)
{
	/* A plan grows as it must, and thousands of clashes are settled. */
	const unsigned n = 9000;
	struct rules rules = { .access = ACCESS_FULL, .granularity = 1 };
	struct listing *list[SIDES] = { list_many(0, 'a', false),
		list_many(n, 'a', false), list_many(n, 'a', true) };
	struct plan *plan = reconcile_lists(list, &rules);
	unsigned count[ACTION_WORDS] = { 0 };

	for (size_t i = 0; i < plan->n; i++)
		count[plan->v[i].what.type]++;
	ck_assert_uint_eq(count[ACTION_ADOPT], n - n / 3);
	ck_assert_uint_eq(count[ACTION_FETCH], n / 3);
	ck_assert_uint_eq(count[ACTION_DELETE_LOCAL], n / 3);
	ck_assert_uint_eq(plan->n, n + n / 3);
	plan_free(plan);
	for (int s = 0; s < SIDES; s++)
		listing_free(list[s]);
}
END_TEST

START_TEST(out_of_memory)
{
	/* Whichever allocation fails, it is told and nothing is left over. */
	struct rules rules = { .access = ACCESS_FULL, .granularity = 1 };
	struct listing *list[SIDES] = { list_many(5, 'b', true),
		list_many(300, 'a', false), list_many(200, 'b', true) };
	struct plan *plan = NULL;
	enum status st = ST_NOMEM;
	long k;

	for (k = 1; st != ST_OK; k++) {
		nomem_at(k);
		st = reconcile(list[BASE], list[LOCAL], list[REMOTE], &rules,
		    &plan);
		nomem_at(0);
		ck_assert(st == ST_OK || st == ST_NOMEM);
		ck_assert((plan != NULL) == (st == ST_OK));
	}
	ck_assert_int_gt(k, 5);
	plan_free(plan);
	for (int s = 0; s < SIDES; s++)
		listing_free(list[s]);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("core/reconcile: trees");
	TCase *tc = tcase_create("trees");

	tcase_add_test(tc, all_small_trees);
	tcase_add_test(tc, unread_and_excluded_trees);
	tcase_add_test(tc, random_trees);
	tcase_add_test(tc, same_input_same_plan);
	tcase_add_test(tc, impossible_side);
	tcase_add_test(tc, large_plan);
	tcase_add_test(tc, out_of_memory);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
