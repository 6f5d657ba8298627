/* SPDX-License-Identifier: MIT */
/*
 * The list of actions: made in path order by reconcile(), then moves are
 * found, then it is put into the order of doing.
 */
#include "config.h"

#include "core/plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/path.h"

/* Contents up to this size go first: most of what people see soon. */
#define PLAN_SMALL (256 * 1024)

enum status
plan_new(struct plan **ret)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	if (plan == NULL)
		return ST_NOMEM;
	*ret = plan;
	return ST_OK;
}

void
plan_free(struct plan *plan)
{
	if (plan == NULL)
		return;
	free(plan->v);
	free(plan);
}

enum status
plan_add(struct plan *plan, const struct action *action)
{
	size_t cap = plan->cap == 0 ? 16 : plan->cap + plan->cap / 2;
	struct action *v;

	if (plan->n == plan->cap) {
		v = reallocarray(plan->v, cap, sizeof(*v));
		if (v == NULL)
			return ST_NOMEM;
		plan->v = v;
		plan->cap = cap;
	}
	plan->v[plan->n++] = *action;
	return ST_OK;
}

/*
 * Ranks in the order of doing; within a rank by path, but folders are
 * emptied from below.
 */
enum rank {
	RANK_FREE, /* costs nothing and touches no file */
	RANK_MAKE_ROOM, /* deletions where something else is to stand */
	RANK_MOVE,
	RANK_SMALL,
	RANK_LARGE,
	RANK_DELETE,
};

static bool
is_deletion(const struct action *a)
{
	return a->what.type == ACTION_DELETE_LOCAL ||
	    a->what.type == ACTION_DELETE_REMOTE;
}

static bool
is_creation(const struct action *a)
{
	return a->what.type == ACTION_SEND || a->what.type == ACTION_FETCH ||
	    a->what.type == ACTION_MOVE_LOCAL ||
	    a->what.type == ACTION_MOVE_REMOTE;
}

static bool
is_done_remotely(const struct action *a)
{
	return a->what.type == ACTION_DELETE_REMOTE ||
	    a->what.type == ACTION_SEND || a->what.type == ACTION_MOVE_REMOTE;
}

static enum rank
rank_of(const struct action *a)
{
	const struct entry *e = is_done_remotely(a) ? &a->local : &a->remote;

	if (is_deletion(a))
		return RANK_DELETE;
	if (!is_creation(a))
		return RANK_FREE;
	if (a->from != NULL)
		return RANK_MOVE;
	return e->size <= PLAN_SMALL ? RANK_SMALL : RANK_LARGE;
}

/* One of the two lies below the other: does a deletion make room here? */
static void
make_room(struct action *a, struct action *b)
{
	if (is_done_remotely(a) != is_done_remotely(b))
		return;
	if (is_deletion(a) && is_creation(b))
		a->rank = RANK_MAKE_ROOM;
	if (is_deletion(b) && is_creation(a))
		b->rank = RANK_MAKE_ROOM;
}

/* The plan is still in path order here: see reconcile.c on clashes. */
static void
rank_all(struct plan *plan)
{
	struct action *stack[PATH_LIMIT];
	size_t i, k, depth = 0;

	for (i = 0; i < plan->n; i++) {
		struct action *a = &plan->v[i];

		a->rank = rank_of(a);
		while (depth > 0 &&
		    strncmp(a->path, stack[depth - 1]->path,
			strlen(stack[depth - 1]->path)) != 0)
			depth--;
		for (k = 0; k < depth; k++)
			if (path_below(a->path, stack[k]->path))
				make_room(stack[k], a);
		stack[depth++] = a;
	}
}

/*
 * Moves.  A half is one end of a possible move: a deletion or a creation on
 * one side.  Sorted by contents, both ends of a move lie in one run.  A deletion
 * that makes room is never one: moves could stand in each other's way.
 */
struct half {
	struct action *action;
	const struct entry *entry; /* what goes away, or what comes */
	bool creation;
	bool remote; /* the side where it would be done */
};

static bool
half_of(struct action *a, struct half *ret)
{
	bool send = a->what.type == ACTION_SEND;

	if (a->what.conflict || a->rank == RANK_MAKE_ROOM)
		return false;
	/* What an ignore file's rules keep out may be where it went to. */
	if (path_is_ignore_file(a->path))
		return false;
	*ret = (struct half){ .action = a };
	if (a->what.type == ACTION_DELETE_REMOTE ||
	    a->what.type == ACTION_DELETE_LOCAL) {
		ret->remote = a->what.type == ACTION_DELETE_REMOTE;
		ret->entry = ret->remote ? &a->remote : &a->local;
		return true;
	}
	if (!send && a->what.type != ACTION_FETCH)
		return false;
	ret->creation = true;
	ret->remote = send;
	ret->entry = send ? &a->local : &a->remote;
	return (send ? &a->remote : &a->local)->kind == ENTRY_ABSENT;
}

