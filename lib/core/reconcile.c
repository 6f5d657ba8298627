/* SPDX-License-Identifier: MIT */
/*
 * A three-way merge.  reconcile_path() is the table of doc/design.md
 * ("Deciding") for one path; each of its sections is a function here.
 * reconcile() walks three sorted listings side by side, asks it for each path,
 * and settles the one thing that no path can decide alone: a file on one side
 * where the other has a folder.
 */
#include "config.h"

#include "core/reconcile.h"

#include <string.h>

#include "core/entry.h"
#include "core/listing.h"
#include "core/path.h"
#include "core/plan.h"
#include "util/env.h"

/* An mtime before 1980 is a clock that was never set (FAT's zero, 1970). */
#define TIME_FLOOR     (315532800 * NSEC)
#define TIME_AHEAD     (300 * NSEC)
#define CLOCK_COUNTS   (2 * NSEC)
#define CLOCK_HOPELESS (600 * NSEC)

static struct decision
decide(enum action_type type, enum reason reason)
{
	return (struct decision){ .type = type, .reason = reason };
}

static struct decision
decide_conflict(enum action_type type, enum reason reason)
{
	return (struct decision){ .type = type,
		.reason = reason,
		.conflict = true };
}

static bool
is_text(const struct entry *e)
{
	return e->kind == ENTRY_TEXT;
}

static bool
trustworthy(int64_t mtime, int64_t now)
{
	return mtime >= TIME_FLOOR && mtime <= now + TIME_AHEAD;
}

/* Whose mtime is later?  The server's stands where that can't be told. */
static struct decision
decide_newest(const struct entry *local, const struct entry *remote,
    const struct rules *rules)
{
	int64_t ahead = rules->clock_ahead, diff;

	if (ahead > CLOCK_HOPELESS || ahead < -CLOCK_HOPELESS ||
	    !trustworthy(local->mtime, rules->now) ||
	    !trustworthy(remote->mtime, rules->now + ahead))
		return decide_conflict(ACTION_FETCH, REASON_TIE);
	if (ahead <= CLOCK_COUNTS && ahead >= -CLOCK_COUNTS)
		ahead = 0;
	diff = local->mtime + ahead - remote->mtime;
	if (diff == 0 ||
	    (diff < rules->granularity && diff > -rules->granularity))
		return decide_conflict(ACTION_FETCH, REASON_TIE);
	return decide_conflict(diff > 0 ? ACTION_SEND : ACTION_FETCH,
	    REASON_NEWEST);
}

static struct decision
decide_conflict_rule(const struct entry *local, const struct entry *remote,
    const struct rules *rules)
{
	switch (rules->conflict) {
	case CONFLICT_SERVER:
		return decide_conflict(ACTION_FETCH, REASON_RULE);
	case CONFLICT_CLIENT:
		return decide_conflict(ACTION_SEND, REASON_RULE);
	case CONFLICT_MANUAL:
		return decide_conflict(ACTION_LEAVE, REASON_MANUAL);
	case CONFLICT_NEWEST:
		break;
	}
	return decide_newest(local, remote, rules);
}

static struct decision
decide_both_texts(const struct entry *local, const struct entry *remote,
    const struct rules *rules)
{
	if (rules->direction == DIRECTION_PULL)
		return decide_conflict(ACTION_FETCH, REASON_RULE);
	if (rules->direction == DIRECTION_PUSH)
		return rules->access == ACCESS_READ ?
		    decide_conflict(ACTION_LEAVE, REASON_NOT_ALLOWED) :
		    decide_conflict(ACTION_SEND, REASON_RULE);
	if (rules->access == ACCESS_READ)
		return decide_conflict(ACTION_FETCH, REASON_READ_ONLY);
	return decide_conflict_rule(local, remote, rules);
}

