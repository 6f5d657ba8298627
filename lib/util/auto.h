/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_UTIL_AUTO_H
#define DSYNC_UTIL_AUTO_H

/*
 * The one cleanup idiom: what a function owns is freed when it goes out of
 * scope.  A hand-over sets the local to NULL or -1:
 *
 *	autofree char *name = NULL;
 *	autoclose int fd = -1;
 *	AUTO(listing) struct listing *list = NULL;
 *
 * AUTO_DEFINE(x) stands in the header of a type struct x with an x_free().
 */

#include <stdlib.h>
#include <unistd.h>

static inline void
auto_free(void *p)
{
	free(*(void **)p);
}

static inline void
auto_close(const int *fd)
{
	if (*fd != -1)
		close(*fd);
}

#define autofree  __attribute__((cleanup(auto_free)))
#define autoclose __attribute__((cleanup(auto_close)))
#define AUTO(x)	  __attribute__((cleanup(auto_##x)))

#define AUTO_DEFINE(x)                                                         \
	static inline void auto_##x(struct x **p)                              \
	{                                                                      \
		x##_free(*p);                                                  \
	}                                                                      \
	struct auto_##x##_needs_a_semicolon

#endif
