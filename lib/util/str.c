/* SPDX-License-Identifier: MIT */
/* Text for people and hex for machines: see str.h. */
#include "config.h"

#include "util/str.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * Length of the well-formed UTF-8 character at s, 0 if there is none; len is
 * not 0.
 * Strings end in NUL, which is no continuation byte, so nothing is read past.
 */
static size_t
utf8_char(const uint8_t *s, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n, i;
	uint32_t c;

	if (s[0] < 0x80)
		return 1;
	n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc0 ? 2 : 0;
	if (n == 0 || s[0] > 0xf4 || n > len)
		return 0;
	c = s[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

void
str_trim_cut(char *s)
{
	const size_t len = strlen(s);
	size_t n;

	for (n = 1; n <= 3 && n <= len; n++) {
		const uint8_t c = (uint8_t)s[len - n];

		if (c < 0x80 || c >= 0xc0) {
			if (c >= (n == 1 ? 0xc0 : n == 2 ? 0xe0 : 0xf0))
				s[len - n] = '\0';
			return;
		}
	}
}

bool
str_utf8(const char *s, size_t len)
{
	size_t i = 0, n;

	while (i < len) {
		n = utf8_char((const uint8_t *)s + i, len - i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

/* How the character at s is shown; returns how many bytes of s that was. */
static size_t
show_char(const char *s, size_t len, char out[8])
{
	const uint8_t c = (uint8_t)*s;
	size_t n = utf8_char((const uint8_t *)s, len);

	if (c == '\n' || c == '\t' || c == '\\') {
		snprintf(out, 8, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : c);
		return 1;
	}
	/* C1 controls are U+0080..U+009F: 0xc2 0x80..0x9f. */
	if (n == 0 || c < 0x20 || c == 0x7f ||
	    (n == 2 && c == 0xc2 && (uint8_t)s[1] < 0xa0)) {
		snprintf(out, 8, "\\x%02x", c);
		return 1;
	}
	memcpy(out, s, n);
	out[n] = '\0';
	return n;
}

const char *
str_show_n(char *buf, size_t size, const char *name)
{
	size_t len = strlen(name), i = 0, used = 0, keep = 0, n;
	char out[8];

	assert(size >= 4);
	while (i < len) {
		i += show_char(name + i, len - i, out);
		n = strlen(out);
		if (used + n + 1 > size) {
			memcpy(buf + keep, "...", 3);
			used = keep + 3;
			break;
		}
		memcpy(buf + used, out, n);
		used += n;
		/* Up to here it stays if the dots are needed. */
		if (used + 4 <= size)
			keep = used;
	}
	buf[used] = '\0';
	return buf;
}

const char *
str_show(char buf[STR_SHOW], const char *name)
{
	return str_show_n(buf, STR_SHOW, name);
}

const char *
str_size(char buf[16], uint64_t n)
{
	static const char *const units[] = { "B", "KB", "MB", "GB", "TB", "PB",
		"EB" };
	double v = (double)n;
	size_t u = 0;

	while (v >= 999.5) {
		v /= 1000;
		u++;
	}
	snprintf(buf, 16, u > 0 && v < 9.95 ? "%.1f %s" : "%.0f %s", v,
	    units[u]);
	return buf;
}

const char *
str_count(char buf[STR_COUNT], uint64_t n)
{
	char digits[24];
	size_t len, i, used = 0;

	len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf[used++] = ',';
		buf[used++] = digits[i];
	}
	buf[used] = '\0';
	return buf;
}

void
str_hex(const void *data, size_t len, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < len; i++) {
		hex[2 * i] = digits[p[i] >> 4];
		hex[2 * i + 1] = digits[p[i] & 15];
	}
	hex[2 * len] = '\0';
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
str_unhex(const char *hex, void *data, size_t cap, size_t *ret_len)
{
	size_t len = strlen(hex), i;
	uint8_t *p = data;
	int hi, lo;

	if (len % 2 != 0 || len / 2 > cap)
		return false;
	for (i = 0; i < len / 2; i++) {
		hi = hex_digit(hex[2 * i]);
		lo = hex_digit(hex[2 * i + 1]);
		if (hi == -1 || lo == -1)
			return false;
		p[i] = (uint8_t)(hi << 4 | lo);
	}
	*ret_len = len / 2;
	return true;
}
