/* SPDX-License-Identifier: MIT */
/*
 * Bytes as presets.conf, and behind a NUL as KEY=VALUE.  Nothing in a file
 * that is taken was passed over; a setting that may stand in a file is, once
 * it was put there, what the file says; and all else stays.
 */
#include "config.h"

#include <stdio.h>

#include "fuzz.h"
#include "sync/preset.h"
#include "sync/preset_edit.h"
#include "sync/preset_line.h"
#include "util/auto.h"
#include "util/buf.h"

#define NEW "zz-new"

/* What a file of this text says; it is refused only for reasons given. */
static bool
parse(const char *text, struct presets **ret, struct err *err)
{
	FUZZ_CHECK(presets_new(ret) == ST_OK);
	if (presets_add_text(*ret, "f", text, "/h", err) == ST_OK)
		return true;
	fuzz_error(err, ST_REFUSED);
	FUZZ_CHECK(strncmp(err->text, "f:", 2) == 0);
	return false;
}

/* The same, for what an edit has made: it may be too long, or too much. */
static bool
parse_edited(const struct buf *buf, struct presets **ret)
{
	const char *text = (const char *)buf_data(buf);
	struct err err;

	FUZZ_CHECK(strlen(text) == buf->len);
	if (parse(text, ret, &err))
		return true;
	FUZZ_CHECK(strstr(err.text, "198 bytes") != NULL ||
	    strstr(err.text, "too many rules") != NULL);
	return false;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same(const struct preset *a, const struct preset *b)
{
	return same_text(a->path, b->path) &&
	    same_text(a->description, b->description) &&
	    same_text(a->rules, b->rules) && a->access == b->access &&
	    a->have_conflict == b->have_conflict &&
	    a->conflict == b->conflict && a->hidden == b->hidden &&
	    a->max_size == b->max_size && a->keep_age == b->keep_age &&
	    a->keep_size == b->keep_size && a->quota == b->quota &&
	    a->mode == b->mode;
}

static void
check_preset(const struct preset *p)
{
	FUZZ_CHECK(preset_name_ok(p->name));
	FUZZ_CHECK(strcmp(p->file, "f") == 0 && p->path[0] == '/');
	FUZZ_CHECK(p->access <= ACCESS_FULL && p->conflict <= CONFLICT_MANUAL);
	FUZZ_CHECK(p->max_size <= INT64_MAX && p->quota <= INT64_MAX);
	FUZZ_CHECK(p->keep_age >= 0 && p->keep_size <= INT64_MAX);
	FUZZ_CHECK(p->mode == 0 ||
	    ((p->mode & 0600) == 0600 && (p->mode & ~0666u) == 0));
	if (p->description != NULL)
		FUZZ_CHECK(line_ok(p->description, strlen(p->description)));
	if (p->rules != NULL) {
		FUZZ_CHECK(strlen(p->rules) < PRESET_RULES);
		FUZZ_CHECK(p->rules[strlen(p->rules) - 1] == '\n');
		FUZZ_CHECK(strchr("#\n", p->rules[0]) == NULL);
	}
}

static bool
is_key(const struct preset_line *line, const char *key)
{
	return line->name_len == strlen(key) &&
	    memcmp(line->name, key, line->name_len) == 0;
}

static bool
is_rule(const char *key)
{
	return strcmp(key, "ignore") == 0 || strcmp(key, "include") == 0;
}

/* Lines of a key from here to the end of the section. */
static size_t
count_key(const char *p, const char *key)
{
	struct preset_line line;
	size_t n = 0;

	while (preset_line_next(&p, &line) && line.kind != PRESET_LINE_SECTION)
		n += line.kind == PRESET_LINE_KEY && is_key(&line, key);
	return n;
}

/* Each line is whole and of a kind; returns how many sections there are. */
static size_t
check_lines(const char *text, bool taken, size_t *ret_rules)
{
	struct preset_line line;
	const char *p = preset_line_first(text);
	size_t sections = 0;
	char key[32];

	text = p;
	while (preset_line_next(&p, &line)) {
		FUZZ_CHECK(line.text == text && text + line.len == p);
		FUZZ_CHECK(line.shown <= line.len && line.len > 0);
		FUZZ_CHECK(!taken || (line.fault == NULL && line.shown <= 198));
		FUZZ_CHECK(line.comment == NULL ||
		    (line.comment > text && *line.comment == ';' &&
			line.comment < text + line.shown));
		text = p;
		sections += line.kind == PRESET_LINE_SECTION;
		if (!taken || line.kind != PRESET_LINE_KEY)
			continue;
		FUZZ_CHECK(sections > 0 && line.name_len < sizeof(key));
		FUZZ_CHECK(strchr(" \t\v\f\r", *line.text) == NULL);
		memcpy(key, line.name, line.name_len);
		key[line.name_len] = '\0';
		*ret_rules += is_rule(key);
		FUZZ_CHECK(preset_key_ok(key));
		FUZZ_CHECK(is_rule(key) || count_key(p, key) == 0);
	}
	FUZZ_CHECK(*p == '\0');
	return sections;
}

/* All of a are in b, in their order, and the same, but for one name. */
static void
check_others(const struct presets *a, const struct presets *b, const char *but)
{
	const struct preset *p, *before = NULL;
	size_t i;

	for (i = 0; i < presets_count(a); i++) {
		if (strcmp(presets_at(a, i)->name, but) == 0)
			continue;
		p = presets_find(b, presets_at(a, i)->name);
		FUZZ_CHECK(p != NULL && (before == NULL || p > before) &&
		    same(presets_at(a, i), p));
		before = p;
	}
}

/* p as it is to be when a key of it says what it says in from. */
static void
take_over(struct preset *p, const char *key, const struct preset *from)
{
	if (strcmp(key, "path") == 0)
		p->path = from->path;
	else if (strcmp(key, "description") == 0)
		p->description = from->description;
	else if (strcmp(key, "access") == 0)
		p->access = from->access;
	else if (strcmp(key, "hidden") == 0)
		p->hidden = from->hidden;
	else if (strcmp(key, "max-file-size") == 0)
		p->max_size = from->max_size;
	else if (strcmp(key, "quota") == 0)
		p->quota = from->quota;
	else if (strcmp(key, "mode") == 0)
		p->mode = from->mode;
	if (strcmp(key, "conflict") == 0) {
		p->have_conflict = from->have_conflict;
		p->conflict = from->conflict;
	}
	if (strcmp(key, "keep") == 0) {
		p->keep_age = from->keep_age;
		p->keep_size = from->keep_size;
	}
}

/* A file of one preset with a path and this. */
static bool
say_alone(const struct preset_setting *set, struct presets **ret)
{
	const struct preset_setting both[] = { { "path", "/" }, *set };
	const bool path = strcmp(set->key, "path") == 0;
	AUTO(buf) struct buf file = { 0 };
	struct err err;

	FUZZ_CHECK(preset_edit_add("", "a", both + path, 2 - path, &file,
		       &err) == ST_OK);
	return parse_edited(&file, ret);
}

/* Whatever stood there, the first preset says this now. */
static void
check_set(const char *text, const struct presets *all,
    const struct preset_setting *set)
{
	AUTO(presets) struct presets *alone = NULL, *after = NULL;
	struct preset wanted = *presets_at(all, 0);
	AUTO(buf) struct buf edited = { 0 };
	const struct preset *said, *is;
	struct preset_line line;
	struct err err;
	const char *p;

	FUZZ_CHECK(
	    preset_edit_set(text, wanted.name, set, 1, &edited, &err) == ST_OK);
	if (!say_alone(set, &alone) || !parse_edited(&edited, &after))
		return;
	FUZZ_CHECK(presets_count(after) == presets_count(all));
	check_others(all, after, wanted.name);
	said = presets_at(alone, 0);
	is = presets_at(after, 0);
	FUZZ_CHECK(strcmp(is->name, wanted.name) == 0);
	take_over(&wanted, set->key, said);
	if (said->rules != NULL) {
		FUZZ_CHECK(is->rules != NULL &&
		    strstr(is->rules, said->rules) != NULL);
		wanted.rules = is->rules;
	}
	FUZZ_CHECK(same(is, &wanted));
	p = preset_line_first((const char *)buf_data(&edited));
	while (preset_line_next(&p, &line) && line.kind != PRESET_LINE_SECTION)
		;
	FUZZ_CHECK(count_key(p, set->key) == 1);
}

/* A preset more, and one less. */
static void
check_edits(const char *text, const struct presets *all)
{
	static const struct preset_setting path = { "path", "/new" };
	AUTO(presets) struct presets *more = NULL, *less = NULL;
	AUTO(buf) struct buf longer = { 0 }, shorter = { 0 };
	const char *first = presets_at(all, 0)->name;
	struct err err;

	FUZZ_CHECK(
	    preset_edit_add(text, first, &path, 1, &longer, &err) == ST_EXIST);
	fuzz_error(&err, ST_EXIST);
	FUZZ_CHECK(preset_edit_remove(text, first, &shorter, &err) == ST_OK);
	FUZZ_CHECK(parse_edited(&shorter, &less));
	FUZZ_CHECK(presets_count(less) + 1 == presets_count(all));
	check_others(all, less, first);
	if (presets_find(all, NEW) != NULL)
		return;
	FUZZ_CHECK(
	    preset_edit_add(text, NEW, &path, 1, &longer, &err) == ST_OK);
	FUZZ_CHECK(parse_edited(&longer, &more));
	FUZZ_CHECK(presets_count(more) == presets_count(all) + 1);
	check_others(all, more, NEW);
	FUZZ_CHECK(strcmp(presets_find(more, NEW)->path, "/new") == 0);
}

static size_t
count_rules(const struct presets *all)
{
	size_t i, n = 0;
	const char *p;

	for (i = 0; i < presets_count(all); i++) {
		check_preset(presets_at(all, i));
		FUZZ_CHECK(presets_find(all, presets_at(all, i)->name) ==
		    presets_at(all, i));
		p = presets_at(all, i)->rules;
		for (; p != NULL && (p = strchr(p, '\n')) != NULL; p++)
			n++;
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = fuzz_text(&data, &size);
	autofree char *key = fuzz_text(&data, &size);
	char *value = key + strcspn(key, "=");
	const struct preset_setting set = { key, value + (*value != '\0') };
	AUTO(presets) struct presets *all = NULL;
	size_t sections, rules = 0;
	struct err err;
	bool taken = parse(text, &all, &err);

	*value = '\0';
	sections = check_lines(text, taken, &rules);
	if (!taken)
		return 0;
	FUZZ_CHECK(presets_count(all) == sections);
	FUZZ_CHECK(count_rules(all) == rules);
	if (sections == 0)
		return 0;
	check_edits(text, all);
	if (preset_check(set.key, set.value, "/h", &err) == ST_OK)
		check_set(text, all, &set);
	else
		fuzz_error(&err, ST_USAGE);
	return 0;
}
