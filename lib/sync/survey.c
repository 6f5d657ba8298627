/* SPDX-License-Identifier: MIT */
/*
 * The walk over the folder and the rows of the journal, both in path order,
 * and of the same scope, side by side: a file whose stamp the journal knows
 * has the hash that it knows; any other is read.  Walk and merge take turns, so
 * that of what is as it was nothing need be held.  A state function each for
 * the walk, the merge and the writing down; a step is measured in work, not in
 * time, so that the same folder takes the same steps everywhere.
 */
#include "config.h"

#include "sync/survey.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/entry.h"
#include "core/filter.h"
#include "core/listing.h"
#include "core/path.h"
#include "core/scope.h"
#include "fs/scan.h"
#include "store/db.h"
#include "store/journal.h"
#include "sync/found.h"
#include "sync/replica.h"
#include "sync/report.h"
#include "util/buf.h"
#include "util/env.h"
#include "util/hash.h"
#include "util/str.h"

#define SHARE	   2000 /* of a step: files looked at, and */
#define SHARE_READ 4096 /* this many bytes read count as one */
#define SHARE_ROWS 4000 /* written by a step, as one transaction */

typedef enum status survey_state(struct survey *s, struct err *err);

struct survey {
	struct replica *r;
	struct scope *scope; /* NULL: everything */
	bool rules; /* there are .dsyncignore files in the scope */
	survey_state *state; /* what the next step does; NULL: through */
	size_t share; /* of work that is left to this step */
	bool brief; /* what is the same in both listings is in neither */
	struct scan_job *walk;
	bool walked; /* to its end */
	const struct scan *scan; /* the walk's last step; NULL before it */
	size_t at; /* in scan */
	struct journal_cursor *cursor;
	bool in_rows; /* it has not ended */
	size_t part; /* of the scope: the next one to read rows of */
	struct journal_row row; /* the next one, if have_row */
	bool have_row;
	struct listing *disk;
	struct listing *base;
	struct found *found;
	struct buf sig; /* of the file that is being read */
	uint64_t size; /* of all files, in bytes */
	uint64_t since; /* the last number when it began */
};

static survey_state survey_start, survey_walk, survey_merge, survey_write;

/* The rows that a part of the scope has: one at most, or all below a folder. */
static enum status
begin_part(struct survey *s, struct err *err)
{
	const char *part = scope_at(s->scope, s->part++);
	char folder[PATH_LIMIT];

	s->in_rows = scope_path(part, folder);
	if (!s->in_rows)
		return journal_get(s->r->db, part, &s->have_row, &s->row, err);
	return journal_rows_below(s->r->db, folder, &s->cursor, err);
}

static bool
has_parts(const struct survey *s)
{
	return s->scope != NULL && s->r->db != NULL &&
	    s->part < scope_count(s->scope);
}

static enum status
next_row(struct survey *s, struct err *err)
{
	enum status st = ST_OK;

	s->have_row = false;
	while (st == ST_OK && !s->have_row && (s->in_rows || has_parts(s))) {
		if (!s->in_rows) {
			st = begin_part(s, err);
			continue;
		}
		st = journal_next(s->cursor, &s->have_row, &s->row, err);
		s->in_rows = s->have_row;
	}
	return st;
}

static enum status
add_base(struct survey *s, struct err *err)
{
	const struct entry *e = &s->row.entry;

	/* A server has to tell, too, when what was let go is gone. */
	if (e->kind != ENTRY_TEXT &&
	    !(s->r->server && e->kind == ENTRY_EXCLUDED))
		return ST_OK;
	return listing_add(s->base, e) == ST_OK ? ST_OK : err_nomem(err);
}

/*
 * A path that the journal alone has.  An agreed file that is not there was
 * deleted, unless a rule says that such a name is not synced any more: then
 * nobody is to delete it for that.
 */
