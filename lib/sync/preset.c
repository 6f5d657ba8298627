/* SPDX-License-Identifier: MIT */
/*
 * First every line is looked at (preset_line.c), for inih passes over more
 * than it should; that also makes the presets.  Then inih splits the lines
 * with keys; each key has a row in a table that says how it is read.  inih
 * goes on after an error, so the first one is kept.
 */
#include "config.h"

#include "sync/preset.h"

#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/settings.h"
#include "sync/policy.h"
#include "sync/preset_line.h"
#include "util/amount.h"
#include "util/buf.h"
#include "util/str.h"

#define SECTION "preset "

struct presets {
	struct preset *v;
	size_t n;
};

struct parse {
	struct presets *presets;
	const char *file;
	const char *home;
	bool nomem;
	const char *fault; /* of the first line that has one */
	char key[32]; /* the key with the fault, as shown */
	struct preset *at; /* the preset at hand */
	uint32_t seen; /* keys of it */
};

static void
preset_fini(struct preset *p)
{
	free(p->rules);
	free(p->file);
	free(p->path);
	free(p->description);
}

enum status
presets_new(struct presets **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret == NULL ? ST_NOMEM : ST_OK;
}

void
presets_free(struct presets *presets)
{
	size_t i;

	if (presets == NULL)
		return;
	for (i = 0; i < presets->n; i++)
		preset_fini(&presets->v[i]);
	free(presets->v);
	free(presets);
}

size_t
presets_count(const struct presets *presets)
{
	return presets->n;
}

const struct preset *
presets_at(const struct presets *presets, size_t i)
{
	return &presets->v[i];
}

const struct preset *
presets_find(const struct presets *presets, const char *name)
{
	size_t i;

	for (i = 0; i < presets->n; i++)
		if (strcmp(presets->v[i].name, name) == 0)
			return &presets->v[i];
	return NULL;
}

bool
preset_name_ok(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

	return *name != '\0' && *name != '.' && *name != '-' &&
	    strlen(name) < PRESET_NAME && name[strspn(name, letters)] == '\0';
}

/*
 * Each reader says what is wrong with the value, or NULL; "" is no memory.
 */
typedef const char *reader(struct parse *parse, struct preset *p,
    const char *value);

static const char out_of_memory[] = "";

static const char *
read_path(struct parse *parse, struct preset *p, const char *value)
{
	int n;

	if (strncmp(value, "~/", 2) == 0 && parse->home != NULL)
		n = asprintf(&p->path, "%s%s", parse->home, value + 1);
	else if (*value == '/')
		n = asprintf(&p->path, "%s", value);
	else
		return "must begin with / or ~/";
	return n == -1 ? out_of_memory : NULL;
}

static const char *
read_access(struct parse *parse, struct preset *p, const char *value)
{
	(void)parse;
	return policy_access_parse(value, &p->access) ?
	    NULL :
	    "must be read, edit or full";
}

static const char *
read_conflict(struct parse *parse, struct preset *p, const char *value)
{
	(void)parse;
	p->have_conflict = true;
	return policy_conflict_parse(value, &p->conflict) ?
	    NULL :
	    "must be newest, server, client or manual";
}

static const char *
add_rule(struct preset *p, const char *prefix, const char *value)
{
	const char *before = p->rules == NULL ? "" : p->rules;
	char *rules;

	if (*value == '#')
		return "is a comment; a name with # in front is \\#";
	if (strlen(before) + strlen(value) + 2 >= PRESET_RULES)
		return "makes too many rules";
	if (asprintf(&rules, "%s%s%s\n", before, prefix, value) == -1)
		return out_of_memory;
	free(p->rules);
	p->rules = rules;
	return NULL;
}

static const char *
read_ignore(struct parse *parse, struct preset *p, const char *value)
{
	(void)parse;
	return add_rule(p, "", value);
}

static const char *
read_include(struct parse *parse, struct preset *p, const char *value)
{
	(void)parse;
	return add_rule(p, "!", value);
}

static const char *
read_hidden(struct parse *parse, struct preset *p, const char *value)
{
	(void)parse;
	p->hidden = strcmp(value, "yes") == 0;
	return p->hidden || strcmp(value, "no") == 0 ? NULL :
						       "must be yes or no";
}

