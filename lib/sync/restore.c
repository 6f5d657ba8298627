/* SPDX-License-Identifier: MIT */
/*
 * The steps of group.c for one file, but for the agreed state: that stays as
 * it is, so the next survey sees what was put back as an edit made here.
 */
#include "config.h"

#include "sync/restore.h"

#include <errno.h>
#include <stdio.h>

#include "core/entry.h"
#include "fs/root.h"
#include "fs/scan.h"
#include "fs/stage.h"
#include "fs/swap.h"
#include "fs/sys.h"
#include "store/activity.h"
#include "store/db.h"
#include "store/intent.h"
#include "store/versions.h"
#include "sync/keep.h"
#include "sync/replica.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/env.h"
#include "util/str.h"

#define COPY_STEP (64 * 1024)

struct restore {
	struct replica *r;
	const char *path;
	const struct version *v;
	struct swap_expect expect;
	uint64_t n; /* file in the stage */
	bool left; /* file n is a save that came in between */
};

/* A large version: .dsync/versions/<hash> into the stage. */
static enum status
copy_outside(struct restore *rs, int to, struct err *err)
{
	struct replica *r = rs->r;
	autoclose int from = -1;
	char hex[HASH_HEX], name[sizeof("versions/") + HASH_HEX];
	uint8_t chunk[COPY_STEP];
	enum status st;
	ssize_t n;

	hash_hex(&rs->v->hash, hex);
	snprintf(name, sizeof(name), "versions/%s", hex);
	st = root_open_private(r->root, name, &from, err);
	while (st == ST_OK &&
	    (n = sys_read(r->env, from, chunk, sizeof(chunk))) != 0) {
		if (n == -1)
			return err_sys(err, errno, ".dsync/%s: read", name);
		st = stage_write(r->stage, to, chunk, (size_t)n, err);
	}
	return st;
}

/* What was staged is what the version's name says. */
static enum status
check_staged(struct restore *rs, struct err *err)
{
	struct replica *r = rs->r;
	autoclose int fd = -1;
	struct stamp stamp;
	struct hash hash;
	char shown[STR_SHOW];
	uint64_t size;
	enum status st;

	st = stage_open(r->stage, rs->n, &fd, &stamp, err);
	if (st == ST_OK)
		st = scan_hash_fd(r->root, fd, r->hasher, &hash, &size, err);
	if (st == ST_OK && !hash_equal(&hash, &rs->v->hash))
		st = err_set(err, ST_DAMAGED, "%s: the kept version is damaged",
		    str_show(shown, rs->path));
	return st;
}

static enum status
stage_version(struct restore *rs, struct err *err)
{
	struct replica *r = rs->r;
	AUTO(buf) struct buf contents = { 0 };
	autoclose int fd = -1;
	bool outside = false;
	enum status st;

	rs->n = stage_next(r->stage);
	st = versions_get(r->db, &rs->v->hash, r->hasher, &contents, &outside,
	    err);
	if (st == ST_OK)
		st = stage_create(r->stage, rs->n, &fd, err);
	if (st == ST_OK && outside)
		st = copy_outside(rs, fd, err);
	else if (st == ST_OK)
		st = stage_write(r->stage, fd, buf_data(&contents),
		    contents.len, err);
	/* Saved now: so it wins over what the other side saved before. */
	if (st == ST_OK)
		st = stage_seal(r->stage, fd, env_now(r->env), rs->v->exec,
		    err);
	if (st == ST_OK)
		st = stage_sync(r->stage, &fd, 1, err);
	return st == ST_OK ? check_staged(rs, err) : st;
}

static enum status
put_intent(struct restore *rs, struct err *err)
{
	const struct intent intent = { .stage = stage_id(rs->r->stage),
		.n = rs->n,
		.kind = INTENT_IN,
		.path = rs->path,
		.absent = rs->expect.absent,
		.expect = rs->expect.hash,
		.want = rs->v->hash };

	return intent_put(rs->r->db, &intent, err);
}

static enum status
put_activity(struct restore *rs, struct err *err)
{
	const struct activity a = { .when = env_now(rs->r->env),
		.run = rs->r->run,
		.path = rs->path,
		.what = rs->expect.absent ? "create" : "change",
		.who = "restore",
		.why = "a kept version was put back",
		.has_before = !rs->expect.absent,
		.before = rs->expect.hash,
		.has_after = true,
		.after = rs->v->hash };

	return activity_put(rs->r->db, &a, err);
}

/* After the exchange: what came out is kept, and the intent is over. */
static enum status
journal_it(struct restore *rs, struct err *err)
{
	struct replica *r = rs->r;
	enum status st = ST_OK;

	if (rs->left || !rs->expect.absent)
		st = keep_file(r, r->stage, rs->n, rs->path,
		    rs->left ? "saved while syncing" : "replaced", NULL, NULL,
		    err);
	if (st == ST_OK && !rs->left)
		st = put_activity(rs, err);
	return st == ST_OK ? intent_clear(r->db, stage_id(r->stage), err) : st;
}

static enum status
clear_intent(struct restore *rs, struct err *err)
{
	return intent_clear(rs->r->db, stage_id(rs->r->stage), err);
}

static enum status
in_transaction(struct restore *rs,
    enum status (*work)(struct restore *, struct err *), struct err *err)
{
	enum status st = db_begin(rs->r->db, err);

	if (st == ST_OK)
		st = work(rs, err);
	return db_end(rs->r->db, st, err);
}

/* From the exchange on, what goes wrong is left for recovery to mend. */
static enum status
exchange(struct restore *rs, struct err *err)
{
	struct replica *r = rs->r;
	struct stamp stamp;
	struct err later;
	enum status st, end = ST_OK;

	root_forget(r->root);
	st = swap_in(r->stage, rs->n, rs->path, &rs->expect, r->hasher, &stamp,
	    &rs->left, err);
	if (st == ST_OK) {
		end = root_sync_parent(r->root, rs->path, &later);
		if (end == ST_OK)
			end = stage_sync_folder(r->stage, &later);
	}
	if (end == ST_OK)
		end = in_transaction(rs,
		    st == ST_OK || rs->left ? journal_it : clear_intent,
		    &later);
	if (end != ST_OK)
		stage_abandon(r->stage);
	if (st == ST_OK && end != ST_OK) {
		*err = later;
		return end;
	}
	return st;
}

enum status
restore_version(struct replica *r, const char *path, const struct version *v,
    const struct entry *present, struct err *err)
{
	struct restore rs = { .r = r, .path = path, .v = v };
	char shown[STR_SHOW];
	enum status st;

	if (present->kind != ENTRY_TEXT && present->kind != ENTRY_ABSENT)
		return err_set(err, ST_EXIST,
		    "%s: what stands there is no text, and is left alone",
		    str_show(shown, path));
	rs.expect.absent = present->kind == ENTRY_ABSENT;
	rs.expect.hash = present->hash;
	st = stage_version(&rs, err);
	if (st == ST_OK)
		st = in_transaction(&rs, put_intent, err);
	return st == ST_OK ? exchange(&rs, err) : st;
}
