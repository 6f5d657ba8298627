/* SPDX-License-Identifier: MIT */
/*
 * The group protocol, steps 2 to 6.  Whatever is killed when:
 *   - a file at a path is whole, for it was whole and on the disk in the stage
 *     before it was exchanged in;
 *   - the journal is never ahead of the disk, for a row is written after the
 *     folders were synced;
 *   - what was displaced is in the stage, with an intent that says what it is,
 *     until the transaction that stores it as a version.
 */
#include "config.h"

#include "sync/group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/path.h"
#include "fs/root.h"
#include "fs/scan.h"
#include "fs/stage.h"
#include "fs/swap.h"
#include "store/activity.h"
#include "store/db.h"
#include "store/intent.h"
#include "store/journal.h"
#include "store/signature.h"
#include "sync/job.h"
#include "sync/keep.h"
#include "sync/replica.h"
#include "util/auto.h"
#include "util/env.h"
#include "util/str.h"

/* Step 2: what is staged is on the disk before any name leads to it. */
static enum status
sync_stage(struct group *g, struct err *err)
{
	int fds[GROUP_FEW];
	size_t i, n = 0, staged = 0;
	enum status st = ST_OK;

	for (i = 0; i < g->n; i++) {
		if (g->jobs[i]->op.kind != APPLY_PUT ||
		    g->jobs[i]->status != ST_OK)
			continue;
		staged++;
		if (g->jobs[i]->fd != -1 && n < GROUP_FEW)
			fds[n++] = g->jobs[i]->fd;
	}
	if (staged > 0)
		st = stage_sync(g->r->stage, fds,
		    n == staged ? n : GROUP_FEW + 1, err);
	/* A file that we still could write to would look busy to the swap. */
	for (i = 0; i < g->n; i++)
		job_close(g->jobs[i]);
	return st;
}

/* The version that may be displaced must be the one that stands there. */
static void
check_row(struct job *job, bool have, const struct journal_row *row)
{
	const struct entry *e = &job->op.expect;

	job->expect.absent = e->kind == ENTRY_ABSENT;
	job->expect.hash = e->hash;
	if (have && row->has_disk && row->disk_kind == ENTRY_TEXT &&
	    hash_equal(&row->disk_hash, &e->hash)) {
		job->expect.stamp = row->disk;
		job->expect.settled = row->disk_settled;
	}
}

/*
 * A version of what is not synced (a binary, a file too large) was never told
 * to anybody: who names it all the same does not get it replaced.
 */
static bool
check_synced(struct job *job, bool have, const struct journal_row *row)
{
	char show[STR_SHOW];

	if (job->expect.absent || !have || !row->has_disk ||
	    row->disk_kind != ENTRY_EXCLUDED)
		return true;
	job->status = err_set(&job->err, ST_CHANGED, "%s: it is not synced",
	    str_show(show, job->op.path));
	return false;
}

static enum status
put_intent(struct group *g, const struct job *job, struct err *err)
{
	struct intent intent = { .stage = stage_id(g->r->stage),
		.n = job->n,
		.path = job->op.path,
		.from = job->op.from,
		.absent = job->expect.absent,
		.expect = job->expect.hash,
		.want = job->op.want.hash };

	if (job->op.kind == APPLY_META)
		return ST_OK;
	intent.kind = job->op.kind == APPLY_PUT ? INTENT_IN :
	    job->op.kind == APPLY_DELETE	? INTENT_OUT :
						  INTENT_MOVE;
	return intent_put(g->r->db, &intent, err);
}

/* Step 3 */
static enum status
put_intents(struct group *g, struct err *err)
{
	struct journal_row row;
	enum status st = ST_OK;
	bool have;
	size_t i;

	for (i = 0; i < g->n && st == ST_OK; i++) {
		struct job *job = g->jobs[i];

		if (job->status != ST_OK)
			continue;
		st = journal_get(g->r->db,
		    job->op.kind == APPLY_MOVE ? job->op.from : job->op.path,
		    &have, &row, err);
		if (st != ST_OK)
			return st;
		check_row(job, have, &row);
		if (check_synced(job, have, &row))
			st = put_intent(g, job, err);
	}
	return st;
}

static enum status
change_tree(struct group *g, struct job *job, struct err *err)
{
	struct stage *stage = g->r->stage;
	struct hasher *h = g->r->hasher;
	const struct apply_op *op = &job->op;

	switch (op->kind) {
	case APPLY_PUT:
		return swap_in(stage, job->n, op->path, &job->expect, h,
		    &job->stamp, &job->left, err);
	case APPLY_META:
		return swap_meta(stage, op->path, &job->expect, op->want.mtime,
		    op->want.exec, h, &job->stamp, err);
	case APPLY_DELETE:
		return swap_out(stage, job->n, op->path, &job->expect, h,
		    &job->left, err);
	case APPLY_MOVE:
		break;
	}
	return swap_move(stage, op->from, op->path, &job->expect, h,
	    &job->stamp, err);
}

