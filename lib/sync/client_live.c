/* SPDX-License-Identifier: MIT */
/*
 * A session that stays: between two rounds the client rests, until something
 * happened here, the server has news, or it is time to look at everything.
 * What is known by then is a part of the folder, and the round is about that
 * part alone; anything odd about it, and the next one is about everything.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "codec/record.h"
#include "core/entry.h"
#include "core/listing.h"
#include "core/scope.h"
#include "fs/stage.h"
#include "store/journal.h"
#include "sync/client_state.h"
#include "sync/keep.h"
#include "sync/live.h"
#include "sync/replica.h"
#include "sync/round.h"
#include "util/env.h"

#define TOLD_MUCH 10000 /* paths: looking at all of the folder is quicker */
#define FAILURES  2 /* of rounds in a row; then all is looked at */

#define INTERVAL (60 * NSEC)
#define RARELY	 1500 /* of the time, one part: for what hardly ever happens */

/*
 * Between looks at everything.  Where all is watched they are for what no
 * event tells, and may not cost more than it is worth.
 */
static int64_t
interval(const struct client *c)
{
	if (c->opts.interval > 0)
		return c->opts.interval;
	return c->gap[0] == '\0' && c->look_cost > INTERVAL / RARELY ?
	    c->look_cost * RARELY :
	    INTERVAL;
}

/* What can't be watched is told once, and so is its end. */
static void
tell_gap(struct client *c)
{
	char gap[sizeof(c->gap)];

	live_gap(c->live, gap, sizeof(gap));
	if (strcmp(gap, c->gap) == 0)
		return;
	memcpy(c->gap, gap, sizeof(gap));
	if (gap[0] == '\0')
		report_note(c->opts.report, "everything is watched again");
	else
		report_note(c->opts.report,
		    "%s: what happens there is found every %lld s", gap,
		    (long long)(interval(c) / NSEC));
}

enum status
client_rest(struct client *c, struct err *err)
{
	const bool all = !c->part;
	enum status st = ST_OK;

	if (all) {
		c->flush_done = c->flush_begun;
		c->looks++;
	}
	report_event(c->opts.report,
	    &(struct event){ .type = EVENT_LIVE,
		.progress = &(struct progress){ .files = c->summary.files } });
	if (all) {
		tell_gap(c);
		c->check_due = env_ticks(c->env) + interval(c);
		st = keep_trim(c->replica, err);
	}
	stage_renew(c->replica->stage);
	c->state = CLIENT_LIVE;
	c->part = false;
	c->rounds = c->doubts = 0;
	c->deltas = c->knows_deltas;
	return st;
}

/* A round of a part begins: what it is about is known, or being told. */
static enum status
begin_part(struct client *c, enum client_state state, struct err *err)
{
	c->part = true;
	c->told = c->bind.cursor;
	c->full = c->have_told_fp = false;
	c->state = state;
	return client_new_round(c, err);
}

/*
 * What is pending was in the way of something, or something of it.  If that is
 * touched now, it may be its time.
 */
static enum status
widen(struct scope **scope, const struct listing *pending)
{
	AUTO(scope) struct scope *wider = NULL;
	enum status st = scope_new(&wider);
	size_t i;

	if (st == ST_OK)
		st = scope_add_all(wider, *scope);
	for (i = 0; st == ST_OK && i < listing_count(pending); i++) {
		const char *path = listing_at(pending, i)->path;

		if (scope_has_above(*scope, path))
			st = scope_add(wider, path, false);
	}
	if (st == ST_OK)
		st = scope_close(wider);
	if (st != ST_OK)
		return st;
	scope_free(*scope);
	*scope = wider;
	wider = NULL;
	return ST_OK;
}

/* The look of a round of a part; the scope is taken over. */
static enum status
look_at_part(struct client *c, struct scope *scope, struct err *err)
{
	AUTO(listing) struct listing *pending = NULL;
	AUTO(scope) struct scope *own = scope;
	enum status st = journal_pending(c->replica->db, &pending, err);

	if (st == ST_OK && c->held != NULL) {
		if (client_hold(c, own) != ST_OK)
			return err_nomem(err);
		scope_free(own);
		own = c->held;
		c->held = NULL;
	}
	if (st != ST_OK)
		return st;
	if (listing_count(pending) > 0 && widen(&own, pending) != ST_OK)
		return err_nomem(err);
	look_soon_at(&c->look, own);
	own = NULL;
	return ST_OK;
}

enum status
client_told_path(struct client *c, const struct record *rec, struct err *err)
{
	enum status st = ST_OK;

	if ((rec->fields & RECORD_PATH) == 0)
		return ST_OK;
	if (c->scope == NULL)
		st = scope_new(&c->scope);
	if (st == ST_OK && ++c->n_told > TOLD_MUCH)
		st = scope_add(c->scope, "", true);
	else if (st == ST_OK)
		st = scope_add(c->scope, rec->path, rec->kind != ENTRY_TEXT);
	return st == ST_OK ? ST_OK : err_nomem(err);
}

