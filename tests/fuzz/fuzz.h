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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An assert() that stays with NDEBUG. */
#define FUZZ_CHECK(true_or_found)                                              \
	do {                                                                   \
		if (!(true_or_found))                                          \
			abort();                                               \
	} while (0)

#endif
