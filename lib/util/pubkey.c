/* SPDX-License-Identifier: MIT */
/*
 * "ssh-ed25519 AAAA... comment".  The bytes behind the base64 begin with the
 * type again, so that a line which only looks like a key is found out.
 */
#include "config.h"

#include "util/pubkey.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "util/auto.h"
#include "util/str.h"

#define BASE64_LIMIT 16384

void
pubkey_fini(struct pubkey *key)
{
	free(key->type);
	free(key->base64);
	free(key->comment);
	memset(key, 0, sizeof(*key));
}

static bool
is_private(const char *text)
{
	return strstr(text, "PRIVATE KEY-----") != NULL ||
	    strncmp(text, "PuTTY-User-Key-File", 19) == 0 ||
	    strncmp(text, "SSH PRIVATE KEY", 15) == 0;
}

static bool
type_known(const char *type, size_t len)
{
	static const char *const types[] = { "ssh-ed25519", "ssh-rsa",
		"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
		"ecdsa-sha2-nistp521", "sk-ssh-ed25519@openssh.com",
		"sk-ecdsa-sha2-nistp256@openssh.com" };
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strlen(types[i]) == len && memcmp(types[i], type, len) == 0)
			return true;
	return false;
}

/*
 * The bytes that base64 stands for, in room for as many; -1 if it is none, or
 * not the one way to write them: OpenSSL passes over more than sshd does.
 */
static int
decode(const char *base64, size_t len, uint8_t *key)
{
	const size_t digits = strcspn(base64, "=");
	autofree uint8_t *again = malloc(len + 1);
	int n;

	if (again == NULL || digits + 2 < len)
		return -1;
	n = EVP_DecodeBlock(key, (const uint8_t *)base64, (int)len);
	if (n != (int)(len / 4 * 3))
		return -1;
	n -= (int)(len - digits);
	EVP_EncodeBlock(again, key, n);
	return memcmp(again, base64, len) == 0 ? n : -1;
}

/* True if the key says of itself that it is of that type, and says more. */
static bool
type_fits(const char *type, const char *base64)
{
	const size_t len = strlen(base64), n = strlen(type);
	autofree uint8_t *key = NULL;
	int got;

	if (len == 0 || len % 4 != 0 || len > BASE64_LIMIT)
		return false;
	key = malloc(len);
	got = key == NULL ? -1 : decode(base64, len, key);
	return got > (int)(n + 4) + 16 && key[0] == 0 && key[1] == 0 &&
	    key[2] == 0 && key[3] == n && memcmp(key + 4, type, n) == 0;
}

static enum status
no_key(const char *name, const char *why, struct err *err)
{
	char show[STR_SHOW];

	return err_set(err, ST_REFUSED, "%s: %s", str_show(show, name), why);
}

/* Splits line, which has no end; *ret is empty or whole. */
static enum status
parse_line(const char *line, size_t len, const char *name, struct pubkey *ret,
    struct err *err)
{
	AUTO(pubkey) struct pubkey key = { 0 };
	const size_t type = strcspn(line, " \t");
	const char *data = line + type + strspn(line + type, " \t");
	const size_t n = strcspn(data, " \t\r\n");
	const char *rest = data + n + strspn(data + n, " \t");
	char show[STR_SHOW];
	autofree char *comment = NULL;

	if (type >= len || !type_known(line, type))
		return no_key(name,
		    "not a public key of SSH (ssh-ed25519 AAAA...), or one "
		    "with options in front",
		    err);
	key.type = strndup(line, type);
	key.base64 = strndup(data, n);
	comment = rest < line + len ? strndup(rest, strcspn(rest, "\r\n")) :
				      strdup("");
	key.comment = comment == NULL ? NULL : strdup(str_show(show, comment));
	if (key.type == NULL || key.base64 == NULL || key.comment == NULL)
		return err_nomem(err);
	if (!type_fits(key.type, key.base64))
		return no_key(name, "the key in it is damaged", err);
	*ret = key;
	memset(&key, 0, sizeof(key));
	return ST_OK;
}

enum status
pubkey_parse(const char *text, const char *name, struct pubkey *ret,
    struct err *err)
{
	const char *found = NULL;
	size_t len;

	if (is_private(text))
		return no_key(name,
		    "THIS IS A PRIVATE KEY.  It stays where it was made and is "
		    "shown to nobody; what is wanted is the public one, which "
		    "ends in .pub",
		    err);
	for (; *text != '\0'; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		if (text[strspn(text, " \t\r")] == '\n' ||
		    text[strspn(text, " \t\r")] == '\0' || *text == '#')
			continue;
		if (found != NULL)
			return no_key(name, "more than one key is in it", err);
		found = text;
	}
	if (found == NULL)
		return no_key(name, "no key is in it", err);
	return parse_line(found, strcspn(found, "\n"), name, ret, err);
}

/* One of the words between blanks is this one. */
static bool
has_word(const char *line, size_t len, const char *word)
{
	const size_t n = strlen(word);
	const char *end = line + len;
	size_t one;

	for (; line < end; line += one + (line + one < end)) {
		one = strcspn(line, " \t\r\n");
		if (one == n && memcmp(line, word, n) == 0)
			return true;
	}
	return false;
}

unsigned
pubkey_find(const struct pubkey *key, const char *text, const char **ret,
    size_t *ret_len)
{
	unsigned line;
	size_t len;

	for (line = 1; *text != '\0'; line++, text += len + (text[len] != 0)) {
		len = strcspn(text, "\n");
		if (*text == '#' || !has_word(text, len, key->base64))
			continue;
		*ret = text;
		*ret_len = len;
		return line;
	}
	return 0;
}
