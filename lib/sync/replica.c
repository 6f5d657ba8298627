/* SPDX-License-Identifier: MIT */
/*
 * Opening a folder: descriptor, lock, identity, journal, stage.  The identity
 * (.dsync/id) outlives the journal, so that a journal which was lost or set
 * aside begins a new epoch of the same replica and not a new replica.
 */
#include "config.h"

#include "sync/replica.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/digest.h"
#include "core/filter.h"
#include "core/listing.h"
#include "core/scope.h"
#include "fs/root.h"
#include "fs/scan.h"
#include "fs/stage.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/signature.h"
#include "sync/recover.h"
#include "sync/report.h"
#include "util/env.h"
#include "util/hash.h"
#include "util/str.h"

#define ID_LEN 33 /* 32 hex digits */

void
replica_free(struct replica *r)
{
	if (r == NULL)
		return;
	listing_free(r->disk);
	listing_free(r->base);
	scope_free(r->scope);
	filter_free(r->filter);
	hasher_free(r->hasher);
	digest_free(r->digest);
	stage_free(r->stage);
	db_free(r->db);
	root_free(r->root);
	free(r);
}

static enum status
make_filter(const struct replica_opts *opts, struct filter **ret,
    struct err *err)
{
	AUTO(filter) struct filter *filter = NULL;
	enum status st = ST_OK;
	size_t i;

	if (filter_new(opts->hidden,
		opts->max_size != 0 ? opts->max_size : REPLICA_MAX_SIZE,
		&filter) != ST_OK)
		return err_nomem(err);
	for (i = 0; i < opts->n_rules && st == ST_OK; i++)
		st = filter_add_option(filter, opts->rules[i], err);
	if (st == ST_OK && opts->policy != NULL)
		st = filter_set_policy(filter, opts->policy,
		    strlen(opts->policy), err);
	if (st != ST_OK)
		return st;
	*ret = filter;
	filter = NULL;
	return ST_OK;
}

enum status
replica_set_filter(struct replica *r, const struct replica_opts *opts,
    struct err *err)
{
	struct filter *filter;
	enum status st = make_filter(opts, &filter, err);

	if (st != ST_OK)
		return st;
	filter_free(r->filter);
	r->filter = filter;
	return ST_OK;
}

/* Several peers may be the first in a folder: one of them names it. */
static enum status
load_id(struct replica *r, struct err *err)
{
	enum status st = root_read_private(r->root, "id", r->id, ID_LEN, err);

	if (st == ST_NOENT && !r->read_only) {
		env_id(r->env, r->id, ID_LEN);
		st = root_make_private(r->root, "id", r->id, err);
		if (st != ST_EXIST)
			return st;
		st = root_read_private(r->root, "id", r->id, ID_LEN, err);
	}
	if (st == ST_OK && strlen(r->id) == ID_LEN - 1 &&
	    strspn(r->id, "0123456789abcdef") == ID_LEN - 1)
		return ST_OK;
	if (st != ST_OK && st != ST_NOENT)
		return st;
	r->id[0] = '\0';
	if (r->read_only)
		return ST_OK;
	env_id(r->env, r->id, ID_LEN);
	return root_write_private(r->root, "id", r->id, err);
}

static enum status
open_file(struct replica *r, const char *name, struct err *err)
{
	char path[4096 + 64];

	snprintf(path, sizeof(path), "%s/.dsync/%s", root_path(r->root), name);
	return db_open(r->env, path, r->read_only, root_is_network(r->root),
	    &r->db, err);
}

/* Out of the way, with its helpers, for a person to look at. */
static enum status
set_aside(struct replica *r, const char *name, const struct err *why,
    struct err *err)
{
	static const char *const helpers[] = { "-wal", "-shm", "-journal" };
	char from[64], to[128];
	struct err ignored;
	enum status st;
	size_t i;

