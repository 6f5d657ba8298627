/* SPDX-License-Identifier: MIT */
/*
 * A preset's section reaches from its header to its last key; what stands
 * between that and the next header is taken for a comment on the next.
 */
#include "config.h"

#include "sync/preset_edit.h"

#include <stdbool.h>
#include <string.h>

#include "sync/preset_line.h"
#include "util/buf.h"
#include "util/str.h"

struct section {
	const char *begin; /* of its header; NULL: there is no such section */
	const char *body; /* behind its header */
	const char *end; /* behind its last key */
	const char *eol; /* as its lines have it */
};

static bool
named(const struct preset_line *line, const char *name)
{
	return line->name_len == strlen(name) &&
	    memcmp(line->name, name, line->name_len) == 0;
}

static struct section
find(const char *text, const char *name)
{
	struct section s = { .begin = NULL };
	struct preset_line line;
	bool inside = false;

	text = preset_line_first(text);
	while (preset_line_next(&text, &line)) {
		if (line.kind == PRESET_LINE_SECTION) {
			inside = s.begin == NULL && line.fault == NULL &&
			    named(&line, name);
			if (inside) {
				s.begin = line.text;
				s.body = line.text + line.len;
				s.end = s.body;
				s.eol = line.len == line.shown + 2 ? "\r\n" :
								     "\n";
			}
		} else if (inside && line.kind == PRESET_LINE_KEY) {
			s.end = line.text + line.len;
		}
	}
	return s;
}

static enum status
missing(const char *name, struct err *err)
{
	char show[STR_SHOW];

	return err_set(err, ST_NOENT, "%s: there is no preset of that name",
	    str_show(show, name));
}

/* All that is put; the first failure is kept in nomem. */
struct sink {
	struct buf *buf;
	bool nomem;
};

static void
put(struct sink *to, const char *s, size_t len)
{
	to->nomem |= buf_put(to->buf, s, len) != ST_OK;
}

static void
puts_(struct sink *to, const char *s)
{
	put(to, s, strlen(s));
}

static void
put_setting(struct sink *to, const struct preset_setting *set,
    const struct preset_line *old, const char *eol)
{
	if (*set->value == '\0')
		return;
	puts_(to, set->key);
	puts_(to, " = ");
	puts_(to, set->value);
	if (old != NULL && old->comment != NULL) {
		puts_(to, " ");
		put(to, old->comment,
		    (size_t)(old->text + old->shown - old->comment));
	}
	puts_(to, eol);
}

static enum status
finish(struct sink *to, struct err *err)
{
	put(to, "", 1);
	if (to->nomem)
		return err_nomem(err);
	to->buf->len--;
	return ST_OK;
}

static bool
ends_with(const char *text, size_t len, const char *tail)
{
	const size_t n = strlen(tail);

	return len >= n && memcmp(text + len - n, tail, n) == 0;
}

enum status
preset_edit_add(const char *text, const char *name,
    const struct preset_setting *v, size_t n, struct buf *ret, struct err *err)
{
	struct sink to = { .buf = ret };
	const size_t len = strlen(text);
	const char *eol = strstr(text, "\r\n") != NULL ? "\r\n" : "\n";
	char show[STR_SHOW];
	size_t i;

	if (find(text, name).begin != NULL)
		return err_set(err, ST_EXIST,
		    "%s: a preset of this name is defined already",
		    str_show(show, name));
	put(&to, text, len);
	if (len > 0 && text[len - 1] != '\n')
		puts_(&to, eol);
	if (len > 0 && !ends_with(text, len, "\n\n") &&
	    !ends_with(text, len, "\n\r\n"))
		puts_(&to, eol);
	puts_(&to, "[preset ");
	puts_(&to, name);
	puts_(&to, "]");
	puts_(&to, eol);
	for (i = 0; i < n; i++)
		put_setting(&to, &v[i], NULL, eol);
	return finish(&to, err);
}

/* The first setting for this line's key, or NULL. */
static const struct preset_setting *
asked(const struct preset_line *line, const struct preset_setting *v, size_t n)
{
	size_t i;

	for (i = 0; i < n && line->kind == PRESET_LINE_KEY; i++)
		if (named(line, v[i].key))
			return &v[i];
	return NULL;
}

static bool
has_line(const struct section *s, const char *key)
{
	const char *p = s->body;
	struct preset_line line;

	while (p < s->end && preset_line_next(&p, &line))
		if (line.kind == PRESET_LINE_KEY && named(&line, key))
			return true;
	return false;
}

/* The lines of the section, those of the keys in v replaced. */
static void
put_section(struct sink *to, const struct section *s,
    const struct preset_setting *v, size_t n)
{
	const struct preset_setting *set;
	const char *p = s->body, *before;
	const struct preset_line *old;
	struct preset_line line;
	struct section head = *s;
	size_t i;

	for (; (before = p) < s->end && preset_line_next(&p, &line);) {
		set = asked(&line, v, n);
		if (set == NULL) {
			put(to, line.text, line.len);
			continue;
		}
		head.end = before;
		if (has_line(&head, set->key))
			continue;
		old = &line;
		for (i = (size_t)(set - v); i < n; i++) {
			if (strcmp(v[i].key, set->key) != 0)
				continue;
			put_setting(to, &v[i], old, s->eol);
			old = NULL;
		}
	}
}

enum status
preset_edit_set(const char *text, const char *name,
    const struct preset_setting *v, size_t n, struct buf *ret, struct err *err)
{
	const struct section s = find(text, name);
	struct sink to = { .buf = ret };
	size_t i;

	if (s.begin == NULL)
		return missing(name, err);
	put(&to, text, (size_t)(s.body - text));
	put_section(&to, &s, v, n);
	if (!to.nomem && buf_data(ret)[ret->len - 1] != '\n')
		puts_(&to, s.eol);
	for (i = 0; i < n; i++)
		if (!has_line(&s, v[i].key))
			put_setting(&to, &v[i], NULL, s.eol);
	puts_(&to, s.end);
	return finish(&to, err);
}

enum status
preset_edit_remove(const char *text, const char *name, struct buf *ret,
    struct err *err)
{
	const struct section s = find(text, name);
	struct sink to = { .buf = ret };
	const char *rest = s.end;
	size_t len;

	if (s.begin == NULL)
		return missing(name, err);
	len = (size_t)(s.begin - text);
	rest += strspn(rest, "\r\n");
	/* The empty line between two goes with the last. */
	if (*rest == '\0')
		len -= ends_with(text, len, "\n\n") ? 1 :
		    ends_with(text, len, "\n\r\n")  ? 2 :
						      0;
	put(&to, text, len);
	puts_(&to, rest);
	return finish(&to, err);
}
