/* SPDX-License-Identifier: MIT */
/*
 * Bytes as the contents of a file: text or not, wherever the byte stands that
 * decides; as a line that the other side wants to have shown; and as a name
 * that is shown: safely, all of it, and cut only where there is no room.
 */
#include "config.h"

#include <stdio.h>

#include "core/text.h"
#include "fuzz.h"
#include "util/auto.h"
#include "util/str.h"

/* As the header says it. */
static bool
wanted(uint8_t c)
{
	return c >= 0x20 || (c >= 0x07 && c <= 0x0d) || c == 0x1b;
}

static void
check_contents(const uint8_t *data, size_t size)
{
	bool text = true;
	size_t i;

	for (i = 0; i < size; i++) {
		FUZZ_CHECK(text_check(data, i) == text);
		text &= wanted(data[i]);
		FUZZ_CHECK(text_check(data + i, 1) == wanted(data[i]));
	}
	FUZZ_CHECK(text_check(data, size) == text);
	for (i = 0; i < size && text; i++)
		FUZZ_CHECK(text_check(data + i, size - i));
}

/* Length of the character at s by the table of Unicode, or 0. */
static size_t
character(const uint8_t *s, size_t len)
{
	static const struct {
		uint8_t first, last; /* of the first byte */
		uint8_t least, most; /* of the second one */
		size_t len;
	} rows[] = { { 0x00, 0x7f, 0, 0, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 } };
	size_t i, k;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (s[0] >= rows[i].first && s[0] <= rows[i].last)
			break;
	if (i == sizeof(rows) / sizeof(rows[0]) || rows[i].len > len)
		return 0;
	for (k = 1; k < rows[i].len; k++)
		if (s[k] < (k == 1 ? rows[i].least : 0x80) ||
		    s[k] > (k == 1 ? rows[i].most : 0xbf))
			return 0;
	return rows[i].len;
}

static bool
safe(const uint8_t *s, size_t len)
{
	size_t n;

	for (; len > 0; s += n, len -= n) {
		n = character(s, len);
		if (n == 0 || s[0] < 0x20 || s[0] == 0x7f ||
		    (s[0] == 0xc2 && s[1] < 0xa0))
			return false;
	}
	return true;
}

static void
check_line(const char *name)
{
	const uint8_t *s = (const uint8_t *)name;
	const size_t len = strlen(name);
	size_t n, i;
	bool good = true;

	for (i = 0; i < len && good; i += n) {
		n = character(s + i, len - i);
		good = n > 0;
	}
	FUZZ_CHECK(str_utf8(name, len) == good);
	FUZZ_CHECK(line_ok(name, len) == safe(s, len));
	n = line_len(name, SIZE_MAX);
	FUZZ_CHECK(n <= len && safe(s, n));
	for (i = n + 1; i <= len; i++)
		FUZZ_CHECK(!safe(s, i));
}

/* What stands behind an escaped text; shown has its memory. */
static void
unescape(char *shown)
{
	unsigned byte;
	char *to = shown, *p;

	for (p = shown; *p != '\0'; p++) {
		if (*p != '\\') {
			*to++ = *p;
			continue;
		}
		p++;
		FUZZ_CHECK(*p != '\0' && strchr("nt\\x", *p) != NULL);
		if (*p == 'x') {
			FUZZ_CHECK(sscanf(p + 1, "%2x", &byte) == 1);
			*to++ = (char)byte;
			p += 2;
		} else {
			*to++ = (char)(*p == 'n' ? '\n' :
				*p == 't'	 ? '\t' :
						   '\\');
		}
	}
	*to = '\0';
}

static void
check_shown(const char *name, size_t room)
{
	const size_t most = 4 * strlen(name) + 4;
	autofree char *whole = malloc(most), *cut = malloc(room);
	size_t len;

	FUZZ_CHECK(whole != NULL && cut != NULL);
	FUZZ_CHECK(str_show_n(whole, most, name) == whole);
	len = strlen(whole);
	FUZZ_CHECK(safe((const uint8_t *)whole, len));
	str_show_n(cut, room, name);
	if (len < room) {
		FUZZ_CHECK(strcmp(cut, whole) == 0);
	} else {
		len = strlen(cut) - 3;
		FUZZ_CHECK(strcmp(cut + len, "...") == 0);
		FUZZ_CHECK(strncmp(cut, whole, len) == 0);
		FUZZ_CHECK(safe((const uint8_t *)cut, len));
	}
	unescape(whole);
	FUZZ_CHECK(strcmp(whole, name) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t room = 4 + (size_t)fuzz_byte(&data, &size);
	autofree char *name = NULL;

	check_contents(data, size);
	name = fuzz_text(&data, &size);
	check_line(name);
	check_shown(name, room);
	return 0;
}
