/* SPDX-License-Identifier: MIT */
/*
 * After flags, an exit code and a size of pieces: bytes as the standard error
 * of what leads to another machine.  They come as lines, none too long and
 * none lost, whatever the pieces; and a reason for the end is one line.
 */
#include "config.h"

#include "fuzz.h"
#include "net/aside.h"
#include "util/auto.h"
#include "util/buf.h"

#define OWN "dsync: "

/* Lines, each with an end. */
static void
hear(void *ctx, const char *text)
{
	struct buf *lines = ctx;
	const size_t len = strlen(text);

	FUZZ_CHECK(len > 0 && len < ASIDE_LINE);
	FUZZ_CHECK(strpbrk(text, "\r\n") == NULL);
	FUZZ_CHECK(buf_put(lines, text, len) == ST_OK);
	FUZZ_CHECK(buf_put(lines, "\n", 1) == ST_OK);
}

static void
take_all(struct aside *a, const uint8_t *data, size_t size, size_t piece,
    struct buf *ret)
{
	size_t n;

	for (; size > 0; data += n, size -= n) {
		n = piece < size ? piece : size;
		aside_take(a, (const char *)data, n, hear, ret);
	}
	aside_end(a, hear, ret);
}

static void
put_line(const char *line, bool own, struct buf *ret)
{
	if (*line != '\0' && !(own && strncmp(line, OWN, strlen(OWN)) == 0))
		hear(ret, line);
}

/* The same with all bytes at hand; *last is the last line of all. */
static void
cut_all(const uint8_t *data, size_t size, bool own, struct buf *ret,
    char last[ASIDE_LINE])
{
	char line[ASIDE_LINE] = "";
	size_t len = 0, i;

	for (i = 0; i <= size; i++) {
		const uint8_t c = i < size ? data[i] : '\n';

		if (c == '\r' || c == '\0')
			continue;
		if (c == '\n' || len == ASIDE_LINE - 1) {
			put_line(line, own, ret);
			if (len > 0)
				memcpy(last, line, sizeof(line));
			memset(line, 0, sizeof(line));
			len = 0;
		}
		if (c != '\n')
			line[len++] = (char)c;
	}
}

static void
check_same(const struct buf *a, const struct buf *b)
{
	FUZZ_CHECK(a->len == b->len);
	FUZZ_CHECK(
	    a->len == 0 || memcmp(buf_data(a), buf_data(b), a->len) == 0);
}

static void
check_why(const struct aside *a, int code)
{
	static const enum status any[] = { ST_PEER, ST_USAGE, ST_LINK, ST_AUTH,
		ST_NOMEM, ST_CONNECT };
	enum status st;
	struct err err;
	size_t i = 0;

	st = aside_why(a, "box", code, &err);
	if (st == ST_OK)
		return;
	while (any[i] != st) {
		i++;
		FUZZ_CHECK(i < sizeof(any) / sizeof(any[0]));
	}
	fuzz_error(&err, st);
	FUZZ_CHECK(code != 0 || a->own);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int codes[] = { 0, 1, 3, 10, 15, 22, 35, 126, 127, 255 };
	AUTO(buf) struct buf pieces = { 0 }, whole = { 0 }, cut = { 0 };
	const bool own = fuzz_byte(&data, &size) % 2 != 0;
	const int code = codes[fuzz_byte(&data, &size) % 10];
	const size_t piece = 1 + (size_t)fuzz_byte(&data, &size);
	struct aside a = { .own = own }, b = { .own = own };
	char last[ASIDE_LINE] = "";

	take_all(&a, data, size, SIZE_MAX, &whole);
	take_all(&b, data, size, piece, &pieces);
	cut_all(data, size, own, &cut, last);
	check_same(&whole, &cut);
	check_same(&pieces, &cut);
	FUZZ_CHECK(strcmp(a.last, last) == 0 && strcmp(b.last, last) == 0);
	check_why(&a, code);
	return 0;
}
