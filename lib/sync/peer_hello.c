/* SPDX-License-Identifier: MIT */
/*
 * The start of a session: who is there, which folder is meant, what may be
 * done to it, and what the client is told of that.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/frame.h"
#include "core/filter.h"
#include "fs/sandbox.h"
#include "fs/sys.h"
#include "sync/apply.h"
#include "sync/hello.h"
#include "sync/peer_state.h"
#include "sync/policy.h"
#include "sync/preset.h"
#include "sync/replica.h"
#include "sync/sender.h"
#include "sync/wire.h"
#include "util/auto.h"
#include "util/str.h"

/* Which preset?  If there is but one for this client, no other exists. */
static enum status
choose_preset(struct peer *p, const char *wanted, const struct preset **ret,
    struct err *err)
{
	const char *only = p->opts.only;
	char show[STR_SHOW];

	if (only != NULL && *wanted != '\0' && strcmp(wanted, only) != 0)
		return err_set(err, ST_REFUSED,
		    "%s: this key is for the preset %s only",
		    str_show(show, wanted), only);
	if (only == NULL && *wanted == '\0')
		return err_set(err, ST_REFUSED,
		    "HOST:/preset/NAME: which preset is meant?");
	*ret = presets_find(p->opts.presets, only != NULL ? only : wanted);
	if (*ret == NULL)
		return err_set(err, ST_REFUSED,
		    "%s: the server offers no preset of that name",
		    str_show(show, only != NULL ? only : wanted));
	return ST_OK;
}

/* 0664 lets the group write, and search what is made for it. */
static void
use_mode(unsigned mode)
{
	if (mode != 0)
		sys_set_umask(0777 & ~(mode | (mode >> 2 & 0111)));
}

static void
use_preset(struct peer *p, const struct preset *preset,
    struct replica_opts *opts)
{
	p->preset = preset;
	if (preset->access < p->serve.access)
		p->serve.access = preset->access;
	p->serve.quota = preset->quota;
	use_mode(preset->mode);
	opts->path = preset->path;
	opts->hidden = preset->hidden;
	opts->max_size = preset->max_size;
	opts->policy = preset->rules;
	opts->keep_age = preset->keep_age;
	opts->keep_size = preset->keep_size;
}

/* Of all presets' folders this one is left to us. */
static enum status
narrow(struct peer *p, const char *path, struct err *err)
{
	const struct sandbox_opts opts = { .writable = &path, .n_writable = 1 };
	struct sandbox ignored;

	return p->opts.sandbox == NULL ?
	    ST_OK :
	    sandbox_enter(p->env, &opts, &ignored, err);
}

static enum status
choose_folder(struct peer *p, const struct message_hello *h,
    struct replica_opts *opts, struct err *err)
{
	const struct preset *preset;
	enum status st;

	if (p->opts.folder == NULL) {
		st = choose_preset(p, h->preset, &preset, err);
		if (st == ST_OK)
			use_preset(p, preset, opts);
		return st == ST_OK ? narrow(p, preset->path, err) : st;
	}
	if (h->preset[0] != '\0')
		return err_set(err, ST_REFUSED,
		    "%s: the server offers no presets here", h->preset);
	opts->path = p->opts.folder;
	opts->hidden = p->opts.hidden || h->hidden;
	opts->max_size = h->max_size != 0 ? h->max_size : p->opts.max_size;
	return ST_OK;
}

static enum status
open_replica(struct peer *p, const struct message_hello *h, struct err *err)
{
	struct replica_opts opts = { .home = p->opts.home,
		.server = true,
		.report = &p->report,
		.read_only = h->dry_run,
		.checksum = h->read_all };
	struct apply_opts aopts = { .origin = p->name,
		.who = p->who,
		.result = peer_on_result,
		.ctx = p };
	struct sender_opts sopts = { .failed = peer_on_send_failed, .ctx = p };
	enum status st = choose_folder(p, h, &opts, err);

	if (st == ST_OK)
		st = replica_open(p->env, &opts, &p->replica, err);
	if (st == ST_OK)
		st = sender_new(p->replica, p->wire, &sopts, &p->sender, err);
	if (st == ST_OK && !h->dry_run)
		st = apply_new(p->replica, &aopts, &p->apply, err);
	p->hidden = opts.hidden;
	p->serve.deltas = hello_knows(h, HELLO_DELTA);
	p->serve.replica = p->replica;
	p->serve.apply = p->apply;
	p->serve.sender = p->sender;
	return st;
}

static enum status
answer_hello(struct peer *p, const struct message_hello *theirs,
    struct err *err)
{
	autofree struct message_hello *h = calloc(1, sizeof(*h));
	/* They bind the client, too: what it can't send, it need not try. */
	const char *rules = p->preset == NULL ? NULL : p->preset->rules;
	enum status st;