static const char *
read_max_size(struct parse *parse, struct preset *p, const char *value)
{
	(void)parse;
	return amount_size(value, &p->max_size) ?
	    NULL :
	    "must be a size, as in 500k, 100M or 2G";
}

static const char *
read_quota(struct parse *parse, struct preset *p, const char *value)
{
	(void)parse;
	return amount_size(value, &p->quota) ?
	    NULL :
	    "must be a size, as in 500M or 20G";
}

static const char *
read_bwlimit(struct parse *parse, struct preset *p, const char *value)
{
	(void)parse;
	return amount_rate(value, &p->rate) ?
	    NULL :
	    "must be a rate, as in 500K or 2M, 1K at least, or 0";
}

/* "90d", "1G", or both. */
static const char *
read_keep(struct parse *parse, struct preset *p, const char *value)
{
	char word[2][32], more[2];
	int i, n = sscanf(value, "%31s %31s %1s", word[0], word[1], more);

	(void)parse;
	for (i = 0; i < n && n < 3; i++)
		if (!(p->keep_age == 0 && amount_age(word[i], &p->keep_age) &&
			p->keep_age > 0) &&
		    !(p->keep_size == 0 && amount_size(word[i], &p->keep_size)))
			return "must be an age, a size, or both: 90d 1G";
	return n == 1 || n == 2 ? NULL :
				  "must be an age, a size, or both: 90d 1G";
}

static const char *
read_mode(struct parse *parse, struct preset *p, const char *value)
{
	const size_t digits = strspn(value, "01234567");
	unsigned long mode = strtoul(value, NULL, 8);

	(void)parse;
	if (digits == 0 || value[digits] != '\0' || mode > 0777 ||
	    (mode & 0600) != 0600)
		return "must be a mode that its owner can use, as in 0664";
	p->mode = (unsigned)mode & 0666;
	return NULL;
}

static const char *
read_description(struct parse *parse, struct preset *p, const char *value)
{
	char show[STR_SHOW];

	(void)parse;
	p->description = strdup(str_show(show, value));
	return p->description == NULL ? out_of_memory : NULL;
}

static const struct {
	const char *name;
	reader *read;
	bool repeated;
} keys[] = {
	{ "path", read_path, false },
	{ "access", read_access, false },
	{ "conflict", read_conflict, false },
	{ "include", read_include, true },
	{ "ignore", read_ignore, true },
	{ "hidden", read_hidden, false },
	{ "max-file-size", read_max_size, false },
	{ "keep", read_keep, false },
	{ "quota", read_quota, false },
	{ "bwlimit", read_bwlimit, false },
	{ "mode", read_mode, false },
	{ "description", read_description, false },
};

bool
preset_key_ok(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].name, key) == 0)
			return true;
	return false;
}

static const char *
read_key(struct parse *parse, struct preset *p, const char *name,
    const char *value)
{
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		if ((parse->seen & 1u << i) != 0 && !keys[i].repeated)
			return "stands there twice";
		parse->seen |= 1u << i;
		return *value == '\0' ? "has no value" :
					keys[i].read(parse, p, value);
	}
	return "is no key of a preset";
}

/* The preset of this section is at hand from now on. */
static const char *
enter(struct parse *parse, const char *section)
{
	const struct presets *all = parse->presets;
	const size_t prefix = strlen(SECTION);
	size_t i;

	if (strncmp(section, SECTION, prefix) != 0)
		return "stands before any [preset NAME]";
	if (parse->at != NULL && strcmp(parse->at->name, section + prefix) == 0)
		return NULL;
	parse->at = NULL;
	for (i = 0; i < all->n; i++)
		if (strcmp(all->v[i].name, section + prefix) == 0)
			parse->at = &all->v[i];
	parse->seen = 0;
	return parse->at == NULL ? "stands below no line [preset NAME]" : NULL;
}

/* For inih: 0 is an error in this line. */
static int
on_line(void *ctx, const char *section, const char *name, const char *value)
{
	struct parse *parse = ctx;
	const char *fault;

	/* Some builds of inih tell of sections in this way. */
	if (name == NULL)
		return 1;
	if (parse->fault != NULL || parse->nomem)
		return 0;
	fault = enter(parse, section);
	if (fault == NULL)
		fault = read_key(parse, parse->at, name,
		    value == NULL ? "" : value);
	parse->nomem = fault == out_of_memory;
	parse->fault = parse->nomem ? NULL : fault;
	str_show_n(parse->key, sizeof(parse->key), name);
	return fault == NULL;
}

