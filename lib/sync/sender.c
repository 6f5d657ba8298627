/* SPDX-License-Identifier: MIT */
/*
 * Files become messages.  What is sent has the hash that was announced: a
 * small file is read whole and checked before it is sent, a large one while
 * it is sent, and the last piece says if it turned out to be another.
 */
#include "config.h"

#include "sync/sender.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "codec/delta.h"
#include "codec/message.h"
#include "core/chunk.h"
#include "core/entry.h"
#include "fs/root.h"
#include "fs/sys.h"
#include "sync/difference.h"
#include "sync/replica.h"
#include "sync/tally.h"
#include "sync/wire.h"
#include "util/buf.h"
#include "util/hash.h"
#include "util/str.h"

#define BATCH_FILES  512
#define BATCH_FIRST  32 /* of the first one; each one after is twice as large */
#define BATCH_BYTES  (256u * 1024)
#define STREAM_PIECE (256u * 1024)

struct item {
	struct record record;
	char *path;
	char *base_path; /* NULL: it has no base */
	struct hash base;
};

struct sender {
	struct replica *r;
	struct wire *wire;
	struct sender_opts opts;
	struct item *queue; /* a ring of SENDER_QUEUE */
	size_t head, n;
	struct buf records; /* the batch */
	struct buf contents;
	size_t batch;
	size_t most; /* files in it */
	struct buf delta; /* of one file, or a part of it */
	struct hasher *hasher; /* of the open stream */
	struct difference *difference; /* of it, or NULL: it is sent as it is */
	int fd; /* of it, or -1 */
	uint64_t offset;
	uint64_t bytes;
};

enum status
sender_new(struct replica *r, struct wire *wire, const struct sender_opts *opts,
    struct sender **ret, struct err *err)
{
	AUTO(sender) struct sender *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return err_nomem(err);
	s->fd = -1;
	s->most = BATCH_FIRST;
	s->r = r;
	s->wire = wire;
	s->opts = *opts;
	s->queue = calloc(SENDER_QUEUE, sizeof(*s->queue));
	if (s->queue == NULL || hasher_new(&s->hasher) != ST_OK)
		return err_nomem(err);
	*ret = s;
	s = NULL;
	return ST_OK;
}

void
sender_free(struct sender *s)
{
	if (s == NULL)
		return;
	for (; s->n > 0; s->n--, s->head++) {
		free(s->queue[s->head % SENDER_QUEUE].path);
		free(s->queue[s->head % SENDER_QUEUE].base_path);
	}
	free(s->queue);
	buf_fini(&s->delta);
	difference_free(s->difference);
	buf_fini(&s->records);
	buf_fini(&s->contents);
	hasher_free(s->hasher);
	if (s->fd != -1)
		close(s->fd);
	free(s);
}

bool
sender_full(const struct sender *s)
{
	return s->n == SENDER_QUEUE;
}

bool
sender_idle(const struct sender *s)
{
	return s->n == 0 && s->batch == 0;
}

uint64_t
sender_bytes(const struct sender *s)
{
	return s->bytes;
}

enum status
sender_add(struct sender *s, const char *path, const struct record *record,
    const struct base *base, struct err *err)
{
	struct item *item = &s->queue[(s->head + s->n) % SENDER_QUEUE];

	if (sender_full(s))
		return err_set(err, ST_PROTO, "too many files asked for");
	*item = (struct item){ .record = *record, .path = strdup(path) };
	if (item->path != NULL && base != NULL) {
		item->base_path = strdup(base->path);
		item->base = base->hash;
	}
	if (item->path == NULL || (base != NULL && item->base_path == NULL)) {
		free(item->path);
		free(item->base_path);
		return err_nomem(err);
	}
	if (record->fields & RECORD_PATH)
		item->record.path = item->path;
	item->record.fields |= RECORD_FORM;
	s->n++;
	return ST_OK;
}

static struct item *
first(struct sender *s)
{
	return &s->queue[s->head % SENDER_QUEUE];
}

static void
drop_first(struct sender *s)
{
	free(first(s)->path);
	free(first(s)->base_path);
	s->head++;
	s->n--;
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
	s->offset = 0;
	difference_free(s->difference);
	s->difference = NULL;
}

