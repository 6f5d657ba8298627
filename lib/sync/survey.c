/* SPDX-License-Identifier: MIT */
/*
 * The walk over the folder and the rows of the journal, both in path order,
 * side by side: a file whose stamp the journal knows has the hash that it
 * knows; any other is read.
 */
#include "config.h"

#include "sync/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/entry.h"
#include "core/filter.h"
#include "core/listing.h"
#include "fs/scan.h"
#include "store/activity.h"
#include "store/db.h"
#include "store/journal.h"
#include "sync/replica.h"
#include "sync/report.h"
#include "util/env.h"

/* A file that was read in this survey. */
struct fresh {
	struct entry entry; /* its path is the scan's */
	struct stamp stamp;
	bool settled;
};

struct survey {
	struct replica *r;
	struct scan *scan;
	struct journal_cursor *cursor;
	struct journal_row row; /* the next one, if have_row */
	bool have_row;
	struct listing *disk;
	struct listing *base;
	struct fresh *fresh;
	size_t n, cap;
};

static void
survey_fini(struct survey *s)
{
	scan_free(s->scan);
	journal_cursor_free(s->cursor);
	listing_free(s->disk);
	listing_free(s->base);
	free(s->fresh);
}

static enum status
next_row(struct survey *s, struct err *err)
{
	if (s->cursor == NULL)
		return ST_OK;
	return journal_next(s->cursor, &s->have_row, &s->row, err);
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
 * An agreed file that is not there was deleted, unless a rule says that such
 * a name is not synced any more: then nobody is to delete it for that.
 */
static enum status
add_missing(struct survey *s, struct err *err)
{
	struct entry e = { .path = s->row.entry.path, .kind = ENTRY_EXCLUDED };
	struct filter_verdict verdict;

	if (s->row.entry.kind != ENTRY_TEXT)
		return ST_OK;
	filter_judge_deep(s->r->filter, e.path, &verdict);
	if (!verdict.excluded)
		return ST_OK;
	return listing_add(s->disk, &e) == ST_OK ? ST_OK : err_nomem(err);
}

static enum status
add_fresh(struct survey *s, const struct fresh *fresh, struct err *err)
{
	size_t cap = s->cap == 0 ? 64 : s->cap + s->cap / 2;
	struct fresh *v;

	if (s->n == s->cap) {
		v = reallocarray(s->fresh, cap, sizeof(*v));
		if (v == NULL)
			return err_nomem(err);
		s->fresh = v;
		s->cap = cap;
	}
	s->fresh[s->n++] = *fresh;
	return ST_OK;
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
	struct fresh fresh;
	struct err why;
	enum status st;

	st = scan_read(r->root, file->path, filter_max_size(r->filter),
	    r->hasher, ret, &fresh.stamp, &why);
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
	fresh.entry = *ret;
	fresh.settled = scan_settled(&fresh.stamp, env_now(r->env));
	return add_fresh(s, &fresh, err);
}

static bool
known(const struct survey *s, const struct scan_file *file)
{
	return s->have_row && s->row.has_disk && s->row.disk_settled &&
	    !s->r->checksum && stamp_equal(&s->row.disk, &file->stamp) &&
	    strcmp(s->row.entry.path, file->path) == 0;
}

static enum status
add_file(struct survey *s, const struct scan_file *file, struct err *err)
{
	struct entry e = { .path = file->path,
		.kind = file->kind,
		.cover = file->cover };
	enum status st;

	if (file->kind == ENTRY_TEXT && known(s, file)) {
		e.kind = s->row.disk_kind;
		e.hash = s->row.disk_hash;
		e.size = file->stamp.size;
		e.mtime = file->stamp.mtime;
		e.exec = (file->stamp.mode & 0100) != 0;
	} else if (file->kind == ENTRY_TEXT) {
		st = read_file(s, file, &e, err);
		if (st != ST_OK)
			return st;
	}
	if (e.kind == ENTRY_ABSENT)
		return ST_OK;
	/* Nothing can be synced below what is not a folder of ours. */
	e.cover = e.kind != ENTRY_TEXT;
	return listing_add(s->disk, &e) == ST_OK ? ST_OK : err_nomem(err);
}

static enum status
merge(struct survey *s, struct err *err)
{
	const struct scan_file *file;
	enum status st = next_row(s, err);
	size_t i = 0, n = scan_count(s->scan);
	int c;

	while (st == ST_OK && (i < n || s->have_row)) {
		file = i < n ? scan_at(s->scan, i) : NULL;
		c = file == NULL ? 1 :
		    !s->have_row ? -1 :
				   strcmp(file->path, s->row.entry.path);
		if (c >= 0)
			st = add_base(s, err);
		if (st == ST_OK && c > 0)
			st = add_missing(s, err);
		if (st == ST_OK && c <= 0) {
			st = add_file(s, file, err);
			i++;
		}
		if (st == ST_OK && c >= 0)
			st = next_row(s, err);
	}
	return st;
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

static enum status
put_fresh(struct survey *s, struct err *err)
{
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < s->n && st == ST_OK; i++) {
		struct fresh *f = &s->fresh[i];
		struct journal_row row = { .entry = { .path = f->entry.path },
			.has_disk = true,
			.disk_kind = f->entry.kind,
			.disk_hash = f->entry.hash,
			.disk = f->stamp,
			.disk_settled = f->settled };

		st = journal_put_disk(s->r->db, &row, err);
	}
	return st;
}

/* A server: what somebody did to the folder itself gets a number. */
static enum status
put_change(struct survey *s, const struct entry *was, const struct entry *is,
    uint64_t since, struct err *err)
{
	struct replica *r = s->r;
	struct journal_row row;
	struct activity a = { .when = env_now(r->env),
		.run = r->run,
		.path = is->path,
		.who = "server",
		.why = "found in the folder" };
	enum status st;
	bool have;

	st = journal_get(r->db, is->path, &have, &row, err);
	/* Another peer was here since the survey began: it knows better. */
	if (st != ST_OK || (have && row.seq > since))
		return st;
	if (!have)
		memset(&row, 0, sizeof(row));
	row.entry = *is;
	row.has_disk = row.has_disk && is->kind != ENTRY_ABSENT;
	snprintf(row.origin, sizeof(row.origin), "server");
	st = journal_next_seq(r->db, &row.seq, err);
	if (st == ST_OK)
		st = journal_put(r->db, r->hasher, &row, err);
	a.what = is->kind == ENTRY_ABSENT ? "delete" :
	    is->kind == ENTRY_EXCLUDED	  ? "let go" :
	    was->kind != ENTRY_TEXT	  ? "create" :
					    "change";
	a.has_before = was->kind == ENTRY_TEXT;
	a.before = was->hash;
	a.has_after = is->kind == ENTRY_TEXT;
	a.after = is->hash;
	return st == ST_OK ? activity_put(r->db, &a, err) : st;
}

static enum status
put_changes(struct survey *s, uint64_t since, struct err *err)
{
	AUTO(listing_walk) struct listing_walk *b = NULL;
	AUTO(listing_walk) struct listing_walk *d = NULL;
	const char *pb, *pd, *path;
	const struct entry *was;
	struct entry is;
	enum status st = ST_OK;

	if (listing_walk_new(s->base, &b) != ST_OK ||
	    listing_walk_new(s->disk, &d) != ST_OK)
		return err_nomem(err);
	while (st == ST_OK) {
		pb = listing_walk_next_path(b);
		pd = listing_walk_next_path(d);
		if (pb == NULL && pd == NULL)
			break;
		path = pb == NULL || (pd != NULL && strcmp(pd, pb) < 0) ? pd :
									  pb;
		was = listing_walk_at(b, path);
		is = *listing_walk_at(d, path);
		is.path = path;
		is.cover = false;
		if (is.kind == ENTRY_UNREAD || entry_same(was, &is) ||
		    (was->kind == ENTRY_ABSENT && is.kind != ENTRY_TEXT))
			continue;
		st = put_change(s, was, &is, since, err);
	}
	return st;
}

/* The next row from m on, but for what was let go and still is. */
static size_t
next_to_compare(const struct survey *s, size_t m)
{
	const struct entry *was, *is;

	for (; m < listing_count(s->base); m++) {
		was = listing_at(s->base, m);
		if (was->kind != ENTRY_EXCLUDED)
			break;
		is = listing_find(s->disk, was->path);
		if (is == NULL || is->kind != ENTRY_EXCLUDED)
			break;
	}
	return m;
}

static bool
differs(const struct survey *s)
{
	size_t i, n = listing_count(s->base), m = 0;

	if (s->n > 0)
		return true;
	for (i = 0; i < listing_count(s->disk); i++) {
		const struct entry *e = listing_at(s->disk, i);

		if (e->kind != ENTRY_TEXT)
			continue;
		m = next_to_compare(s, m);
		if (m >= n || strcmp(listing_at(s->base, m)->path, e->path) ||
		    !entry_same(listing_at(s->base, m), e))
			return true;
		m++;
	}
	return next_to_compare(s, m) != n;
}

/* Nothing is written, and no lock taken, when there is nothing to say. */
static enum status
record(struct survey *s, uint64_t since, struct err *err)
{
	struct replica *r = s->r;
	enum status st;

	if (r->read_only || (r->server ? !differs(s) : s->n == 0))
		return ST_OK;
	st = db_begin(r->db, err);
	if (st == ST_OK)
		st = put_fresh(s, err);
	if (st == ST_OK && r->server)
		st = put_changes(s, since, err);
	return db_end(r->db, st, err);
}

static enum status
survey_all(struct survey *s, struct err *err)
{
	struct replica *r = s->r;
	uint64_t since = 0;
	enum status st = ST_OK;

	if (listing_new(&s->disk) != ST_OK || listing_new(&s->base) != ST_OK)
		return err_nomem(err);
	if (r->db != NULL)
		st = journal_last_seq(r->db, &since, err);
	if (st == ST_OK && r->db != NULL)
		st = journal_rows(r->db, -1, &s->cursor, err);
	if (st == ST_OK)
		st = scan_walk(r->root, r->filter, &s->scan, err);
	if (st == ST_OK)
		st = merge(s, err);
	if (st != ST_OK)
		return st;
	journal_cursor_free(s->cursor);
	s->cursor = NULL;
	listing_sort(s->disk);
	listing_sort(s->base);
	report_problems(s);
	return record(s, since, err);
}

enum status
survey(struct replica *r, struct err *err)
{
	struct survey s = { .r = r };
	enum status st = survey_all(&s, err);

	if (st == ST_OK) {
		listing_free(r->disk);
		listing_free(r->base);
		r->disk = s.disk;
		r->base = s.base;
		s.disk = NULL;
		s.base = NULL;
	}
	survey_fini(&s);
	if (st == ST_DAMAGED && !r->read_only)
		st = replica_distrust(r, err, err);
	return st;
}
