/* SPDX-License-Identifier: MIT */
/* Three ways to write a word, the plainest that is safe. */
#include "config.h"

#include "quote.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/auto.h"
#include "util/str.h"

/* Needs $'': what a terminal would obey, or what is no text. */
static bool
wild(const char *word)
{
	autofree char *shown = NULL;
	const size_t size = strlen(word) * 4 + 8;
	const char *p;

	for (p = word; *p != '\0'; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return true;
	}
	if (strchr(word, '\\') != NULL)
		return !str_utf8(word, strlen(word));
	shown = malloc(size);
	return shown == NULL ||
	    strcmp(str_show_n(shown, size, word), word) != 0;
}

static bool
plain(const char *word)
{
	static const char safe[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	    "_@%+=:,./-";

	return *word != '\0' && strspn(word, safe) == strlen(word);
}

static void
write_wild(FILE *f, const char *word)
{
	const unsigned char *p;

	fputs("$'", f);
	for (p = (const unsigned char *)word; *p != '\0'; p++) {
		if (*p < 0x20 || *p >= 0x7f || *p == '\'' || *p == '\\')
			fprintf(f, "\\%03o", *p);
		else
			fputc(*p, f);
	}
	fputc('\'', f);
}

void
quote_word(FILE *f, const char *word)
{
	const char *p;

	if (plain(word)) {
		fputs(word, f);
		return;
	}
	if (wild(word)) {
		write_wild(f, word);
		return;
	}
	fputc('\'', f);
	for (p = word; *p != '\0'; p++) {
		if (*p == '\'')
			fputs("'\\''", f);
		else
			fputc(*p, f);
	}
	fputc('\'', f);
}

void
quote_path(FILE *f, const char *dir, const char *path)
{
	autofree char *whole = NULL;
	const bool slash = *dir != '\0' && dir[strlen(dir) - 1] == '/';

	if (strcmp(dir, ".") == 0 && *path != '-')
		quote_word(f, path);
	else if (asprintf(&whole, "%s%s%s", dir, slash ? "" : "/", path) != -1)
		quote_word(f, whole);
}
