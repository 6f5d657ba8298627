/* SPDX-License-Identifier: MIT */
/*
 * dsync preset: shows what this account offers, and edits its own
 * presets.conf.  What comes of an edit is read as a peer would read it before
 * it replaces the file.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "fs/settings.h"
#include "offer.h"
#include "options.h"
#include "output.h"
#include "preset_show.h"
#include "sync/preset.h"
#include "sync/preset_edit.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/str.h"

/* One edit, from the file's text to its new one. */
struct edit {
	const struct invocation *inv;
	const char *name;
	struct preset_setting *v; /* n; keys are owned, values within them */
	size_t n;
	char *file;
	struct presets *offer; /* before; then after */
	struct buf before, after;
};

static void
edit_fini(struct edit *e)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		free((char *)(uintptr_t)e->v[i].key);
	free(e->v);
	free(e->file);
	presets_free(e->offer);
	buf_fini(&e->before);
	buf_fini(&e->after);
}

static enum status
load(struct edit *e, struct err *err)
{
	enum status st = offer_load(e->inv->env, &e->offer, err);

	e->file = offer_file();
	if (st == ST_OK && e->file == NULL)
		return err_set(err, ST_USAGE, "HOME is not set");
	if (st == ST_OK)
		st = settings_read(e->inv->env, e->file, &e->before, err);
	if (st != ST_NOENT)
		return st;
	if (buf_put(&e->before, "", 1) != ST_OK)
		return err_nomem(err);
	e->before.len = 0;
	return ST_OK;
}

/* The new text is judged as a whole, and only then written. */
static enum status
store(struct edit *e, struct err *err)
{
	const char *text = (const char *)buf_data(&e->after);
	enum status st;

	presets_free(e->offer);
	e->offer = NULL;
	if (presets_new(&e->offer) != ST_OK)
		return err_nomem(err);
	st = presets_load(e->offer, e->inv->env, OFFER_SYSTEM, getenv("HOME"),
	    err);
	if (st == ST_OK)
		st = presets_add_text(e->offer, e->file, text, getenv("HOME"),
		    err);
	return st == ST_OK ?
	    settings_write(e->inv->env, e->file, text, 0644, err) :
	    st;
}

static enum status
take(struct edit *e, const char *key, const char *value, struct err *err)
{
	struct preset_setting *grown;
	char *both = NULL, *end;

	grown = reallocarray(e->v, e->n + 1, sizeof(*grown));
	if (grown != NULL)
		e->v = grown;
	if (grown == NULL || asprintf(&both, "%s=%s", key, value) == -1)
		return err_nomem(err);
	end = both + strlen(key);
	*end = '\0';
	e->v[e->n++] = (struct preset_setting){ both, end + 1 };
	return *value == '\0' ? ST_OK :
				preset_check(key, value, getenv("HOME"), err);
}

/* KEY=VALUE */
static enum status
take_word(struct edit *e, const char *word, struct err *err)
{
	autofree char *key = strdup(word);
	char *sign = key == NULL ? NULL : strchr(key, '=');
	char shown[STR_SHOW];

	if (key == NULL)
		return err_nomem(err);
	if (sign == NULL || sign == key)
		return err_set(err, ST_USAGE, "%s: not KEY=VALUE",
		    str_show(shown, word));
	*sign = '\0';
	if (preset_key_ok(key))
		return take(e, key, sign + 1, err);
	return err_set(err, ST_USAGE, "%s: is no key of a preset",
	    str_show(shown, key));
}

static enum status
take_words(struct edit *e, size_t from, struct err *err)
{
	enum status st = ST_OK;
	size_t i;

	for (i = from; i < e->inv->n_args && st == ST_OK; i++)
		st = take_word(e, e->inv->args[i], err);
	return st;
}

/* As it will be read by a process that starts somewhere else. */
static enum status
take_path(struct edit *e, const char *typed, struct err *err)
{
	autofree char *cwd = NULL;
	autofree char *whole = NULL;
	char shown[STR_SHOW];
	struct stat sb;

	if (*typed == '\0')
		return err_set(err, ST_USAGE, "an empty name is no folder");
	if (stat(typed, &sb) == 0 && !S_ISDIR(sb.st_mode))
		return err_set(err, ST_USAGE, "%s: not a folder",
		    str_show(shown, typed));
	if (*typed == '/' || strncmp(typed, "~/", 2) == 0)
		return take(e, "path", typed, err);
	whole = realpath(typed, NULL);
	if (whole != NULL)
		return take(e, "path", whole, err);
	cwd = realpath(".", NULL);
	if (cwd == NULL)
		return err_sys(err, errno, ".");
	if (asprintf(&whole, "%s/%s", cwd, typed) == -1)
		return err_nomem(err);
	return take(e, "path", whole, err);
}

static void
warn(const struct invocation *inv, const struct preset *p)
{
	char shown[STR_SHOW];
	struct stat sb;

	if (stat(p->path, &sb) == -1 && !inv->options->quiet)
		fprintf(stderr,
		    "dsync: warning: %s: %s; clients are refused until it is "
		    "there\n",
		    str_show(shown, p->path), strerror(errno));
}

static enum status
find(const struct edit *e, const struct preset **ret, struct err *err)
{
	*ret = presets_find(e->offer, e->name);
	return *ret != NULL ?
	    ST_OK :
	    err_set(err, ST_NOENT, "%s: there is no preset of that name",
		e->name);
}

