/* SPDX-License-Identifier: MIT */
/*
 * The linker's --wrap sends every malloc(), calloc() and realloc() of the
 * program through here, where they are counted and one of them can fail.
 */
#include "config.h"

#include "nomem.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static long count;
static long victim;

void
nomem_at(long k)
{
	count = 0;
	victim = k;
}

long
nomem_count(void)
{
	return count;
}

static bool
fails(void)
{
	count++;
	if (count != victim)
		return false;
	errno = ENOMEM;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

/* The C library's own calls its realloc(), which nothing can wrap. */
void *
reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (!__builtin_mul_overflow(n, size, &bytes))
		return __wrap_realloc(p, bytes);
	errno = ENOMEM;
	return NULL;
}
