/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_NOMEM_H
#define DSYNC_TESTS_NOMEM_H

/*
 * Runs out of memory on demand.  A test that uses it is linked with
 *
 *	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
 *
 * which catches the calls of the objects in the program itself, not those
 * inside shared libraries.  Typical use:
 *
 *	for (k = 1;; k++) {
 *		nomem_at(k);
 *		st = f();
 *		if (st == ST_OK)
 *			break;
 *		ck_assert_int_eq(st, ST_NOMEM);
 *	}
 *	nomem_at(0);
 */

/* The k-th allocation from here on fails, once; with k = 0 none does. */
void nomem_at(long k);

/* How many allocations were asked for since the last nomem_at(). */
long nomem_count(void);

#endif
