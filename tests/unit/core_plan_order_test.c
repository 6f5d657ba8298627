/* SPDX-License-Identifier: MIT */
/*
 * The order of a plan, judged by doing it: random trees are reconciled, the
 * plan is carried out action by action on two small models, and nothing may
 * be in the way of what comes.  With moves and without, it ends the same.
 */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/entry.h"
#include "core/listing.h"
#include "core/path.h"
#include "core/plan.h"
#include "core/reconcile.h"
#include "deciding.h"
#include "unit.h"

#define NAMES 9
#define SIDES 2 /* here, there */

static const char *const names[NAMES] = { "d", "d-x", "d/e", "d/e/f", "d/g",
	"d0", "e", "e/d", "e/g" };

/* A letter a name: '-' or the version that stands there. */
struct world {
	char side[SIDES][NAMES];
};

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Is a file above or below the name, other than the one at except? */
static bool
in_the_way(const char side[NAMES], size_t name, size_t except)
{
	for (size_t i = 0; i < NAMES; i++)
		if (i != except && side[i] != '-' &&
		    (path_below(names[i], names[name]) ||
			path_below(names[name], names[i])))
			return true;
	return false;
}

static void
random_side(uint32_t *state, char side[NAMES])
{
	memset(side, '-', NAMES);
	for (size_t n = 0; n < 6; n++) {
		size_t i = next_random(state) % NAMES;

		if (!in_the_way(side, i, i))
			side[i] = "abcdA"[next_random(state) % 5];
	}
}

static struct listing *
list_side(const char side[NAMES])
{
	struct listing *list = NULL;

	must(listing_new(&list) == ST_OK, "no listing");
	for (size_t i = 0; i < NAMES; i++) {
		struct entry e = side_entry(side[i], side[i]);

		e.path = names[i];
		if (side[i] == 'c' || side[i] == 'd')
			e.size = 256 * 1024 + (side[i] == 'd');
		if (side[i] != '-')
			must(listing_add_borrowed(list, &e) == ST_OK,
			    "no entry");
	}
	listing_sort(list);
	return list;
}

static struct plan *
make_plan(const char base[NAMES], const struct world *w,
    const struct rules *rules)
{
	AUTO(listing) struct listing *b = list_side(base);
	AUTO(listing) struct listing *l = list_side(w->side[0]);
	AUTO(listing) struct listing *r = list_side(w->side[1]);
	struct plan *plan = NULL;

	must(reconcile(b, l, r, rules, &plan) == ST_OK, "no plan");
	for (size_t i = 0; i < plan->n; i++) /* outlives the listings */
		for (size_t k = 0; k < NAMES; k++)
			if (strcmp(plan->v[i].path, names[k]) == 0)
				plan->v[i].path = names[k];
	return plan;
}

static size_t
name_index(const char *name)
{
	for (size_t i = 0; i < NAMES; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	ck_abort_msg("no such name: %s", name);
	return 0;
}

static bool
is_delete(const struct action *a)
{
	return a->what.type == ACTION_DELETE_LOCAL ||
	    a->what.type == ACTION_DELETE_REMOTE;
}

static bool
is_move(const struct action *a)
{
	return a->what.type == ACTION_MOVE_LOCAL ||
	    a->what.type == ACTION_MOVE_REMOTE;
}

static bool
is_content(const struct action *a)
{
	return a->what.type == ACTION_SEND || a->what.type == ACTION_FETCH;
}

/* The side that an action changes. */
static int
action_side(const struct action *a)
{
	return a->what.type == ACTION_SEND ||
	    a->what.type == ACTION_DELETE_REMOTE ||
	    a->what.type == ACTION_MOVE_REMOTE;
}

/* Does one action; false if something is in its way or missing. */
static bool
do_action(struct world *w, const struct action *a)
{
	char *side = w->side[action_side(a)];
	const char *other = w->side[!action_side(a)];
	size_t i = name_index(a->path), from = i;

	if (is_delete(a)) {
		if (side[i] == '-')
			return false;
		side[i] = '-';
	}
	if (is_content(a)) {
		if (in_the_way(side, i, i))
			return false;
		side[i] = other[i];
	}
	if (is_move(a)) {
		from = name_index(a->from);
		if (side[i] != '-' || side[from] != other[i] ||
		    in_the_way(side, i, from))
			return false;
		side[i] = side[from];
		side[from] = '-';
	}
	return true;
}

/* Does this deletion make room for something else of the plan? */
static bool
makes_room(const struct plan *plan, const struct action *a)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct action *b = &plan->v[i];

		if ((is_move(b) || is_content(b)) &&
		    action_side(a) == action_side(b) &&
		    (path_below(a->path, b->path) ||
			path_below(b->path, a->path)))
			return true;
	}
	return false;
}

