/* SPDX-License-Identifier: MIT */
/*
 * dsync status: which folder this is, whom it is synced with, and what has
 * happened on this side since.  It looks, and writes nothing.
 */
#include "config.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "core/listing.h"
#include "history.h"
#include "json.h"
#include "options.h"
#include "output.h"
#include "steer_ask.h"
#include "steer_show.h"
#include "store/activity.h"
#include "store/db.h"
#include "store/journal.h"
#include "sync/client.h"
#include "sync/replica.h"
#include "sync/survey.h"
#include "sync/terms.h"
#include "util/env.h"
#include "util/str.h"

struct state {
	char remote[PATH_MAX];
	char sandbox[128]; /* of the last run; "" if not known */
	int64_t last; /* change that a run made; 0: none */
	uint64_t files; /* agreed */
	uint64_t conflicts; /* open */
	uint64_t waiting; /* the other side's changes that were not taken */
	uint64_t created, changed, deleted, unread; /* here, since then */
	json_t *watch; /* what the one who watches says; NULL: nobody does */
};

static void
auto_state(struct state *state)
{
	json_decref(state->watch);
}

static void
ask_watcher(const struct invocation *inv, const struct history *h,
    struct state *state)
{
	struct err ignored;

	if (steer_ask(inv->env, h->root, STEER_STATUS, STEER_PATIENCE, -1,
		&state->watch, &ignored) != ST_OK)
		state->watch = NULL;
}

static enum status
on_last(void *ctx, const struct activity *a, struct err *err)
{
	struct state *state = ctx;

	(void)err;
	state->last = a->when;
	return ST_OK;
}

/* A folder that plays both roles is shown as what its user made of it. */
static struct replica *
shown_replica(const struct history *h)
{
	return h->client != NULL ? h->client : h->server;
}

static enum status
read_journal(const struct invocation *inv, const struct history *h,
    struct state *state, struct err *err)
{
	AUTO(listing) struct listing *pending = NULL;
	struct db *db = shown_replica(h)->db;
	struct fingerprint fp;
	enum status st;

	st = activity_each(db, NULL, 1, on_last, state, err);
	if (st == ST_OK)
		st = conflict_count_open(db, &state->conflicts, err);
	if (st == ST_OK)
		st = journal_fingerprint(db, &fp, err);
	if (st == ST_OK)
		st = journal_pending(db, &pending, err);
	if (st == ST_OK && h->client != NULL)
		st = client_remembered(inv->env, h->root, state->remote,
		    sizeof(state->remote), err);
	if (st == ST_OK && h->client != NULL)
		st = db_meta_get(h->client->db, "sandbox", state->sandbox,
		    sizeof(state->sandbox), err);
	if (st != ST_OK)
		return st;
	state->files = fp.count;
	state->waiting = listing_count(pending);
	return ST_OK;
}

static void
count_one(struct state *state, const struct entry *base,
    const struct entry *disk)
{
	if (disk->kind == ENTRY_UNREAD)
		state->unread++;
	else if (base->kind == ENTRY_TEXT && disk->kind == ENTRY_ABSENT)
		state->deleted++;
	else if (disk->kind == ENTRY_TEXT && base->kind != ENTRY_TEXT)
		state->created++;
	else if (disk->kind == ENTRY_TEXT && !entry_same(base, disk))
		state->changed++;
}

/* Both listings side by side, each path once. */
static enum status
compare(const struct replica *r, struct state *state)
{
	AUTO(listing_walk) struct listing_walk *base = NULL;
	AUTO(listing_walk) struct listing_walk *disk = NULL;
	const char *a, *b, *path;

	if (listing_walk_new(r->base, &base) != ST_OK ||
	    listing_walk_new(r->disk, &disk) != ST_OK)
		return ST_NOMEM;
	for (;;) {
		a = listing_walk_next_path(base);
		b = listing_walk_next_path(disk);
		if (a == NULL && b == NULL)
			return ST_OK;
		path = a == NULL || (b != NULL && strcmp(b, a) < 0) ? b : a;
		count_one(state, listing_walk_at(base, path),
		    listing_walk_at(disk, path));
	}
}

