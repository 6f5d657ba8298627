/* SPDX-License-Identifier: MIT */
/*
 * Bytes as what an agent answers, which may be on another machine.  Its keys
 * make up what was read, and each base64 is its blob.
 */
#include "config.h"

#include <openssl/evp.h>

#include "fuzz.h"
#include "net/ssh_agent_list.h"
#include "util/auto.h"

static size_t
number(const uint8_t *p)
{
	return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 |
	    p[3];
}

static void
check_key(const struct ssh_agent_key *key)
{
	const size_t blob = number(key->entry), len = strlen(key->base64);
	autofree uint8_t *back = malloc(len + 1);

	FUZZ_CHECK(back != NULL);
	FUZZ_CHECK(key->len == 8 + blob + number(key->entry + 4 + blob));
	FUZZ_CHECK(len == (blob + 2) / 3 * 4);
	FUZZ_CHECK(EVP_DecodeBlock(back, (const uint8_t *)key->base64,
		       (int)len) == (int)len / 4 * 3);
	FUZZ_CHECK(memcmp(back, key->entry + 4, blob) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(ssh_agent_list) struct ssh_agent_list list = { 0 };
	const uint8_t *at;
	struct err err;
	size_t i;

	if (ssh_agent_list_parse(data, size, &list, &err) != ST_OK) {
		fuzz_error(&err, ST_LINK);
		FUZZ_CHECK(list.keys == NULL && list.n == 0);
		return 0;
	}
	FUZZ_CHECK(list.n == number(data + 1));
	at = data + 5;
	for (i = 0; i < list.n; i++) {
		FUZZ_CHECK(list.keys[i].entry == at);
		check_key(&list.keys[i]);
		at += list.keys[i].len;
	}
	FUZZ_CHECK(at <= data + size);
	return 0;
}
