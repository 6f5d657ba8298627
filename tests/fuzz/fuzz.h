/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_FUZZ_H
#define DSYNC_TESTS_FUZZ_H

/*
 * Each fuzz_*.c defines the one function that libFuzzer calls with bytes of
 * its own making.  Linked with fuzz_replay.c instead of libFuzzer, it is a
 * test that goes through the files of a corpus.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/line.h"
#include "util/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An assert() that stays with NDEBUG. */
#define FUZZ_CHECK(true_or_found)                                              \
	do {                                                                   \
		if (!(true_or_found))                                          \
			abort();                                               \
	} while (0)

/* It is this error, and says so in one line that a terminal is safe from. */
static inline void
fuzz_error(const struct err *err, enum status code)
{
	FUZZ_CHECK(err->code == code && err->text[0] != '\0');
	FUZZ_CHECK(line_ok(err->text, strlen(err->text)));
}

/*
 * What goes before the next NUL, with one behind it in memory of its own
 * size, to be freed; it is taken off the input, and so is its end.
 */
static inline char *
fuzz_text(const uint8_t **data, size_t *size)
{
	char *text = strndup((const char *)*data, *size);
	size_t used;

	FUZZ_CHECK(text != NULL);
	used = strlen(text);
	used += used < *size;
	*data += used;
	*size -= used;
	return text;
}

/* The next byte; 0 at the end. */
static inline uint8_t
fuzz_byte(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return 0;
	(*size)--;
	return *(*data)++;
}

#endif