static enum status
add_missing(struct survey *s, struct err *err)
{
	struct entry e = { .path = s->row.entry.path, .kind = ENTRY_EXCLUDED };
	struct filter_verdict verdict;
	enum status st = add_base(s, err);

	if (st != ST_OK || s->row.entry.kind != ENTRY_TEXT)
		return st;
	filter_judge_deep(s->r->filter, e.path, &verdict);
	if (!verdict.excluded)
		return ST_OK;
	return listing_add(s->disk, &e) == ST_OK ? ST_OK : err_nomem(err);
}

static void
spend(struct survey *s, uint64_t n)
{
	s->share -= n < s->share ? (size_t)n : s->share;
}

/* Is what the journal says next about this path? */
static bool
has_row(const struct survey *s, const char *path)
{
	return s->have_row && strcmp(s->row.entry.path, path) == 0;
}

/* What the journal says of its path is that it held these contents. */
static bool
same_contents(const struct survey *s, const struct entry *e)
{
	return has_row(s, e->path) && s->row.has_disk &&
	    hash_equal(&s->row.disk_hash, &e->hash);
}

/*
 * Reads the file.  One that can't be read, or does not hold still, is unread:
 * reported, and left alone by everything that follows.
 */
static enum status
read_file(struct survey *s, const struct scan_file *file, struct entry *ret,
    struct err *err)
{
	struct replica *r = s->r;
	struct stamp stamp;
	struct err why;
	const int64_t start = env_ticks(r->env);
	enum status st;

	st = scan_read(r->root, file->path, filter_max_size(r->filter),
	    r->digest, r->read_only ? NULL : &s->sig, ret, &stamp, &why);
	r->ns_hash += env_ticks(r->env) - start;
	if (st == ST_NOMEM)
		return err_nomem(err);
	if (st != ST_OK) {
		*ret = (struct entry){ .kind = ENTRY_UNREAD };
		report_problem(r->report, file->path, &why);
		r->problems++;
	}
	ret->path = file->path;
	if (st != ST_OK || ret->kind == ENTRY_ABSENT)
		return ST_OK;
	spend(s, ret->size / SHARE_READ);
	/* Touched only: then there is a signature of it already. */
	if (same_contents(s, ret))
		buf_clear(&s->sig);
	return found_add(s->found, ret, &stamp, !has_row(s, ret->path), &s->sig,
	    err);
}

static bool
known(const struct survey *s, const struct scan_file *file)
{
	return has_row(s, file->path) && s->row.has_disk &&
	    s->row.disk_settled && !s->r->checksum &&
	    stamp_equal(&s->row.disk, &file->stamp);
}

/* What can't be synced, for what it is; it stays as it is. */
static void
tell_skipped(const struct survey *s, const struct scan_file *file)
{
	const uint64_t max = filter_max_size(s->r->filter);
	const uint32_t mode = file->stamp.mode;
	char text[40] = "not text", size[16];

	if (S_ISLNK(mode))
		snprintf(text, sizeof(text), "a symbolic link");
	else if (!S_ISREG(mode))
		snprintf(text, sizeof(text), "neither file nor folder");
	else if (max != 0 && file->stamp.size > max)
		snprintf(text, sizeof(text), "too large: %s",
		    str_size(size, file->stamp.size));
	report_event(s->r->report,
	    &(struct event){ .type = EVENT_SKIPPED,
		.path = file->path,
		.text = text });
}

/* What the file is now; ABSENT if it went since the walk saw it. */
static enum status
state_of(struct survey *s, const struct scan_file *file, struct entry *ret,
    struct err *err)
{
	enum status st = ST_OK;

	*ret = (struct entry){ .path = file->path, .kind = file->kind };
	if (file->kind == ENTRY_TEXT && known(s, file))
		journal_disk(&s->row, ret);
	else if (file->kind == ENTRY_TEXT)
		st = read_file(s, file, ret, err);
	/* Another file system is a problem, and was told as that. */
	if (ret->kind == ENTRY_EXCLUDED && !file->ruled_out &&
	    s->scope == NULL && !S_ISDIR(file->stamp.mode))
		tell_skipped(s, file);
	/* Nothing can be synced below what is not a folder of ours. */
	ret->cover = ret->kind != ENTRY_TEXT;
	s->size += ret->size;
	return st;
}

