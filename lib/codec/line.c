/* SPDX-License-Identifier: MIT */
/*
 * What may stand in a text that the other side will show to a person.  A
 * text of ours may have been cut inside a character or quote something that
 * nobody escaped; then its good beginning is sent instead of a bad message.
 */
#include "config.h"

#include "codec/line.h"

#include <stdint.h>
#include <string.h>

#include "util/str.h"

/* C1 is U+0080..U+009F: 0xc2, then 0x80..0x9f. */
static bool
is_control(uint8_t before, uint8_t c)
{
	return c < 0x20 || c == 0x7f ||
	    (before == 0xc2 && c >= 0x80 && c <= 0x9f);
}

bool
line_ok(const char *s, size_t len)
{
	uint8_t before = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (is_control(before, (uint8_t)s[i]))
			return false;
		before = (uint8_t)s[i];
	}
	return str_utf8(s, len);
}

size_t
line_len(const char *s, size_t max)
{
	size_t len = strnlen(s, max);

	while (!line_ok(s, len))
		len--;
	return len;
}
