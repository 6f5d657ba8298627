/* SPDX-License-Identifier: MIT */
/* A client's looks at all of its own folder, in the course of a run. */
#include "config.h"

#include "core/scope.h"
#include "sync/client_state.h"
#include "sync/look.h"
#include "sync/replica.h"
#include "sync/report.h"
#include "util/env.h"

void
client_look_at_all(struct client *c, bool whole)
{
	look_soon(&c->look, whole);
	scope_free(c->held);
	c->held = NULL;
}

/*
 * The server was asked; while it looks at its folder, look at this one.  If it
 * is to tell all that it has, all is wanted here, too, to compare it with.
 */
enum status
client_look_round(struct client *c, const struct message_cursor *since,
    struct err *err)
{
	report_event(c->opts.report,
	    &(struct event){ .type = EVENT_PROGRESS,
		.progress = &(struct progress){ .step = "scan" } });
	client_look_at_all(c, c->replica->read_only || since->epoch[0] == '\0');
	c->look_cost = 0;
	return client_new_round(c, err);
}

enum status
client_step_look(struct client *c, struct err *err)
{
	int64_t start = env_ticks(c->env), hash = c->replica->ns_hash;
	bool done = false;
	enum status st = look_step(&c->look, c->replica, &done, err);

	hash = c->replica->ns_hash - hash;
	c->look_cost += env_ticks(c->env) - start;
	c->summary.ns_hash += hash;
	c->summary.ns_scan += env_ticks(c->env) - start - hash;
	if (done)
		c->summary.problems += c->replica->problems;
	return st;
}

/*
 * The server tells more than was asked for, for its memory is another one; so
 * what was left out here is wanted, too.
 */
bool
client_lacks_some(const struct client *c)
{
	return c->replica->brief &&
	    (c->full || bind_starts_over(&c->bind, &c->told));
}

/* What was met in the first look is met again, and told once. */
void
client_look_anew(struct client *c)
{
	c->summary.problems -= c->replica->problems;
	c->replica->problems = 0;
	c->replica->report = NULL;
	client_look_at_all(c, true);
}