/* Only the account's own file is edited. */
static enum status
find_own(const struct edit *e, struct err *err)
{
	const struct preset *p;
	enum status st = find(e, &p, err);
	char shown[STR_SHOW];

	if (st != ST_OK || strcmp(p->file, e->file) == 0)
		return st;
	return err_set(err, ST_REFUSED,
	    "%s: it is defined in %s; this command edits the account's own "
	    "file only",
	    e->name, str_show(shown, p->file));
}

/* What the preset is now, and what is doubtful about it. */
static void
tell(const struct edit *e)
{
	const struct preset *p = presets_find(e->offer, e->name);

	warn(e->inv, p);
	if (e->inv->options->json)
		preset_show_json(p);
}

static enum status
run_add(struct edit *e, struct err *err)
{
	enum status st = take_path(e, e->inv->args[2], err);

	if (st == ST_OK)
		st = take_words(e, 3, err);
	if (st == ST_OK)
		st = preset_edit_add((const char *)buf_data(&e->before),
		    e->name, e->v, e->n, &e->after, err);
	if (st == ST_OK)
		st = store(e, err);
	if (st != ST_OK)
		return st;
	tell(e);
	if (!e->inv->options->json && !e->inv->options->quiet)
		printf("added: clients reach it as HOST:/preset/%s\n", e->name);
	return ST_OK;
}

static enum status
run_set(struct edit *e, struct err *err)
{
	enum status st = take_words(e, 2, err);

	if (st == ST_OK)
		st = find_own(e, err);
	if (st == ST_OK)
		st = preset_edit_set((const char *)buf_data(&e->before),
		    e->name, e->v, e->n, &e->after, err);
	if (st == ST_OK)
		st = store(e, err);
	if (st != ST_OK)
		return st;
	tell(e);
	return ST_OK;
}

static enum status
run_remove(struct edit *e, struct err *err)
{
	enum status st = find_own(e, err);

	if (st == ST_OK)
		st = preset_edit_remove((const char *)buf_data(&e->before),
		    e->name, &e->after, err);
	return st == ST_OK ? store(e, err) : st;
}

static enum status
run_show(struct edit *e, struct err *err)
{
	const struct preset *p;
	enum status st = find(e, &p, err);

	if (st != ST_OK)
		return st;
	if (e->inv->options->json)
		preset_show_json(p);
	else
		preset_show(p);
	return ST_OK;
}

static enum status
run_list(struct edit *e, struct err *err)
{
	const bool json = e->inv->options->json;
	size_t i;

	(void)err;
	for (i = 0; i < presets_count(e->offer); i++) {
		if (json)
			preset_show_json(presets_at(e->offer, i));
		else
			preset_show_line(presets_at(e->offer, i));
	}
	if (i == 0 && !json && !e->inv->options->quiet)
		puts("no presets (dsync preset add NAME PATH)");
	return ST_OK;
}

static const struct verb {
	const char *name;
	size_t min_args, max_args; /* itself counted */
	enum status (*run)(struct edit *e, struct err *err);
} verbs[] = {
	{ "add", 3, SIZE_MAX, run_add },
	{ "set", 3, SIZE_MAX, run_set },
	{ "remove", 2, 2, run_remove },
	{ "show", 2, 2, run_show },
	{ "list", 1, 1, run_list },
};

static const struct verb *
find_verb(const struct invocation *inv, struct err *err)
{
	char shown[STR_SHOW];
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, inv->args[0]) != 0)
			continue;
		if (inv->n_args >= verbs[i].min_args &&
		    inv->n_args <= verbs[i].max_args)
			return &verbs[i];
		(void)!err_set(err, ST_USAGE,
		    "preset %s: %s; see dsync preset --help", verbs[i].name,
		    inv->n_args < verbs[i].min_args ? "something is missing" :
						      "too many arguments");
		return NULL;
	}
	(void)!err_set(err, ST_USAGE,
	    "preset %s: add, set, remove, show or list",
	    str_show(shown, inv->args[0]));
	return NULL;
}

static enum exitcode
run_preset(const struct invocation *inv)
{
	__attribute__((cleanup(edit_fini))) struct edit e = { .inv = inv };
	struct err err;
	const struct verb *verb = find_verb(inv, &err);
	char shown[STR_SHOW];
	enum status st = verb == NULL ? ST_USAGE : ST_OK;

	e.name = inv->n_args > 1 ? inv->args[1] : NULL;
	if (st == ST_OK && e.name != NULL && !preset_name_ok(e.name))
		st = err_set(&err, ST_USAGE,
		    "%s: that is no name for a preset: 1 to 42 letters, "
		    "digits, or . _ -",
		    str_show(shown, e.name));
	if (st == ST_OK)
		st = load(&e, &err);
	if (st == ST_OK)
		st = verb->run(&e, &err);
	return st == ST_OK ? EXITCODE_OK : output_fail(inv, &err);
}

const struct command cmd_preset = {
	.name = "preset",
	.args = "add|set|remove|show|list [NAME [PATH] [KEY=VALUE]...]",
	.what = "define what this account offers to others",
	.more =
	    "  preset add NAME PATH [KEY=VALUE]...   offer a folder under a name\n"
	    "  preset set NAME KEY=VALUE...          change it; KEY= removes a key\n"
	    "  preset remove NAME                    offer it no longer; no file goes\n"
	    "  preset show NAME, preset list         what is offered\n"
	    "Keys are access, conflict, include, ignore, hidden, max-file-size, keep,\n"
	    "quota, mode, description, path: see man dsync-presets.\n",
	.groups = OPTIONS_ALL,
	.min_args = 1,
	.max_args = 1000,
	.run = run_preset,
};
