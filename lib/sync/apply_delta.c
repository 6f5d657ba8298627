/* SPDX-License-Identifier: MIT */
/*
 * What comes as a delta.  Nothing is believed of it: what it makes has to have
 * the hash that was announced.  And it may be made only of what is synced, or
 * an enemy could learn of other files by which guesses come true.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "codec/frame.h"
#include "fs/root.h"
#include "fs/stage.h"
#include "fs/sys.h"
#include "store/journal.h"
#include "sync/apply_state.h"
#include "sync/replica.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/str.h"

enum status
apply_other_base(const struct job *job, struct err *err)
{
	char show[STR_SHOW];

	return err_set(err, ST_CHANGED,
	    "%s: what it was to be made from is another version",
	    str_show(show, job->op.path));
}

static enum status
other_version(const struct base *base, struct err *err)
{
	char show[STR_SHOW];

	return err_set(err, ST_CHANGED, "%s: it was changed meanwhile",
	    str_show(show, base->path));
}

static bool
touches(const struct apply_op *op, const char *path)
{
	return strcmp(op->path, path) == 0 ||
	    (op->from != NULL && strcmp(op->from, path) == 0);
}

/* What comes first is done first, and a delta may be for what that made. */
enum status
apply_settle_base(struct apply *a, const struct base *base, struct err *err)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (touches(&a->jobs[i]->op, base->path))
			return apply_flush(a, err);
	return ST_OK;
}

enum status
apply_open_base(struct apply *a, const struct base *base, int *ret_fd,
    uint64_t *ret_size, struct err *err)
{
	autoclose int fd = -1;
	struct journal_row row;
	struct stamp stamp;
	enum status st;
	bool have;

	st = journal_get(a->r->db, base->path, &have, &row, err);
	if (st != ST_OK)
		return st;
	if (!have || !row.has_disk || row.disk_kind != ENTRY_TEXT ||
	    !hash_equal(&row.disk_hash, &base->hash))
		return other_version(base, err);
	st = root_open_file(a->r->root, base->path, &fd, &stamp, err);
	if (st == ST_OK && !stamp_equal(&stamp, &row.disk))
		st = other_version(base, err);
	if (st != ST_OK)
		return st;
	*ret_fd = fd;
	*ret_size = stamp.size;
	fd = -1;
	return ST_OK;
}

enum status
apply_read_base(struct apply *a, int fd, uint64_t offset, void *data,
    size_t len, struct err *err)
{
	ssize_t n = sys_pread_all(a->r->env, fd, data, len, (off_t)offset);

	if (n == -1)
		return err_sys(err, errno, "the base of a delta: read");
	return (size_t)n == len ?
	    ST_OK :
	    err_set(err, ST_CHANGED,
		"the base of a delta: it was cut meanwhile");
}

static enum status
put_step(struct apply *a, int fd, const struct delta_step *step,
    struct buf *out, struct err *err)
{
	uint8_t *room = buf_room(out, (size_t)step->len);
	enum status st = ST_OK;

	if (room == NULL)
		return err_nomem(err);
	if (step->copy)
		st = apply_read_base(a, fd, step->offset, room,
		    (size_t)step->len, err);
	else
		memcpy(room, step->data, (size_t)step->len);
	if (st == ST_OK)
		buf_added(out, (size_t)step->len);
	return st;
}

/* All that the delta makes, into out. */
static enum status
expand(struct apply *a, const struct apply_op *op, const struct base *base,
    const uint8_t *delta, size_t len, struct buf *out, struct err *err)
{
	struct delta_reader r = { .left = op->want.size };
	autoclose int fd = -1;
	struct delta_step step;
	enum status st = apply_open_base(a, base, &fd, &r.base_size, err);
	bool have = true;

	while (st == ST_OK && have) {
		st = delta_next(&r, &delta, &len, &have, &step, err);
		if (st == ST_OK && have)
			st = put_step(a, fd, &step, out, err);
	}
	if (st == ST_OK && !delta_complete(&r))
		st = err_set(err, ST_PROTO, "bad delta: it is cut short");
	return st;
}

enum status
apply_put_delta(struct apply *a, const struct apply_op *op,
    const struct base *base, const void *delta, size_t len, struct err *err)
{
	AUTO(buf) struct buf out = { 0 };
	struct job *job;
	struct err why;
	enum status st;

	if (op->want.size > FRAME_DATA_LIMIT)
		return err_set(err, ST_PROTO, "too much from a single delta");
	st = apply_settle_base(a, base, err);
	if (st == ST_OK)
		st = job_new(op, &job, err);
	if (st != ST_OK)
		return st;
	job->n = stage_next(a->r->stage);
	st = expand(a, op, base, delta, len, &out, &why);
	if (st == ST_PROTO) {
		*err = why;
		job_free(job);
		return st;
	}
	if (st == ST_OK)
		st = apply_take(a, job, buf_data(&out), out.len, &why);
	/* It is what it should be but for what it was made from. */
	if (st == ST_PROTO)
		st = apply_other_base(job, &why);
	return apply_add_result(a, job, st, &why, err);
}
