/* SPDX-License-Identifier: MIT */
/*
 * One set of rules.  Lines are read as git reads them, to the byte; the text
 * is kept, and each rule points at its line, which is what a person is shown.
 * A rule that can never match is left out.
 */
#include "config.h"

#include "core/ignore.h"

#include <stdlib.h>
#include <string.h>

#include "core/filter.h"
#include "core/glob.h"
#include "core/path.h"

struct rule {
	const char *text; /* as written; the set's */
	struct glob *glob;
	unsigned line;
	bool negated;
	bool folders_only;
	bool anchored; /* matches the path from the set's folder on */
};

struct ignore {
	char *where; /* for a file, its path */
	size_t dir_len; /* so much of where is the folder */
	char *text; /* lines ended by NUL where rules were read */
	struct rule *rules;
	size_t n;
	size_t cap;
};

void
ignore_free(struct ignore *set)
{
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < set->n; i++)
		glob_free(set->rules[i].glob);
	free(set->rules);
	free(set->text);
	free(set->where);
	free(set);
}

static char *
copy_bytes(const char *s, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		return NULL;
	if (len > 0)
		memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

/* A set without rules; takes where over, also when it fails. */
static enum status
set_new(char *where, const char *text, size_t len, struct ignore **ret)
{
	AUTO(ignore) struct ignore *set = calloc(1, sizeof(*set));

	if (set == NULL) {
		free(where);
		return ST_NOMEM;
	}
	set->where = where;
	set->text = copy_bytes(text, len);
	if (where == NULL || set->text == NULL)
		return ST_NOMEM;
	*ret = set;
	set = NULL;
	return ST_OK;
}

static enum status
grow_rules(struct ignore *set)
{
	size_t cap = set->cap * 2 + 1;
	struct rule *rules;

	if (set->n < set->cap)
		return ST_OK;
	rules = realloc(set->rules, cap * sizeof(*rules));
	if (rules == NULL)
		return ST_NOMEM;
	set->rules = rules;
	set->cap = cap;
	return ST_OK;
}

/* Reads one rule; ST_USAGE if it can never match. */
static enum status
add_rule(struct ignore *set, const char *text, unsigned line)
{
	struct rule rule = { .text = text, .line = line };
	enum status st = grow_rules(set);
	const char *p = text;
	size_t len;

	if (st != ST_OK)
		return st;
	rule.negated = *p == '!';
	p += rule.negated;
	len = strlen(p);
	rule.folders_only = len > 0 && p[len - 1] == '/';
	len -= rule.folders_only;
	rule.anchored = memchr(p, '/', len) != NULL;
	if (len > 0 && *p == '/') {
		p++;
		len--;
	}
	st = glob_new(p, len, &rule.glob);
	if (st == ST_OK)
		set->rules[set->n++] = rule;
	return st;
}

/* Blanks at the end don't count, save one that stands after a backslash. */
static void
trim_blanks(char *line)
{
	char *end = line, *p;

	for (p = line; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == ' ')
			continue;
		end = p + 1;
	}
	*end = '\0';
}

static enum status
add_line(struct ignore *set, char *line, unsigned number)
{
	enum status st;

	if (*line == '#')
		return ST_OK;
	trim_blanks(line);
	if (*line == '\0')
		return ST_OK;
	st = add_rule(set, line, number);
	return st == ST_USAGE ? ST_OK : st;
}

/* Reads all lines of a set's text, until there are more than limit rules. */
static enum status
add_lines(struct ignore *set, size_t len, size_t limit)
{
	char *p = set->text, *end = p + len, *line, *eol;
	enum status st = ST_OK;
	unsigned number = 0;

	if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	while (st == ST_OK && p < end && set->n <= limit) {
		line = p;
		eol = memchr(p, '\n', (size_t)(end - p));
		if (eol == NULL)
			eol = end;
		p = eol + 1;
		if (eol > line && eol[-1] == '\r')
			eol--;
		*eol = '\0';
		st = add_line(set, line, ++number);
	}
	return st;
}

enum status
ignore_new_option(const char *rule, struct ignore **ret)
{
	const char *where = *rule == '!' ? "--include" : "--exclude";
	AUTO(ignore) struct ignore *set = NULL;
	enum status st = set_new(copy_bytes(where, strlen(where)), rule,
	    strlen(rule), &set);

	if (st == ST_OK)
		st = add_rule(set, set->text, 0);
	if (st != ST_OK)
		return st;
	*ret = set;
	set = NULL;
	return ST_OK;
}

/* "notes" becomes "notes/.dsyncignore". */
static char *
file_of_dir(const char *dir)
{
	size_t len = strlen(dir);
	char *where = malloc(len + 1 + sizeof(PATH_IGNORE));

	if (where == NULL)
		return NULL;
	memcpy(where, dir, len);
	if (len > 0)
		where[len++] = '/';
	memcpy(where + len, PATH_IGNORE, sizeof(PATH_IGNORE));
	return where;
}

enum status
ignore_new_file(const char *dir, const char *text, size_t len, size_t limit,
    struct ignore **ret)
{
	AUTO(ignore) struct ignore *set = NULL;
	enum status st = set_new(file_of_dir(dir), text, len, &set);

	if (st == ST_OK)
		st = add_lines(set, len, limit);
	if (st != ST_OK)
		return st;
	set->dir_len = strlen(dir);
	*ret = set;
	set = NULL;
	return ST_OK;
}

size_t
ignore_count(const struct ignore *set)
{
	return set->n;
}

int
ignore_compare(const struct ignore *set, const char *dir, size_t len)
{
	size_t common = set->dir_len < len ? set->dir_len : len;
	int cmp = common == 0 ? 0 : memcmp(set->where, dir, common);

	return cmp != 0 ? cmp : set->dir_len < len ? -1 : set->dir_len > len;
}

bool
ignore_ask(const struct ignore *set, const struct ignore_subject *subject,
    struct filter_verdict *ret)
{
	size_t below = set->dir_len + (set->dir_len > 0), from, i;
	const struct rule *rule;

	for (i = set->n; i > 0; i--) {
		rule = &set->rules[i - 1];
		if (rule->folders_only && !subject->is_dir)
			continue;
		from = rule->anchored ? below : subject->name;
		if (!glob_match(rule->glob, subject->path + from,
			subject->len - from))
			continue;
		ret->excluded = !rule->negated;
		ret->rule = rule->text;
		ret->where = set->where;
		ret->line = rule->line;
		return true;
	}
	return false;
}
