/* SPDX-License-Identifier: MIT */
/*
 * Messages as JSON.  Each type has one function that writes its members and
 * one that reads them, line by line the same; the table of both is below.
 * What all types may have ("t", "data", "records", "n") is done around them.
 * Reading takes nothing on trust: every string has a limit and an alphabet,
 * every number a range.
 */
#include "config.h"

#include "codec/message.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "codec/line.h"
#include "codec/member.h"
#include "util/auto.h"
#include "util/str.h"

static void
auto_json(json_t **value)
{
	json_decref(*value);
}

static const char *
check_line(const char *s)
{
	return line_ok(s, strlen(s)) ? NULL : "has control characters";
}

static const char *
check_id(const char *s)
{
	return s[strspn(s, "0123456789abcdef")] == '\0' ? NULL : "is not hex";
}

static const char *
check_feature(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	return *s != '\0' && s[strspn(s, letters)] == '\0' ? NULL :
							     "has a bad name";
}

static const char *
check_word(const char *s, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(s, *words) == 0)
			return NULL;
	return "is not known";
}

/* Who has nothing to say about access or conflicts says "". */
static const char *
check_access(const char *s)
{
	static const char *const words[] = { "", "read", "edit", "full", NULL };

	return check_word(s, words);
}

static const char *
check_conflict(const char *s)
{
	static const char *const words[] = { "", "newest", "server", "client",
		"manual", NULL };

	return check_word(s, words);
}

static void
encode_nothing(struct member_writer *w, const struct message *m)
{
	(void)w;
	(void)m;
}

static void
decode_nothing(struct member_reader *r, struct message *m)
{
	(void)r;
	(void)m;
}

static void
encode_features(struct member_writer *w, const char *key,
    const struct message_features *f)
{
	member_put_list(w, key, f->name[0], sizeof(f->name[0]), f->n);
}

static void
decode_features(struct member_reader *r, const char *key,
    struct message_features *f)
{
	const struct member_list list = { (char *)f->name, sizeof(f->name[0]),
		MESSAGE_FEATURES };

	f->n = member_get_list(r, key, check_feature, &list);
}

static void
encode_hello(struct member_writer *w, const struct message *m)
{
	const struct message_hello *h = m->hello;

	member_put_string(w, "version", h->version);
	encode_features(w, "features", &h->features);
	encode_features(w, "require", &h->require);
	member_put_string(w, "name", h->name);
	member_put_string(w, "root", h->root);
	member_put_int(w, "clock", h->clock);
	member_put_int(w, "granularity", h->granularity);
	member_put_string(w, "sandbox", h->sandbox);
	member_put_string(w, "preset", h->preset);
	member_put_string(w, "epoch", h->epoch);
	member_put_count(w, "seq", h->seq);
	member_put_bool(w, "dry_run", h->dry_run);
	member_put_bool(w, "read_all", h->read_all);
	member_put_count(w, "rate", h->rate);
	if (h->settle != 0)
		member_put_count(w, "settle", h->settle);
	member_put_string(w, "access", h->access);
	member_put_string(w, "conflict", h->conflict);
	member_put_bool(w, "hidden", h->hidden);
	member_put_count(w, "max_size", h->max_size);
}

