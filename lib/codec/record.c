/* SPDX-License-Identifier: MIT */
/*
 * Files as the wire carries them.  Each field of a record has one function
 * that writes it and one that reads it; the table of both is in the order of
 * the fields' bits, which is their order on the wire.  No reading function
 * fails: the first thing that is wrong is kept in the input, which then has
 * no bytes left, and record_get() looks at it after each field.
 */
#include "config.h"

#include "codec/record.h"

#include <assert.h>
#include <string.h>

#include "codec/line.h"
#include "core/path.h"
#include "core/reconcile.h"

#define FLAG_EXEC     0x80 /* in KIND and IF */
#define FLAG_COVER    0x40 /* in KIND */
#define FLAG_CONFLICT 0x80 /* in WHY */

struct input {
	const uint8_t *p;
	size_t left;
	const char *fault; /* the first thing that was wrong, or NULL */
	struct record_scratch *scratch; /* where strings go */
};

static void
input_fail(struct input *in, const char *fault)
{
	if (in->fault == NULL)
		in->fault = fault;
	in->left = 0;
}

/* The next len bytes, or NULL. */
static const uint8_t *
input_take(struct input *in, size_t len)
{
	const uint8_t *p = in->p;

	if (in->left < len) {
		input_fail(in, "it is cut short");
		return NULL;
	}
	in->p += len;
	in->left -= len;
	return p;
}

static uint64_t
get_number(struct input *in, size_t size)
{
	const uint8_t *p = input_take(in, size);
	uint64_t v = 0;
	size_t i;

	for (i = 0; p != NULL && i < size; i++)
		v = v << 8 | p[i];
	return v;
}

static uint8_t *
put_number(uint8_t *p, uint64_t v, size_t size)
{
	size_t i;

	for (i = size; i > 0; i--, v >>= 8)
		p[i - 1] = (uint8_t)v;
	return p + size;
}

/* A number that must lie between min and max. */
static uint64_t
get_range(struct input *in, size_t size, uint64_t min, uint64_t max)
{
	uint64_t v = get_number(in, size);

	if (v < min || v > max)
		input_fail(in, "a number is out of its range");
	return v;
}

static uint8_t *
put_bytes(uint8_t *p, const void *data, size_t len)
{
	memcpy(p, data, len);
	return p + len;
}

static void
get_hash(struct input *in, struct hash *ret)
{
	const uint8_t *p = input_take(in, HASH_SIZE);

	if (p != NULL)
		memcpy(ret->b, p, HASH_SIZE);
}

static uint8_t *
put_string(uint8_t *p, const char *s, size_t len)
{
	return put_bytes(put_number(p, len, 2), s, len);
}

static const char *
text_check(const char *s, size_t len)
{
	return line_ok(s, len) ? NULL : "a text is not one line of UTF-8";
}

/* A string into cap bytes at ret, if check finds no fault with it. */
static const char *
get_string(struct input *in, char *ret, size_t cap,
    const char *(*check)(const char *s, size_t len))
{
	size_t len = get_range(in, 2, 0, cap - 1);
	const char *s = (const char *)input_take(in, len);
	const char *fault = s == NULL ? NULL : check(s, len);

	if (fault != NULL)
		input_fail(in, fault);
	else if (s != NULL) {
		memcpy(ret, s, len);
		ret[len] = '\0';
	}
	return ret;
}

static uint8_t *
put_name(uint8_t *p, const char *path)
{
	size_t len = strlen(path);

	assert(len < PATH_LIMIT);
	return put_string(p, path, len);
}

static void
get_id(struct input *in, struct record *r)
{
	r->id = (uint32_t)get_number(in, 4);
}

static uint8_t *
put_id(uint8_t *p, const struct record *r)
{
	return put_number(p, r->id, 4);
}

static void
get_path(struct input *in, struct record *r)
{
	r->path = get_string(in, in->scratch->path, sizeof(in->scratch->path),
	    path_fault);
}

static uint8_t *
put_path(uint8_t *p, const struct record *r)
{
	return put_name(p, r->path);
}

static void
get_from(struct input *in, struct record *r)
{
	r->from = get_string(in, in->scratch->from, sizeof(in->scratch->from),
	    path_fault);
}

static uint8_t *
put_from(uint8_t *p, const struct record *r)
{
	return put_name(p, r->from);
}

