/* SPDX-License-Identifier: MIT */
/*
 * dsync authorize: the line of authorized_keys by which a key may sync one
 * preset and do nothing else.
 */
#include "config.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fs/settings.h"
#include "json.h"
#include "offer.h"
#include "options.h"
#include "optvalue.h"
#include "output.h"
#include "self.h"
#include "sync/policy.h"
#include "sync/preset.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/pubkey.h"
#include "util/str.h"

/* How sshd starts this program; ST_REFUSED if a shell would misread it. */
static enum status
program(char self[PATH_MAX], const char **ret, struct err *err)
{
	char show[STR_SHOW];
	enum status st = self_path(self, err);

	if (st != ST_OK)
		return st;
	*ret = self_found_by_name(self) ? "dsync" : self;
	if (!optvalue_remote_path(*ret))
		return err_set(err, ST_REFUSED,
		    "%s: a shell would misread this path of dsync; install it "
		    "elsewhere",
		    str_show(show, self));
	return ST_OK;
}

static enum status
make_line(const struct options *o, const struct pubkey *key, char **ret,
    struct err *err)
{
	char self[PATH_MAX];
	const char *name = NULL;
	enum status st = program(self, &name, err);

	if (st != ST_OK)
		return st;
	if (asprintf(ret,
		"restrict,command=\"%s peer --preset %s%s%s\" %s %s%s%s", name,
		o->preset, o->have_access ? " --access " : "",
		o->have_access ? policy_access_name(o->access) : "", key->type,
		key->base64, *key->comment == '\0' ? "" : " ",
		key->comment) == -1)
		return err_nomem(err);
	return ST_OK;
}

static enum status
check_preset(const struct invocation *inv, struct err *err)
{
	const struct options *o = inv->options;
	AUTO(presets) struct presets *presets = NULL;
	const struct preset *p;
	enum status st;

	if (o->preset == NULL)
		return err_set(err, ST_USAGE,
		    "authorize: --preset=NAME: which one is meant?");
	st = offer_load(inv->env, &presets, err);
	if (st != ST_OK)
		return st;
	p = presets_find(presets, o->preset);
	if (p == NULL)
		return err_set(err, ST_NOENT,
		    "%s: there is no preset of that name (dsync preset list)",
		    o->preset);
	if (o->have_access && o->access > p->access && !o->quiet)
		fprintf(stderr,
		    "dsync: warning: the preset allows %s, so the key does "
		    "not get %s\n",
		    policy_access_name(p->access),
		    policy_access_name(o->access));
	return ST_OK;
}

static enum status
read_key(const struct invocation *inv, struct pubkey *ret, struct err *err)
{
	const char *file = inv->args[0];
	AUTO(buf) struct buf text = { 0 };
	enum status st = settings_read(inv->env, file, &text, err);

	return st == ST_OK ?
	    pubkey_parse((const char *)buf_data(&text), file, ret, err) :
	    st;
}

/* One line a key: sshd takes the first and sees no other. */
static enum status
append(const struct invocation *inv, const char *file, const struct pubkey *key,
    const char *line, bool *ret_written, struct err *err)
{
	AUTO(buf) struct buf text = { 0 };
	autofree char *whole = NULL;
	const char *old = "", *at;
	char show[STR_SHOW];
	enum status st = settings_read(inv->env, file, &text, err);
	unsigned n;
	size_t len;

	if (st != ST_OK && st != ST_NOENT)
		return st;
	if (st == ST_OK)
		old = (const char *)buf_data(&text);
	*ret_written = false;
	n = pubkey_find(key, old, &at, &len);
	if (n != 0 && len == strlen(line) && memcmp(at, line, len) == 0)
		return ST_OK;
	if (n != 0)
		return err_set(err, ST_EXIST,
		    "%s:%u: this key is there already, for something else; "
		    "sshd takes the first line of a key, so change that one",
		    str_show(show, file), n);
	len = strlen(old);
	if (asprintf(&whole, "%s%s%s\n", old,
		len > 0 && old[len - 1] != '\n' ? "\n" : "", line) == -1)
		return err_nomem(err);
	*ret_written = true;
	return settings_write(inv->env, file, whole, 0600, err);
}

static enum status
write_line(const struct invocation *inv, const struct pubkey *key,
    const char *line, struct err *err)
{
	const char *home = getenv("HOME");
	autofree char *file = NULL;
	char show[STR_SHOW];
	bool written;
	enum status st;

	if (home == NULL || *home != '/')
		return err_set(err, ST_USAGE, "HOME is not set");
	if (asprintf(&file, "%s/.ssh/authorized_keys", home) == -1)
		return err_nomem(err);
	st = append(inv, file, key, line, &written, err);
	if (st == ST_OK && !inv->options->quiet && !inv->options->json)
		printf("%s: %s\n", str_show(show, file),
		    written ? "the key is authorized now" :
			      "the key was authorized already");
	return st;
}

static void
print_line(const struct invocation *inv, const char *line)
{
	json_t *o;

	if (!inv->options->json) {
		if (!inv->options->write)
			puts(line);
		return;
	}
	o = json_object();
	json_object_set_new(o, "event", json_string("authorize"));
	json_object_set_new(o, "preset", json_string(inv->options->preset));
	json_put_path(o, "line", line);
	json_object_set_new(o, "write", json_boolean(inv->options->write));
	json_print(o);
}

static enum exitcode
run_authorize(const struct invocation *inv)
{
	AUTO(pubkey) struct pubkey key = { 0 };
	autofree char *line = NULL;
	struct err err;
	enum status st = check_preset(inv, &err);

	if (st == ST_OK)
		st = read_key(inv, &key, &err);
	if (st == ST_OK)
		st = make_line(inv->options, &key, &line, &err);
	if (st == ST_OK && inv->options->write)
		st = write_line(inv, &key, line, &err);
	if (st != ST_OK)
		return output_fail(inv, &err);
	print_line(inv, line);
	return EXITCODE_OK;
}

const struct command cmd_authorize = {
	.name = "authorize",
	.args = "[OPTION]... KEYFILE --preset=NAME",
	.what = "on a server: let a key sync one preset and nothing else",
	.more =
	    "KEYFILE is the client's public key, such as id_ed25519.pub.  Prints the line\n"
	    "for ~/.ssh/authorized_keys; --write puts it there.\n",
	.groups = OPTIONS_ALL | OPTIONS_PRESET | OPTIONS_AUTHORIZE,
	.min_args = 1,
	.max_args = 1,
	.run = run_authorize,
};
