/* SPDX-License-Identifier: MIT */
/*
 * A host, a type of key, a key, each a line; and then a known_hosts file.
 * What it says does not hang on how it is cut, what is added to it counts,
 * and who is written down is known.  Its patterns are held against a table of
 * all beginnings of both; the type and the key are such a pair, too.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>

#include "fuzz.h"
#include "net/ssh_known.h"
#include "net/ssh_match.h"
#include "util/auto.h"

#define REVOKED "@revoked * "

static bool
same(char p, char c)
{
	return p == '?' ||
	    tolower((unsigned char)p) == tolower((unsigned char)c);
}

/* Row i says which beginnings of the text the first i bytes match. */
static bool
matches(const char *p, size_t n, const char *text)
{
	const size_t len = strlen(text);
	autofree bool *row = calloc(len + 1, sizeof(*row));
	size_t i, at;

	FUZZ_CHECK(row != NULL);
	row[0] = true;
	for (i = 0; i < n; i++) {
		if (p[i] == '*') {
			for (at = 1; at <= len; at++)
				row[at] |= row[at - 1];
			continue;
		}
		for (at = len; at > 0; at--)
			row[at] = row[at - 1] && same(p[i], text[at - 1]);
		row[0] = false;
	}
	return row[len];
}

static enum ssh_match
matches_list(const char *list, const char *text)
{
	enum ssh_match found = SSH_MATCH_NO;
	size_t n;
	bool never;

	for (; *list != '\0'; list += n, list += *list == ',') {
		n = strcspn(list, ",");
		never = *list == '!';
		if (!matches(list + never, n - never, text))
			continue;
		if (never)
			return SSH_MATCH_NEVER;
		found = SSH_MATCH_YES;
	}
	return found;
}

/* The host, and all that is known, as a list of patterns. */
static void
check_patterns(const char *list, const char *name)
{
	FUZZ_CHECK(ssh_match_list(list, name) == matches_list(list, name));
	FUZZ_CHECK(
	    ssh_match_one(list, name) == matches(list, strlen(list), name));
}

/* Takes a line, which gets its NUL. */
static char *
cut_line(char **text)
{
	char *line = *text;
	const size_t len = strcspn(line, "\n");

	*text += len;
	if (**text != '\0')
		*(*text)++ = '\0';
	return line;
}

/* Every type is a whole one, and the lines are some of the file's. */
static void
check_found(const struct ssh_known *k, const char *text)
{
	unsigned lines = 1;
	const char *p;

	for (p = text; *p != '\0'; p++)
		lines += *p == '\n';
	FUZZ_CHECK(k->changed <= lines && k->other <= lines);
	FUZZ_CHECK((k->changed == 0) == (k->changed_file == NULL));
	FUZZ_CHECK((k->other == 0) == (k->other_file == NULL));
	FUZZ_CHECK(strlen(k->types) < sizeof(k->types));
	FUZZ_CHECK(strpbrk(k->types, " \t\r\n") == NULL);
	FUZZ_CHECK((k->trusted || k->changed != 0 || k->other != 0) <=
	    (k->types[0] != '\0' || strlen(text) > 250));
}

/* The same in two parts, cut behind a line. */
static void
check_parts(const char *text, const struct ssh_known_key *key,
    const struct ssh_known *whole)
{
	struct ssh_known parts = { .trusted = false };
	const char *half = strchr(text + strlen(text) / 2, '\n');
	autofree char *first = NULL;

	if (half == NULL)
		return;
	first = strndup(text, (size_t)(half - text));
	FUZZ_CHECK(first != NULL);
	ssh_known_look(&parts, "f", first, key);
	ssh_known_look(&parts, "f", half + 1, key);
	FUZZ_CHECK(parts.trusted == whole->trusted);
	FUZZ_CHECK(parts.revoked == whole->revoked);
	FUZZ_CHECK(parts.authority == whole->authority);
	FUZZ_CHECK((parts.changed != 0) == (whole->changed != 0));
	FUZZ_CHECK((parts.other != 0) == (whole->other != 0));
	FUZZ_CHECK(strcmp(parts.types, whole->types) == 0);
}

/* The file with a line more; nothing that it said before is lost. */
static void
look_with(const char *text, const char *line, const struct ssh_known_key *key,
    const struct ssh_known *before, struct ssh_known *ret)
{
	autofree char *longer = NULL;

	FUZZ_CHECK(asprintf(&longer, "%s\n%s", text, line) != -1);
	*ret = (struct ssh_known){ .trusted = false };
	ssh_known_look(ret, "f", longer, key);
	FUZZ_CHECK(ret->trusted >= before->trusted);
	FUZZ_CHECK(ret->revoked >= before->revoked);
	FUZZ_CHECK(ret->authority == before->authority);
	FUZZ_CHECK(ret->changed == before->changed);
	FUZZ_CHECK(ret->other == before->other);
}

static void
check_added(const char *text, const struct ssh_known_key *key,
    const unsigned char *salt, const struct ssh_known *before)
{
	autofree char *line = NULL, *crlf = NULL, *revoked = NULL;
	struct ssh_known after;
	struct err err;

	FUZZ_CHECK(ssh_known_line(key, salt, &line, &err) == ST_OK);
	look_with(text, line, key, before, &after);
	FUZZ_CHECK(after.trusted && after.revoked == before->revoked);
	FUZZ_CHECK(
	    asprintf(&crlf, "%.*s\r\n", (int)strlen(line) - 1, line) != -1);
	look_with(text, crlf, key, before, &after);
	FUZZ_CHECK(after.trusted && after.revoked == before->revoked);
	FUZZ_CHECK(
	    asprintf(&revoked, REVOKED "%s %s\n", key->type, key->key) != -1);
	look_with(text, revoked, key, before, &after);
	FUZZ_CHECK(after.revoked && after.trusted == before->trusted);
}

/* What libssh and is_plain() leave over of a key and of a name. */
static bool
plain(const char *s)
{
	const char *p;

	for (p = s; *p != '\0'; p++)
		if (iscntrl((unsigned char)*p) ||
		    strchr(" *?!,#@|", *p) != NULL)
			return false;
	return p > s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned char salt[SSH_KNOWN_SALT] = { 7,
		fuzz_byte(&data, &size) };
	autofree char *all = fuzz_text(&data, &size), *text = NULL;
	char *rest = all, *host = cut_line(&rest), name[SSH_KNOWN_NAME];
	const struct ssh_known_key key = { .name = name,
		.type = cut_line(&rest),
		.key = cut_line(&rest) };
	struct ssh_known known = { .trusted = false };

	ssh_known_name(name, host, salt[1] % 2 == 0 ? 22 : salt[1]);
	FUZZ_CHECK(strpbrk(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL);
	text = strdup(rest);
	FUZZ_CHECK(text != NULL);
	check_patterns(text, name);
	check_patterns(key.type, key.key);
	ssh_known_look(&known, "f", text, &key);
	check_found(&known, text);
	check_parts(text, &key, &known);
	if (!plain(key.type) || !plain(key.key) || !plain(host))
		return 0;
	check_added(text, &key, salt, &known);
	check_added(text, &key, NULL, &known);
	return 0;
}
