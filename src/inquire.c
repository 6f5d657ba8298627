/* SPDX-License-Identifier: MIT */
/* As run.c, for a client that only asks. */
#include "config.h"

#include "inquire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "confine.h"
#include "connect.h"
#include "engine.h"
#include "net/loop.h"
#include "options.h"
#include "output.h"
#include "sides.h"
#include "signals.h"
#include "sync/ask.h"
#include "util/auto.h"
#include "util/str.h"

bool
inquire_is_host(const char *typed)
{
	__attribute__((cleanup(auto_place))) struct place place = { 0 };
	struct err ignored;

	return place_parse(typed, &place, &ignored) == ST_OK && place.remote;
}

/* The host alone: a name behind it says that something else was meant. */
static enum status
parse(const char *typed, struct place *ret, struct err *err)
{
	autofree char *whole = NULL;
	char shown[STR_SHOW];
	enum status st;

	if (asprintf(&whole, "%s%s", typed,
		inquire_is_host(typed) ? "" : ":") == -1)
		return err_nomem(err);
	st = place_parse(whole, ret, err);
	if (st != ST_OK)
		return st;
	if (!ret->remote || ret->path == NULL || *ret->path != '\0')
		return err_set(err, ST_USAGE, "%s: HOST: is all that is needed",
		    str_show(shown, typed));
	if (ret->n_servers > 1)
		return err_set(err, ST_USAGE, "%s: one host is asked, not %zu",
		    str_show(shown, typed), ret->n_servers);
	return ST_OK;
}

enum status
inquire(const struct invocation *inv, const char *typed, struct ask **ret,
    struct err *err)
{
	__attribute__((cleanup(output_fini))) struct output out;
	__attribute__((cleanup(connect_fini))) struct connection con = { 0 };
	__attribute__((cleanup(auto_place))) struct place place = { 0 };
	struct loop_opts loop = { .beat = LOOP_BEAT, .timeout = LOOP_TIMEOUT };
	struct sandbox sandbox;
	struct side side = { .path = NULL };
	enum status st = output_init(&out, inv, err);

	if (st == ST_OK)
		st = parse(typed, &place, err);
	side.place = place;
	if (st == ST_OK)
		st = signals_catch(&loop.stop, err);
	if (st == ST_OK)
		st = connect_open(inv, &side, &out, &con, err);
	/* From here on a stranger is listened to, and nothing else is done. */
	if (st == ST_OK)
		st = confine_asker(inv->env, &sandbox, err);
	if (st == ST_OK)
		st = ask_new(inv->env, ret, err);
	if (st != ST_OK)
		return st;
	connect_join(&con, &loop);
	loop.greet = connect_patience(inv, &side);
	st = engine_run_ask(inv->env, &loop, *ret, err);
	return connect_why(&con, st, ask_answer(*ret)->version[0] != '\0', err);
}
