/* SPDX-License-Identifier: MIT */
/*
 * Text or not.  The inner loop has neither a branch nor a length that changes,
 * so that compilers look at 16 bytes or more at once (at -O2, too); a block is
 * small enough that a binary ends early.
 */
#include "config.h"

#include "core/text.h"

#include <stdint.h>

#define BLOCK 64

/* Not 0 if one of the len bytes is a control byte that no text needs. */
static inline uint8_t
bad_bytes(const uint8_t *p, size_t len)
{
	uint8_t bad = 0, control, used;
	size_t i;

	for (i = 0; i < len; i++) {
		control = p[i] < 0x20;
		used = (p[i] >= 0x07) & (p[i] <= 0x0d);
		used |= p[i] == 0x1b;
		bad |= control & (used ^ 1);
	}
	return bad;
}

bool
text_check(const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len >= BLOCK; p += BLOCK, len -= BLOCK)
		if (bad_bytes(p, BLOCK) != 0)
			return false;
	return bad_bytes(p, len) == 0;
}