	snprintf(to, sizeof(to), "%s.damaged-%lld", name,
	    (long long)(env_now(r->env) / NSEC));
	st = root_rename_private(r->root, name, to, err);
	if (st != ST_OK)
		return st;
	for (i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++) {
		snprintf(from, sizeof(from), "%s%s", name, helpers[i]);
		snprintf(to, sizeof(to), "%s.damaged-%lld%s", name,
		    (long long)(env_now(r->env) / NSEC), helpers[i]);
		(void)!root_rename_private(r->root, from, to, &ignored);
	}
	report_note(r->report,
	    "the journal was damaged and is set aside (.dsync/%s.damaged-*); "
	    "comparing everything: %s",
	    name, why->text);
	return ST_OK;
}

static enum status
meta_or_set(struct replica *r, const char *key, const char *value, char *buf,
    size_t size, struct err *err)
{
	enum status st = db_meta_get(r->db, key, buf, size, err);

	if (st != ST_OK || buf[0] != '\0')
		return st;
	/* A run that was killed while it made the journal; as if it had not. */
	if (r->read_only) {
		snprintf(buf, size, "%s", value);
		return ST_OK;
	}
	st = db_begin(r->db, err);
	if (st != ST_OK)
		return st;
	/* Somebody else may have set it while we waited for the lock. */
	st = db_meta_get(r->db, key, buf, size, err);
	if (st == ST_OK && buf[0] == '\0') {
		snprintf(buf, size, "%s", value);
		st = db_meta_set(r->db, key, value, err);
	}
	return db_end(r->db, st, err);
}

/*
 * A folder can be a client's replica and be served to others at once; what
 * the two remember is not the same, so each role has a journal of its own.
 */
static enum status
open_by_role(struct replica *r, struct err *err)
{
	const char *role = r->server ? "server" : "client";
	const char *names[] = { "journal.db",
		r->server ? "journal-server.db" : "journal-client.db" };
	char got[16];
	enum status st = ST_OK;
	struct err why;
	size_t i;

	for (i = 0; i < 2; i++) {
		r->journal = names[i];
		st = open_file(r, names[i], &why);
		if (st == ST_DAMAGED && !r->read_only) {
			st = set_aside(r, names[i], &why, err);
			if (st == ST_OK)
				st = open_file(r, names[i], err);
		} else if (st != ST_OK && err != NULL) {
			*err = why;
		}
		if (st == ST_OK)
			st = meta_or_set(r, "role", role, got, sizeof(got),
			    err);
		if (st != ST_OK || strcmp(got, role) == 0)
			return st;
		db_free(r->db);
		r->db = NULL;
	}
	return err_set(err, ST_DAMAGED, "%s: two journals, neither a %s's",
	    root_path(r->root), role);
}

static enum status
open_journal(struct replica *r, struct err *err)
{
	char id[MESSAGE_ID], fresh[ID_LEN];
	enum status st = open_by_role(r, err);

	if (r->read_only && (st == ST_NOENT || st == ST_DAMAGED)) {
		db_free(r->db);
		r->db = NULL;
		return ST_OK;
	}
	if (st == ST_OK)
		st = meta_or_set(r, "root", r->id, id, sizeof(id), err);
	if (st != ST_OK)
		return st;
	if (strcmp(id, r->id) != 0)
		return err_set(err, ST_FOLDER,
		    "%s: its journal belongs to another folder; remove .dsync "
		    "to begin anew (nothing is deleted by that)",
		    root_path(r->root));
	env_id(r->env, fresh, sizeof(fresh));
	return meta_or_set(r, "epoch", fresh, r->epoch, sizeof(r->epoch), err);
}

enum status
replica_distrust(struct replica *r, const struct err *why, struct err *err)
{
	const struct err was = why != NULL ? *why : (struct err){ 0 };
	enum status st;

	db_free(r->db);
	r->db = NULL;
	st = set_aside(r, r->journal, &was, err);
	return st != ST_OK ? st :
			     err_set(err, ST_DAMAGED,
				 "%s; it is set aside, the next run compares "
				 "everything",
				 was.text);
}

