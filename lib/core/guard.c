/* SPDX-License-Identifier: MIT */
/*
 * Counts what a plan deletes on each side and says whether that is more than
 * a person is likely to mean.  The worse side is the one reported.
 */
#include "config.h"

#include "core/guard.h"

#include <stdint.h>

#include "core/plan.h"

bool
guard_parse(const char *text, struct guard_limit *ret)
{
	size_t n = 0, digit;
	const char *p;

	for (p = text; *p >= '0' && *p <= '9'; p++) {
		digit = (size_t)(*p - '0');
		if (n > (SIZE_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	if (p == text)
		return false;
	if (p[0] == '%' && p[1] == '\0' && n <= 100) {
		*ret = (struct guard_limit){ .percent = (unsigned)n };
		return true;
	}
	if (*p != '\0')
		return false;
	*ret = (struct guard_limit){ .count = n };
	return true;
}

static size_t
count_actions(const struct plan *plan, enum action_type type)
{
	size_t i, n = 0;

	for (i = 0; i < plan->n; i++)
		n += plan->v[i].what.type == type;
	return n;
}

static bool
over_limit(const struct guard_verdict *side, const struct guard_limit *limit)
{
	const size_t n = side->deletions + side->gone;

	return side->deletions > 0 && n > limit->count &&
	    n * 100 > limit->percent * (side->files + side->gone);
}

/* The more alarming first: an emptied side, then a trip, then numbers. */
static bool
worse(const struct guard_verdict *a, const struct guard_verdict *b)
{
	if (a->emptied != b->emptied)
		return a->emptied;
	if (a->tripped != b->tripped)
		return a->tripped;
	return a->deletions > b->deletions;
}

void
guard_check(const struct plan *plan, const struct guard_side *here,
    const struct guard_side *there, const struct guard_limit *limit,
    bool explicit, struct guard_verdict *ret)
{
	struct guard_verdict local = { .files = here->files,
		.gone = here->gone };
	struct guard_verdict remote = { .files = there->files,
		.gone = there->gone,
		.remote = true };

	local.deletions = count_actions(plan, ACTION_DELETE_LOCAL);
	remote.deletions = count_actions(plan, ACTION_DELETE_REMOTE);
	/* The side that lost its files is not the one that would lose them. */
	if (!explicit) {
		local.emptied = there->files == 0 && local.deletions >= 2;
		remote.emptied = here->files == 0 && remote.deletions >= 2;
	}
	local.tripped = local.emptied || over_limit(&local, limit);
	remote.tripped = remote.emptied || over_limit(&remote, limit);
	*ret = worse(&remote, &local) ? remote : local;
}
