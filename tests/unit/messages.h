/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_MESSAGES_H
#define DSYNC_TESTS_UNIT_MESSAGES_H

/* A message of each type as it looks on the wire, and the reading of it. */

#include <string.h>

#include "codec/line.h"
#include "codec/message.h"
#include "unit.h"

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define HEX64                                                                  \
	"000102030405060708090a0b0c0d0e0f"                                     \
	"101112131415161718191a1b1c1d1eff"

/*
 * Each type as it looks on the wire.
 */
static const char *const wire[MESSAGE__MAX] = {
	[MESSAGE_HELLO] =
	    "{\"t\":\"HELLO\",\"version\":\"0.1\","
	    "\"features\":[\"zstd\",\"x-1\"],\"require\":[],"
	    "\"name\":\"caf\xc3\xa9\",\"root\":\"00ff\","
	    "\"clock\":-9223372036854775808,\"granularity\":1,"
	    "\"sandbox\":\"full\",\"preset\":\"notes\","
	    "\"epoch\":\"abc\",\"seq\":9223372036854775807,"
	    "\"dry_run\":true,\"read_all\":false,\"rate\":1048576,"
	    "\"access\":\"edit\",\"conflict\":\"newest\",\"hidden\":true,"
	    "\"max_size\":104857600}",
	[MESSAGE_PRESETS] = "{\"t\":\"PRESETS\",\"data\":17}",
	[MESSAGE_CHANGES] = "{\"t\":\"CHANGES\",\"epoch\":\"e1\",\"seq\":7,"
			    "\"full\":true,\"more\":false,"
			    "\"fp\":\"" HEX64 "\",\"files\":3,"
			    "\"records\":20,\"n\":2,\"data\":20}",
	[MESSAGE_FILE_UPDATE] = "{\"t\":\"FILE_UPDATE\",\"records\":1,"
				"\"n\":1,\"data\":1048576}",
	[MESSAGE_FILE_DATA] = "{\"t\":\"FILE_DATA\",\"id\":4294967295,"
			      "\"offset\":9223372036854775807,"
			      "\"last\":true,\"bad\":false,\"data\":262144}",
	[MESSAGE_FILE_DELETE] = "{\"t\":\"FILE_DELETE\"}",
	[MESSAGE_FILE_MOVE] = "{\"t\":\"FILE_MOVE\"}",
	[MESSAGE_GET] = "{\"t\":\"GET\"}",
	[MESSAGE_ACK] = "{\"t\":\"ACK\"}",
	[MESSAGE_REFUSED] = "{\"t\":\"REFUSED\"}",
	[MESSAGE_DONE] = "{\"t\":\"DONE\",\"epoch\":\"\",\"seq\":0,"
			 "\"fp\":\"" HEX64 "\",\"files\":3,\"equal\":true}",
	[MESSAGE_PING] = "{\"t\":\"PING\",\"token\":-1}",
	[MESSAGE_PONG] = "{\"t\":\"PONG\",\"token\":12}",
	[MESSAGE_ERROR] = "{\"t\":\"ERROR\",\"code\":7,\"text\":\"no \\\"\"}",
	[MESSAGE_BYE] = "{\"t\":\"BYE\"}",
};

static struct err err;

static inline enum status
decode(const char *json, struct message *ret)
{
	memset(&err, 0, sizeof(err));
	return message_decode(json, strlen(json), ret, &err);
}

static inline void
decode_good(const char *json, struct message *ret)
{
	ck_assert_msg(decode(json, ret) == ST_OK, "%s: %s", json, err.text);
}

static inline bool
all_zero(const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len > 0 && *p == 0) {
		p++;
		len--;
	}
	return len == 0;
}

/* The header is refused, says why, and leaves nothing behind. */
static inline void
decode_bad(const char *json, const char *why)
{
	struct message m;

	memset(&m, 0xa5, sizeof(m));
	ck_assert_msg(decode(json, &m) == ST_PROTO, "taken: %s", json);
	ck_assert_msg(strstr(err.text, why) != NULL, "%s: %s, not %s", json,
	    err.text, why);
	ck_assert(all_zero(&m, sizeof(m)));
	ck_assert(line_ok(err.text, strlen(err.text)));
}

#endif
