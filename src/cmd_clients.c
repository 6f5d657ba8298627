/* SPDX-License-Identifier: MIT */
/*
 * dsync clients: on a server, who syncs a preset, from the journal of its
 * folder.  Nothing is written.
 */
#include "config.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "command.h"
#include "history.h"
#include "json.h"
#include "offer.h"
#include "options.h"
#include "output.h"
#include "store/clients.h"
#include "sync/preset.h"
#include "sync/replica.h"
#include "util/str.h"

struct listing_clients {
	bool json;
	bool any;
};

static void
print_json(const struct clients_row *c)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("client"));
	json_object_set_new(o, "id", json_string(c->id));
	json_object_set_new(o, "name", json_string(c->name));
	if (*c->origin != '\0')
		json_object_set_new(o, "from", json_string(c->origin));
	json_put_time(o, "last_seen", c->seen);
	json_object_set_new(o, "behind", json_integer((json_int_t)c->behind));
	json_print(o);
}

static void
print_line(const struct clients_row *c)
{
	char show[STR_SHOW], from[STR_SHOW], when[HISTORY_TIME];

	printf("%-16s %s  ", str_show(show, c->name),
	    history_time(when, c->seen));
	if (c->behind == 0)
		printf("in sync");
	else
		printf("%" PRIu64 " change%s behind", c->behind,
		    c->behind == 1 ? "" : "s");
	printf("%s%s\n", *c->origin == '\0' ? "" : "  ",
	    str_show(from, c->origin));
}

static enum status
on_client(void *ctx, const struct clients_row *c, struct err *err)
{
	struct listing_clients *list = ctx;

	(void)err;
	list->any = true;
	if (list->json)
		print_json(c);
	else
		print_line(c);
	return ST_OK;
}

static enum status
open_preset(const struct invocation *inv, struct replica **ret, struct err *err)
{
	AUTO(presets) struct presets *presets = NULL;
	const struct preset *p;
	struct replica_opts opts = { .server = true, .read_only = true };
	char show[STR_SHOW];
	enum status st = offer_load(inv->env, &presets, err);

	if (st != ST_OK)
		return st;
	p = presets_find(presets, inv->args[0]);
	if (p == NULL)
		return err_set(err, ST_NOENT,
		    "%s: there is no preset of that name (dsync preset list)",
		    str_show(show, inv->args[0]));
	opts.path = p->path;
	return replica_open(inv->env, &opts, ret, err);
}

static enum exitcode
run_clients(const struct invocation *inv)
{
	struct listing_clients list = { .json = inv->options->json };
	AUTO(replica) struct replica *r = NULL;
	struct err err;
	enum status st = open_preset(inv, &r, &err);

	if (st == ST_OK && r->db != NULL)
		st = clients_each(r->db, on_client, &list, &err);
	if (st != ST_OK)
		return output_fail(inv, &err);
	if (!list.any && !list.json && !inv->options->quiet)
		puts("nobody was here yet");
	return EXITCODE_OK;
}

const struct command cmd_clients = {
	.name = "clients",
	.args = "[OPTION]... NAME",
	.what = "on a server: who syncs a preset",
	.more =
	    "NAME is a preset of this account.  The client seen last comes first: what it\n"
	    "calls itself, when it was here, how far it is, and from where it came.\n",
	.groups = OPTIONS_ALL,
	.min_args = 1,
	.max_args = 1,
	.run = run_clients,
};
