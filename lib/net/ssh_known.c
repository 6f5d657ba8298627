/* SPDX-License-Identifier: MIT */
/*
 * Lines of "[@marker] hosts type key".  Read here and not by libssh, which
 * passes over @revoked lines, knows one file only, and gives up on a file in
 * which a line has a key of a type that it does not know.
 */
#include "config.h"

#include "net/ssh_known.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "net/ssh_match.h"
#include "util/auto.h"

#define SSH_PORT  22
#define HASH_MARK "|1|"
#define DIGEST	  20 /* bytes of a SHA-1, and of the salt */
#define DIGEST64  28 /* the same in base64 */

/* A word in the text; not ended by a NUL. */
struct word {
	const char *at;
	size_t len;
};

void
ssh_known_name(char name[SSH_KNOWN_NAME], const char *host, unsigned port)
{
	char *p;

	if (port == SSH_PORT)
		snprintf(name, SSH_KNOWN_NAME, "%s", host);
	else
		snprintf(name, SSH_KNOWN_NAME, "[%s]:%u", host, port);
	for (p = name; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
}

static struct word
next_word(const char **line, const char *end)
{
	struct word word;

	while (*line < end && (**line == ' ' || **line == '\t'))
		(*line)++;
	word.at = *line;
	while (*line < end && strchr(" \t\r", **line) == NULL)
		(*line)++;
	word.len = (size_t)(*line - word.at);
	return word;
}

static bool
is(const struct word *word, const char *text)
{
	return word->len == strlen(text) &&
	    memcmp(word->at, text, word->len) == 0;
}

/* 28 characters of base64 into 20 bytes. */
static bool
digest_decode(const char *text, uint8_t digest[DIGEST])
{
	uint8_t room[DIGEST64];

	if (EVP_DecodeBlock(room, (const uint8_t *)text, DIGEST64) !=
	    DIGEST + 1)
		return false;
	memcpy(digest, room, DIGEST);
	return true;
}

static bool
digest_of(const char *name, const uint8_t salt[DIGEST], uint8_t digest[DIGEST])
{
	unsigned len = DIGEST;

	return HMAC(EVP_sha1(), salt, DIGEST, (const uint8_t *)name,
		   strlen(name), digest, &len) != NULL &&
	    len == DIGEST;
}

/* "|1|salt|digest" */
static bool
matches_hashed(const struct word *hosts, const char *name)
{
	const size_t mark = strlen(HASH_MARK);
	uint8_t salt[DIGEST], digest[DIGEST], wanted[DIGEST];

	if (hosts->len != mark + 2 * DIGEST64 + 1 ||
	    hosts->at[mark + DIGEST64] != '|' ||
	    !digest_decode(hosts->at + mark, salt) ||
	    !digest_decode(hosts->at + mark + DIGEST64 + 1, wanted))
		return false;
	return digest_of(name, salt, digest) &&
	    memcmp(digest, wanted, DIGEST) == 0;
}

static bool
matches(const struct word *hosts, const char *name)
{
	autofree char *list = NULL;

	if (hosts->len > strlen(HASH_MARK) && hosts->at[0] == '|')
		return matches_hashed(hosts, name);
	list = strndup(hosts->at, hosts->len);
	/* Without memory no host is known: it is refused or asked about. */
	return list != NULL && ssh_match_list(list, name) == SSH_MATCH_YES;
}

static void
add_type(struct ssh_known *known, const struct word *type)
{
	size_t used = strlen(known->types);

	if (used + type->len + 2 > sizeof(known->types))
		return;
	snprintf(known->types + used, sizeof(known->types) - used, "%s%.*s",
	    used == 0 ? "" : ",", (int)type->len, type->at);
}

/* The first line of its kind is the one to name. */
static void
note(unsigned *line, const char **file, unsigned this_line, const char *this)
{
	if (*line != 0)
		return;
	*line = this_line;
	*file = this;
}

static void
judge(struct ssh_known *known, const char *file, unsigned line,
    const struct word *words, const struct ssh_known_key *key)
{
	const struct word *marker = &words[0], *its_type = &words[2];

	if (is(marker, "@revoked")) {
		known->revoked |= key->key != NULL && is(&words[3], key->key);
		return;
	}
	if (marker->len > 0) {
		known->authority |= is(marker, "@cert-authority");
		return;
	}
	add_type(known, its_type);
	if (key->key == NULL)
		return;
	if (!is(its_type, key->type))
		note(&known->other, &known->other_file, line, file);
	else if (is(&words[3], key->key))
		known->trusted = true;
	else
		note(&known->changed, &known->changed_file, line, file);
}

void
ssh_known_look(struct ssh_known *known, const char *file, const char *text,
    const struct ssh_known_key *key)
{
	unsigned line;

	for (line = 1; *text != '\0'; line++) {
		const char *end = text + strcspn(text, "\n");
		struct word words[4] = { { NULL, 0 } };

		words[1] = next_word(&text, end);
		if (words[1].len > 0 && *words[1].at == '@') {
			words[0] = words[1];
			words[1] = next_word(&text, end);
		}
		words[2] = next_word(&text, end);
		words[3] = next_word(&text, end);
		if (words[3].len > 0 && *words[1].at != '#' &&
		    matches(&words[1], key->name))
			judge(known, file, line, words, key);
		text = *end == '\0' ? end : end + 1;
	}
}

static bool
hashed_name(const char *name, const uint8_t salt[SSH_KNOWN_SALT], char ret[80])
{
	uint8_t digest[DIGEST];
	char salt64[DIGEST64 + 1], digest64[DIGEST64 + 1];

	if (!digest_of(name, salt, digest))
		return false;
	EVP_EncodeBlock((uint8_t *)salt64, salt, DIGEST);
	EVP_EncodeBlock((uint8_t *)digest64, digest, DIGEST);
	snprintf(ret, 80, HASH_MARK "%s|%s", salt64, digest64);
	return true;
}

enum status
ssh_known_line(const struct ssh_known_key *key, const unsigned char *salt,
    char **ret, struct err *err)
{
	char hashed[80];

	if (salt != NULL && !hashed_name(key->name, salt, hashed))
		return err_nomem(err);
	if (asprintf(ret, "%s %s %s\n", salt != NULL ? hashed : key->name,
		key->type, key->key) == -1)
		return err_nomem(err);
	return ST_OK;
}