/* What a line that begins a section has to say against it, or NULL. */
static const char *
define(struct parse *parse, const struct preset_line *line)
{
	struct presets *all = parse->presets;
	struct preset *grown, *p;
	char name[PRESET_NAME];

	snprintf(name, sizeof(name), "%.*s", (int)line->name_len, line->name);
	if (presets_find(all, name) != NULL)
		return "a preset of this name is defined already";
	grown = reallocarray(all->v, all->n + 1, sizeof(*grown));
	if (grown == NULL)
		return out_of_memory;
	all->v = grown;
	p = &grown[all->n];
	*p = (struct preset){ .access = ACCESS_EDIT,
		.file = strdup(parse->file) };
	memcpy(p->name, name, sizeof(name));
	all->n++;
	return p->file == NULL ? out_of_memory : NULL;
}

static enum status
fault_at(const struct parse *parse, int line, const char *what,
    const char *fault, struct err *err)
{
	char show[STR_SHOW];

	if (fault == out_of_memory)
		return err_nomem(err);
	return err_set(err, ST_REFUSED, "%s:%d: %s%s%s",
	    str_show(show, parse->file), line, what, *what == '\0' ? "" : ": ",
	    fault);
}

static enum status
check_lines(struct parse *parse, const char *text, struct err *err)
{
	struct preset_line line;
	const char *fault;
	int i;

	for (i = 1; preset_line_next(&text, &line); i++) {
		fault = line.fault;
		if (fault == NULL && line.kind == PRESET_LINE_SECTION)
			fault = define(parse, &line);
		if (fault != NULL)
			return fault_at(parse, i, "", fault, err);
	}
	return ST_OK;
}

static enum status
check_whole(const struct parse *parse, size_t from, struct err *err)
{
	char show[STR_SHOW];
	size_t i;

	for (i = from; i < parse->presets->n; i++)
		if (parse->presets->v[i].path == NULL)
			return err_set(err, ST_REFUSED,
			    "%s: [preset %s] has no path",
			    str_show(show, parse->file),
			    parse->presets->v[i].name);
	return ST_OK;
}

enum status
presets_add_text(struct presets *presets, const char *file, const char *text,
    const char *home, struct err *err)
{
	struct parse parse = { .presets = presets, .file = file, .home = home };
	const size_t before = presets->n;
	enum status st = check_lines(&parse, preset_line_first(text), err);
	int line;

	if (st != ST_OK)
		return st;
	line = ini_parse_string(text, on_line, &parse);
	if (line < 0 || parse.nomem)
		return err_nomem(err);
	if (line > 0 && parse.fault == NULL)
		return fault_at(&parse, line, "",
		    "neither [preset NAME] nor KEY = VALUE", err);
	if (line > 0)
		return fault_at(&parse, line, parse.key, parse.fault, err);
	return check_whole(&parse, before, err);
}

enum status
presets_load(struct presets *presets, struct env *env, const char *path,
    const char *home, struct err *err)
{
	AUTO(buf) struct buf text = { 0 };
	char show[STR_SHOW];
	enum status st = settings_read(env, path, &text, err);

	if (st == ST_NOENT)
		return ST_OK;
	if (st != ST_OK)
		return st;
	if (strlen((const char *)buf_data(&text)) != text.len)
		return err_set(err, ST_REFUSED, "%s: not a text",
		    str_show(show, path));
	return presets_add_text(presets, path, (const char *)buf_data(&text),
	    home, err);
}

enum status
preset_check(const char *key, const char *value, const char *home,
    struct err *err)
{
	struct parse parse = { .home = home };
	struct preset p = { .path = NULL };
	const char *fault = read_key(&parse, &p, key, value);
	char show[STR_SHOW];

	preset_fini(&p);
	if (fault == out_of_memory)
		return err_nomem(err);
	if (fault != NULL)
		return err_set(err, ST_USAGE, "%s: %s", str_show(show, key),
		    fault);
	if (!preset_line_holds(value))
		return err_set(err, ST_USAGE,
		    "%s: blanks at its ends, a ; behind a blank, and ends of "
		    "lines can't stand in presets.conf",
		    str_show(show, key));
	return ST_OK;
}
