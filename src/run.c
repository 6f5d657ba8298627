/* SPDX-License-Identifier: MIT */
/*
 * Finds the two folders, starts a peer for the one, is the client of the
 * other, moves bytes between the two until the client is done, and tells the
 * person what came of it.
 */
#include "config.h"

#include "run.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "confine.h"
#include "connect.h"
#include "engine.h"
#include "logfile.h"
#include "net/loop.h"
#include "options.h"
#include "output.h"
#include "servers.h"
#include "session.h"
#include "signals.h"
#include "steer_ask.h"
#include "summary.h"
#include "sync/client.h"
#include "util/env.h"

#define NAME_LIMIT 64

/* --name, or the host's name without its domain. */
static const char *
client_name(const struct options *o, char buf[NAME_LIMIT])
{
	if (o->name != NULL)
		return o->name;
	if (gethostname(buf, NAME_LIMIT) == -1)
		buf[0] = '\0';
	buf[NAME_LIMIT - 1] = '\0';
	buf[strcspn(buf, ".")] = '\0';
	return buf[0] == '\0' ? "client" : buf;
}

/* From SOURCE to TARGET stays that, whichever of them is the client. */
static enum direction
flow(enum direction direction, bool swapped)
{
	if (!swapped || direction == DIRECTION_BOTH)
		return direction;
	return direction == DIRECTION_PUSH ? DIRECTION_PULL : DIRECTION_PUSH;
}

static void
fill_opts(const struct options *o, const struct run_kind *kind,
    const struct sides *sides, struct client_opts *opts)
{
	opts->dir = sides->client.path;
	opts->home = getenv("HOME");
	opts->remote = side_name(&sides->server);
	opts->at = sides->server.at;
	opts->preset = sides->server.place.preset;
	opts->direction = flow(kind->direction, sides->swapped);
	opts->have_conflict = o->have_conflict;
	opts->conflict = o->conflict;
	opts->exact = o->exact || kind->copy;
	opts->keep_deleted = kind->copy && !o->exact;
	opts->dry_run = o->dry_run;
	opts->checksum = o->checksum;
	opts->compress = o->compress || sides->server.path == NULL;
	opts->rebind = o->rebind;
	opts->require_sandbox = o->require_sandbox;
	opts->verify = kind->verify;
	opts->guard_explicit = o->have_guard;
	opts->guard = o->have_guard ? o->guard : GUARD_DEFAULT;
	opts->rules = (const char *const *)o->rules;
	opts->n_rules = o->n_rules;
	opts->hidden = o->hidden;
	opts->max_size = o->max_size;
	opts->rate = o->rate;
	opts->live = kind->session != NULL;
	opts->settle = o->settle;
	opts->interval = o->interval;
}

static bool
is_about_link(enum status st)
{
	return exitcode_is_link(exitcode_of(st));
}

/* From the start of the peer to the client's last word. */
static enum status
drive(const struct invocation *inv, struct sides *sides,
    struct client_opts *opts, struct output *out, struct outcome *end,
    struct err *err)
{
	__attribute__((cleanup(connect_fini))) struct connection con = { 0 };
	AUTO(client) struct client *client = NULL;
	struct sandbox sandbox = { .level = SANDBOX_NONE };
	struct loop_opts loop = { .greet = connect_patience(inv,
				      &sides->server),
		.beat = LOOP_BEAT,
		.timeout = inv->options->timeout };
	enum status st;

	st = signals_catch(&loop.stop, err);
	if (st == ST_OK)
		st = sides_keep_cleanup(sides, err);
	out->watched = steer_is_watched(inv->env, sides->client.path);
	if (st == ST_OK)
		st = connect_open(inv, &sides->server, out, &con, err);
	if (st == ST_OK)
		st = confine_client(inv->env, sides->client.path,
		    !opts->dry_run && !opts->verify, opts->require_sandbox,
		    &sandbox, err);
	opts->sandbox = sandbox.text;
	if (st == ST_OK)
		st = client_new(inv->env, opts, &client, err);
	if (st != ST_OK)
		return st;
	end->began = true;
	connect_join(&con, &loop);
	if (out->session != NULL)
		session_join(out->session, client, &loop);
	st = engine_run_client(inv->env, &loop, client, err);
	if (is_about_link(st) || st == ST_SIGNAL)
		client_rescue(client);
	end->s = *client_summary(client);
	end->silent = st == ST_SIGNAL &&
	    signals_next(loop.stop) == SIGNALS_QUIETLY;
	return connect_why(&con, st, end->s.wire_in > 0, err);
}

static bool
keeps_silent(const struct invocation *inv, const struct run_kind *kind,
    const struct outcome *end)
{
	return (end->code == EXITCODE_BUSY && inv->options->if_free) ||
	    (kind->hush && is_about_link(end->status)) ||
	    (kind->session != NULL && end->status == ST_SIGNAL);
}