/* What a check at opening does not look at shows when it is used. */
static enum status
use_journal(struct replica *r, struct err *err)
{
	enum status st = open_journal(r, err);

	if (st == ST_OK && !r->read_only)
		st = recover(r, err);
	if (st != ST_DAMAGED || r->read_only || r->db == NULL)
		return st;
	st = replica_distrust(r, err, err);
	if (st == ST_DAMAGED)
		st = open_journal(r, err);
	return st == ST_OK ? recover(r, err) : st;
}

static enum status
open_parts(struct replica *r, const struct replica_opts *opts, struct err *err)
{
	enum status st;

	st = root_open(r->env, opts->path, opts->home, opts->read_only,
	    &r->root, err);
	if (st == ST_OK && !r->server && !r->read_only)
		st = root_lock(r->root, err);
	if (st == ST_OK)
		st = load_id(r, err);
	if (st == ST_OK)
		st = use_journal(r, err);
	if (st != ST_OK || r->read_only)
		return st;
	return stage_new(r->root, &r->stage, err);
}

enum status
replica_open(struct env *env, const struct replica_opts *opts,
    struct replica **ret, struct err *err)
{
	AUTO(replica) struct replica *r = calloc(1, sizeof(*r));
	enum status st;

	if (r == NULL || hasher_new(&r->hasher) != ST_OK ||
	    digest_new(&r->digest) != ST_OK)
		return err_nomem(err);
	r->env = env;
	r->report = opts->report;
	r->server = opts->server;
	r->read_only = opts->read_only;
	r->checksum = opts->checksum;
	r->keep_age = opts->keep_age;
	r->keep_size = opts->keep_size;
	env_id(env, r->run, 13);
	st = make_filter(opts, &r->filter, err);
	if (st == ST_OK)
		st = open_parts(r, opts, err);
	if (st != ST_OK)
		return st;
	*ret = r;
	r = NULL;
	return ST_OK;
}

/* A name that can't be looked at is not absent. */
static void
set_unread(struct entry *e, const char *path)
{
	*e = (struct entry){ .path = path, .kind = ENTRY_UNREAD };
}

enum status
replica_look(struct replica *r, const char *path, struct entry *ret,
    struct stamp *ret_stamp, struct err *err)
{
	struct scan_file file;
	enum status st;

	*ret = (struct entry){ .path = path, .kind = ENTRY_ABSENT };
	*ret_stamp = (struct stamp){ 0 };
	root_forget(r->root);
	st = scan_look(r->root, r->filter, path, &file, err);
	if (st == ST_NOMEM)
		return st;
	if (st != ST_OK) {
		set_unread(ret, path);
		return ST_OK;
	}
	ret->kind = file.kind;
	if (file.kind != ENTRY_TEXT)
		return ST_OK;
	st = scan_read(r->root, path, filter_max_size(r->filter), r->digest,
	    NULL, ret, ret_stamp, err);
	if (st == ST_NOMEM)
		return st;
	if (st != ST_OK)
		set_unread(ret, path);
	return ST_OK;
}

enum status
replica_agree(struct replica *r, const struct entry *entry, const char *origin,
    struct err *err)
{
	struct journal_row old, row = { 0 };
	enum status st;
	bool have;

	st = journal_get(r->db, entry->path, &have, &old, err);
	if (st != ST_OK)
		return st;
	if (have)
		row = old;
	row.entry = *entry;
	row.seq = 0;
	snprintf(row.origin, sizeof(row.origin), "%s", origin);
	st = journal_put_over(r->db, r->hasher, have ? &old : NULL, &row, err);
	return st == ST_OK && entry->kind == ENTRY_ABSENT ?
	    signature_drop(r->db, entry->path, err) :
	    st;
}
