/* SPDX-License-Identifier: MIT */
/*
 * A client and its peer, as two processes with a link between them that the
 * simulation carries byte by byte, and can cut.  An end goes the way that
 * net/loop.c goes: what it still had to say when it was done is delivered,
 * unless it was killed; then the other end is told that the input ended.
 */
#include "config.h"

#include "model/session.h"

#include <stdlib.h>
#include <string.h>

#include "core/plan.h"
#include "model/model.h"
#include "sync/client.h"
#include "sync/peer.h"
#include "sync/report.h"
#include "sync/wire.h"
#include "util/str.h"

#define NEVER ((int64_t)1 << 60)

struct end {
	struct process process;
	bool live; /* there is a process */
	bool done; /* it only has to say its last words */
	bool told; /* that its input ended */
	unsigned steps;
	enum status status;
};

struct session {
	struct world *w;
	size_t side;
	struct run run;
	struct report report;
	struct client *client;
	struct peer *peer;
	struct end end[2]; /* 0: the client's, 1: the peer's */
	uint64_t carried[2]; /* bytes from that end */
	uint64_t cut_after[2]; /* 0: never */
	bool cut;
	bool ok, in_sync, repaired;
	bool rested; /* a live one: it has, once */
	bool troubled; /* there was a problem with a file */
	uint64_t bytes, problems, changes;
	unsigned idle; /* turns without progress */
};

static void
on_event(void *ctx, const struct event *e)
{
	struct session *s = ctx;
	const struct action *a = e->action;
	char text[MODEL_FULL];

	s->rested |= e->type == EVENT_LIVE;
	s->troubled |= e->type == EVENT_PROBLEM;
	if (a != NULL && a->what.reason == REASON_CLASH)
		fact_add(&s->w->clashed, a->path, NO_CONTENT, s->w->step);
	if (s->run.quiet || e->type == EVENT_PROGRESS || e->type == EVENT_LIVE)
		return;
	if (a != NULL)
		trace(s->w, "%c:  %s %d, %s: %s", "SABC"[s->side],
		    e -> type == EVENT_LEFT ? "left" : "did", (int)a->what.type,
		    reconcile_reason_text(a->what.reason), show(a->path, text));
	else if (e->type == EVENT_PROBLEM)
		trace(s->w, "%c:  problem %s at %s", "SABC"[s->side],
		    err_name(e->code),
		    e -> path == NULL ? "the server" : show(e->path, text));
	if (s->w->verbose && e->text != NULL)
		printf("    (%s)\n", e->text);
}

void
run_draw(struct world *w, struct run *run)
{
	*run = (struct run){ .faults = true, .guarded = true };
	if (w->two && chance(w, 50))
		run->server = w->n_sides - 1;
	if (w->live && chance(w, 60)) {
		run->live = true;
		run->compress = chance(w, 10);
		run->have_conflict = w->seed % 4 == 3;
		run->conflict = (enum conflict_rule)(w->seed / 4 % 4);
		return;
	}
	if (chance(w, 16))
		run->direction = chance(w, 50) ? DIRECTION_PUSH :
						 DIRECTION_PULL;
	if (run->direction != DIRECTION_BOTH) {
		run->exact = chance(w, 30);
		run->keep_deleted = !run->exact && chance(w, 20);
	}
	run->have_conflict = chance(w, 25);
	run->conflict = (enum conflict_rule)draw_below(w, 4);
	run->checksum = chance(w, 4);
	run->compress = chance(w, 10);
	run->dry_run = chance(w, 3);
}

static struct client_opts
client_options(const struct session *s)
{
	return (struct client_opts){ .dir = s->w->side[s->side].path,
		.remote = "server",
		.at = !s->w->two	    ? NULL :
		    s->run.server == SERVER ? "one" :
					      "other",
		.name = s->side == 1 ? "A" :
		    s->side == 2     ? "B" :
				       "C",
		.direction = s->run.direction,
		.have_conflict = s->run.have_conflict,
		.conflict = s->run.conflict,
		.exact = s->run.exact,
		.keep_deleted = s->run.keep_deleted,
		.checksum = s->run.checksum,
		.compress = s->run.compress,
		.dry_run = s->run.dry_run,
		.live = s->run.live,
		.settle = NSEC / 50,
		.interval = NEVER,
		.guard_explicit = !s->run.guarded,
		.guard = s->run.guarded ? GUARD_DEFAULT :
					  (struct guard_limit){ 1000, 100 },
		.report = &s->report };
}