/* Of the first item, whose form is known. */
static void
count_bytes(struct sender *s, size_t len)
{
	s->bytes += len;
	tally_bytes(s->opts.tally, tally_form_of(first(s)->record.form), len);
}

static enum status
send_batch(struct sender *s, struct err *err)
{
	struct message m;
	enum status st;

	if (s->batch == 0)
		return ST_OK;
	message_init(&m, MESSAGE_FILE_UPDATE);
	m.count = s->batch;
	m.records_len = s->records.len;
	m.data_len = s->records.len + s->contents.len;
	if (buf_put(&s->records, buf_data(&s->contents), s->contents.len) !=
	    ST_OK)
		return err_nomem(err);
	st = wire_send(s->wire, &m, buf_data(&s->records), err);
	buf_clear(&s->records);
	buf_clear(&s->contents);
	s->batch = 0;
	if (s->most < BATCH_FILES)
		s->most *= 2;
	return st;
}

/* The version that a delta is for is not the one that it replaces. */
static bool
of_another(const struct item *item)
{
	return item->base_path != NULL &&
	    strcmp(item->base_path, item->path) != 0;
}

static bool
is_copy(const struct item *item)
{
	return of_another(item) && hash_equal(&item->base, &item->record.hash);
}

static enum status
batch_record(struct sender *s, struct item *item, enum record_form form,
    struct err *err)
{
	item->record.form = (uint8_t)form;
	if (record_is_delta(&item->record) && of_another(item)) {
		item->record.fields |= RECORD_FROM | RECORD_BASE;
		item->record.from = item->base_path;
		item->record.base = item->base;
	}
	if (record_put(&s->records, &item->record) != ST_OK)
		return err_nomem(err);
	tally_file(s->opts.tally, tally_form_of(form), item->record.size);
	s->batch++;
	return ST_OK;
}

/* The first item did not go: tells the owner, who may ask what is there. */
static enum status
fail_first(struct sender *s, const struct err *why, struct err *err)
{
	struct item *item = first(s);
	struct stamp stamp;
	struct entry now;
	enum status st;

	if (why->code == ST_NOMEM)
		return err_nomem(err);
	st = replica_look(s->r, item->path, &now, &stamp, err);
	if (st == ST_OK)
		st = s->opts.failed(s->opts.ctx, item->record.id, why, &now,
		    err);
	drop_first(s);
	return st;
}

static enum status
other_contents(const struct item *item, struct err *err)
{
	char show[STR_SHOW];

	return err_set(err, ST_CHANGED, "%s: it was changed meanwhile",
	    str_show(show, item->path));
}

static enum status
read_piece(struct sender *s, const struct item *item, void *buf, size_t len,
    size_t *ret_len, struct err *err)
{
	char show[STR_SHOW];
	ssize_t n = sys_read_all(s->r->env, s->fd, buf, len);

	*ret_len = n == -1 ? 0 : (size_t)n;
	return n == -1 ?
	    err_sys(err, errno, "%s: read", str_show(show, item->path)) :
	    ST_OK;
}

/* Opens the first item's file; its size must still be the announced one. */
static enum status
open_first(struct sender *s, struct err *err)
{
	struct item *item = first(s);
	struct stamp stamp;
	enum status st;

	st = root_open_file(s->r->root, item->path, &s->fd, &stamp, err);
	if (st == ST_OK && stamp.size != item->record.size)
		st = other_contents(item, err);
	return st;
}

static struct base
base_of(const struct item *item)
{
	return (struct base){ item->base_path, item->base };
}

/* The delta of what is in memory, if that and what names its base is less. */
static enum status
find_small(struct sender *s, const void *data, size_t len, bool *ret_have,
    struct err *err)
{
	const struct item *item = first(s);
	const struct base base = base_of(item);
	struct delta_writer w = { 0 };
	size_t name = 0;
	enum status st;

	if (is_copy(item)) {
		*ret_have = true;
		return delta_put_copy(&w, 0, len, &s->delta) == ST_OK ?
		    ST_OK :
		    err_nomem(err);
	}
	if (of_another(item))
		name = strlen(item->base_path) + HASH_SIZE;
	st = difference_small(s->r, &base, data, len, &s->delta, ret_have, err);
	*ret_have = *ret_have && s->delta.len + name < len;
	return st;
}