static void
decode_hello(struct member_reader *r, struct message *m)
{
	struct message_hello *h = m->hello;
	bool settle;

	member_get_string(r, "version", check_line, h->version,
	    sizeof(h->version));
	decode_features(r, "features", &h->features);
	decode_features(r, "require", &h->require);
	member_get_string(r, "name", check_line, h->name, sizeof(h->name));
	member_get_string(r, "root", check_id, h->root, sizeof(h->root));
	h->clock = member_get_int(r, "clock", INT64_MIN, INT64_MAX);
	h->granularity = member_get_int(r, "granularity", 0, INT64_MAX);
	member_get_string(r, "sandbox", check_line, h->sandbox,
	    sizeof(h->sandbox));
	member_get_string(r, "preset", check_line, h->preset,
	    sizeof(h->preset));
	member_get_string(r, "epoch", check_id, h->epoch, sizeof(h->epoch));
	h->seq = member_get_count(r, "seq");
	h->dry_run = member_get_bool(r, "dry_run");
	h->read_all = member_get_bool(r, "read_all");
	h->rate = member_get_count(r, "rate");
	settle = member_has(r, "settle");
	if (settle)
		h->settle = (uint32_t)member_get_int(r, "settle", 0,
		    MESSAGE_SETTLE);
	member_get_string(r, "access", check_access, h->access,
	    sizeof(h->access));
	member_get_string(r, "conflict", check_conflict, h->conflict,
	    sizeof(h->conflict));
	h->hidden = member_get_bool(r, "hidden");
	h->max_size = member_get_count(r, "max_size");
}

static void
encode_cursor(struct member_writer *w, const struct message_cursor *c)
{
	member_put_string(w, "epoch", c->epoch);
	member_put_count(w, "seq", c->seq);
}

static void
decode_cursor(struct member_reader *r, struct message_cursor *c)
{
	member_get_string(r, "epoch", check_id, c->epoch, sizeof(c->epoch));
	c->seq = member_get_count(r, "seq");
}

static void
encode_fp(struct member_writer *w, const struct message *m)
{
	member_put_hex(w, "fp", m->fp.sum);
	member_put_count(w, "files", m->fp.count);
}

static void
decode_fp(struct member_reader *r, struct message *m)
{
	member_get_hex(r, "fp", m->fp.sum);
	m->fp.count = member_get_count(r, "files");
}

static void
encode_changes(struct member_writer *w, const struct message *m)
{
	encode_cursor(w, &m->cursor);
	member_put_bool(w, "full", m->full);
	member_put_bool(w, "more", m->more);
	if (m->has_fp)
		encode_fp(w, m);
	if (m->heard)
		member_put_bool(w, "heard", true);
	if (m->news)
		member_put_count(w, "since", m->since);
}

static void
decode_changes(struct member_reader *r, struct message *m)
{
	decode_cursor(r, &m->cursor);
	m->full = member_get_bool(r, "full");
	m->more = member_get_bool(r, "more");
	/* Both or none. */
	m->has_fp = member_has(r, "fp") || member_has(r, "files");
	if (m->has_fp)
		decode_fp(r, m);
	m->heard = member_has(r, "heard") && member_get_bool(r, "heard");
	m->news = member_has(r, "since");
	if (m->news)
		m->since = member_get_count(r, "since");
}

static void
encode_file_data(struct member_writer *w, const struct message *m)
{
	member_put_int(w, "id", m->id);
	member_put_count(w, "offset", m->offset);
	member_put_bool(w, "last", m->last);
	member_put_bool(w, "bad", m->bad);
}

static void
decode_file_data(struct member_reader *r, struct message *m)
{
	m->id = (uint32_t)member_get_int(r, "id", 0, UINT32_MAX);
	m->offset = member_get_count(r, "offset");
	m->last = member_get_bool(r, "last");
	m->bad = member_get_bool(r, "bad");
}

static void
encode_others(struct member_writer *w, const struct message *m)
{
	if (m->others.n > 0)
		member_put_list(w, "others", m->others.name[0],
		    sizeof(m->others.name[0]), m->others.n);
}

static void
decode_others(struct member_reader *r, struct message *m)
{
	const struct member_list list = { (char *)m->others.name,
		sizeof(m->others.name[0]), MESSAGE_OTHERS };

	if (member_has(r, "others"))
		m->others.n = member_get_list(r, "others", check_line, &list);
}

static void
encode_done(struct member_writer *w, const struct message *m)
{
	encode_cursor(w, &m->cursor);
	encode_fp(w, m);
	member_put_bool(w, "equal", m->equal);
	encode_others(w, m);
}