static void
end_failed(struct session *s, int e, enum status st, const struct err *err)
{
	char text[80];

	if (st == ST_OK)
		return;
	s->end[e].status = st;
	snprintf(text, sizeof(text), "%s", err_name(st));
	trace(s->w, "%c%s: ends: %s", "SABC"[s->side], e ? "'s peer" : "",
	    text);
	if (s->w->verbose)
		printf("    (%s)\n", err->text);
}

static void
end_gone(struct session *s, int e)
{
	s->end[e].live = false;
	if (e == 0)
		client_free(s->client);
	else
		peer_free(s->peer);
	if (e == 0)
		s->client = NULL;
	else
		s->peer = NULL;
}

struct session *
session_new(struct world *w, size_t client, const struct run *run)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->w = w;
	s->side = client;
	s->run = *run;
	s->report = (struct report){ on_event, s };
	process_init(&s->end[0].process, w, client);
	process_init(&s->end[1].process, w, run->server);
	w->exact |= run->exact;
	if (run->faults) {
		process_draw_faults(&s->end[0].process);
		process_draw_faults(&s->end[1].process);
		if (chance(w, 8))
			s->cut_after[draw_below(w, 2)] = 1 +
			    draw_below(w, chance(w, 60) ? 1500 : 100000);
	}
	if (!run->quiet)
		trace(w, "%c: run%s, direction %d, conflict %d%s%s%s",
		    "SABC"[client],
		    run -> server == SERVER ? "" : " with the other",
		    (int)run->direction,
		    run->have_conflict ? (int)run->conflict : -1,
		    run->exact ? ", exact" : "", run->dry_run ? ", dry" : "",
		    run->keep_deleted ? ", keep deleted" : "");
	return s;
}

/* The processes are there from their first step on. */
static void
session_start(struct session *s)
{
	struct client_opts copts = client_options(s);
	struct peer_opts popts = { .access = s->w->access,
		.folder = s->w->side[s->run.server].path };
	struct err err;
	enum status st;

	s->end[1].live = true;
	st = peer_new(&s->end[1].process.env, &popts, &s->peer, &err);
	if (st != ST_OK)
		abort();
	s->end[0].live = true;
	st = client_new(&s->end[0].process.env, &copts, &s->client, &err);
	if (st == ST_OK)
		return;
	end_failed(s, 0, st, &err);
	end_gone(s, 0);
}

static struct wire *
end_wire(struct session *s, int e)
{
	return e == 0 ? client_wire(s->client) : peer_wire(s->peer);
}

static void
client_ended(struct session *s, enum status st)
{
	const struct summary *sum = client_summary(s->client);

	s->ok = st == ST_OK;
	s->in_sync = sum->in_sync;
	s->repaired = sum->repaired;
	s->bytes = sum->bytes_sent + sum->bytes_fetched;
	s->problems = sum->problems;
	s->changes = sum->sent + sum->fetched + sum->deleted_remote +
	    sum->deleted_local + sum->moved_remote + sum->moved_local +
	    sum->adopted;
	if (s->run.quiet)
		return;
	trace(s->w, "%c: sent %llu fetched %llu in sync %d%s, %llu+%llu calls",
	    "SABC"[s->side], (unsigned long long)sum -> sent,
	    (unsigned long long)sum -> fetched, sum -> in_sync,
	    sum -> repaired ? ", repaired" : "",
	    (unsigned long long)s->end[0].process.calls,
	    (unsigned long long)s->end[1].process.calls);
}

/*
 * As the loop does when it has been silent for long; here so many, and at any
 * time, for none must make a difference.
 */