/* An exec bit says something of a TEXT only, cover of what is not known. */
static bool
can_cover(uint8_t kind)
{
	return kind == ENTRY_UNREAD || kind == ENTRY_EXCLUDED;
}

static void
get_kind(struct input *in, struct record *r)
{
	uint8_t v = (uint8_t)get_number(in, 1);

	r->kind = v & (uint8_t) ~(FLAG_EXEC | FLAG_COVER);
	r->exec = (v & FLAG_EXEC) != 0;
	r->cover = (v & FLAG_COVER) != 0;
	if (r->kind > ENTRY_EXCLUDED || (r->exec && r->kind != ENTRY_TEXT) ||
	    (r->cover && !can_cover(r->kind)))
		input_fail(in, "its kind is not known");
}

static uint8_t *
put_kind(uint8_t *p, const struct record *r)
{
	unsigned v = r->kind;

	if (r->exec && r->kind == ENTRY_TEXT)
		v |= FLAG_EXEC;
	if (r->cover && can_cover(r->kind))
		v |= FLAG_COVER;
	return put_number(p, v, 1);
}

static void
get_hash_of(struct input *in, struct record *r)
{
	get_hash(in, &r->hash);
}

static uint8_t *
put_hash(uint8_t *p, const struct record *r)
{
	return put_bytes(p, r->hash.b, HASH_SIZE);
}

static void
get_size(struct input *in, struct record *r)
{
	r->size = get_range(in, 8, 0, INT64_MAX);
}

static uint8_t *
put_size(uint8_t *p, const struct record *r)
{
	return put_number(p, r->size, 8);
}

static void
get_mtime(struct input *in, struct record *r)
{
	r->mtime = (int64_t)get_number(in, 8);
}

static uint8_t *
put_mtime(uint8_t *p, const struct record *r)
{
	return put_number(p, (uint64_t)r->mtime, 8);
}

static void
get_if(struct input *in, struct record *r)
{
	uint8_t v = (uint8_t)get_number(in, 1);

	r->if_kind = v & (uint8_t)~FLAG_EXEC;
	r->if_exec = (v & FLAG_EXEC) != 0;
	if (r->if_kind == ENTRY_TEXT)
		get_hash(in, &r->if_hash);
	else if (v != ENTRY_ABSENT)
		input_fail(in, "what it replaces is not known");
}

static uint8_t *
put_if(uint8_t *p, const struct record *r)
{
	if (r->if_kind != ENTRY_TEXT)
		return put_number(p, ENTRY_ABSENT, 1);
	p = put_number(p, ENTRY_TEXT | (r->if_exec ? FLAG_EXEC : 0u), 1);
	return put_bytes(p, r->if_hash.b, HASH_SIZE);
}

static void
get_form(struct input *in, struct record *r)
{
	r->form = (uint8_t)get_range(in, 1, FORM_WHOLE, FORM_DELTA_STREAM);
}

static uint8_t *
put_form(uint8_t *p, const struct record *r)
{
	return put_number(p, r->form, 1);
}

static void
get_seq(struct input *in, struct record *r)
{
	r->seq = get_range(in, 8, 0, INT64_MAX);
}

static uint8_t *
put_seq(uint8_t *p, const struct record *r)
{
	return put_number(p, r->seq, 8);
}

static void
get_why(struct input *in, struct record *r)
{
	uint8_t v = (uint8_t)get_number(in, 1);

	r->why = v & (uint8_t)~FLAG_CONFLICT;
	r->conflict = (v & FLAG_CONFLICT) != 0;
	if (r->why > REASON_CLASH)
		input_fail(in, "its reason is not known");
}

static uint8_t *
put_why(uint8_t *p, const struct record *r)
{
	return put_number(p, r->why | (r->conflict ? FLAG_CONFLICT : 0u), 1);
}

static void
get_fault(struct input *in, struct record *r)
{
	r->fault = -(enum status)get_range(in, 1, 1, -ST_LAST);
	r->text = get_string(in, in->scratch->text, sizeof(in->scratch->text),
	    text_check);
}

static uint8_t *
put_fault(uint8_t *p, const struct record *r)
{
	p = put_number(p, (uint64_t) - (int64_t)r->fault, 1);
	return put_string(p, r->text, line_len(r->text, RECORD_TEXT_LIMIT - 1));
}