/* What stands in the room behind the batch's contents becomes a part of them. */
static enum status
put_small(struct sender *s, uint8_t *room, size_t len, struct err *err)
{
	struct item *item = first(s);
	bool delta = false;
	enum status st = ST_OK;

	buf_clear(&s->delta);
	item->record.form = FORM_WHOLE;
	if (item->base_path != NULL && len >= CHUNK_WORTH)
		st = find_small(s, room, len, &delta, err);
	if (st != ST_OK)
		return st;
	if (delta) {
		item->record.form = FORM_DELTA;
		item->record.fields |= RECORD_LENGTH;
		item->record.length = (uint32_t)s->delta.len;
		len = s->delta.len;
		memcpy(room, buf_data(&s->delta), len);
	}
	buf_added(&s->contents, len);
	count_bytes(s, len);
	return ST_OK;
}

static enum status
read_small(struct sender *s, struct err *err)
{
	struct item *item = first(s);
	size_t size = (size_t)item->record.size, len;
	uint8_t *room = buf_room(&s->contents, size + 1);
	struct hash hash;
	enum status st;

	if (room == NULL)
		return err_nomem(err);
	st = open_first(s, err);
	if (st == ST_OK)
		st = read_piece(s, item, room, size + 1, &len, err);
	if (st != ST_OK)
		return st;
	if (hasher_once(s->hasher, room, len, &hash) != ST_OK)
		return err_nomem(err);
	if (len != size || !hash_equal(&hash, &item->record.hash))
		return other_contents(item, err);
	return put_small(s, room, len, err);
}

static enum status
send_small(struct sender *s, struct err *err)
{
	struct item *item = first(s);
	struct err why;
	enum status st = ST_OK;

	if (s->contents.len + item->record.size > BATCH_BYTES)
		st = send_batch(s, err);
	if (st != ST_OK)
		return st;
	if (read_small(s, &why) != ST_OK)
		return fail_first(s, &why, err);
	st = batch_record(s, item, item->record.form, err);
	drop_first(s);
	return st;
}

static enum status
send_piece(struct sender *s, const void *data, size_t len, bool last, bool bad,
    struct err *err)
{
	struct message m;

	message_init(&m, MESSAGE_FILE_DATA);
	m.id = first(s)->record.id;
	m.offset = s->offset;
	m.last = last;
	m.bad = bad;
	m.data_len = len;
	s->offset += len;
	count_bytes(s, len);
	return wire_send(s->wire, &m, data, err);
}

/* The receiver has the beginning; it is a part of what is hashed. */
static enum status
skip_held(struct sender *s, struct err *err)
{
	const struct item *item = first(s);
	autofree uint8_t *piece = malloc(STREAM_PIECE);
	uint64_t left = item->record.offset;
	size_t want, len;
	enum status st;

	if (piece == NULL)
		return err_nomem(err);
	while (left > 0) {
		want = left < STREAM_PIECE ? (size_t)left : STREAM_PIECE;
		st = read_piece(s, item, piece, want, &len, err);
		if (st == ST_OK && len < want)
			st = other_contents(item, err);
		if (st != ST_OK)
			return st;
		if (hasher_add(s->hasher, piece, len) != ST_OK)
			return err_nomem(err);
		left -= len;
	}
	s->offset = item->record.offset;
	return ST_OK;
}

static enum status
find_difference(struct sender *s, struct err *err)
{
	const struct item *item = first(s);
	const struct base base = base_of(item);
	const struct base file = { item->path, item->record.hash };
	enum status st = ST_OK;

	if (is_copy(item))
		st = difference_copy(s->r, item->record.size,
		    item->record.offset, &s->difference, err);
	else if (item->base_path != NULL)
		st = difference_new(s->r, &base, &file, s->fd,
		    item->record.offset, &s->difference, err);
	/* It has grown since it was opened, or another version was asked for:
	 * no delta may make more than was announced. */
	if (st == ST_OK && s->difference != NULL &&
	    difference_size(s->difference) != item->record.size)
		st = other_contents(item, err);
	return st;
}