static enum status
end_beat(struct session *s, int e, struct err *err)
{
	struct end *end = &s->end[e];

	if (++end->steps % 5 != 0 || end->steps > 200 ||
	    !wire_greeted(end_wire(s, e)))
		return ST_OK;
	return wire_beat(end_wire(s, e), err);
}

static void
end_step(struct session *s, int e)
{
	struct end *end = &s->end[e];
	bool done = false;
	struct err err;
	enum status st;

	if (!end->live || end->done)
		return;
	st = e == 0 ? client_step(s->client, &done, &err) :
		      peer_step(s->peer, &done, &err);
	if (end->process.dead) {
		end_gone(s, e);
		return;
	}
	if (st == ST_OK && !done)
		st = end_beat(s, e, &err);
	/* As the loop does: after the end of input there is one more step. */
	if (st == ST_OK && !done && end->told)
		st = err_set(&err, ST_LINK, "the other side is gone");
	end_failed(s, e, st, &err);
	end->done = done || st != ST_OK;
	if (e == 0 && end->done)
		client_ended(s, st);
}

/* Carries up to n bytes from end e to the other; true if there were any. */
static bool
carry(struct session *s, int e, size_t n)
{
	struct end *to = &s->end[!e];
	const uint8_t *data;
	struct err err;
	enum status st;
	size_t len = 0;

	if (!s->end[e].live)
		return false;
	data = wire_output(end_wire(s, e), &len);
	if (len == 0)
		return false;
	if (n > len)
		n = len;
	s->carried[e] += n;
	s->cut |= s->cut_after[e] != 0 && s->carried[e] >= s->cut_after[e];
	if (to->live && !to->done && !to->told && !s->cut) {
		st = wire_input(end_wire(s, !e), data, n, &err);
		end_failed(s, !e, st, &err);
		to->done |= st != ST_OK;
		if (!e && st != ST_OK)
			to->done = true;
	}
	wire_sent(end_wire(s, e), n);
	return true;
}

static bool
waiting(struct session *s, int e)
{
	size_t len = 0;

	if (s->end[e].live)
		wire_output(end_wire(s, e), &len);
	return len > 0;
}

/* What follows from an end being through, or the link cut. */
static bool
close_ends(struct session *s)
{
	bool any = false;
	int e;

	for (e = 0; e < 2; e++) {
		if (s->end[e].live && s->end[e].done &&
		    (!waiting(s, e) || s->cut)) {
			end_gone(s, e);
			any = true;
		}
		if (s->end[e].live && !s->end[e].told &&
		    (s->cut || !s->end[!e].live)) {
			wire_input_ended(end_wire(s, e));
			s->end[e].told = true;
			any = true;
		}
	}
	return any;
}

bool
session_over(const struct session *s)
{
	return s->client == NULL && s->peer == NULL && s->idle > 0;
}

static bool
end_busy(const struct session *s, int e)
{
	if (!s->end[e].live || s->end[e].done)
		return false;
	return e == 0 ? client_busy(s->client) : peer_busy(s->peer);
}

void
session_some(struct session *s)
{
	struct world *w = s->w;
	size_t r = draw_below(w, 8), n;
	int e = (int)draw_below(w, 2);

	if (s->idle == 0) {
		s->idle = 1;
		session_start(s);
		return;
	}
	n = r == 0 ? 1 : r < 3 ? 1 + draw_below(w, 200) : 1u << 20;
	if (s->run.live && chance(w, 30))
		w->now += (int64_t)draw_below(w, NSEC / 20);
	if (chance(w, 60))
		end_step(s, e);
	else
		carry(s, e, n);
	close_ends(s);
}

/* Turns in which nothing moves: both wait for each other. */
static void
check_progress(struct session *s, bool moved)
{
	s->idle = moved ? 1 : s->idle + 1;
	if (s->idle < 20)
		return;
	fail(s->w, "%c: the run goes on without getting anywhere",
	    "SABC"[s->side]);
	end_gone(s, 0);
	end_gone(s, 1);
}

static bool
was_touched(const struct session *s)
{
	return s->cut || s->end[0].process.faulted || s->end[1].process.faulted;
}