static void
decode_done(struct member_reader *r, struct message *m)
{
	decode_cursor(r, &m->cursor);
	decode_fp(r, m);
	m->equal = member_get_bool(r, "equal");
	decode_others(r, m);
}

/* Any 64 bits; JSON's integers have a sign, so half of them look negative. */
static void
encode_token(struct member_writer *w, const struct message *m)
{
	member_put_int(w, "token", (int64_t)m->token);
}

static void
decode_token(struct member_reader *r, struct message *m)
{
	m->token = (uint64_t)member_get_int(r, "token", INT64_MIN, INT64_MAX);
}

static void
encode_ping(struct member_writer *w, const struct message *m)
{
	encode_token(w, m);
	if (m->proof)
		member_put_bool(w, "proof", true);
}

static void
decode_ping(struct member_reader *r, struct message *m)
{
	decode_token(r, m);
	m->proof = member_has(r, "proof") && member_get_bool(r, "proof");
}

static void
encode_pong(struct member_writer *w, const struct message *m)
{
	encode_token(w, m);
	if (m->has_fp) {
		encode_cursor(w, &m->cursor);
		encode_fp(w, m);
	}
	encode_others(w, m);
}

static void
decode_pong(struct member_reader *r, struct message *m)
{
	decode_token(r, m);
	/* All or none. */
	m->has_fp = member_has(r, "epoch") || member_has(r, "seq") ||
	    member_has(r, "fp") || member_has(r, "files");
	if (m->has_fp) {
		decode_cursor(r, &m->cursor);
		decode_fp(r, m);
	}
	decode_others(r, m);
}

static void
encode_error(struct member_writer *w, const struct message *m)
{
	member_put_int(w, "code", -(int64_t)m->code);
	member_put_string(w, "text", m->text);
}

static void
decode_error(struct member_reader *r, struct message *m)
{
	m->code = (enum status) - member_get_int(r, "code", 1, -ST_LAST);
	member_get_string(r, "text", check_line, m->text, sizeof(m->text));
}

static const struct type {
	const char *name; /* "t" */
	void (*encode)(struct member_writer *w, const struct message *m);
	void (*decode)(struct member_reader *r, struct message *m);
} types[MESSAGE__MAX] = {
	[MESSAGE_HELLO] = { "HELLO", encode_hello, decode_hello },
	[MESSAGE_PRESETS] = { "PRESETS", encode_nothing, decode_nothing },
	[MESSAGE_CHANGES] = { "CHANGES", encode_changes, decode_changes },
	[MESSAGE_FILE_UPDATE] = { "FILE_UPDATE", encode_nothing,
	    decode_nothing },
	[MESSAGE_FILE_DATA] = { "FILE_DATA", encode_file_data,
	    decode_file_data },
	[MESSAGE_FILE_DELETE] = { "FILE_DELETE", encode_nothing,
	    decode_nothing },
	[MESSAGE_FILE_MOVE] = { "FILE_MOVE", encode_nothing, decode_nothing },
	[MESSAGE_GET] = { "GET", encode_nothing, decode_nothing },
	[MESSAGE_ACK] = { "ACK", encode_nothing, decode_nothing },
	[MESSAGE_REFUSED] = { "REFUSED", encode_nothing, decode_nothing },
	[MESSAGE_DONE] = { "DONE", encode_done, decode_done },
	[MESSAGE_PING] = { "PING", encode_ping, decode_ping },
	[MESSAGE_PONG] = { "PONG", encode_pong, decode_pong },
	[MESSAGE_ERROR] = { "ERROR", encode_error, decode_error },
	[MESSAGE_BYE] = { "BYE", encode_nothing, decode_nothing },
};

void
message_init(struct message *m, enum message_type type)
{
	memset(m, 0, sizeof(*m));
	m->type = type;
}

void
message_fini(struct message *m)
{
	free(m->hello);
	memset(m, 0, sizeof(*m));
}

const char *
message_type_name(enum message_type type)
{
	return types[type].name;
}