	if (h == NULL)
		return err_nomem(err);
	hello_fill(h, p->env, p->replica);
	if (p->opts.sandbox != NULL)
		snprintf(h->sandbox, sizeof(h->sandbox), "%s",
		    p->opts.sandbox->text);
	if (hello_knows(theirs, HELLO_ZSTD))
		hello_add(h, HELLO_ZSTD);
	snprintf(h->access, sizeof(h->access), "%s",
	    policy_access_name(p->serve.access));
	if (p->preset != NULL && p->preset->have_conflict)
		snprintf(h->conflict, sizeof(h->conflict), "%s",
		    policy_conflict_name(p->preset->conflict));
	h->hidden = p->hidden;
	h->max_size = filter_max_size(p->replica->filter);
	st = hello_send(p->wire, h, rules == NULL ? "" : rules, err);
	if (st == ST_OK && hello_knows(h, HELLO_ZSTD))
		st = wire_compress(p->wire, err);
	return st;
}

/* name TAB access TAB description; ST_REFUSED if it can't travel. */
static enum status
put_preset(const struct peer *p, const struct preset *preset, struct buf *to,
    struct err *err)
{
	const enum access access = preset->access < p->serve.access ?
	    preset->access :
	    p->serve.access;
	autofree char *line = NULL;

	if (p->opts.only != NULL && strcmp(preset->name, p->opts.only) != 0)
		return ST_OK;
	if (asprintf(&line, "%s\t%s\t%s\n", preset->name,
		policy_access_name(access),
		preset->description == NULL ? "" : preset->description) == -1)
		return err_nomem(err);
	if (to->len + strlen(line) > FRAME_DATA_LIMIT)
		return err_set(err, ST_REFUSED,
		    "there are too many presets to list");
	return buf_put(to, line, strlen(line)) == ST_OK ? ST_OK :
							  err_nomem(err);
}

/* What is offered to this client, instead of a session. */
static enum status
say_presets(struct peer *p, struct err *err)
{
	autofree struct message_hello *h = calloc(1, sizeof(*h));
	AUTO(buf) struct buf lines = { 0 };
	enum status st = ST_OK;
	struct message m;
	size_t i;

	if (h == NULL)
		return err_nomem(err);
	if (p->opts.folder != NULL)
		return err_set(err, ST_REFUSED,
		    "the server offers no presets here");
	for (i = 0; i < presets_count(p->opts.presets) && st == ST_OK; i++)
		st = put_preset(p, presets_at(p->opts.presets, i), &lines, err);
	hello_fill(h, p->env, NULL);
	if (st == ST_OK)
		st = hello_send(p->wire, h, "", err);
	if (st != ST_OK)
		return st;
	p->listed = true;
	message_init(&m, MESSAGE_PRESETS);
	m.data_len = lines.len;
	return wire_send(p->wire, &m, buf_data(&lines), err);
}

/* How the log calls this client. */
static void
name_client(struct peer *p, const struct message_hello *h)
{
	snprintf(p->root, sizeof(p->root), "%s", h->root);
	snprintf(p->name, sizeof(p->name), "%.63s",
	    h->name[0] != '\0' ? h->name : "client");
	if (p->opts.from == NULL)
		snprintf(p->who, sizeof(p->who), "%s", p->name);
	else
		snprintf(p->who, sizeof(p->who), "%s (%s)", p->name,
		    p->opts.from);
}

enum status
peer_on_hello(struct peer *p, const struct message *m, const uint8_t *data,
    struct err *err)
{
	const struct message_hello *h = m->hello;
	struct message_cursor since = { .seq = h->seq };
	enum status st = hello_check(h, err);

	if (st == ST_OK && p->opts.fault != NULL)
		return err_set(err, p->opts.fault->code, "%s",
		    p->opts.fault->text);
	(void)data;
	if (st == ST_OK && (p->replica != NULL || p->listed))
		return err_set(err, ST_PROTO, "a second HELLO");
	if (st == ST_OK && hello_requires(h, HELLO_LIST))
		return say_presets(p, err);
	name_client(p, h);
	p->wanted = h->rate;
	snprintf(since.epoch, sizeof(since.epoch), "%s", h->epoch);
	if (st == ST_OK)
		st = open_replica(p, h, err);
	if (st == ST_OK && hello_requires(h, HELLO_LIVE))
		st = peer_listen(p, h->settle, err);
	if (st == ST_OK)
		st = answer_hello(p, h, err);
	if (st != ST_OK)
		return st;
	/* Whoever knows nothing asks when its own look is over. */
	p->asked = h->epoch[0] != '\0' || !hello_knows(h, HELLO_SKETCH);
	peer_tell_soon(p, &since);
	return ST_OK;
}
