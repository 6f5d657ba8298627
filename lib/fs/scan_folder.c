/* SPDX-License-Identifier: MIT */
/* The items and paths of one folder, a block of memory each. */
#include "config.h"

#include "fs/scan_folder.h"

#include <stdlib.h>
#include <string.h>

void
scan_names_clear(struct scan_names *names)
{
	buf_clear(&names->items);
	buf_clear(&names->paths);
}

void
scan_names_fini(struct scan_names *names)
{
	buf_fini(&names->items);
	buf_fini(&names->paths);
}

enum status
scan_names_add(struct scan_names *names, const struct scan_item *item,
    const char *path)
{
	struct scan_item copy = *item;

	copy.at = names->paths.len;
	if (buf_put(&names->paths, path, strlen(path) + 1) != ST_OK)
		return ST_NOMEM;
	return buf_put(&names->items, &copy, sizeof(copy));
}

static int
compare_items(const void *a, const void *b)
{
	const struct scan_item *x = a, *y = b;

	return strcmp(x->file.path, y->file.path);
}

/* A name that was read twice, for the folder was changed meanwhile. */
static void
drop_twins(struct scan_folder *folder)
{
	size_t i, n = 0;

	for (i = 0; i < folder->n; i++)
		if (n == 0 || compare_items(&folder->v[n - 1], &folder->v[i]))
			folder->v[n++] = folder->v[i];
	folder->n = n;
}

enum status
scan_folder_init(struct scan_folder *ret, const struct scan_names *names)
{
	size_t i;

	*ret = (struct scan_folder){ .n = names->items.len / sizeof(*ret->v) };
	if (ret->n == 0)
		return ST_OK;
	ret->v = malloc(names->items.len);
	ret->paths = malloc(names->paths.len);
	if (ret->v == NULL || ret->paths == NULL)
		return ST_NOMEM;
	memcpy(ret->v, buf_data(&names->items), names->items.len);
	memcpy(ret->paths, buf_data(&names->paths), names->paths.len);
	for (i = 0; i < ret->n; i++)
		ret->v[i].file.path = ret->paths + ret->v[i].at;
	qsort(ret->v, ret->n, sizeof(*ret->v), compare_items);
	drop_twins(ret);
	return ST_OK;
}

void
scan_folder_fini(struct scan_folder *folder)
{
	free(folder->v);
	free(folder->paths);
}

const struct scan_item *
scan_folder_next(struct scan_folder *folder)
{
	return folder->next < folder->n ? &folder->v[folder->next++] : NULL;
}
