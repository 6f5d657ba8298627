/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_UNIT_H
#define DSYNC_TESTS_UNIT_UNIT_H

/*
 * What every test program needs: a main, and a folder of its own.
 *
 *	static Suite *suite(void) { ... }
 *	UNIT_MAIN(suite);
 */

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#define UNIT_MAIN(suite)                                                       \
	int main(void)                                                         \
	{                                                                      \
		SRunner *runner = srunner_create(suite());                     \
		int failed;                                                    \
                                                                               \
		srunner_run_all(runner, CK_NORMAL);                            \
		failed = srunner_ntests_failed(runner);                        \
		srunner_free(runner);                                          \
		return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;              \
	}                                                                      \
	struct unit_main_needs_a_semicolon

#define UNIT_FOLDER 64

static inline int
unit_remove_one(const char *path, const struct stat *st, int type,
    struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

/* Makes a new, empty folder, readable by nobody else; writes its path. */
static inline void
unit_folder(char path[UNIT_FOLDER])
{
	snprintf(path, UNIT_FOLDER, "/tmp/dsync-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(path));
}

/* Removes it with all that is in it. */
static inline void
unit_folder_remove(const char *path)
{
	ck_assert_int_eq(nftw(path, unit_remove_one, 16, FTW_DEPTH | FTW_PHYS),
	    0);
}

#endif
