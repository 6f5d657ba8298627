/* SPDX-License-Identifier: MIT */
/* What is text: every byte alone, real texts, and where a bad byte stands. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "core/text.h"
#include "unit.h"

START_TEST(judges_every_byte)
{
	/* Alone, each of the 256 bytes is text or not as the header says. */
	static const char allowed[] = "\a\b\t\n\v\f\r\x1b";
	int c;

	for (c = 0; c < 256; c++) {
		uint8_t byte = (uint8_t)c;
		bool text = c >= 0x20 || memchr(allowed, c, 8) != NULL;

		ck_assert_msg(text_check(&byte, 1) == text, "byte 0x%02x", c);
	}
}
END_TEST

#define BYTES(s) s, sizeof(s) - 1

static const struct {
	const char *data;
	size_t len;
	bool text;
} samples[] = {
	{ BYTES(""), true },
	{ BYTES("one\r\ntwo\r\n"), true },
	{ BYTES("no newline"), true },
	{ BYTES("\xef\xbb\xbfUTF-8 with a mark\n"), true },
	{ BYTES("Gr\xfc\xdf"
		"e in Latin-1\n"),
	    true },
	{ BYTES("\x1b[1mbold\x1b[0m\b\f"), true },
	{ BYTES("\xff\xfeU\0T\0F\0-\0"), false },
	{ BYTES("\x7f"
		"ELF\x02\x01\x01\0"),
	    false },
	{ BYTES("\x89PNG\r\n\x1a\n"), false },
	{ BYTES("PK\x03\x04"), false },
	{ BYTES("\x1f\x8b\x08"), false },
};

START_TEST(judges_samples)
{
	/* Texts as people have them, and the heads of well-known binaries. */
	ck_assert_int_eq(text_check(samples[_i].data, samples[_i].len),
	    samples[_i].text);
}
END_TEST

START_TEST(finds_a_bad_byte_anywhere)
{
	/* One NUL is found wherever it stands, block ends included. */
	static char data[20000];
	size_t i;

	memset(data, 'x', sizeof(data));
	ck_assert(text_check(data, sizeof(data)));
	for (i = 0; i < sizeof(data); i += i % 4096 < 4090 ? 13 : 1) {
		data[i] = '\0';
		ck_assert_msg(!text_check(data, sizeof(data)), "at %zu", i);
		ck_assert(text_check(data, i));
		data[i] = 'x';
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("core text");
	TCase *t = tcase_create("all");

	tcase_add_test(t, judges_every_byte);
	tcase_add_loop_test(t, judges_samples, 0,
	    sizeof(samples) / sizeof(samples[0]));
	tcase_add_test(t, finds_a_bad_byte_anywhere);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