static enum status
add_disk(struct survey *s, const struct entry *e, struct err *err)
{
	if (e->kind == ENTRY_ABSENT)
		return ST_OK;
	return listing_add(s->disk, e) == ST_OK ? ST_OK : err_nomem(err);
}

/* A path that both the walk and the journal have. */
static enum status
add_both(struct survey *s, const struct entry *e, struct err *err)
{
	enum status st;

	if (s->brief && e->kind == ENTRY_TEXT && entry_same(&s->row.entry, e))
		return ST_OK;
	st = add_base(s, err);
	return st == ST_OK ? add_disk(s, e, err) : st;
}

/* A path that the walk has, and the journal, too, if `both`. */
static enum status
add_found(struct survey *s, bool both, struct err *err)
{
	struct entry e;
	enum status st = state_of(s, scan_at(s->scan, s->at++), &e, err);

	if (st != ST_OK)
		return st;
	return both ? add_both(s, &e, err) : add_disk(s, &e, err);
}

/* The next path of either, or of both. */
static enum status
merge_one(struct survey *s, struct err *err)
{
	enum status st;
	int c = 1;

	if (s->at < scan_count(s->scan))
		c = s->have_row ?
		    strcmp(scan_at(s->scan, s->at)->path, s->row.entry.path) :
		    -1;
	st = c > 0 ? add_missing(s, err) : add_found(s, c == 0, err);
	return st == ST_OK && c >= 0 ? next_row(s, err) : st;
}

/* Of rows behind the last file only the walk's end tells that they are next. */
static bool
can_merge(const struct survey *s)
{
	return s->at < scan_count(s->scan) || (s->walked && s->have_row);
}

static void
report_problems(struct survey *s)
{
	const struct scan_problem *p;
	struct err why = { .code = ST_IO };
	size_t i;

	for (i = 0; i < scan_problem_count(s->scan); i++) {
		p = scan_problem_at(s->scan, i);
		snprintf(why.text, sizeof(why.text), "%s", p->text);
		report_problem(s->r->report, p->path, &why);
		s->r->problems++;
	}
}

/* Numbers that are given from here on are others' changes, made meanwhile. */
static enum status
survey_start(struct survey *s, struct err *err)
{
	struct replica *r = s->r;
	enum status st = ST_OK;

	r->others = false;
	if (listing_new(&s->disk) != ST_OK || listing_new(&s->base) != ST_OK)
		return err_nomem(err);
	if (r->db != NULL)
		st = journal_last_seq(r->db, &s->since, err);
	if (st == ST_OK && r->db != NULL && s->scope == NULL)
		st = journal_rows(r->db, -1, &s->cursor, err);
	s->in_rows = s->cursor != NULL;
	if (st != ST_OK)
		return st;
	if (found_new(r, s->since, &s->found) != ST_OK)
		return err_nomem(err);
	st = s->scope == NULL ? scan_job_new(r->root, r->filter, &s->walk) :
				scan_job_new_part(r->root, r->filter, s->scope,
				    &s->rules, &s->walk);
	s->state = survey_walk;
	return st == ST_OK ? next_row(s, err) : err_nomem(err);
}

/* What it holds of the journal and of the listings. */
static void
let_go(struct survey *s)
{
	found_free(s->found);
	s->found = NULL;
	journal_cursor_free(s->cursor);
	s->cursor = NULL;
}

/* Other rules may hold for all the rest, so all of it is to be looked at. */
static void
look_at_all(struct survey *s)
{
	let_go(s);
	scan_job_free(s->walk);
	listing_free(s->disk);
	listing_free(s->base);
	scope_free(s->scope);
	*s = (struct survey){ .r = s->r,
		.brief = s->r->db != NULL,
		.sig = s->sig,
		.state = survey_start };
}

static enum status
survey_walk(struct survey *s, struct err *err)
{
	s->at = 0;
	s->state = survey_merge;
	return scan_job_step(s->walk, s->share, &s->walked, &s->scan, err);
}

