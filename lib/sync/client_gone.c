/* SPDX-License-Identifier: MIT */
/*
 * What a session that stays makes of many deletions.  One thing that somebody
 * does may take a while, and so be many rounds: rm -r is seen in slices, and
 * each for itself might pass the guard.
 */
#include "config.h"

#include "core/scope.h"
#include "sync/client_state.h"
#include "sync/live.h"
#include "sync/replica.h"
#include "sync/round.h"
#include "util/env.h"

#define GONE_COUNTS (60 * NSEC) /* deletions, for the guard */

#define FEW	   4 /* deletions are made at once */
#define QUIET	   (NSEC / 2) /* without more deletions: that was all */
#define QUIET_MOST (30 * NSEC) /* and longer is not waited for it */
#define QUIET_ASK  (NSEC / 4)

void
client_count_gone(struct client *c, struct round_opts *opts)
{
	const struct deletions made = { c->summary.deleted_local,
		c->summary.deleted_remote };
	const int64_t now = env_ticks(c->env);

	if (c->live == NULL)
		return;
	if (now - c->deleted_at > GONE_COUNTS)
		c->forgiven = c->seen;
	if (made.local != c->seen.local || made.remote != c->seen.remote)
		c->deleted_at = now;
	c->seen = made;
	opts->gone_local = made.local - c->forgiven.local;
	opts->gone_remote = made.remote - c->forgiven.remote;
}

enum status
client_hold(struct client *c, const struct scope *scope)
{
	AUTO(scope) struct scope *both = NULL;
	enum status st = scope_new(&both);

	if (st == ST_OK && c->held != NULL)
		st = scope_add_all(both, c->held);
	if (st == ST_OK)
		st = scope_add_all(both, scope);
	if (st == ST_OK)
		st = scope_close(both);
	if (st != ST_OK)
		return st;
	scope_free(c->held);
	c->held = both;
	both = NULL;
	return ST_OK;
}

/*
 * Else some would have gone before the guard sees that it is too much; and of
 * a folder that moves slowly half would be deleted, and sent anew.
 */
bool
client_hesitates(struct client *c)
{
	const int64_t now = env_ticks(c->env);
	struct growing *g = &c->growing;
	const size_t n = c->live != NULL && c->part ?
	    round_deletions(c->round) :
	    0;

	if (n == 0)
		return false;
	if (now - g->made_at > 2 * QUIET)
		g->made = 0;
	if (g->n == 0 || now - g->first > 2 * QUIET_MOST)
		g->first = now;
	if (g->n != n)
		g->last = now;
	g->n = n;
	if (n + g->made > FEW && now - g->last < QUIET &&
	    now - g->first < QUIET_MOST)
		return true;
	g->n = 0;
	g->made += n;
	g->made_at = now;
	return false;
}

/*
 * What was told will be asked for, for the cursor stands where it stood; what
 * was looked at here is held, for the next look to be at that as well.
 */
enum status
client_wait(struct client *c, struct err *err)
{
	if (c->replica->scope == NULL)
		live_put_back(c->live, NULL);
	else if (client_hold(c, c->replica->scope) != ST_OK)
		return err_nomem(err);
	c->missed = c->missed || c->spoke;
	c->ask_due = env_ticks(c->env) + QUIET_ASK;
	c->state = CLIENT_LIVE;
	c->part = false;
	c->rounds = c->doubts = 0;
	return ST_OK;
}
