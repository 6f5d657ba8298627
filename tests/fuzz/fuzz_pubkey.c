/* SPDX-License-Identifier: MIT */
/*
 * Bytes as the file of a public key, and behind a NUL as authorized_keys.
 * What is taken is one word of base64 and a comment that can do no harm in
 * the line that it is written to, where it is found again.
 */
#include "config.h"

#include <stdio.h>

#include <openssl/evp.h>

#include "fuzz.h"
#include "util/auto.h"
#include "util/pubkey.h"

/* There is one way to write these bytes, and it begins with the type. */
static void
check_base64(const struct pubkey *key)
{
	const size_t len = strlen(key->base64), type = strlen(key->type);
	const size_t filled = len - strcspn(key->base64, "=");
	autofree uint8_t *bytes = malloc(len), *again = malloc(len + 1);
	int n;

	FUZZ_CHECK(bytes != NULL && again != NULL);
	n = EVP_DecodeBlock(bytes, (const uint8_t *)key->base64, (int)len);
	FUZZ_CHECK(n > (int)filled);
	n -= (int)filled;
	FUZZ_CHECK(EVP_EncodeBlock(again, bytes, n) == (int)len);
	FUZZ_CHECK(memcmp(again, key->base64, len) == 0);
	FUZZ_CHECK((size_t)n > 4 + type && bytes[3] == type);
	FUZZ_CHECK(memcmp(bytes + 4, key->type, type) == 0);
}

/* The first line of the text that has the word and is no comment, or 0. */
static unsigned
line_of(const char *text, const char *word)
{
	autofree char *copy = strdup(text);
	char *line, *rest = copy, *one;
	unsigned n = 0;

	FUZZ_CHECK(copy != NULL);
	while ((line = strsep(&rest, "\n")) != NULL) {
		n++;
		if (*line == '#')
			continue;
		while ((one = strsep(&line, " \t\r")) != NULL)
			if (strcmp(one, word) == 0)
				return n;
	}
	return 0;
}

/* There, or below all that stands there. */
static void
check_authorized(const struct pubkey *key, const char *text)
{
	autofree char *longer = NULL;
	const char *at = NULL;
	size_t len = 0;

	FUZZ_CHECK(
	    pubkey_find(key, text, &at, &len) == line_of(text, key->base64));
	FUZZ_CHECK(
	    asprintf(&longer, "%s\nrestrict,command=\"dsync peer\" %s %s %s\n",
		text, key->type, key->base64, key->comment) != -1);
	FUZZ_CHECK(pubkey_find(key, longer, &at, &len) ==
	    line_of(longer, key->base64));
	FUZZ_CHECK(at >= longer && (at == longer || at[-1] == '\n'));
	FUZZ_CHECK(at[len] == '\n' && memchr(at, '\n', len) == NULL);
}

static void
check_key(const struct pubkey *key)
{
	AUTO(pubkey) struct pubkey again = { 0 };
	autofree char *line = NULL;
	struct err err;

	check_base64(key);
	FUZZ_CHECK(line_ok(key->comment, strlen(key->comment)));
	FUZZ_CHECK(asprintf(&line, "%s %s%s%s", key->type, key->base64,
		       *key->comment == '\0' ? "" : " ", key->comment) != -1);
	if (strstr(line, "PRIVATE KEY-----") != NULL)
		return;
	FUZZ_CHECK(pubkey_parse(line, "f", &again, &err) == ST_OK);
	FUZZ_CHECK(strcmp(again.type, key->type) == 0);
	FUZZ_CHECK(strcmp(again.base64, key->base64) == 0);
	if (strchr(key->comment, '\\') == NULL)
		FUZZ_CHECK(strcmp(again.comment, key->comment) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = fuzz_text(&data, &size);
	autofree char *there = fuzz_text(&data, &size);
	AUTO(pubkey) struct pubkey key = { 0 };
	struct err err;

	if (pubkey_parse(text, "f", &key, &err) != ST_OK) {
		fuzz_error(&err, ST_REFUSED);
		FUZZ_CHECK(key.type == NULL && key.base64 == NULL);
		return 0;
	}
	check_key(&key);
	check_authorized(&key, there);
	return 0;
}