static struct decision
decide_edited_here_deleted_there(const struct rules *rules)
{
	if (rules->direction == DIRECTION_PULL)
		return rules->exact && !rules->keep_deleted ?
		    decide(ACTION_DELETE_LOCAL, REASON_EXACT) :
		    decide(ACTION_LEAVE, REASON_MASKED);
	if (rules->access == ACCESS_FULL)
		return decide(ACTION_SEND, REASON_EDIT_BEATS_DELETE);
	if (rules->access == ACCESS_EDIT || rules->direction == DIRECTION_PUSH)
		return decide(ACTION_LEAVE, REASON_NOT_ALLOWED);
	return rules->keep_deleted ?
	    decide(ACTION_LEAVE, REASON_MASKED) :
	    decide_conflict(ACTION_DELETE_LOCAL, REASON_READ_ONLY);
}

static struct decision
decide_deleted_here_edited_there(const struct rules *rules)
{
	if (rules->direction != DIRECTION_PUSH)
		return decide(ACTION_FETCH, REASON_EDIT_BEATS_DELETE);
	if (!rules->exact || rules->keep_deleted)
		return decide(ACTION_LEAVE, REASON_MASKED);
	return rules->access == ACCESS_FULL ?
	    decide(ACTION_DELETE_REMOTE, REASON_EXACT) :
	    decide(ACTION_LEAVE, REASON_NOT_ALLOWED);
}

static struct decision
decide_both_changed(const struct entry *local, const struct entry *remote,
    const struct rules *rules)
{
	if (is_text(local) && is_text(remote))
		return decide_both_texts(local, remote, rules);
	return is_text(local) ? decide_edited_here_deleted_there(rules) :
				decide_deleted_here_edited_there(rules);
}

/* What is not allowed to go comes back, unless nothing may come. */
static struct decision
decide_take_back(const struct rules *rules, enum reason reason)
{
	return rules->direction == DIRECTION_PUSH ?
	    decide(ACTION_LEAVE, REASON_NOT_ALLOWED) :
	    decide(ACTION_FETCH, reason);
}

static struct decision
decide_local_deleted(const struct rules *rules)
{
	if (rules->keep_deleted)
		return decide(ACTION_LEAVE, REASON_MASKED);
	if (rules->access == ACCESS_FULL)
		return decide(ACTION_DELETE_REMOTE, REASON_DELETED);
	return decide_take_back(rules,
	    rules->access == ACCESS_READ ? REASON_READ_ONLY :
					   REASON_NOT_ALLOWED);
}

static struct decision
decide_local_changed(const struct entry *local, const struct entry *remote,
    const struct rules *rules)
{
	if (rules->direction == DIRECTION_PULL) {
		if (rules->exact && is_text(remote))
			return decide(ACTION_FETCH, REASON_EXACT);
		return rules->exact && !rules->keep_deleted ?
		    decide(ACTION_DELETE_LOCAL, REASON_EXACT) :
		    decide(ACTION_LEAVE, REASON_MASKED);
	}
	if (!is_text(local))
		return decide_local_deleted(rules);
	if (is_text(remote))
		return rules->access == ACCESS_READ ?
		    decide_take_back(rules, REASON_READ_ONLY) :
		    decide(ACTION_SEND, REASON_CHANGED);
	return rules->access == ACCESS_FULL ?
	    decide(ACTION_SEND, REASON_CREATED) :
	    decide(ACTION_LEAVE, REASON_NOT_ALLOWED);
}

/* push: the server's change does not come; --delete undoes it. */
static struct decision
decide_remote_masked(const struct entry *local, const struct entry *remote,
    const struct rules *rules)
{
	enum access needed = ACCESS_FULL;

	if (!rules->exact || (!is_text(local) && rules->keep_deleted))
		return decide(ACTION_LEAVE, REASON_MASKED);
	if (is_text(local) && is_text(remote))
		needed = ACCESS_EDIT;
	if (rules->access < needed)
		return decide(ACTION_LEAVE, REASON_NOT_ALLOWED);
	return decide(is_text(local) ? ACTION_SEND : ACTION_DELETE_REMOTE,
	    REASON_EXACT);
}

static struct decision
decide_remote_changed(const struct entry *local, const struct entry *remote,
    const struct rules *rules)
{
	if (rules->direction == DIRECTION_PUSH)
		return decide_remote_masked(local, remote, rules);
	if (is_text(remote))
		return decide(ACTION_FETCH,
		    is_text(local) ? REASON_CHANGED : REASON_CREATED);
	return rules->keep_deleted ?
	    decide(ACTION_LEAVE, REASON_MASKED) :
	    decide(ACTION_DELETE_LOCAL, REASON_DELETED);
}