/*
 * In a first run nearly everything has a signature to be written: that need
 * not wait in memory.  But while rows are still to be read, it has to; and as
 * long as the rest of a part may have rules that say that it is not synced.
 */
static enum status
write_early(struct survey *s, struct err *err)
{
	bool done;

	return s->have_row || (s->scope != NULL && !s->walked) ||
		found_waiting(s->found) < SHARE_ROWS ?
	    ST_OK :
	    found_step(s->found, SHARE_ROWS, &done, err);
}

/* The share of a step; what is read of the journal is of one moment. */
static enum status
merge_some(struct survey *s, struct err *err)
{
	struct db *db = s->r->db;
	enum status st = db == NULL ? ST_OK : db_look(db, err);

	while (st == ST_OK && s->share > 0 && can_merge(s) && !s->rules) {
		spend(s, 1);
		/* One that is gone is no less of a change. */
		s->rules = s->scope != NULL && s->have_row &&
		    s->row.entry.kind == ENTRY_TEXT &&
		    path_is_ignore_file(s->row.entry.path);
		st = merge_one(s, err);
	}
	if (db != NULL)
		db_look_end(db);
	return st;
}

static enum status
survey_merge(struct survey *s, struct err *err)
{
	enum status st = merge_some(s, err);

	if (st == ST_OK && s->rules) {
		look_at_all(s);
		return ST_OK;
	}
	if (st == ST_OK)
		st = write_early(s, err);
	if (st != ST_OK || can_merge(s))
		return st;
	if (!s->walked) {
		s->state = survey_walk;
		return ST_OK;
	}
	journal_cursor_free(s->cursor);
	s->cursor = NULL;
	listing_sort(s->disk);
	listing_sort(s->base);
	report_problems(s);
	s->state = survey_write;
	return found_compare(s->found, s->base, s->disk, err);
}

static enum status
survey_write(struct survey *s, struct err *err)
{
	struct replica *r = s->r;
	bool done = false;
	enum status st = found_step(s->found, SHARE_ROWS, &done, err);

	if (st != ST_OK || !done)
		return st;
	listing_free(r->disk);
	listing_free(r->base);
	scope_free(r->scope);
	r->scope = s->scope;
	s->scope = NULL;
	r->brief = s->brief;
	r->since = s->since;
	r->size = s->size;
	r->disk = s->disk;
	r->base = s->base;
	s->disk = NULL;
	s->base = NULL;
	s->state = NULL;
	return ST_OK;
}

enum status
survey_new(struct replica *r, struct scope *scope, bool whole,
    struct survey **ret)
{
	struct survey *s = calloc(1, sizeof(*s));
	const bool all = scope == NULL || scope_is_all(scope);

	if (s == NULL || all)
		scope_free(scope);
	if (s == NULL)
		return ST_NOMEM;
	s->r = r;
	s->scope = all ? NULL : scope;
	s->brief = all && !whole && r->db != NULL;
	s->state = survey_start;
	*ret = s;
	return ST_OK;
}

void
survey_free(struct survey *s)
{
	if (s == NULL)
		return;
	let_go(s);
	buf_fini(&s->sig);
	scan_job_free(s->walk);
	listing_free(s->disk);
	listing_free(s->base);
	scope_free(s->scope);
	free(s);
}

enum status
survey_step(struct survey *s, bool *ret_done, struct err *err)
{
	enum status st;

	s->share = SHARE;
	st = s->state(s, err);
	*ret_done = s->state == NULL;
	if (st != ST_DAMAGED || s->r->read_only)
		return st;
	let_go(s);
	return replica_distrust(s->r, err, err);
}

enum status
survey(struct replica *r, bool whole, struct err *err)
{
	AUTO(survey) struct survey *s = NULL;
	enum status st = ST_OK;
	bool done = false;

	if (survey_new(r, NULL, whole, &s) != ST_OK)
		return err_nomem(err);
	while (st == ST_OK && !done)
		st = survey_step(s, &done, err);
	return st;
}
