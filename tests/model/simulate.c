/* SPDX-License-Identifier: MIT */
/* One seed from its first draw to its last check. */
#include "config.h"

#include <stdlib.h>

#include "model/model.h"
#include "model/session.h"

static void
draw_world(struct world *w)
{
	size_t r = draw_below(w, 100);

	w->n_sides = r < 60 ? 2 : r < 90 ? 3 : 4;
	if (w->two)
		w->n_sides = r < 60 ? 3 : 4;
	r = draw_below(w, 100);
	w->access = r < 86 ? ACCESS_FULL : r < 93 ? ACCESS_EDIT : ACCESS_READ;
	/* What may not be changed can't become the same on both. */
	if (w->two)
		w->access = ACCESS_FULL;
	trace(w, "seed %llu, %zu clients, access %d%s",
	    (unsigned long long)w->seed, n_clients(w), (int)w->access,
	    w->two ? ", two servers" : "");
}

static bool
server_busy(const struct world *w)
{
	size_t i;

	for (i = 0; i < CLIENTS; i++)
		if (w->session[i] != NULL)
			return true;
	return false;
}

static void
check_servers(struct world *w)
{
	check_calm(w, SERVER);
	if (w->two)
		check_calm(w, w->n_sides - 1);
}

/*
 * Killed in the middle, a process leaves a path half way: what is calm is
 * known only after a run that ended well.
 */
static void
end_session(struct world *w, size_t i)
{
	struct session_result result;

	session_finish(w->session[i], &result);
	w->session[i] = NULL;
	check_whole(w);
	check_kept(w, false);
	if (!result.ok)
		return;
	check_calm(w, i + 1);
	if (!server_busy(w))
		check_servers(w);
}

static void
start_session(struct world *w, size_t i)
{
	struct run run;

	if (w->session[i] != NULL)
		return;
	run_draw(w, &run);
	w->session[i] = session_new(w, i + 1, &run);
}

static void
advance(struct world *w, size_t i)
{
	size_t n = 1 + draw_below(w, 40);

	if (w->session[i] == NULL)
		return;
	while (n-- > 0 && !session_over(w->session[i]))
		session_some(w->session[i]);
	if (session_over(w->session[i]) || chance(w, w->live ? 4 : 10))
		end_session(w, i);
}

static void
jump(struct world *w)
{
	size_t side = draw_below(w, w->n_sides);

	if (chance(w, 70))
		w->now += (int64_t)(draw(w) % (900 * NSEC));
	else
		w->side[side].skew = (int64_t)(draw(w) % (1400 * NSEC)) -
		    700 * NSEC;
	trace(w, "the clock jumps");
}

static void
something(struct world *w, unsigned *edits)
{
	size_t r = draw_below(w, 100), i = draw_below(w, n_clients(w)), side;

	if (r < 30 && *edits > 0) {
		--*edits;
		edit(w, draw_below(w, w->n_sides));
	} else if (r < 42) {
		start_session(w, i);
	} else if (r < 44) {
		jump(w);
	} else if (r < 45 && chance(w, 30)) {
		side = draw_below(w, w->n_sides);
		if (is_server(w, side) ? !server_busy(w) :
					 w->session[side - 1] == NULL)
			lose_journal(w, side);
	} else {
		advance(w, i);
	}
}

uint64_t
simulate(uint64_t seed, const char *temp, bool verbose, bool *ret_ok)
{
	struct world *w = world_new(seed, temp, verbose);
	unsigned edits, first;
	uint64_t hash;
	size_t i;

	draw_world(w);
	first = (unsigned)draw_below(w, 8);
	edits = 3 + (unsigned)draw_below(w, 15);
	if (w->notes)
		edits *= 3;
	while (first-- > 0)
		edit(w, draw_below(w, w->n_sides));
	while (edits > 0 && !w->failed)
		something(w, &edits);
	for (i = 0; i < CLIENTS; i++)
		if (w->session[i] != NULL)
			end_session(w, i);
	if (!w->failed)
		come_to_rest(w);
	*ret_ok = !w->failed;
	hash = w->trace;
	if (w->failed && !verbose)
		printf("%.*s", (int)w->text.len,
		    (const char *)buf_data(&w->text));
	world_free(w);
	return hash;
}
