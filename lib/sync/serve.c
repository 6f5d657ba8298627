/* SPDX-License-Identifier: MIT */
/* A client's operations, one function each: see serve.h. */
#include "config.h"

#include "sync/serve.h"

#include "codec/message.h"
#include "core/entry.h"
#include "core/filter.h"
#include "store/journal.h"
#include "sync/answers.h"
#include "sync/apply.h"
#include "sync/policy.h"
#include "sync/replica.h"
#include "sync/sender.h"
#include "util/str.h"

enum status
serve_flush(struct serve *s, struct err *err)
{
	enum status st = ST_OK;

	if (s->apply != NULL)
		st = apply_flush(s->apply, err);
	return st == ST_OK ? answers_send(s->answers, err) : st;
}

/* Only what is synced here can be asked for or changed. */
static enum status
check_path(struct serve *s, const char *path, enum policy_op op,
    struct err *err)
{
	struct filter_verdict verdict;
	char show[STR_SHOW];

	if (!policy_allows(s->access, op))
		return err_set(err, ST_REFUSED,
		    "%s: the policy here (%s) does not allow that",
		    str_show(show, path), policy_access_name(s->access));
	filter_judge_deep(s->replica->filter, path, &verdict);
	if (verdict.excluded)
		return err_set(err, ST_REFUSED, "%s: it is not synced here",
		    str_show(show, path));
	return ST_OK;
}

static bool
has_fields(const struct record *rec, unsigned fields)
{
	return (rec->fields & fields) == fields;
}

/* Only a text can be asked for or given: of all else nothing is known. */
static bool
is_text(const struct record *rec)
{
	return has_fields(rec,
		   RECORD_ID | RECORD_PATH | RECORD_KIND | RECORD_HASH |
		       RECORD_SIZE | RECORD_MTIME) &&
	    rec->kind == ENTRY_TEXT;
}

static enum status
bad_record(const char *type, struct err *err)
{
	return err_set(err, ST_PROTO,
	    "%s: a record lacks a field, or is of another kind", type);
}

static enum status
get_one(struct serve *s, const struct record *asked, struct err *err)
{
	struct record rec = *asked;
	struct base base = { asked->path, asked->if_hash };
	struct err why;

	if (!is_text(asked))
		return bad_record("GET", err);
	if (check_path(s, asked->path, s->op, &why) != ST_OK)
		return answers_refuse(s->answers, asked->id, &why, NULL, err);
	rec.fields = RECORD_ID | RECORD_KIND | RECORD_HASH | RECORD_SIZE |
	    RECORD_MTIME | (asked->fields & RECORD_OFFSET);
	rec.form = 0;
	return sender_add(s->sender, asked->path, &rec,
	    s->deltas && has_fields(asked, RECORD_IF) &&
		    asked->if_kind == ENTRY_TEXT ?
		&base :
		NULL,
	    err);
}

static void
op_from_record(const struct record *rec, struct apply_op *op)
{
	*op = (struct apply_op){ .id = rec->id,
		.path = rec->path,
		.why = (enum reason)rec->why,
		.conflict = rec->conflict };
	record_to_entry(rec, &op->want);
	op->want.kind = ENTRY_TEXT;
	op->expect = (struct entry){ .path = op->path,
		.kind = rec->if_kind,
		.exec = rec->if_exec,
		.hash = rec->if_hash };
}

/* What is there, as far as is known; it need not be exact. */
static uint64_t
size_now(const struct serve *s, const char *path)
{
	struct journal_row row;
	struct err ignored;
	bool have;

	return journal_get(s->replica->db, path, &have, &row, &ignored) ==
		    ST_OK &&
		have && row.entry.kind == ENTRY_TEXT ?
	    row.entry.size :
	    0;
}

static enum status
check_quota(struct serve *s, const struct record *rec, struct err *why)
{
	const uint64_t was = s->quota == 0 ? 0 : size_now(s, rec->path);
	char show[STR_SHOW], size[16];

	if (s->quota == 0 || rec->size <= was)
		return ST_OK;
	if (rec->size - was > s->quota ||
	    s->used > s->quota - (rec->size - was))
		return err_set(why, ST_NOSPC,
		    "%s: over the quota of %s that the preset has",
		    str_show(show, rec->path), str_size(size, s->quota));
	/* Counted though it may fail yet: the next survey knows better. */
	s->used += rec->size - was;
	return ST_OK;
}

/* The version that is replaced, or one that is named. */
static bool
base_from_record(const struct record *rec, struct base *ret)
{
	if (has_fields(rec, RECORD_FROM | RECORD_BASE))
		*ret = (struct base){ rec->from, rec->base };
	else
		*ret = (struct base){ rec->path, rec->if_hash };
	return rec->if_kind == ENTRY_TEXT || ret->path == rec->from;
}

/* May this be put here, made from base if that is not NULL?  why: why not. */
static enum status
check_update(struct serve *s, const struct record *rec, const struct base *base,
    struct err *why)
{
	char show[STR_SHOW];
	enum status st;