enum status
client_told_part(struct client *c, bool full, struct err *err)
{
	AUTO(scope) struct scope *scope = c->scope;
	struct scope *told;

	c->scope = NULL;
	c->n_told = 0;
	if ((scope == NULL && scope_new(&scope) != ST_OK) ||
	    scope_close(scope) != ST_OK)
		return err_nomem(err);
	/* All that the server has, though only news were asked for. */
	if (full) {
		client_look_at_all(c, true);
		return ST_OK;
	}
	told = scope;
	scope = NULL;
	return look_at_part(c, told, err);
}

/*
 * They are for who rests, and knows what they follow: not what was missed, of
 * which they may be the end.  Anybody else asks for them when there is time.
 */
enum status
client_on_news(struct client *c, const struct message *m, const uint8_t *data,
    struct err *err)
{
	const bool follows = m->since == c->bind.cursor.seq &&
	    strcmp(m->cursor.epoch, c->bind.cursor.epoch) == 0;
	enum status st = ST_OK;

	if (c->live == NULL)
		return err_set(err, ST_PROTO, "CHANGES that nobody asked for");
	if (c->state == CLIENT_LIVE && follows && !c->missed) {
		c->spoke = true;
		st = begin_part(c, CLIENT_NEWS, err);
	}
	if (st == ST_OK && c->state == CLIENT_NEWS)
		return client_on_changes(c, m, data, err);
	c->missed = true;
	return st;
}

/* Here, and nowhere else, as far as is known. */
static enum status
look_here(struct client *c, struct scope *scope, struct err *err)
{
	enum status st;

	c->spoke = false;
	st = begin_part(c, CLIENT_PLAN, err);
	if (st == ST_OK)
		return look_at_part(c, scope, err);
	scope_free(scope);
	return st;
}

static bool
wants_flush(const struct client *c)
{
	return c->flush_begun < c->flush_wanted;
}

/* At what was touched here, and what is held. */
static enum status
look_if_due(struct client *c, struct err *err)
{
	struct scope *scope;
	enum status st;

	if (c->held != NULL && env_ticks(c->env) < c->ask_due)
		return ST_OK;
	st = live_take(c->live, &scope, err);
	if (st != ST_OK || (scope == NULL && c->held == NULL))
		return st;
	if (scope == NULL) {
		scope = c->held;
		c->held = NULL;
	}
	if (!scope_is_all(scope))
		return look_here(c, scope, err);
	scope_free(scope);
	return client_ask(c, &c->bind.cursor, err);
}

enum status
client_live_step(struct client *c, struct err *err)
{
	if (c->state != CLIENT_LIVE || !live_ready(c->live))
		return ST_OK;
	if (c->missed && env_ticks(c->env) >= c->ask_due) {
		c->missed = false;
		c->part = true;
		return client_ask(c, &c->bind.cursor, err);
	}
	if (env_ticks(c->env) >= c->check_due || wants_flush(c)) {
		c->flush_begun = c->flush_wanted;
		return client_ask(c, &c->bind.cursor, err);
	}
	return look_if_due(c, err);
}

bool
client_try_later(struct client *c)
{
	const bool failed = round_failed(c->round);

	c->failures = failed ? c->failures + 1 : 0;
	if (!failed || !c->part || c->replica->scope == NULL)
		return false;
	if (c->failures <= FAILURES)
		live_put_back(c->live, c->replica->scope);
	else if (c->failures == FAILURES + 1)
		c->check_due = 0;
	else
		round_tell_again(c->round);
	return true;
}

int64_t
client_due(const struct client *c)
{
	int64_t due;

	if (c->live == NULL)
		return INT64_MAX;
	if (!live_ready(c->live))
		return 0;
	if (c->state != CLIENT_LIVE)
		return INT64_MAX;
	due = live_due(c->live);
	if (wants_flush(c))
		return 0;
	if (c->held != NULL || (c->missed && c->ask_due < due))
		due = c->ask_due;
	return due < c->check_due ? due : c->check_due;
}

int
client_fd(const struct client *c)
{
	return c->live == NULL ? -1 : live_fd(c->live);
}

uint64_t
client_flush(struct client *c)
{
	return ++c->flush_wanted;
}

uint64_t
client_flushed(const struct client *c)
{
	return c->flush_done;
}

bool
client_rests(const struct client *c)
{
	return c->state == CLIENT_LIVE && !c->missed && !wants_flush(c) &&
	    live_due(c->live) == INT64_MAX;
}

uint64_t
client_looks(const struct client *c)
{
	return c->looks;
}

const char *
client_gap(const struct client *c)
{
	return c->gap;
}

const struct message_others *
client_others(const struct client *c)
{
	return &c->others;
}