/* When a live session goes on though nothing comes; NEVER: it does not. */
static int64_t
live_goes_on(const struct session *s)
{
	int64_t client, peer;

	if (!s->end[0].live || !s->end[1].live || s->end[0].done ||
	    s->end[1].done)
		return NEVER;
	client = client_due(s->client);
	peer = peer_due(s->peer);
	return client < peer ? client : peer;
}

/*
 * It rests, and nothing waits: what a whole run would do is nothing.  Then it
 * is stopped, as a signal would.
 */
static void
live_stop(struct session *s)
{
	const struct run run = { .server = s->run.server,
		.dry_run = true,
		.have_conflict = s->run.have_conflict,
		.conflict = s->run.conflict };
	struct session_result whole;
	struct world *w = s->w;
	struct err err;
	size_t i, others = 0;

	for (i = 0; i < CLIENTS; i++)
		others += w->session[i] != NULL;
	/* Nobody saves behind this. */
	s->end[0].process.edit_at = s->end[1].process.edit_at = 0;
	(void)!err_set(&err, ST_SIGNAL, "interrupted");
	wire_fail(client_wire(s->client), &err);
	s->end[0].done = true;
	client_ended(s, ST_OK);
	s->ok = s->rested;
	if (!s->rested || s->troubled || was_touched(s) || w->faulty ||
	    others > 1)
		return;
	/* Nobody else is there who could have been faster. */
	if (s->repaired && w->n_sides == 2)
		fail(w, "%c: only a comparison of all mended it",
		    "SABC"[s->side]);
	end_gone(s, 0);
	end_gone(s, 1);
	session_finish(session_new(w, s->side, &run), &whole);
	if (whole.changes > 0)
		fail(w, "%c: it rested, and %llu changes were left",
		    "SABC"[s->side], (unsigned long long)whole.changes);
}

/* Nothing moves: a live session is waited for, or has come to rest. */
static bool
live_moves(struct session *s)
{
	const int64_t due = live_goes_on(s);

	if (!s->run.live || !s->end[0].live || s->end[0].done)
		return false;
	if (due < NEVER) {
		s->w->now = due > s->w->now ? due : s->w->now;
		return true;
	}
	if (end_busy(s, 0) || end_busy(s, 1))
		return true;
	if (!s->end[1].live || s->end[1].done)
		return false;
	live_stop(s);
	return true;
}

/* No fault, no kill, no cut: then a run ends well, or by the guard. */
static void
check_end(struct session *s)
{
	bool peer_dead = s->end[1].process.dead;

	if (s->ok || s->cut || s->end[0].process.faulted ||
	    s->end[1].process.faulted || peer_dead ||
	    s->end[0].status == ST_GUARD)
		return;
	fail(s->w, "%c: a run failed without a cause: %s", "SABC"[s->side],
	    err_name(s->end[0].status));
}

void
session_finish(struct session *s, struct session_result *ret)
{
	unsigned turns = 0;

	while (!session_over(s)) {
		bool moved = s->idle == 0;
		int e;

		if (moved) {
			s->idle = 1;
			session_start(s);
		}
		for (e = 0; e < 2; e++) {
			moved |= end_busy(s, e);
			end_step(s, e);
			moved |= carry(s, e, 1u << 20);
			moved |= close_ends(s);
		}
		moved = moved || live_moves(s);
		check_progress(s, moved && ++turns < 100000);
	}
	if (ret != NULL)
		*ret = (struct session_result){ .ok = s->ok,
			.touched = was_touched(s),
			.in_sync = s->in_sync,
			.repaired = s->repaired,
			.status = s->end[0].status,
			.bytes = s->bytes,
			.problems = s->problems,
			.changes = s->changes };
	s->w->broken |= !s->ok;
	check_end(s);
	free(s);
}

struct process *
session_process(struct session *s, bool peer)
{
	return &s->end[peer].process;
}

void
session_cut_after(struct session *s, uint64_t bytes, bool upward)
{
	s->cut_after[upward ? 0 : 1] = bytes;
}
