/* SPDX-License-Identifier: MIT */
/*
 * The type, how many keys there are, and for each the blob and a comment.
 * Numbers have four bytes, big endian; a string has its length in front.
 */
#include "config.h"

#include "net/ssh_agent_list.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "util/auto.h"

#define KEYS_LIMIT 1024
#define NUMBER	   4

void
ssh_agent_list_fini(struct ssh_agent_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->keys[i].base64);
	free(list->keys);
	memset(list, 0, sizeof(*list));
}

static uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* Skips a string with its length; false if it goes over the end. */
static bool
skip_string(const uint8_t **p, const uint8_t *end)
{
	size_t len;

	if (end - *p < NUMBER)
		return false;
	len = get_u32(*p);
	if (len > (size_t)(end - *p) - NUMBER)
		return false;
	*p += NUMBER + len;
	return true;
}

static char *
base64_of(const uint8_t *blob, size_t len)
{
	char *text = malloc(len / 3 * 4 + 8);

	if (text != NULL)
		EVP_EncodeBlock((uint8_t *)text, blob, (int)len);
	return text;
}

static enum status
read_key(const uint8_t **p, const uint8_t *end, struct ssh_agent_list *list,
    struct err *err)
{
	struct ssh_agent_key key = { .entry = *p };
	const uint8_t *comment;

	if (!skip_string(p, end))
		return err_set(err, ST_LINK, "the agent talks nonsense");
	comment = *p;
	if (!skip_string(p, end))
		return err_set(err, ST_LINK, "the agent talks nonsense");
	key.len = (size_t)(*p - key.entry);
	key.base64 = base64_of(key.entry + NUMBER,
	    (size_t)(comment - key.entry) - NUMBER);
	if (key.base64 == NULL)
		return err_nomem(err);
	list->keys[list->n++] = key;
	return ST_OK;
}

enum status
ssh_agent_list_parse(const uint8_t *message, size_t len,
    struct ssh_agent_list *ret, struct err *err)
{
	AUTO(ssh_agent_list) struct ssh_agent_list list = { 0 };
	const uint8_t *p, *end = message + len;
	enum status st = ST_OK;
	size_t count;

	if (len < 1 + NUMBER || message[0] != SSH_AGENT_LIST)
		return err_set(err, ST_LINK, "the agent refuses to talk");
	count = get_u32(message + 1);
	if (count > KEYS_LIMIT)
		return err_set(err, ST_LINK, "the agent has too many keys");
	list.keys = calloc(count + 1, sizeof(*list.keys));
	if (list.keys == NULL)
		return err_nomem(err);
	p = message + 1 + NUMBER;
	while (st == ST_OK && list.n < count)
		st = read_key(&p, end, &list, err);
	if (st != ST_OK)
		return st;
	*ret = list;
	memset(&list, 0, sizeof(list));
	return ST_OK;
}