/*
 * What stands there instead, so that the asker can decide again.  Where there
 * is nothing, something above it may be in the way; of that only counts that
 * it is not synced.
 */
static enum status
look_again(struct group *g, struct job *job, struct err *err)
{
	autofree char *path = strdup(job->op.path);
	struct stamp stamp;
	enum status st;

	if (path == NULL)
		return err_nomem(err);
	st = replica_look(g->r, path, &job->now, &stamp, err);
	while (st == ST_OK && job->now.kind == ENTRY_ABSENT &&
	    path_dir_len(path) > 0) {
		path[path_dir_len(path)] = '\0';
		st = replica_look(g->r, path, &job->now, &stamp, err);
		if (job->now.kind == ENTRY_TEXT)
			job->now = (struct entry){ .kind = ENTRY_ABSENT };
	}
	job->now.path = job->op.path;
	job->have_now = st == ST_OK;
	return st;
}

/* At once: what comes next may stand where the folder stood. */
static void
prune(struct group *g, const struct job *job)
{
	if (job->op.kind == APPLY_DELETE)
		root_prune(g->r->root, job->op.path);
	if (job->op.kind == APPLY_MOVE)
		root_prune(g->r->root, job->op.from);
}

/* Step 4 */
static enum status
change_all(struct group *g, struct err *err)
{
	enum status st = ST_OK;
	size_t i;

	root_forget(g->r->root);
	for (i = 0; i < g->n && st == ST_OK; i++) {
		struct job *job = g->jobs[i];

		if (job->status == ST_OK) {
			job->status = change_tree(g, job, &job->err);
			job->done = job->status == ST_OK;
			if (job->done)
				prune(g, job);
			job->displaced = job->done &&
			    (job->op.kind == APPLY_DELETE ||
				(job->op.kind == APPLY_PUT &&
				    !job->expect.absent));
		}
		if (job->status == ST_NOMEM)
			st = err_nomem(err);
		else if (!job->done && !job->refused)
			st = look_again(g, job, err);
	}
	return st;
}

/* ST_NOENT: the folder was removed, too; then all has to be synced. */
static enum status
sync_job_folders(struct group *g, const struct job *job, struct err *err)
{
	enum status st = ST_OK;

	if (!job->done)
		return ST_OK;
	if (job->op.kind == APPLY_MOVE)
		st = root_sync_parent(g->r->root, job->op.from, err);
	return st == ST_OK ? root_sync_parent(g->r->root, job->op.path, err) :
			     st;
}

/* Step 5a: the names, too, are on the disk before the journal says so. */
static enum status
sync_folders(struct group *g, struct err *err)
{
	enum status st = ST_OK;
	size_t i, n = 0;

	for (i = 0; i < g->n; i++)
		n += g->jobs[i]->done;
	if (n == 0)
		return ST_OK;
	for (i = 0; i < g->n && n <= GROUP_FEW && st == ST_OK; i++)
		st = sync_job_folders(g, g->jobs[i], err);
	if (n > GROUP_FEW || st == ST_NOENT)
		return stage_sync(g->r->stage, NULL, GROUP_FEW + 1, err);
	return st == ST_OK ? stage_sync_folder(g->r->stage, err) : st;
}

/* Our own write is proved by its mtime: see scan_settled(). */
static bool
placed_settled(const struct stamp *stamp, int64_t now)
{
	struct stamp s = *stamp;

	s.ctime = s.mtime;
	return scan_settled(&s, now);
}

static enum status
put_row(struct group *g, struct job *job, const struct entry *entry,
    struct err *err)
{
	struct replica *r = g->r;
	struct journal_row row = { .entry = *entry };
	enum status st = ST_OK;

	snprintf(row.origin, sizeof(row.origin), "%s", g->origin);
	if (entry->kind == ENTRY_TEXT) {
		row.has_disk = true;
		row.disk_kind = ENTRY_TEXT;
		row.disk_hash = entry->hash;
		row.disk = job->stamp;
		/* What stands there is what counts, not what was announced. */
		row.entry.size = job->stamp.size;
		row.entry.mtime = job->stamp.mtime;
		row.entry.exec = (job->stamp.mode & 0100) != 0;
		/* META sets an old mtime on a file that others may write to. */
		row.disk_settled = job->op.kind != APPLY_META &&
		    placed_settled(&job->stamp, env_now(r->env));
	}
	if (r->server)
		st = journal_next_seq(r->db, &row.seq, err);
	job->seq = row.seq;
	return st == ST_OK ? journal_put(r->db, r->hasher, &row, err) : st;
}

static enum status
put_signature(struct group *g, const struct job *job, struct err *err)
{
	if (job->op.kind == APPLY_DELETE)
		return signature_drop(g->r->db, job->op.path, err);
	return job->sig.len == 0 ?
	    ST_OK :
	    signature_put(g->r->db, job->op.path, &job->op.want.hash,
		buf_data(&job->sig), job->sig.len, err);
}

