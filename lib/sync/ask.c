/* SPDX-License-Identifier: MIT */
/* HELLO, which requires "list"; HELLO and PRESETS come back; BYE. */
#include "config.h"

#include "sync/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/line.h"
#include "codec/message.h"
#include "sync/hello.h"
#include "sync/policy.h"
#include "sync/wire.h"
#include "util/env.h"

enum ask_state {
	ASK_HELLO, /* theirs is awaited */
	ASK_PRESETS, /* their list is */
	ASK_END,
};

struct ask {
	struct env *env;
	struct wire *wire;
	enum ask_state state;
	int64_t said;
	struct ask_answer answer;
};

static enum status
say_hello(struct ask *ask, struct err *err)
{
	autofree struct message_hello *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return err_nomem(err);
	hello_fill(h, ask->env, NULL);
	snprintf(h->require.name[0], sizeof(h->require.name[0]), "%s",
	    HELLO_LIST);
	h->require.n = 1;
	h->dry_run = true;
	ask->said = env_now(ask->env);
	return hello_send(ask->wire, h, "", err);
}

enum status
ask_new(struct env *env, struct ask **ret, struct err *err)
{
	AUTO(ask) struct ask *ask = calloc(1, sizeof(*ask));
	enum status st;

	if (ask == NULL || wire_new(&ask->wire) != ST_OK)
		return err_nomem(err);
	ask->env = env;
	st = say_hello(ask, err);
	if (st != ST_OK)
		return st;
	*ret = ask;
	ask = NULL;
	return ST_OK;
}

void
ask_free(struct ask *ask)
{
	if (ask == NULL)
		return;
	wire_free(ask->wire);
	free(ask->answer.v);
	free(ask);
}

struct wire *
ask_wire(struct ask *ask)
{
	return ask->wire;
}

const struct ask_answer *
ask_answer(const struct ask *ask)
{
	return &ask->answer;
}

static enum status
on_hello(struct ask *ask, const struct message *m, const uint8_t *data,
    struct err *err)
{
	const int64_t now = env_now(ask->env);
	const struct message_hello *h = m->hello;
	enum status st = hello_check(h, err);

	(void)data;
	snprintf(ask->answer.version, sizeof(ask->answer.version), "%s",
	    h->version);
	ask->answer.clock_ahead = h->clock > 0 && h->clock < INT64_MAX / 2 ?
	    h->clock - (ask->said + (now - ask->said) / 2) :
	    INT64_MAX / 4;
	ask->state = ASK_PRESETS;
	return st;
}

/* The next field of a line, which ends with end; false if it is too long. */
static bool
cut(const char **p, const char *stop, char end, char *ret, size_t size)
{
	const char *to = memchr(*p, end, (size_t)(stop - *p));
	const size_t len = to == NULL ? size : (size_t)(to - *p);

	if (len >= size || !line_ok(*p, len))
		return false;
	memcpy(ret, *p, len);
	ret[len] = '\0';
	*p = to + 1;
	return true;
}

static enum status
read_line(struct ask *ask, const char **p, const char *stop, struct err *err)
{
	struct ask_answer *a = &ask->answer;
	struct ask_preset one, *grown;
	char access[8];

	if (!cut(p, stop, '\t', one.name, sizeof(one.name)) ||
	    !preset_name_ok(one.name) ||
	    !cut(p, stop, '\t', access, sizeof(access)) ||
	    !policy_access_parse(access, &one.access) ||
	    !cut(p, stop, '\n', one.description, sizeof(one.description)))
		return err_set(err, ST_PROTO, "PRESETS: a bad line");
	grown = reallocarray(a->v, a->n + 1, sizeof(*grown));
	if (grown == NULL)
		return err_nomem(err);
	a->v = grown;
	a->v[a->n++] = one;
	return ST_OK;
}

static enum status
on_presets(struct ask *ask, const struct message *m, const uint8_t *data,
    struct err *err)
{
	const char *p = (const char *)data, *stop = p + m->data_len;
	enum status st = ST_OK;
	struct message bye;

	while (st == ST_OK && p < stop)
		st = read_line(ask, &p, stop, err);
	if (st != ST_OK)
		return st;
	message_init(&bye, MESSAGE_BYE);
	ask->state = ASK_END;
	return wire_send(ask->wire, &bye, NULL, err);
}

static enum status
on_error(struct ask *ask, const struct message *m, const uint8_t *data,
    struct err *err)
{
	(void)ask;
	(void)data;
	return err_set(err, m->code, "%s", m->text);
}

typedef enum status handler(struct ask *ask, const struct message *m,
    const uint8_t *data, struct err *err);

/* What a peer may answer, and when. */
static const struct {
	handler *handle;
	enum ask_state state;
	bool any_state;
} handlers[MESSAGE__MAX] = {
	[MESSAGE_HELLO] = { on_hello, ASK_HELLO, false },
	[MESSAGE_PRESETS] = { on_presets, ASK_PRESETS, false },
	[MESSAGE_ERROR] = { on_error, ASK_END, true },
};

static enum status
dispatch(struct ask *ask, const struct message *m, const uint8_t *data,
    struct err *err)
{
	if (handlers[m->type].handle == NULL ||
	    (!handlers[m->type].any_state &&
		handlers[m->type].state != ask->state))
		return err_set(err, ST_PROTO, "%s is out of place",
		    message_type_name(m->type));
	return handlers[m->type].handle(ask, m, data, err);
}

static enum status
read_messages(struct ask *ask, struct err *err)
{
	enum status st = ST_OK;
	bool have = true;

	if (ask->state == ASK_HELLO)
		st = hello_check_noise(ask->wire, err);
	while (st == ST_OK && have && ask->state != ASK_END) {
		AUTO(message) struct message m = { 0 };
		const uint8_t *data = NULL;

		st = wire_next(ask->wire, &have, &m, &data, err);
		if (st == ST_OK && have)
			st = dispatch(ask, &m, data, err);
	}
	return st;
}

enum status
ask_step(struct ask *ask, bool *ret_done, struct err *err)
{
	enum status st = read_messages(ask, err);

	if (st == ST_OK)
		st = wire_flush(ask->wire, err);
	if (st == ST_OK && ask->state != ASK_END && wire_at_end(ask->wire))
		st = err_set(err, ST_LINK,
		    "the other side closed the connection");
	*ret_done = st != ST_OK || ask->state == ASK_END;
	return st;
}
