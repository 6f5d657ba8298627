/* SPDX-License-Identifier: MIT */
/*
 * dsync restore: puts a kept version back, as an edit that the next run
 * carries to the other side.  What it displaces is kept in turn, so a restore
 * is undone by another.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "core/entry.h"
#include "history.h"
#include "json.h"
#include "options.h"
#include "optvalue.h"
#include "output.h"
#include "store/versions.h"
#include "sync/replica.h"
#include "sync/restore.h"
#include "util/env.h"
#include "util/str.h"

#define PREFIX_LEAST 4 /* digits of a hash */

/* What is looked for, and what was found. */
struct choice {
	const char *prefix; /* --version */
	bool have_at; /* --at */
	int64_t at;
	struct entry present;
	bool found;
	bool ambiguous;
	struct version version; /* path and why are not set */
};

static bool
is_wanted(struct choice *choice, const struct version *v)
{
	char hex[HASH_HEX];

	if (choice->prefix != NULL) {
		hash_hex(&v->hash, hex);
		if (strncmp(hex, choice->prefix, strlen(choice->prefix)) != 0)
			return false;
		if (choice->found &&
		    !hash_equal(&v->hash, &choice->version.hash))
			choice->ambiguous = true;
		return !choice->found;
	}
	/* They come newest first: the last one that fits stood then. */
	if (choice->have_at)
		return v->when > choice->at && v->mtime <= choice->at;
	return !choice->found &&
	    (choice->present.kind != ENTRY_TEXT ||
		!hash_equal(&v->hash, &choice->present.hash));
}

static enum status
on_version(void *ctx, const struct version *v, struct err *err)
{
	struct choice *choice = ctx;

	(void)err;
	if (!is_wanted(choice, v))
		return ST_OK;
	choice->found = true;
	choice->version = *v;
	choice->version.path = NULL;
	choice->version.why = NULL;
	return ST_OK;
}

static enum status
read_options(const struct invocation *inv, struct choice *choice,
    struct err *err)
{
	const struct options *o = inv->options;
	size_t len;

	if (o->at != NULL && o->version != NULL)
		return err_set(err, ST_USAGE,
		    "restore: --at or --version, not both");
	if (o->version != NULL) {
		len = strlen(o->version);
		if (len < PREFIX_LEAST || len >= HASH_HEX ||
		    strspn(o->version, "0123456789abcdef") != len)
			return err_set(err, ST_USAGE,
			    "--version: 4 to 64 digits of a hash, as dsync "
			    "versions shows it");
		choice->prefix = o->version;
	}
	if (o->at == NULL)
		return ST_OK;
	choice->have_at = true;
	return optvalue_time(o->at, env_now(inv->env), &choice->at, err);
}

static enum status
choose(struct replica *r, const char *path, struct choice *choice,
    struct err *err)
{
	struct stamp stamp;
	char shown[STR_SHOW];
	enum status st;

	st = replica_look(r, path, &choice->present, &stamp, err);
	if (st == ST_OK)
		st = versions_each(r->db, path, on_version, choice, err);
	if (st != ST_OK)
		return st;
	str_show(shown, path);
	if (choice->ambiguous)
		return err_set(err, ST_USAGE,
		    "%s: several versions begin with %s", shown,
		    choice->prefix);
	if (!choice->found)
		return err_set(err, ST_NOENT, "%s: no such version is kept%s",
		    shown,
		    choice->have_at ? "; what stands now may be the one" : "");
	return ST_OK;
}

static enum status
put_back_as(const struct invocation *inv, const struct history *h, bool server,
    struct choice *choice, struct err *err)
{
	const struct replica_opts opts = { .path = h->root,
		.home = getenv("HOME"),
		.server = server,
		.hidden = true };
	AUTO(replica) struct replica *r = NULL;
	enum status st;

	st = replica_open(inv->env, &opts, &r, err);
	if (st == ST_OK)
		st = choose(r, h->path, choice, err);
	if (st == ST_OK)
		st = restore_version(r, h->path, &choice->version,
		    &choice->present, err);
	return st;
}

/* From the journal of either role. */
static enum status
put_back(const struct invocation *inv, struct history *h, struct choice *choice,
    struct err *err)
{
	const bool client = h->client != NULL, server = h->server != NULL;
	enum status st = ST_NOENT;

	/* Reading must not stand in the way of writing. */
	replica_free(h->client);
	replica_free(h->server);
	h->client = NULL;
	h->server = NULL;
	if (client)
		st = put_back_as(inv, h, false, choice, err);
	if (st == ST_NOENT && server)
		st = put_back_as(inv, h, true, choice, err);
	return st;
}

static void
tell(const struct invocation *inv, const struct history *h,
    const struct version *v)
{
	char when[HISTORY_TIME], hash[HISTORY_HASH], shown[STR_SHOW];
	json_t *o;

	if (inv->options->json) {
		o = json_object();
		json_object_set_new(o, "event", json_string("restore"));
		json_put_path(o, "path", h->path);
		json_put_hash(o, "sha256", &v->hash);
		json_put_time(o, "displaced", v->when);
		json_print(o);
	} else if (!inv->options->quiet) {
		printf("%s: put back version %s, displaced %s\n",
		    str_show(shown, h->path), history_hash(hash, &v->hash),
		    history_time(when, v->when));
	}
}

static enum exitcode
run_restore(const struct invocation *inv)
{
	__attribute__((cleanup(auto_history))) struct history h = { 0 };
	struct choice choice = { 0 };
	struct err err;
	enum status st;

	st = read_options(inv, &choice, &err);
	if (st == ST_OK)
		st = history_open(inv, &h, &err);
	if (st == ST_OK && *h.path == '\0')
		st = err_set(&err, ST_USAGE, "restore: name a file");
	if (st == ST_OK)
		st = put_back(inv, &h, &choice, &err);
	if (st != ST_OK)
		return output_fail(inv, &err);
	tell(inv, &h, &choice.version);
	return EXITCODE_OK;
}

const struct command cmd_restore = {
	.name = "restore",
	.args = "[OPTION]... FILE",
	.what = "put a kept version of a file back",
	.more =
	    "Without an option: the newest version that differs from what stands there.\n"
	    "What stands there is kept in turn; the next run carries the change on.\n",
	.groups = OPTIONS_ALL | OPTIONS_RESTORE,
	.min_args = 1,
	.max_args = 1,
	.run = run_restore,
};