static int
compare_int64(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* Equal for the two ends of one move. */
static int
half_compare_version(const struct half *a, const struct half *b)
{
	int c = memcmp(a->entry->hash.b, b->entry->hash.b, HASH_SIZE);

	if (c == 0)
		c = compare_int64(a->entry->mtime, b->entry->mtime);
	if (c == 0)
		c = (int)a->entry->exec - (int)b->entry->exec;
	return c != 0 ? c : (int)a->remote - (int)b->remote;
}

static int
half_compare(const void *va, const void *vb)
{
	const struct half *a = va, *b = vb;
	int c = half_compare_version(a, b);

	if (c == 0)
		c = (int)a->creation - (int)b->creation;
	if (c == 0)
		c = strcmp(path_name(a->action->path),
		    path_name(b->action->path));
	return c != 0 ? c : strcmp(a->action->path, b->action->path);
}

static void
make_move(struct half *gone, struct half *come)
{
	struct action *a = come->action;

	a->from = gone->action->path;
	a->gone = *gone->entry;
	a->what.type = come->remote ? ACTION_MOVE_REMOTE : ACTION_MOVE_LOCAL;
	gone->action->what.type = ACTION_NONE;
	gone->entry = NULL;
	come->entry = NULL;
}

/*
 * v[0..dels) are deletions, v[dels..n) creations, all of one version and each
 * part in the order of names: one merge pairs those with the same name.
 */
static void
pair_same_names(struct half *v, size_t dels, size_t n)
{
	size_t d = 0, c = dels;
	int cmp;

	while (d < dels && c < n) {
		cmp = strcmp(path_name(v[d].action->path),
		    path_name(v[c].action->path));
		if (cmp == 0)
			make_move(&v[d], &v[c]);
		d += cmp <= 0;
		c += cmp >= 0;
	}
}

static void
pair_rest(struct half *v, size_t dels, size_t n)
{
	size_t d = 0, c = dels;

	while (d < dels && c < n) {
		if (v[d].entry == NULL)
			d++;
		else if (v[c].entry == NULL)
			c++;
		else
			make_move(&v[d++], &v[c++]);
	}
}

static void
pair_all(struct half *v, size_t n)
{
	size_t i, end, dels;

	for (i = 0; i < n; i = end) {
		dels = 0;
		for (end = i;
		     end < n && half_compare_version(&v[i], &v[end]) == 0;
		     end++)
			dels += v[end].creation ? 0 : 1;
		pair_same_names(v + i, dels, end - i);
		pair_rest(v + i, dels, end - i);
	}
}

static void
drop_none(struct plan *plan)
{
	size_t i, n = 0;

	for (i = 0; i < plan->n; i++)
		if (plan->v[i].what.type != ACTION_NONE)
			plan->v[n++] = plan->v[i];
	plan->n = n;
}

enum status
plan_find_moves(struct plan *plan)
{
	autofree struct half *v = NULL;
	size_t i, n = 0;

	if (plan->n == 0)
		return ST_OK;
	v = calloc(plan->n, sizeof(*v));
	if (v == NULL)
		return ST_NOMEM;
	rank_all(plan);
	for (i = 0; i < plan->n; i++)
		if (half_of(&plan->v[i], &v[n]))
			n++;
	qsort(v, n, sizeof(*v), half_compare);
	pair_all(v, n);
	drop_none(plan);
	return ST_OK;
}

/* Order */

static int
action_compare(const void *va, const void *vb)
{
	const struct action *a = va, *b = vb;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return is_deletion(a) ? strcmp(b->path, a->path) :
				strcmp(a->path, b->path);
}

void
plan_order(struct plan *plan)
{
	rank_all(plan);
	if (plan->n > 1)
		qsort(plan->v, plan->n, sizeof(*plan->v), action_compare);
}

bool
plan_makes_room(const struct action *action)
{
	return action->rank == RANK_MAKE_ROOM;
}

static bool
concerns_ignore_file(const struct action *a)
{
	return path_is_ignore_file(a->path) ||
	    (a->from != NULL && path_is_ignore_file(a->from));
}

/* What a takes away stands where the ignore file b is to come, or its folder. */
static bool
frees(const struct action *a, const struct action *b)
{
	const char *freed = is_deletion(a) ? a->path : a->from;

	return freed != NULL && is_done_remotely(a) == is_done_remotely(b) &&
	    (path_below(b->path, freed) || path_below(freed, b->path));
}

/* There are few ignore files: each looks for what is in its way. */
static void
choose_first(struct plan *plan)
{
	size_t i, k;

	for (i = 0; i < plan->n; i++) {
		struct action *a = &plan->v[i];

		a->first |= concerns_ignore_file(a);
		for (k = 0; path_is_ignore_file(a->path) && is_creation(a) &&
		     k < plan->n;
		     k++)
			plan->v[k].first |= frees(&plan->v[k], a);
	}
}

bool
plan_only_ignore_files(struct plan *plan)
{
	size_t i, n = 0;
	bool any = false;

	for (i = 0; i < plan->n && !any; i++)
		any = concerns_ignore_file(&plan->v[i]) &&
		    (is_creation(&plan->v[i]) || is_deletion(&plan->v[i]));
	if (!any)
		return false;
	choose_first(plan);
	for (i = 0; i < plan->n; i++)
		if (plan->v[i].first)
			plan->v[n++] = plan->v[i];
	plan->n = n;
	return true;
}