/* Who holds the folder may be one that can be spoken to. */
static void
tell_of_watch(const struct outcome *end, const struct output *out)
{
	if (end->code == EXITCODE_BUSY && out->watched)
		fputs("It is watched: dsync flush waits until it is in sync, "
		      "dsync pause lets go of it.\n",
		    stderr);
}

/*
 * There is another server to go to, and this one has not said a word: what
 * comes of it the next one says.
 */
static bool
pass_on(const struct output *out, const struct run_kind *kind,
    const struct outcome *end, const struct err *err)
{
	if (kind->next == NULL || !is_about_link(end->status) ||
	    end->s.wire_in > 0)
		return false;
	if (!out->quiet)
		fprintf(stderr, "dsync: %s; trying %s\n", err->text,
		    kind->next);
	logfile_say(out->log, "dsync: %s; trying %s\n", err->text, kind->next);
	return write(kind->passed, "", 1) == 1;
}

/* What the person is told at the end, and the exit code. */
static void
tell(const struct invocation *inv, const struct run_kind *kind,
    struct output *out, struct outcome *end, const struct err *err)
{
	const struct options *o = inv->options;

	progress_wipe(&out->bar);
	end->code = end->status != ST_OK ?
	    exitcode_of(end->status) :
	    exitcode_of_summary(&end->s,
		end->verify || (o->exit_code && o->dry_run));
	if (pass_on(out, kind, end, err))
		return;
	if (end->code == EXITCODE_GUARD)
		output_guard_more(out);
	if (end->status != ST_OK && !keeps_silent(inv, kind, end)) {
		output_error(out, err);
		tell_of_watch(end, out);
	}
	if (end->code == EXITCODE_GUARD)
		output_guard_end(out, inv);
	if (!end->silent &&
	    (kind->session == NULL || !is_about_link(end->status)))
		summary_print(o, end, out->log);
}

/* Which of several it is this time. */
static enum status
name_server(struct side *side, struct err *err)
{
	free(side->at);
	side->at = place_address(&side->place);
	return side->at == NULL ? err_nomem(err) : ST_OK;
}

/* The folders stood the test: from here on there is a run. */
static enum status
run_sides(const struct invocation *inv, const struct run_kind *kind,
    struct sides *sides, struct output *out, struct outcome *end,
    struct err *err)
{
	const struct report report = { .event = output_event, .ctx = out };
	struct client_opts opts = { .report = &report };
	char name[NAME_LIMIT];
	enum status st;

	out->client_dir = sides->client.typed;
	out->server_dir = sides->server.typed;
	out->flip = sides->swapped && kind->direction != DIRECTION_BOTH;
	st = sides_make(sides, inv->options->dry_run, err);
	if (st != ST_OK)
		return st;
	if (sides->server.place.n_servers > 1)
		st = name_server(&sides->server, err);
	if (st != ST_OK)
		return st;
	if (sides->server.at != NULL)
		out->server_dir = sides->server.at;
	fill_opts(inv->options, kind, sides, &opts);
	opts.name = client_name(inv->options, name);
	return drive(inv, sides, &opts, out, end, err);
}

/* What the person is told at the end of it. */
static enum exitcode
close_run(const struct invocation *inv, const struct run_kind *kind,
    struct output *out, struct outcome *end, const struct err *err)
{
	if (end->s.ns_all == 0)
		end->s.ns_all = env_ticks(inv->env) - end->start;
	end->s.dry_run = inv->options->dry_run;
	tell(inv, kind, out, end, err);
	return end->code;
}

static enum exitcode
run_all(const struct invocation *inv, const struct run_kind *kind,
    struct sides *sides, bool find)
{
	__attribute__((cleanup(output_fini))) struct output out;
	struct outcome end = { .verify = kind->verify,
		.start = env_ticks(inv->env) };
	struct err err = { 0 };

	end.status = output_init(&out, inv, &err);
	out.session = kind->session;
	out.mute = kind->next != NULL && inv->options->quiet;
	if (end.status == ST_OK && find)
		end.status = sides_find(inv, &kind->sides, sides, &err);
	if (end.status == ST_OK && find && kind->instead != NULL &&
	    kind->instead(inv, sides, &end.code))
		return end.code;
	if (end.status == ST_OK && find && sides->server.place.n_servers > 1)
		return servers_run(inv, kind, sides);
	if (end.status == ST_OK)
		end.status = run_sides(inv, kind, sides, &out, &end, &err);
	return close_run(inv, kind, &out, &end, &err);
}

enum exitcode
run_between(const struct invocation *inv, const struct run_kind *kind,
    struct sides *sides)
{
	return run_all(inv, kind, sides, false);
}

enum exitcode
run(const struct invocation *inv, const struct run_kind *kind)
{
	__attribute__((cleanup(auto_sides))) struct sides sides = { 0 };

	return run_all(inv, kind, &sides, true);
}