struct decision
reconcile_path(const struct entry *base, const struct entry *local,
    const struct entry *remote, const struct rules *rules)
{
	bool base_text = is_text(base);

	if (local->kind == ENTRY_UNREAD || remote->kind == ENTRY_UNREAD)
		return decide(ACTION_LEAVE, REASON_UNREAD);
	if (local->kind == ENTRY_EXCLUDED || remote->kind == ENTRY_EXCLUDED)
		return base_text ? decide(ACTION_LET_GO, REASON_EXCLUDED) :
				   decide(ACTION_NONE, REASON_NONE);
	if (entry_same(local, remote)) {
		if (entry_same(local, base))
			return decide(ACTION_NONE, REASON_NONE);
		return is_text(local) ? decide(ACTION_ADOPT, REASON_EQUAL) :
					decide(ACTION_FORGET, REASON_GONE);
	}
	if (entry_same(remote, base))
		return decide_local_changed(local, remote, rules);
	if (entry_same(local, base))
		return decide_remote_changed(local, remote, rules);
	return decide_both_changed(local, remote, rules);
}

/*
 * Clashes.  A file p and files below p/ can't both stand.  In the order of
 * bytes all paths that begin with the string p follow p at once, so a stack of
 * the files whose name is a beginning of the current one finds them all in
 * one pass.
 */

/* How a clash ends: which side's files stand, and may the others go? */
struct clash_rule {
	bool client_stands;
	bool leave;
};

static struct clash_rule
clash_rule(const struct rules *rules)
{
	struct clash_rule c = { .client_stands = false, .leave = false };
	bool both = rules->direction == DIRECTION_BOTH;

	c.client_stands = rules->direction == DIRECTION_PUSH ||
	    (both && rules->conflict == CONFLICT_CLIENT &&
		rules->access == ACCESS_FULL);
	c.leave = rules->keep_deleted ||
	    (c.client_stands && rules->access != ACCESS_FULL) ||
	    (both && rules->conflict == CONFLICT_MANUAL);
	return c;
}

/* A path takes part if one side alone has a file there. */
static bool
clash_candidate(const struct action *a)
{
	return (is_text(&a->local) && a->remote.kind == ENTRY_ABSENT) ||
	    (is_text(&a->remote) && a->local.kind == ENTRY_ABSENT);
}

/* Would a file stand here, on either side, after the plan was done? */
static bool
clash_stands(const struct action *a)
{
	return clash_candidate(a) && a->what.type != ACTION_DELETE_LOCAL &&
	    a->what.type != ACTION_DELETE_REMOTE;
}

static void
clash_settle_one(struct action *a, struct clash_rule rule)
{
	bool here = is_text(&a->local);

	if (rule.leave)
		a->what = decide(ACTION_LEAVE, REASON_CLASH);
	else if (here && !rule.client_stands)
		a->what = decide_conflict(ACTION_DELETE_LOCAL, REASON_CLASH);
	else if (!here && rule.client_stands)
		a->what = decide_conflict(ACTION_DELETE_REMOTE, REASON_CLASH);
}

/* A file that may have to make way for one below it. */
struct clash_file {
	struct action *action;
	bool left; /* it was left alone before any clash was settled */
};

/* Two that stand as they are on purpose do so without a clash. */
static void
clash_settle(const struct clash_file *file, const struct clash_file *below,
    struct clash_rule rule)
{
	if (is_text(&file->action->local) == is_text(&below->action->local) ||
	    (file->left && below->left))
		return;
	clash_settle_one(file->action, rule);
	clash_settle_one(below->action, rule);
}

static bool
begins_with(const char *s, const char *beginning)
{
	return strncmp(s, beginning, strlen(beginning)) == 0;
}

