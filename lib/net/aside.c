/* SPDX-License-Identifier: MIT */
/*
 * The other side may write what it wants there, so a line is only cut here:
 * who shows it escapes it.  An end, a reason, is escaped at once.
 */
#include "config.h"

#include "net/aside.h"

#include <string.h>

#include "util/str.h"

#define EXIT_NO_EXEC   126
#define EXIT_NOT_FOUND 127
#define EXIT_SSH       255 /* ssh itself failed, and said why */
#define OWN_PREFIX     "dsync: " /* before the helper's own words */

void
aside_end(struct aside *a, aside_line *line, void *ctx)
{
	a->text[a->len] = '\0';
	a->len = 0;
	if (a->text[0] == '\0')
		return;
	memcpy(a->last, a->text, sizeof(a->last));
	/* The last word of our own helper is told as what the run ends with. */
	if (!a->own || strncmp(a->text, OWN_PREFIX, strlen(OWN_PREFIX)) != 0)
		line(ctx, a->text);
}

void
aside_take(struct aside *a, const char *data, size_t n, aside_line *line,
    void *ctx)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (data[i] == '\n' || a->len == ASIDE_LINE - 1)
			aside_end(a, line, ctx);
		if (data[i] != '\n' && data[i] != '\r' && data[i] != '\0')
			a->text[a->len++] = data[i];
	}
}

/* Our helper's exit code and last line are a status and its text. */
static enum status
own_word(const struct aside *a, int code, struct err *err)
{
	static const struct {
		int code;
		enum status status;
	} codes[] = { { 1, ST_USAGE }, { 10, ST_LINK }, { 15, ST_AUTH },
		{ 22, ST_NOMEM }, { 35, ST_CONNECT } };
	const char *why = a->last + strlen(OWN_PREFIX);
	char show[STR_SHOW];
	enum status st = ST_PEER;
	size_t i;

	if (!a->own || strncmp(a->last, OWN_PREFIX, strlen(OWN_PREFIX)) != 0 ||
	    *why == '\0')
		return ST_OK;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			st = codes[i].status;
	return err_set(err, st, "%s", str_show(show, why));
}

/* ssh says why in words, always in English, and always ends with 255. */
static enum status
ssh_word(const struct aside *a, const char *name, struct err *err)
{
	static const struct {
		const char *text;
		enum status status;
	} words[] = {
		{ "Permission denied", ST_AUTH },
		{ "Host key verification failed", ST_AUTH },
		{ "Too many authentication failures", ST_AUTH },
		{ "timed out", ST_CONNECT },
	};
	char show[STR_SHOW];
	enum status st = ST_LINK;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(a->last, words[i].text) != NULL)
			st = words[i].status;
	if (a->last[0] == '\0')
		return err_set(err, st, "%s: the connection was lost", name);
	return err_set(err, st, "%s: no connection: %s", name,
	    str_show(show, a->last));
}

enum status
aside_why(const struct aside *a, const char *name, int code, struct err *err)
{
	enum status st = own_word(a, code, err);

	if (st != ST_OK)
		return st;
	if (code == EXIT_NOT_FOUND)
		return err_set(err, ST_PEER,
		    "%s: dsync is not installed there, or not where that "
		    "account's PATH looks; --remote-path says where it is",
		    name);
	if (code == EXIT_NO_EXEC)
		return err_set(err, ST_PEER,
		    "%s: dsync can't be executed there: look at its "
		    "permissions, and what it was built for",
		    name);
	return code == EXIT_SSH && !a->own ? ssh_word(a, name, err) : ST_OK;
}
