/* SPDX-License-Identifier: MIT */
/*
 * sshd writes a file with a line for each way that was gone:
 * "publickey ssh-ed25519 AAAA...".  The fingerprint is the hash of the key.
 */
#include "config.h"

#include "whose.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "util/auto.h"
#include "util/hash.h"

#define LINE_LIMIT 16384
#define METHOD	   "publickey "

static void
auto_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

static char *
fingerprint(const char *base64)
{
	const size_t len = strlen(base64);
	autofree uint8_t *key = malloc(len + 4);
	AUTO(hasher) struct hasher *h = NULL;
	uint8_t text[64];
	struct hash hash;
	char *ret = NULL;
	int n, padding = 0;

	if (key == NULL || len == 0 || len % 4 != 0 || len > LINE_LIMIT ||
	    hasher_new(&h) != ST_OK)
		return NULL;
	n = EVP_DecodeBlock(key, (const uint8_t *)base64, (int)len);
	while (padding < 2 && base64[len - 1 - (size_t)padding] == '=')
		padding++;
	if (n <= padding ||
	    hasher_once(h, key, (size_t)(n - padding), &hash) != ST_OK)
		return NULL;
	n = EVP_EncodeBlock(text, hash.b, HASH_SIZE);
	while (n > 0 && text[n - 1] == '=')
		n--;
	return asprintf(&ret, "SHA256:%.*s", n, (const char *)text) == -1 ?
	    NULL :
	    ret;
}

char *
whose_key(void)
{
	const char *path = getenv("SSH_USER_AUTH");
	__attribute__((cleanup(auto_file))) FILE *f = NULL;
	autofree char *line = malloc(LINE_LIMIT);
	char *word, *rest = NULL;

	f = path == NULL || line == NULL ? NULL : fopen(path, "re");
	while (f != NULL && fgets(line, LINE_LIMIT, f) != NULL) {
		if (strncmp(line, METHOD, strlen(METHOD)) != 0)
			continue;
		/* The kind of the key, then the key. */
		word = strtok_r(line + strlen(METHOD), " \n", &rest);
		word = word == NULL ? NULL : strtok_r(NULL, " \n", &rest);
		return word == NULL ? NULL : fingerprint(word);
	}
	return NULL;
}