static enum status
begin_stream(struct sender *s, struct err *err)
{
	struct item *item = first(s);
	struct err why;
	enum status st;

	if ((item->record.fields & RECORD_OFFSET) == 0 ||
	    item->record.offset > item->record.size)
		item->record.offset = 0;
	if (hasher_start(s->hasher) != ST_OK)
		return err_nomem(err);
	st = open_first(s, &why);
	if (st == ST_OK)
		st = find_difference(s, &why);
	if (st == ST_OK && s->difference == NULL)
		st = skip_held(s, &why);
	if (st != ST_OK)
		return fail_first(s, &why, err);
	st = send_batch(s, err);
	if (st == ST_OK)
		st = batch_record(s, first(s),
		    s->difference != NULL ? FORM_DELTA_STREAM : FORM_STREAM,
		    err);
	return st == ST_OK ? send_batch(s, err) : st;
}

/*
 * The file is not what was announced: the stream ends, and is worth nothing.
 * The receiver sees that by itself; nobody else is told.
 */
static enum status
break_stream(struct sender *s, struct err *err)
{
	enum status st = send_piece(s, NULL, 0, true, true, err);

	drop_first(s);
	return st;
}

static enum status
next_piece(struct sender *s, uint8_t *piece, struct err *err)
{
	struct item *item = first(s);
	uint64_t left = item->record.size - s->offset;
	size_t want = left < STREAM_PIECE ? (size_t)left : STREAM_PIECE, len;
	bool last = left == want;
	struct hash hash;
	struct err why;
	enum status st;

	if (read_piece(s, item, piece, want, &len, &why) != ST_OK)
		return break_stream(s, err);
	if (hasher_add(s->hasher, piece, len) != ST_OK ||
	    (last && hasher_end(s->hasher, &hash) != ST_OK))
		return err_nomem(err);
	if (len < want || (last && !hash_equal(&hash, &item->record.hash)))
		return break_stream(s, err);
	st = send_piece(s, piece, len, last, false, err);
	if (last)
		drop_first(s);
	return st;
}

/* That the rest of the file is still what it was, the receiver finds out. */
static enum status
next_delta(struct sender *s, struct err *err)
{
	struct err why;
	bool last;
	enum status st;

	buf_clear(&s->delta);
	st = difference_next(s->difference, STREAM_PIECE, &s->delta, &last,
	    &why);
	if (st == ST_NOMEM)
		return err_nomem(err);
	if (st != ST_OK)
		return break_stream(s, err);
	st = send_piece(s, buf_data(&s->delta), s->delta.len, last, false, err);
	if (last)
		drop_first(s);
	return st;
}

static enum status
send_large(struct sender *s, struct err *err)
{
	autofree uint8_t *piece = NULL;

	if (s->fd == -1)
		return begin_stream(s, err);
	if (s->difference != NULL)
		return next_delta(s, err);
	piece = malloc(STREAM_PIECE);
	if (piece == NULL)
		return err_nomem(err);
	return next_piece(s, piece, err);
}

static enum status
send_first(struct sender *s, struct err *err)
{
	struct item *item = first(s);
	enum status st;

	if (item->record.form == FORM_META) {
		st = batch_record(s, item, FORM_META, err);
		drop_first(s);
		return st;
	}
	return item->record.size <= SENDER_SMALL ? send_small(s, err) :
						   send_large(s, err);
}

bool
sender_eager(const struct sender *s)
{
	size_t out;

	wire_output(s->wire, &out);
	return s->n > 0 && out < WIRE_HIGH_WATER;
}

/*
 * The first batches are small, and go out before more is read: so the other
 * side has something to do early, and the link gets going.
 */
enum status
sender_pump(struct sender *s, bool *ret_moved, struct err *err)
{
	enum status st = ST_OK;
	bool early = false;

	while (st == ST_OK && !early && sender_eager(s)) {
		*ret_moved = true;
		st = send_first(s, err);
		if (st != ST_OK || s->batch < s->most)
			continue;
		early = s->most < BATCH_FILES;
		st = send_batch(s, err);
	}
	return st == ST_OK && s->n == 0 ? send_batch(s, err) : st;
}