static void
encode_size(struct member_writer *w, const char *key, uint64_t v)
{
	if (v != 0)
		member_put_count(w, key, v);
}

/*
 * In two passes over memory of ours: json_dumps(), when it can't enlarge its
 * own, leaves out an object's key and goes on.
 */
static enum status
dump(const json_t *object, char **ret, size_t *ret_len)
{
	size_t len = json_dumpb(object, NULL, 0, JSON_COMPACT);
	autofree char *text = len == 0 ? NULL : malloc(len + 1);

	if (text == NULL || json_dumpb(object, text, len, JSON_COMPACT) != len)
		return ST_NOMEM;
	text[len] = '\0';
	*ret = text;
	*ret_len = len;
	text = NULL;
	return ST_OK;
}

enum status
message_encode(const struct message *m, char **ret, size_t *ret_len)
{
	AUTO(json) json_t *object = json_object();
	struct member_writer w = { .object = object };

	member_put_string(&w, "t", types[m->type].name);
	types[m->type].encode(&w, m);
	encode_size(&w, "records", m->records_len);
	encode_size(&w, "n", m->count);
	encode_size(&w, "data", m->data_len);
	return w.nomem ? ST_NOMEM : dump(object, ret, ret_len);
}

/*
 * The object that the header is; what follows it or comes twice is an error.
 * Jansson tells out of memory by saying nothing, most of the time: where a
 * token's buffer can't grow it drops a character and goes on, which only
 * the checks of the members, or the hashes of what was sent, can notice.
 */
static enum status
parse(const char *json, size_t len, json_t **ret, struct err *err)
{
	json_error_t why;
	char show[STR_SHOW];
	json_t *value = json_loadb(json, len, JSON_REJECT_DUPLICATES, &why);

	if (value == NULL && why.text[0] == '\0')
		return err_nomem(err);
	if (value == NULL)
		return err_set(err, ST_PROTO, "bad message: %s",
		    str_show(show, why.text));
	*ret = value;
	return ST_OK;
}

static enum status
find_type(const json_t *object, enum message_type *ret, struct err *err)
{
	const char *name = json_string_value(json_object_get(object, "t"));
	char show[STR_SHOW];
	enum message_type type;

	if (name == NULL)
		return err_set(err, ST_PROTO, "bad message: it has no type");
	for (type = 0; type < MESSAGE__MAX; type++) {
		if (strcmp(name, types[type].name) == 0) {
			*ret = type;
			return ST_OK;
		}
	}
	return err_set(err, ST_PROTO, "bad message: unknown type \"%s\"",
	    str_show(show, name));
}

static enum status
decode_members(const json_t *object, struct message *m, struct err *err)
{
	struct member_reader r = { .object = object };

	m->data_len = member_get_optional(&r, "data", FRAME_DATA_LIMIT);
	m->records_len = member_get_optional(&r, "records", m->data_len);
	m->count = member_get_optional(&r, "n", m->data_len);
	types[m->type].decode(&r, m);
	if (r.fault == NULL)
		return ST_OK;
	return err_set(err, ST_PROTO, "bad message %s: \"%s\" %s",
	    types[m->type].name, r.key, r.fault);
}

enum status
message_decode(const char *json, size_t len, struct message *ret,
    struct err *err)
{
	AUTO(json) json_t *object = NULL;
	AUTO(message) struct message m = { 0 };
	enum status st = parse(json, len, &object, err);

	memset(ret, 0, sizeof(*ret));
	if (st == ST_OK)
		st = find_type(object, &m.type, err);
	if (st != ST_OK)
		return st;
	if (m.type == MESSAGE_HELLO) {
		m.hello = calloc(1, sizeof(*m.hello));
		if (m.hello == NULL)
			return err_nomem(err);
	}
	st = decode_members(object, &m, err);
	if (st != ST_OK)
		return st;
	*ret = m;
	m.hello = NULL;
	return ST_OK;
}
