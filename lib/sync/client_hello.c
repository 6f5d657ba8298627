/* SPDX-License-Identifier: MIT */
/*
 * The start of a run: what this side says of itself, and what it makes of the
 * server's answer.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/root.h"
#include "store/db.h"
#include "sync/client_state.h"
#include "sync/hello.h"
#include "sync/policy.h"
#include "sync/replica.h"
#include "sync/round.h"
#include "sync/wire.h"
#include "util/auto.h"
#include "util/env.h"

static void
fill_replica_opts(const struct client *c, struct replica_opts *opts)
{
	const struct client_opts *o = &c->opts;

	*opts = (struct replica_opts){ .path = o->dir,
		.home = o->home,
		.read_only = o->dry_run || o->verify,
		.checksum = o->checksum || o->verify,
		.hidden = o->hidden,
		.max_size = o->max_size,
		.rules = o->rules,
		.n_rules = o->n_rules,
		.report = o->report };
}

static enum status
use_terms(struct client *c, struct err *err)
{
	struct replica_opts opts;

	fill_replica_opts(c, &opts);
	terms_apply(&c->terms, &opts);
	return replica_set_filter(c->replica, &opts, err);
}

enum status
client_open_replica(struct client *c, struct err *err)
{
	struct replica_opts opts;
	enum status st;

	fill_replica_opts(c, &opts);
	st = replica_open(c->env, &opts, &c->replica, err);
	if (st == ST_OK)
		st = bind_load(&c->bind, c->replica, err);
	/* What the server wanted last time, most likely it wants again. */
	if (st == ST_OK)
		st = terms_load(&c->terms, c->replica->db, err);
	return st == ST_OK ? use_terms(c, err) : st;
}

/*
 * Who answers may be another one than last time; then what was read of the
 * journal is of no use.
 */
static enum status
hear_root(struct client *c, const char *root, bool *ret_again, struct err *err)
{
	enum status st = bind_check(&c->bind, c->replica, root, c->opts.rebind,
	    err);

	if (st != ST_OK || !c->bind.other)
		return st;
	look_end(&c->look);
	*ret_again = true;
	return bind_switch(&c->bind, c->replica, err);
}

/*
 * The server's terms may be others than those by which this side looks; it
 * begins again only if they leave out something else for it.
 */
static enum status
hear_terms(struct client *c, const struct message *m, const uint8_t *data,
    bool *ret_again, struct err *err)
{
	__attribute__((cleanup(terms_fini))) struct terms terms = { 0 };
	struct replica_opts opts;
	enum status st = terms_hear(&terms, m->hello, data, m->data_len, err);
	bool alike;

	if (st != ST_OK || terms_equal(&terms, &c->terms))
		return st;
	fill_replica_opts(c, &opts);
	alike = terms_alike(&terms, &c->terms, &opts);
	terms_fini(&c->terms);
	c->terms = terms;
	terms.rules = NULL;
	if (!c->replica->read_only)
		st = terms_save(&c->terms, c->replica->db, err);
	if (st != ST_OK || alike)
		return st;
	/* It judges by the filter that goes now. */
	look_end(&c->look);
	*ret_again = true;
	return use_terms(c, err);
}

enum status
client_say_hello(struct client *c, struct err *err)
{
	autofree struct message_hello *h = calloc(1, sizeof(*h));
	const struct client_opts *o = &c->opts;
	enum status st;

	if (h == NULL)
		return err_nomem(err);
	hello_fill(h, c->env, c->replica);
	if (o->compress)
		hello_add(h, HELLO_ZSTD);
	snprintf(h->name, sizeof(h->name), "%s", o->name);
	if (o->preset != NULL)
		snprintf(h->preset, sizeof(h->preset), "%s", o->preset);
	snprintf(h->epoch, sizeof(h->epoch), "%s", c->bind.said.epoch);
	h->seq = c->bind.said.seq;
	snprintf(h->sandbox, sizeof(h->sandbox), "%s",
	    o->sandbox == NULL ? "" : o->sandbox);
	h->dry_run = c->replica->read_only;
	h->read_all = c->replica->checksum;
	h->hidden = o->hidden;
	h->max_size = o->max_size;
	h->rate = o->rate;
	if (o->live) {
		h->settle = (uint32_t)(o->settle / (NSEC / 1000));
		snprintf(h->require.name[0], sizeof(h->require.name[0]), "%s",
		    HELLO_LIVE);
		h->require.n = 1;
	}
	c->said = env_now(c->env);
	st = client_look_round(c, &c->bind.said, err);
	return st == ST_OK ? hello_send(c->wire, h, "", err) : st;
}

static void
set_rules(struct client *c, const struct message_hello *h)
{
	int64_t now = env_now(c->env);
	int64_t ours = root_granularity(c->replica->root);

	(void)!policy_access_parse(h->access, &c->rules.access);
	if (!c->opts.have_conflict)
		(void)!policy_conflict_parse(h->conflict, &c->rules.conflict);
	c->rules.now = now;
	/* The clock was read somewhere between our question and now. */
	c->rules.clock_ahead = h->clock > 0 && h->clock < INT64_MAX / 2 ?
	    h->clock - (c->said + (now - c->said) / 2) :
	    INT64_MAX / 4;
	c->rules.granularity = ours > h->granularity ? ours : h->granularity;
}

/* How well both sides are shut in, for status; written where it changed. */
static enum status
note_sandboxes(struct client *c, const struct message_hello *h, struct err *err)
{
	const char *here = c->opts.sandbox;
	char known[128], text[128];
	enum status st;

	if (c->replica->read_only || here == NULL)
		return ST_OK;
	snprintf(text, sizeof(text), "%s here, %s there", here,
	    h->sandbox[0] == '\0' ? "none" : h->sandbox);
	st = db_meta_get(c->replica->db, "sandbox", known, sizeof(known), err);
	return st == ST_OK && strcmp(known, text) != 0 ?
	    db_meta_set(c->replica->db, "sandbox", text, err) :
	    st;
}

enum status
client_on_hello(struct client *c, const struct message *m, const uint8_t *data,
    struct err *err)
{
	const struct message_hello *h = m->hello;
	enum status st = hello_check(h, err);
	bool again = false;

	if (st == ST_OK && c->opts.require_sandbox &&
	    strncmp(h->sandbox, "landlock", 8) != 0)
		st = err_set(err, ST_REFUSED,
		    "the other side is in no sandbox (%s), and "
		    "--require-sandbox was asked for",
		    h->sandbox[0] == '\0' ? "none" : h->sandbox);
	if (st == ST_OK)
		st = hear_root(c, h->root, &again, err);
	if (st == ST_OK)
		st = hear_terms(c, m, data, &again, err);
	if (st == ST_OK)
		st = note_sandboxes(c, h, err);
	/* A look that is over has counted what it met, and it is met again. */
	if (st == ST_OK && again && !look_busy(&c->look))
		c->summary.problems -= c->replica->problems;
	if (st == ST_OK && again)
		st = client_look_round(c, &c->bind.said, err);
	if (st != ST_OK)
		return st;
	set_rules(c, h);
	c->deltas = c->knows_deltas = hello_knows(h, HELLO_DELTA);
	c->to_ask = c->bind.said.epoch[0] == '\0' &&
	    hello_knows(h, HELLO_SKETCH);
	c->state = CLIENT_CHANGES;
	c->summary.round_trips++;
	return c->opts.compress && hello_knows(h, HELLO_ZSTD) ?
	    wire_compress(c->wire, err) :
	    ST_OK;
}