static void
settle_clashes(struct plan *plan, const struct rules *rules)
{
	struct clash_rule rule = clash_rule(rules);
	struct clash_file stack[PATH_LIMIT];
	size_t i, k, depth = 0;

	for (i = 0; i < plan->n; i++) {
		struct action *a = &plan->v[i];
		struct clash_file file = { .action = a,
			.left = a->what.type == ACTION_LEAVE };

		while (depth > 0 &&
		    !begins_with(a->path, stack[depth - 1].action->path))
			depth--;
		if (!clash_stands(a))
			continue;
		for (k = 0; k < depth; k++)
			if (path_below(a->path, stack[k].action->path))
				clash_settle(&stack[k], &file, rule);
		stack[depth++] = file;
	}
}

/* The smallest path that a walk has not passed yet, or NULL at the end. */
static const char *
next_path(struct listing_walk *const walk[3])
{
	const char *least = NULL, *path;
	size_t i;

	for (i = 0; i < 3; i++) {
		path = listing_walk_next_path(walk[i]);
		if (path != NULL && (least == NULL || strcmp(path, least) < 0))
			least = path;
	}
	return least;
}

static enum status
add_action(struct plan *plan, const char *path,
    const struct entry *const side[3], const struct rules *rules)
{
	struct action a = { .path = path };

	a.what = reconcile_path(side[0], side[1], side[2], rules);
	if (a.what.type == ACTION_NONE)
		return ST_OK;
	a.base = *side[0];
	a.local = *side[1];
	a.remote = *side[2];
	return plan_add(plan, &a);
}

/*
 * A cover is no path of its own: it only says what is below it.  An unread one
 * was reported by whoever could not read it.
 */
static bool
is_bare_cover(const struct entry *const side[3])
{
	size_t i;

	for (i = 0; i < 3; i++)
		if (is_text(side[i]))
			return false;
	return true;
}

enum status
reconcile(const struct listing *base, const struct listing *local,
    const struct listing *remote, const struct rules *rules, struct plan **ret)
{
	AUTO(plan) struct plan *plan = NULL;
	AUTO(listing_walk) struct listing_walk *b = NULL;
	AUTO(listing_walk) struct listing_walk *l = NULL;
	AUTO(listing_walk) struct listing_walk *r = NULL;
	const struct entry *side[3];
	const char *path;

	if (plan_new(&plan) != ST_OK || listing_walk_new(base, &b) != ST_OK ||
	    listing_walk_new(local, &l) != ST_OK ||
	    listing_walk_new(remote, &r) != ST_OK)
		return ST_NOMEM;
	while ((path = next_path((struct listing_walk *const[]){ b, l, r })) !=
	    NULL) {
		side[0] = listing_walk_at(b, path);
		side[1] = listing_walk_at(l, path);
		side[2] = listing_walk_at(r, path);
		if (is_bare_cover(side))
			continue;
		if (add_action(plan, path, side, rules) != ST_OK)
			return ST_NOMEM;
	}
	settle_clashes(plan, rules);
	*ret = plan;
	plan = NULL;
	return ST_OK;
}

const char *
reconcile_reason_text(enum reason reason)
{
	static const char *const text[] = {
		[REASON_NONE] = "",
		[REASON_CHANGED] = "changed",
		[REASON_CREATED] = "new",
		[REASON_DELETED] = "deleted",
		[REASON_EDIT_BEATS_DELETE] = "an edit beats a delete",
		[REASON_EQUAL] = "equal on both sides",
		[REASON_GONE] = "gone on both sides",
		[REASON_EXCLUDED] = "not synced any more",
		[REASON_UNREAD] = "could not be read",
		[REASON_READ_ONLY] = "the preset is read-only",
		[REASON_NOT_ALLOWED] = "the preset does not allow it",
		[REASON_MASKED] = "not carried in this direction",
		[REASON_EXACT] = "made equal",
		[REASON_NEWEST] = "conflict: the newest wins",
		[REASON_TIE] = "conflict: a tie, the server wins",
		[REASON_RULE] = "conflict: decided by rule",
		[REASON_MANUAL] = "conflict: left for you to decide",
		[REASON_CLASH] = "a file and a folder of the same name",
	};

	return (size_t)reason < sizeof(text) / sizeof(text[0]) ? text[reason] :
								 "";
}
