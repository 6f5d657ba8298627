/* SPDX-License-Identifier: MIT */
/* Comparing entries and stamps: see entry.h for what counts. */
#include "config.h"

#include "core/entry.h"

bool
entry_same(const struct entry *a, const struct entry *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind != ENTRY_TEXT)
		return true;
	return a->exec == b->exec && hash_equal(&a->hash, &b->hash);
}

bool
stamp_equal(const struct stamp *a, const struct stamp *b)
{
	return stamp_same_file(a, b) && a->ctime == b->ctime &&
	    a->mode == b->mode;
}

bool
stamp_same_file(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	    a->mtime == b->mtime;
}
