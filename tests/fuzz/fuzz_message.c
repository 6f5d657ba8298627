/* SPDX-License-Identifier: MIT */
/*
 * Bytes as the header of a message.  What can be read can be written, and
 * what was written reads as the same and is written the same again.
 */
#include "config.h"

#include <string.h>

#include "codec/frame.h"
#include "codec/line.h"
#include "codec/message.h"
#include "fuzz.h"
#include "util/auto.h"

static void
check_message(const struct message *m)
{
	AUTO(message) struct message back = { 0 };
	autofree char *json = NULL, *again = NULL;
	size_t len, again_len;
	struct err err;

	FUZZ_CHECK(m->records_len <= m->data_len);
	FUZZ_CHECK(m->data_len <= FRAME_DATA_LIMIT);
	FUZZ_CHECK(message_encode(m, &json, &len) == ST_OK);
	FUZZ_CHECK(len <= FRAME_HEADER_LIMIT);
	FUZZ_CHECK(message_decode(json, len, &back, &err) == ST_OK);
	FUZZ_CHECK(back.type == m->type && back.data_len == m->data_len);
	FUZZ_CHECK(strcmp(back.text, m->text) == 0);
	if (m->hello != NULL)
		FUZZ_CHECK(
		    memcmp(back.hello, m->hello, sizeof(*m->hello)) == 0);
	FUZZ_CHECK(message_encode(&back, &again, &again_len) == ST_OK);
	FUZZ_CHECK(len == again_len && memcmp(json, again, len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(message) struct message m = { 0 };
	struct err err;

	if (message_decode((const char *)data, size, &m, &err) == ST_OK) {
		check_message(&m);
		return 0;
	}
	FUZZ_CHECK(err.code == ST_PROTO);
	FUZZ_CHECK(line_ok(err.text, strlen(err.text)));
	return 0;
}