/* What the server leaves out is not new here, but left out here, too. */
static enum status
use_terms(struct replica *r, struct err *err)
{
	__attribute__((cleanup(terms_fini))) struct terms terms = { 0 };
	struct replica_opts opts = { 0 };
	enum status st = terms_load(&terms, r->db, err);

	if (st != ST_OK)
		return st;
	terms_apply(&terms, &opts);
	return replica_set_filter(r, &opts, err);
}

static enum status
look(struct replica *r, struct state *state, struct err *err)
{
	enum status st = r->server ? ST_OK : use_terms(r, err);

	if (st == ST_OK)
		st = survey(r, false, err);
	if (st == ST_OK && compare(r, state) != ST_OK)
		st = err_nomem(err);
	return st;
}

static void
put(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void
print_json(const struct history *h, const struct state *state)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("status"));
	json_put_path(o, "folder", h->root);
	json_object_set_new(o, "client", json_boolean(h->client != NULL));
	json_object_set_new(o, "server", json_boolean(h->server != NULL));
	if (state->remote[0] != '\0')
		json_put_path(o, "remote", state->remote);
	if (state->sandbox[0] != '\0')
		(void)!json_object_set_new(o, "sandbox",
		    json_string(state->sandbox));
	if (state->last != 0)
		json_put_time(o, "last_change", state->last);
	put(o, "files", state->files);
	put(o, "conflicts_open", state->conflicts);
	put(o, "waiting", state->waiting);
	put(o, "created", state->created);
	put(o, "changed", state->changed);
	put(o, "deleted", state->deleted);
	put(o, "unread", state->unread);
	if (state->watch != NULL)
		(void)!json_object_set(o, "watch", state->watch);
	json_print(o);
}

static void
print_pending(const struct state *state)
{
	const uint64_t n = state->created + state->changed + state->deleted +
	    state->unread;

	printf("here:      ");
	if (n == 0)
		puts("nothing changed since");
	else
		printf("%" PRIu64 " changed, %" PRIu64 " new, %" PRIu64
		       " deleted, %" PRIu64 " unreadable since\n",
		    state->changed, state->created, state->deleted,
		    state->unread);
	if (state->waiting > 0)
		printf("there:     %" PRIu64 " changes that were not taken\n",
		    state->waiting);
}

static void
print_lines(const struct history *h, const struct state *state)
{
	char shown[STR_SHOW], when[HISTORY_TIME];

	printf("folder:    %s\n", str_show(shown, h->root));
	if (h->server != NULL)
		puts("serves:    other folders");
	if (h->client != NULL)
		printf("remote:    %s\n",
		    state->remote[0] == '\0' ? "none yet" :
					       str_show(shown, state->remote));
	printf("last:      %s\n",
	    state->last == 0 ? "no change yet" :
			       history_time(when, state->last));
	printf("files:     %" PRIu64 "\n", state->files);
	if (state->watch != NULL)
		steer_show_status(state->watch);
	print_pending(state);
	if (state->sandbox[0] != '\0')
		printf("sandbox:   %s\n", str_show(shown, state->sandbox));
	if (state->conflicts > 0)
		printf("conflicts: %" PRIu64 " open (dsync conflicts)\n",
		    state->conflicts);
}

static enum exitcode
run_status(const struct invocation *inv)
{
	__attribute__((cleanup(auto_history))) struct history h = { 0 };
	__attribute__((cleanup(auto_state))) struct state state = { 0 };
	struct err err;
	enum status st;

	st = history_open(inv, &h, &err);
	if (st == ST_OK)
		st = read_journal(inv, &h, &state, &err);
	if (st == ST_OK)
		st = look(shown_replica(&h), &state, &err);
	if (st == ST_OK)
		ask_watcher(inv, &h, &state);
	if (st != ST_OK)
		return output_fail(inv, &err);
	if (inv->options->json)
		print_json(&h, &state);
	else if (!inv->options->quiet)
		print_lines(&h, &state);
	return EXITCODE_OK;
}

const struct command cmd_status = {
	.name = "status",
	.args = "[OPTION]... [FOLDER]",
	.what = "whom a folder is synced with, and what is pending",
	.more =
	    "FOLDER is this one if none is named.  Looks at the folder and its journal,\n"
	    "and changes nothing.\n",
	.groups = OPTIONS_ALL,
	.max_args = 1,
	.run = run_status,
};