static enum status
put_rows(struct group *g, struct job *job, struct err *err)
{
	struct entry gone = { .kind = ENTRY_ABSENT };
	enum status st = ST_OK;

	if (job->op.kind == APPLY_MOVE) {
		gone.path = job->op.from;
		st = signature_move(g->r->db, job->op.from, job->op.path, err);
		if (st == ST_OK)
			st = put_row(g, job, &gone, err);
	}
	gone.path = job->op.path;
	if (st != ST_OK)
		return st;
	st = put_row(g, job,
	    job->op.kind == APPLY_DELETE ? &gone : &job->op.want, err);
	return st == ST_OK ? put_signature(g, job, err) : st;
}

/*
 * Not done, for something that is not synced is in the way: a server writes
 * that down, so that the asker is told, and told again when it is gone.
 */
static enum status
put_in_the_way(struct group *g, const struct job *job, struct err *err)
{
	struct journal_row row;
	enum status st;
	bool have;

	if (!g->r->server || !job->have_now || job->now.kind != ENTRY_EXCLUDED)
		return ST_OK;
	st = journal_get(g->r->db, job->op.path, &have, &row, err);
	/* What was synced until now is let go by the next survey. */
	if (st != ST_OK || (have && row.entry.kind == ENTRY_TEXT))
		return st;
	row = (struct journal_row){ .entry = { .path = job->op.path,
					.kind = ENTRY_EXCLUDED } };
	snprintf(row.origin, sizeof(row.origin), "server");
	st = journal_next_seq(g->r->db, &row.seq, err);
	return st == ST_OK ? journal_put(g->r->db, g->r->hasher, &row, err) :
			     st;
}

static const char *
what_text(const struct job *job)
{
	switch (job->op.kind) {
	case APPLY_META:
		return "meta";
	case APPLY_DELETE:
		return "delete";
	case APPLY_MOVE:
		return "move";
	case APPLY_PUT:
		break;
	}
	return job->expect.absent ? "create" : "change";
}

static enum status
put_activity(struct group *g, const struct job *job, struct err *err)
{
	struct activity act = { .when = env_now(g->r->env),
		.run = g->r->run,
		.path = job->op.path,
		.from = job->op.from,
		.what = what_text(job),
		.who = g->who,
		.why = reconcile_reason_text(job->op.why),
		.has_before = !job->expect.absent,
		.before = job->expect.hash,
		.has_after = job->op.kind != APPLY_DELETE,
		.after = job->op.want.hash };

	return activity_put(g->r->db, &act, err);
}

static enum status
put_conflict(struct group *g, const struct job *job, struct err *err)
{
	struct conflict c = { .when = env_now(g->r->env),
		.path = job->op.path,
		.kept_local = true,
		.winner = job->op.want.hash,
		.loser = job->expect.hash,
		.why = reconcile_reason_text(job->op.why) };

	return job->op.conflict ? conflict_put(g->r->db, &c, err) : ST_OK;
}

static enum status
put_version(struct group *g, const struct job *job, struct err *err)
{
	const char *why = job->left	 ? "saved while syncing" :
	    job->op.conflict		 ? "conflict" :
	    job->op.kind == APPLY_DELETE ? "deleted" :
					   "replaced";

	if (!job->displaced && !job->left)
		return ST_OK;
	return keep_file(g->r, g->r->stage, job->n, job->op.path, why,
	    job->left ? NULL : &job->expect.hash, NULL, err);
}

/* Steps 5b and 6: rows, versions and the end of the intents are one. */
static enum status
journal_group(struct group *g, struct err *err)
{
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < g->n && st == ST_OK; i++) {
		struct job *job = g->jobs[i];

		st = put_version(g, job, err);
		if (st == ST_OK && !job->done)
			st = put_in_the_way(g, job, err);
		if (st != ST_OK || !job->done)
			continue;
		st = put_rows(g, job, err);
		if (st == ST_OK)
			st = put_activity(g, job, err);
		if (st == ST_OK)
			st = put_conflict(g, job, err);
	}
	if (st == ST_OK)
		st = intent_clear(g->r->db, stage_id(g->r->stage), err);
	return st;
}

static enum status
in_transaction(struct group *g,
    enum status (*work)(struct group *, struct err *), struct err *err)
{
	enum status st = db_begin(g->r->db, err);

	if (st == ST_OK)
		st = work(g, err);
	return db_end(g->r->db, st, err);
}

enum status
group_run(struct group *g, struct err *err)
{
	enum status st;

	st = sync_stage(g, err);
	if (st == ST_OK)
		st = in_transaction(g, put_intents, err);
	if (st != ST_OK)
		return st;
	st = change_all(g, err);
	if (st == ST_OK)
		st = sync_folders(g, err);
	if (st == ST_OK)
		st = in_transaction(g, journal_group, err);
	/* What the stage holds now is for recovery to look at. */
	if (st != ST_OK)
		stage_abandon(g->r->stage);
	return st;
}
