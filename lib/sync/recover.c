/* SPDX-License-Identifier: MIT */
/*
 * After a kill.  Each intent names a file of its stage and what it was to do
 * with which path; what stands at both now says how far it came.  The journal
 * needs no mending: its rows are claims about the past, and the survey that
 * follows sees the present.
 */
#include "config.h"

#include "sync/recover.h"

#include "fs/root.h"
#include "fs/stage.h"
#include "fs/swap.h"
#include "store/db.h"
#include "store/intent.h"
#include "sync/keep.h"
#include "sync/replica.h"
#include "sync/report.h"

struct recovery {
	struct replica *r;
	struct stage *stage;
};

/* A folder that was emptied, or made for a file that did not come. */
static void
prune(struct replica *r, const struct intent *intent)
{
	root_prune(r->root, intent->path);
	if (intent->from != NULL)
		root_prune(r->root, intent->from);
}

static enum status
recover_intent(void *ctx, const struct intent *intent, struct err *err)
{
	const struct recovery *rec = ctx;
	struct swap_expect expect = { .absent = intent->absent,
		.hash = intent->expect };
	bool displaced = false, left = false;
	enum status st;

	/* A move leaves nothing in the stage: the file is at one of its ends. */
	if (intent->kind == INTENT_MOVE) {
		prune(rec->r, intent);
		return ST_OK;
	}
	st = swap_recover(rec->stage, intent->n, intent->path,
	    intent->kind == INTENT_IN ? &intent->want : NULL, &expect,
	    rec->r->hasher, &displaced, &left, err);
	if (st == ST_OK && (displaced || left))
		st = keep_file(rec->r, rec->stage, intent->n, intent->path,
		    displaced ? "replaced" : "saved while syncing", NULL, NULL,
		    err);
	if (st == ST_OK)
		prune(rec->r, intent);
	return st;
}

static enum status
mend_stage(struct replica *r, struct stage *stage, struct err *err)
{
	struct recovery rec = { .r = r, .stage = stage };
	enum status st;

	st = db_begin(r->db, err);
	if (st != ST_OK)
		return st;
	st = intent_each(r->db, stage_id(stage), recover_intent, &rec, err);
	if (st == ST_OK)
		st = intent_clear(r->db, stage_id(stage), err);
	return db_end(r->db, st, err);
}

struct orphans {
	struct replica *r;
	enum status worst; /* memory, or the journal: then nothing goes on */
	struct err why;
};

/* A stage that can't be mended now stays as it is, for the next run. */
static enum status
recover_stage(void *ctx, struct stage *stage, struct err *err)
{
	struct orphans *o = ctx;
	enum status st = mend_stage(o->r, stage, err);

	if (st == ST_NOMEM || st == ST_DAMAGED) {
		o->worst = st;
		o->why = *err;
	} else if (st != ST_OK) {
		report_note(o->r->report,
		    "what a killed run left in .dsync/stage/%s can't be put "
		    "in order now (nothing of it is lost): %s",
		    stage_id(stage), err->text);
	}
	return st;
}

enum status
recover(struct replica *r, struct err *err)
{
	struct orphans o = { .r = r, .worst = ST_OK };
	enum status st = stage_orphans(r->root, recover_stage, &o, err);

	if (st == ST_OK && o.worst != ST_OK)
		*err = o.why;
	return st == ST_OK ? o.worst : st;
}
