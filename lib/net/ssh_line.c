/* SPDX-License-Identifier: MIT */
/* The line is copied twice: once to stay whole, once to be cut into words. */
#include "config.h"

#include "net/ssh_line.h"

#include <stdbool.h>
#include <string.h>

static const char blanks[] = " \t\r\f";

void
ssh_line_free(struct ssh_line *line)
{
	if (line == NULL)
		return;
	free(line->memory);
	free(line);
}

/* Where what belongs to the keyword begins; the keyword gets its NUL. */
static char *
cut_keyword(char *p)
{
	char *rest = p + strcspn(p, " \t\r\f=");

	if (*rest == '\0')
		return rest;
	if (*rest != '=') {
		*rest++ = '\0';
		rest += strspn(rest, blanks);
	}
	if (*rest == '=') {
		*rest++ = '\0';
		rest += strspn(rest, blanks);
	}
	return rest;
}

/* Cuts one word at *p, in place; false if a quote is never closed. */
static bool
cut_word(char **p)
{
	char *from = *p, *to = *p, quote = '\0';

	for (; *from != '\0'; from++) {
		if (quote == '\0' && strchr(blanks, *from) != NULL)
			break;
		if (*from == '\\' && from[1] != '\0' &&
		    strchr("\\\"'", from[1]) != NULL)
			*to++ = *++from;
		else if (quote != '\0' && *from == quote)
			quote = '\0';
		else if (quote == '\0' && (*from == '"' || *from == '\''))
			quote = *from;
		else
			*to++ = *from;
	}
	if (*from != '\0')
		from++;
	*to = '\0';
	*p = from + strspn(from, blanks);
	return quote == '\0';
}

enum status
ssh_line_cut(struct ssh_line *line, struct err *err)
{
	char *p = line->cut;

	while (*p != '\0' && *p != '#') {
		if (line->n_words == SSH_LINE_WORDS)
			return err_set(err, ST_USAGE, "too many words");
		line->words[line->n_words++] = p;
		if (!cut_word(&p))
			return err_set(err, ST_USAGE, "a quote is not closed");
	}
	line->cut = p;
	return ST_OK;
}

enum status
ssh_line_parse(const char *text, size_t len, struct ssh_line **ret,
    struct err *err)
{
	AUTO(ssh_line) struct ssh_line *line = calloc(1, sizeof(*line));
	char *whole;

	if (line == NULL)
		return err_nomem(err);
	while (len > 0 && strchr(blanks, text[len - 1]) != NULL)
		len--;
	line->memory = calloc(2, len + 1);
	if (line->memory == NULL)
		return err_nomem(err);
	whole = line->memory;
	memcpy(whole, text, len);
	memcpy(whole + len + 1, text, len);
	line->cut = whole + len + 1;
	whole += strspn(whole, blanks);
	if (*whole != '\0' && *whole != '#') {
		line->keyword = whole;
		line->rest = cut_keyword(whole);
		line->cut += line->rest - line->memory;
	}
	*ret = line;
	line = NULL;
	return ST_OK;
}
