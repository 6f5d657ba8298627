/* SPDX-License-Identifier: MIT */
/*
 * inih splits the lines; each key has a row in a table that says how it is
 * read.  The parser goes on after an error, so the first one is kept.
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
#include "util/amount.h"
#include "util/buf.h"
#include "util/str.h"

#define SECTION	   "preset "
#define LINE_LIMIT 199 /* inih cuts longer ones, without a word */

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
	uint32_t seen; /* keys of the preset at hand */
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

/* "90d", "1G", or both. */
static const char *
read_keep(struct parse *parse, struct preset *p, const char *value)
{
	char word[2][32], more[2];
	int i, n = sscanf(value, "%31s %31s %1s", word[0], word[1], more);

	(void)parse;
	for (i = 0; i < n && n < 3; i++)
		if (!(p->keep_age == 0 && amount_age(word[i], &p->keep_age)) &&
		    !(p->keep_size == 0 && amount_size(word[i], &p->keep_size)))
			return "must be an age, a size, or both: 90d 1G";
	return n == 1 || n == 2 ? NULL :
				  "must be an age, a size, or both: 90d 1G";
}

static const char *
read_mode(struct parse *parse, struct preset *p, const char *value)
{
	char *end;
	unsigned long mode = strtoul(value, &end, 8);

	(void)parse;
	if (*value == '\0' || *end != '\0' || mode > 0777 ||
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
	{ "mode", read_mode, false },
	{ "description", read_description, false },
};

/* The preset of this section: the one at hand, or a new one. */
static const char *
enter(struct parse *parse, const char *section, struct preset **ret)
{
	struct presets *all = parse->presets;
	struct preset *grown;
	const char *name = section + strlen(SECTION);

	if (strncmp(section, SECTION, strlen(SECTION)) != 0)
		return "only [preset NAME] may stand here";
	if (!preset_name_ok(name))
		return "that is no name for a preset (letters, digits, . _ -)";
	*ret = all->n == 0 ? NULL : &all->v[all->n - 1];
	if (*ret != NULL && strcmp((*ret)->name, name) == 0 &&
	    strcmp((*ret)->file, parse->file) == 0)
		return NULL;
	if (presets_find(all, name) != NULL)
		return "a preset of this name is defined already";
	grown = reallocarray(all->v, all->n + 1, sizeof(*grown));
	if (grown == NULL)
		return out_of_memory;
	all->v = grown;
	*ret = &grown[all->n];
	**ret = (struct preset){ .access = ACCESS_EDIT,
		.file = strdup(parse->file) };
	snprintf((*ret)->name, sizeof((*ret)->name), "%s", name);
	all->n++;
	parse->seen = 0;
	return (*ret)->file == NULL ? out_of_memory : NULL;
}

static const char *
take(struct parse *parse, const char *section, const char *name,
    const char *value)
{
	struct preset *p;
	const char *fault = enter(parse, section, &p);
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && fault == NULL; i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		if ((parse->seen & 1u << i) != 0 && !keys[i].repeated)
			return "stands there twice";
		parse->seen |= 1u << i;
		return *value == '\0' ? "has no value" :
					keys[i].read(parse, p, value);
	}
	return fault != NULL ? fault : "is no key of a preset";
}

/* For inih: 0 is an error in this line. */
static int
on_line(void *ctx, const char *section, const char *name, const char *value)
{
	struct parse *parse = ctx;
	const char *fault;

	if (parse->fault != NULL || parse->nomem)
		return 0;
	fault = take(parse, section, name, value == NULL ? "" : value);
	parse->nomem = fault == out_of_memory;
	parse->fault = parse->nomem ? NULL : fault;
	return fault == NULL;
}

/* The line that inih would cut; 0: none. */
static int
long_line(const char *text)
{
	size_t len;
	int line = 1;

	for (; *text != '\0'; line++, text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		if (len > LINE_LIMIT)
			return line;
	}
	return 0;
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

static enum status
parse_text(struct parse *parse, const struct buf *text, struct err *err)
{
	const char *s = (const char *)buf_data(text);
	const size_t before = parse->presets->n;
	char show[STR_SHOW];
	int line;

	str_show(show, parse->file);
	if (strlen(s) != text->len)
		return err_set(err, ST_REFUSED, "%s: not a text", show);
	line = long_line(s);
	if (line != 0)
		return err_set(err, ST_REFUSED,
		    "%s:%d: a line has at most %d bytes", show, line,
		    LINE_LIMIT);
	line = ini_parse_string(s, on_line, parse);
	if (line < 0 || parse->nomem)
		return err_nomem(err);
	if (line > 0)
		return err_set(err, ST_REFUSED, "%s:%d: %s", show, line,
		    parse->fault != NULL ? parse->fault :
					   "neither [preset NAME] nor KEY = "
					   "VALUE");
	return check_whole(parse, before, err);
}

enum status
presets_load(struct presets *presets, struct env *env, const char *path,
    const char *home, struct err *err)
{
	AUTO(buf) struct buf text = { 0 };
	struct parse parse = { .presets = presets, .file = path, .home = home };
	enum status st = settings_read(env, path, &text, err);

	if (st == ST_NOENT)
		return ST_OK;
	return st == ST_OK ? parse_text(&parse, &text, err) : st;
}
