/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 through libcrypto's EVP.  The algorithm is fetched once per hasher:
 * the implicit fetch of the one-call functions costs more than hashing a note.
 */
#include "config.h"

#include "util/hash.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "util/str.h"

struct hasher {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};

enum status
hasher_new(struct hasher **ret)
{
	AUTO(hasher) struct hasher *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return ST_NOMEM;
	h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
	h->ctx = EVP_MD_CTX_new();
	if (h->md == NULL || h->ctx == NULL)
		return ST_NOMEM;
	*ret = h;
	h = NULL;
	return ST_OK;
}

void
hasher_free(struct hasher *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->ctx);
	EVP_MD_free(h->md);
	free(h);
}

enum status
hasher_start(struct hasher *h)
{
	return EVP_DigestInit_ex2(h->ctx, h->md, NULL) == 1 ? ST_OK : ST_NOMEM;
}

enum status
hasher_add(struct hasher *h, const void *data, size_t len)
{
	return EVP_DigestUpdate(h->ctx, data, len) == 1 ? ST_OK : ST_NOMEM;
}

enum status
hasher_end(struct hasher *h, struct hash *ret)
{
	return EVP_DigestFinal_ex(h->ctx, ret->b, NULL) == 1 ? ST_OK : ST_NOMEM;
}

enum status
hasher_once(struct hasher *h, const void *data, size_t len, struct hash *ret)
{
	enum status st = hasher_start(h);

	if (st == ST_OK)
		st = hasher_add(h, data, len);
	return st == ST_OK ? hasher_end(h, ret) : st;
}

bool
hash_equal(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, HASH_SIZE) == 0;
}

void
hash_hex(const struct hash *h, char hex[HASH_HEX])
{
	str_hex(h->b, HASH_SIZE, hex);
}

bool
hash_parse(const char *hex, struct hash *ret)
{
	struct hash h;
	size_t len;

	if (!str_unhex(hex, h.b, HASH_SIZE, &len) || len != HASH_SIZE)
		return false;
	*ret = h;
	return true;
}