static void
get_offset(struct input *in, struct record *r)
{
	r->offset = get_range(in, 8, 0, INT64_MAX);
}

static uint8_t *
put_offset(uint8_t *p, const struct record *r)
{
	return put_number(p, r->offset, 8);
}

static void
get_length(struct input *in, struct record *r)
{
	r->length = (uint32_t)get_number(in, 4);
}

static uint8_t *
put_length(uint8_t *p, const struct record *r)
{
	return put_number(p, r->length, 4);
}

static void
get_base(struct input *in, struct record *r)
{
	get_hash(in, &r->base);
}

static uint8_t *
put_base(uint8_t *p, const struct record *r)
{
	return put_bytes(p, r->base.b, HASH_SIZE);
}

/* By bit of enum record_field. */
static const struct field {
	void (*get)(struct input *in, struct record *r);
	uint8_t *(*put)(uint8_t *p, const struct record *r);
} fields[] = {
	{ get_id, put_id },
	{ get_path, put_path },
	{ get_from, put_from },
	{ get_kind, put_kind },
	{ get_hash_of, put_hash },
	{ get_size, put_size },
	{ get_mtime, put_mtime },
	{ get_if, put_if },
	{ get_form, put_form },
	{ get_seq, put_seq },
	{ get_why, put_why },
	{ get_fault, put_fault },
	{ get_offset, put_offset },
	{ get_length, put_length },
	{ get_base, put_base },
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

_Static_assert((1 << FIELDS) - 1 == RECORD__ALL, "a function pair a bit");

enum status
record_put(struct buf *out, const struct record *r)
{
	uint8_t *start = buf_room(out, RECORD_LIMIT);
	uint8_t *p;
	unsigned i;

	if (start == NULL)
		return ST_NOMEM;
	p = put_number(start, r->fields, 2);
	for (i = 0; i < FIELDS; i++)
		if ((r->fields & 1u << i) != 0)
			p = fields[i].put(p, r);
	buf_added(out, (size_t)(p - start));
	return ST_OK;
}

enum status
record_get(const uint8_t **data, size_t *len, struct record_scratch *scratch,
    struct record *ret, struct err *err)
{
	struct input in = { .p = *data, .left = *len, .scratch = scratch };
	struct record r = { 0 };
	unsigned i;

	r.fields = (unsigned)get_range(&in, 2, 0, RECORD__ALL);
	for (i = 0; i < FIELDS && in.fault == NULL; i++)
		if ((r.fields & 1u << i) != 0)
			fields[i].get(&in, &r);
	if (in.fault != NULL)
		return err_set(err, ST_PROTO, "bad record: %s", in.fault);
	*data = in.p;
	*len = in.left;
	*ret = r;
	return ST_OK;
}

bool
record_is_delta(const struct record *r)
{
	return r->form == FORM_DELTA || r->form == FORM_DELTA_STREAM;
}

bool
record_is_stream(const struct record *r)
{
	return r->form == FORM_STREAM || r->form == FORM_DELTA_STREAM;
}

bool
record_inline(const struct record *r, size_t left, size_t *ret_len)
{
	uint64_t len = 0;

	if (r->form == FORM_WHOLE)
		len = r->size;
	if (r->form == FORM_DELTA)
		len = r->length;
	*ret_len = (size_t)len;
	return len <= left &&
	    (r->form != FORM_DELTA || (r->fields & RECORD_LENGTH) != 0);
}

void
record_from_entry(struct record *r, const struct entry *e)
{
	*r = (struct record){
		.fields = RECORD_PATH | RECORD_KIND,
		.path = e->path,
		.kind = e->kind,
		.exec = e->exec,
		.cover = e->cover,
	};
	if (e->kind != ENTRY_TEXT)
		return;
	r->fields |= RECORD_HASH | RECORD_SIZE | RECORD_MTIME;
	r->hash = e->hash;
	r->size = e->size;
	r->mtime = e->mtime;
}

void
record_to_entry(const struct record *r, struct entry *e)
{
	*e = (struct entry){
		.path = r->path,
		.kind = r->kind,
		.exec = r->exec,
		.cover = r->cover,
	};
	if (r->kind != ENTRY_TEXT)
		return;
	e->hash = r->hash;
	e->size = r->size;
	e->mtime = r->mtime;
}