static int
stage(const struct plan *plan, const struct action *a)
{
	if (is_delete(a))
		return makes_room(plan, a) ? 1 : 4;
	return is_move(a) ? 2 : is_content(a) ? 3 : 0;
}

/* Small is what has at most 256 KiB. */
static bool
is_large(const struct action *a)
{
	return (a->what.type == ACTION_SEND ? a->local.size : a->remote.size) >
	    256 * 1024;
}

/* Stage by stage, small contents first; what makes room says so. */
static void
check_stages(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		must(plan_makes_room(&plan->v[i]) ==
			(stage(plan, &plan->v[i]) == 1),
		    "%s makes room or not", plan->v[i].path);
	for (size_t i = 1; i < plan->n; i++) {
		const struct action *a = &plan->v[i - 1], *b = &plan->v[i];
		int was = stage(plan, a), now = stage(plan, b);

		must(was <= now, "%s before %s", a->path, b->path);
		must(was != 3 || now != 3 || is_large(a) <= is_large(b),
		    "%s is larger than %s", a->path, b->path);
	}
}

static void
plan_show(const struct plan *plan)
{
	char text[DECISION_TEXT];

	for (size_t i = 0; i < plan->n; i++)
		fprintf(stderr, "\t%s %s %s\n", plan->v[i].path,
		    decision_show(plan->v[i].what, text),
		    plan->v[i].from != NULL ? plan->v[i].from : "");
}

/* Does all of it, in its order. */
static void
do_plan(struct world *w, const struct plan *plan)
{
	check_stages(plan);
	for (size_t i = 0; i < plan->n; i++) {
		if (do_action(w, &plan->v[i]))
			continue;
		plan_show(plan);
		ck_abort_msg("something is in the way of %s", plan->v[i].path);
	}
}

/* What a plan does to both sides is the same with moves and without. */
static void
check_order(const char base[NAMES], const struct world *was,
    const struct rules *rules, unsigned *ret_moves)
{
	struct world plain = *was, moved = *was;
	AUTO(plan) struct plan *plan = make_plan(base, was, rules);
	AUTO(plan) struct plan *moves = make_plan(base, was, rules);

	plan_order(plan);
	do_plan(&plain, plan);
	must(plan_find_moves(moves) == ST_OK, "no moves");
	plan_order(moves);
	do_plan(&moved, moves);
	for (size_t i = 0; i < moves->n; i++)
		*ret_moves += is_move(&moves->v[i]);
	must(memcmp(&plain, &moved, sizeof(plain)) == 0, "moves end elsewhere");
}

START_TEST(order_can_be_done)
{
	/* Random plans: nothing is made while something is in its way. */
	struct rules rules = { .granularity = 1 };
	uint32_t state = 5;
	unsigned moved = 0;
	char base[NAMES];
	struct world w;

	for (unsigned n = 0; n < 50000; n++) {
		random_side(&state, base);
		random_side(&state, w.side[0]);
		random_side(&state, w.side[1]);
		if (n % 2 != 0)
			memcpy(base, w.side[n / 2 % 2], NAMES);
		rules_nth(next_random(&state) % RULES_COUNT, &rules);
		if (n % 4 != 0)
			rules.access = ACCESS_FULL;
		check_order(base, &w, &rules, &moved);
	}
	ck_assert_uint_gt(moved, 1000);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("core/plan: order");
	TCase *tc = tcase_create("order");

	tcase_add_test(tc, order_can_be_done);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
