/* SPDX-License-Identifier: MIT */
/* Blanks are what isspace() says without a locale, as for inih. */
#include "config.h"

#include "sync/preset_line.h"

#include <stdio.h>
#include <string.h>

#include "sync/preset.h"

#define SECTION "preset "
#define BLANKS	" \t\v\f\r"
#define BOM	"\xef\xbb\xbf"

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && strchr(BLANKS, *p) != NULL)
		p++;
	return p;
}

static const char *
trim_blanks(const char *start, const char *end)
{
	while (end > start && strchr(BLANKS, end[-1]) != NULL)
		end--;
	return end;
}

/* [preset NAME], and behind it at most a comment. */
static void
read_section(struct preset_line *line, const char *start, const char *end)
{
	const char *close = memchr(start, ']', (size_t)(end - start));
	const size_t prefix = strlen(SECTION);
	char name[PRESET_NAME];
	const char *rest;

	line->kind = PRESET_LINE_SECTION;
	rest = close == NULL ? end : skip_blanks(close + 1, end);
	if (close == NULL || (rest < end && *rest != ';' && *rest != '#') ||
	    (size_t)(close - start) < prefix + 1 ||
	    strncmp(start + 1, SECTION, prefix) != 0) {
		line->fault = "only [preset NAME] may stand here";
		return;
	}
	line->name = start + 1 + prefix;
	line->name_len = (size_t)(close - line->name);
	snprintf(name, sizeof(name), "%.*s", (int)line->name_len, line->name);
	if (line->name_len >= sizeof(name) || !preset_name_ok(name))
		line->fault = "that is no name for a preset (letters, digits, "
			      ". _ -; 42 at most)";
}

/* A ";" with a blank in front begins a comment; a "#" does not. */
static const char *
find_comment(const char *value, const char *end)
{
	for (; value < end; value++)
		if (*value == ';' && strchr(BLANKS, value[-1]) != NULL)
			return value;
	return NULL;
}

bool
preset_line_holds(const char *value)
{
	const char *end = value + strlen(value);

	return strpbrk(value, "\n\r") == NULL && *value != ';' &&
	    skip_blanks(value, end) == value &&
	    trim_blanks(value, end) == end &&
	    (value == end || find_comment(value + 1, end) == NULL);
}

static void
read_key(struct preset_line *line, const char *start, const char *end)
{
	const char *p = start;

	line->kind = PRESET_LINE_KEY;
	while (p < end && *p != '=' && *p != ':')
		p++;
	line->name = start;
	line->name_len = (size_t)(trim_blanks(start, p) - start);
	if (p < end)
		line->comment = find_comment(p + 1, end);
	if (start > line->text)
		line->fault = "begins with a blank";
}

const char *
preset_line_first(const char *text)
{
	return strncmp(text, BOM, strlen(BOM)) == 0 ? text + strlen(BOM) : text;
}

bool
preset_line_next(const char **text, struct preset_line *ret)
{
	const char *start = *text, *end = start + strcspn(start, "\n"), *p;

	if (*start == '\0')
		return false;
	*ret = (struct preset_line){ .text = start };
	ret->len = (size_t)(end - start) + (*end == '\n');
	if (*end == '\n' && end > start && end[-1] == '\r')
		end--;
	ret->shown = (size_t)(end - start);
	*text += ret->len;
	end = trim_blanks(start, end);
	p = skip_blanks(start, end);
	if (p < end && *p == '[' && p == start)
		read_section(ret, p, end);
	else if (p < end && *p != '#' && *p != ';')
		read_key(ret, p, end);
	if (ret->shown > PRESET_LINE_LIMIT)
		ret->fault = "a line has at most 198 bytes";
	return true;
}