	st = check_path(s, rec->path,
	    rec->if_kind == ENTRY_ABSENT ? POLICY_CREATE : s->op, why);
	if (st == ST_OK && base != NULL)
		st = check_path(s, base->path, s->op, why);
	if (st == ST_OK && rec->size > filter_max_size(s->replica->filter))
		st = err_set(why, ST_REFUSED, "%s: it is too large",
		    str_show(show, rec->path));
	return st == ST_OK ? check_quota(s, rec, why) : st;
}

/*
 * One file of a FILE_UPDATE.  The contents of one that is refused have come,
 * or will come, all the same, and are dropped.
 */
static enum status
update_one(struct serve *s, const struct record *rec, const uint8_t **contents,
    size_t *left, struct err *err)
{
	const uint8_t *data = *contents;
	struct base base, *of = NULL;
	struct apply_op op;
	struct err why;
	bool refused;
	size_t len;

	if (!is_text(rec) || !has_fields(rec, RECORD_IF | RECORD_FORM))
		return bad_record("FILE_UPDATE", err);
	if (rec->form == FORM_META &&
	    (rec->if_kind != ENTRY_TEXT ||
		!hash_equal(&rec->if_hash, &rec->hash)))
		return err_set(err, ST_PROTO,
		    "FILE_UPDATE: no contents, and none that are there");
	if (record_is_delta(rec)) {
		of = &base;
		if (!base_from_record(rec, of))
			return err_set(err, ST_PROTO,
			    "FILE_UPDATE: a delta of nothing");
	}
	if (!record_inline(rec, *left, &len))
		return err_set(err, ST_PROTO, "FILE_UPDATE: contents missing");
	*contents += len;
	*left -= len;
	op_from_record(rec, &op);
	refused = check_update(s, rec, of, &why) != ST_OK;
	if (record_is_stream(rec))
		return apply_stream_begin(s->apply, &op, of, rec->offset,
		    refused ? &why : NULL, err);
	if (refused)
		return answers_refuse(s->answers, rec->id, &why, NULL, err);
	if (rec->form == FORM_WHOLE)
		return apply_put(s->apply, &op, data, len, err);
	if (rec->form == FORM_DELTA)
		return apply_put_delta(s->apply, &op, of, data, len, err);
	op.kind = APPLY_META;
	return apply_add(s->apply, &op, err);
}

static enum status
delete_one(struct serve *s, const struct record *rec, struct err *err)
{
	struct apply_op op;
	struct err why;

	if (!has_fields(rec, RECORD_ID | RECORD_PATH | RECORD_IF) ||
	    rec->if_kind != ENTRY_TEXT)
		return bad_record("FILE_DELETE", err);
	if (check_path(s, rec->path, s->op, &why) != ST_OK)
		return answers_refuse(s->answers, rec->id, &why, NULL, err);
	op_from_record(rec, &op);
	op.kind = APPLY_DELETE;
	return apply_add(s->apply, &op, err);
}

static enum status
move_one(struct serve *s, const struct record *rec, struct err *err)
{
	struct apply_op op;
	struct err why;

	if (!is_text(rec) || !has_fields(rec, RECORD_FROM | RECORD_IF) ||
	    rec->if_kind != ENTRY_TEXT ||
	    !hash_equal(&rec->if_hash, &rec->hash))
		return bad_record("FILE_MOVE", err);
	if (check_path(s, rec->path, s->op, &why) != ST_OK ||
	    check_path(s, rec->from, s->op, &why) != ST_OK)
		return answers_refuse(s->answers, rec->id, &why, NULL, err);
	op_from_record(rec, &op);
	op.kind = APPLY_MOVE;
	op.from = rec->from;
	return apply_add(s->apply, &op, err);
}

enum status
serve_records(struct serve *s, const struct message *m, const uint8_t *data,
    struct err *err)
{
	const uint8_t *records = data, *contents = data + m->records_len;
	size_t len = m->records_len, left = m->data_len - m->records_len;
	struct record rec;
	enum status st = ST_OK;

	if (m->type != MESSAGE_GET && s->apply == NULL)
		return err_set(err, ST_PROTO, "a change in a dry run");
	s->op = policy_op_of(m->type);
	while (st == ST_OK && len > 0) {
		st = record_get(&records, &len, &s->scratch, &rec, err);
		if (st != ST_OK)
			break;
		if (m->type == MESSAGE_GET)
			st = get_one(s, &rec, err);
		else if (m->type == MESSAGE_FILE_UPDATE)
			st = update_one(s, &rec, &contents, &left, err);
		else if (m->type == MESSAGE_FILE_DELETE)
			st = delete_one(s, &rec, err);
		else
			st = move_one(s, &rec, err);
		if (st == ST_OK && s->apply != NULL && apply_due(s->apply))
			st = serve_flush(s, err);
	}
	if (st == ST_OK && left != 0)
		st = err_set(err, ST_PROTO, "more contents than records");
	return st;
}

enum status
serve_data(struct serve *s, const struct message *m, const uint8_t *data,
    struct err *err)
{
	enum status st;

	if (s->apply == NULL)
		return err_set(err, ST_PROTO, "a change in a dry run");
	st = apply_stream_part(s->apply, m->id, m->offset, data, m->data_len,
	    err);
	if (st == ST_OK && m->last)
		st = apply_stream_end(s->apply, m->id, m->bad, err);
	if (st == ST_OK && apply_due(s->apply))
		st = serve_flush(s, err);
	return st;
}
