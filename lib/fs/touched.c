/* SPDX-License-Identifier: MIT */
/*
 * A sorted array of paths.  It is sorted as if the slash came before all other
 * bytes, so that a folder stands right before what is below it ("a", "a/x",
 * "a.b"), and folding that into the folder is cutting out one piece.  The
 * array is short (TOUCHED_LIMIT), so moving its end costs less than a tree.
 */
#include "config.h"

#include "fs/touched.h"

#include <stdlib.h>
#include <string.h>

#include "core/path.h"

struct touched {
	struct touched_path **v;
	size_t n;
	size_t cap;
	size_t bytes; /* of their paths */
	bool all; /* everything; then v is empty */
	int64_t all_first;
	int64_t all_last;
};

enum status
touched_new(struct touched **ret)
{
	struct touched *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return ST_NOMEM;
	*ret = t;
	return ST_OK;
}

void
touched_clear(struct touched *t)
{
	while (t->n > 0)
		free(t->v[--t->n]);
	t->bytes = 0;
	t->all = false;
}

void
touched_free(struct touched *t)
{
	if (t == NULL)
		return;
	touched_clear(t);
	free(t->v);
	free(t);
}

void
touched_list_free(struct touched_list *list)
{
	size_t i;

	if (list == NULL)
		return;
	for (i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list);
}

static unsigned
rank(char c)
{
	return c == '\0' ? 0 : c == '/' ? 1 : 1 + (unsigned)(unsigned char)c;
}

static int
compare(const char *a, const char *b)
{
	while (*a == *b && *a != '\0') {
		a++;
		b++;
	}
	return (int)rank(*a) - (int)rank(*b);
}

/* Where path stands, or would. */
static size_t
find_place(const struct touched *t, const char *path)
{
	size_t lo = 0, hi = t->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (compare(t->v[mid]->path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Behind the last one that is dir or below it. */
static size_t
find_end(const struct touched *t, const char *dir)
{
	size_t lo = find_place(t, dir), hi = t->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(t->v[mid]->path, dir) == 0 ||
		    path_below(t->v[mid]->path, dir))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct touched_path *
find(const struct touched *t, const char *path)
{
	size_t at = find_place(t, path);

	if (at == t->n || strcmp(t->v[at]->path, path) != 0)
		return NULL;
	return t->v[at];
}

static void
touch_all(struct touched *t, int64_t now)
{
	int64_t first = now;
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->v[i]->first < first)
			first = t->v[i]->first;
	if (t->all && t->all_first < first)
		first = t->all_first;
	touched_clear(t);
	t->all = true;
	t->all_first = first;
	t->all_last = now;
}

/* The folder above that covers path already, or NULL. */
static struct touched_path *
find_cover(const struct touched *t, const char *path)
{
	struct touched_path *found;
	char dir[PATH_LIMIT];
	const char *slash;

	for (slash = strchr(path, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		memcpy(dir, path, (size_t)(slash - path));
		dir[slash - path] = '\0';
		found = find(t, dir);
		if (found != NULL && found->deep)
			return found;
	}
	return NULL;
}

/* Room in the array for one more. */
static bool
grow(struct touched *t)
{
	const size_t cap = t->cap * 2 + 16;
	struct touched_path **v;

	if (t->n < t->cap)
		return true;
	v = realloc(t->v, cap * sizeof(struct touched_path *));
	if (v == NULL)
		return false;
	t->v = v;
	t->cap = cap;
	return true;
}

static struct touched_path *
insert(struct touched *t, const char *path, int64_t now)
{
	const size_t at = find_place(t, path), size = strlen(path) + 1;
	struct touched_path *p;

	if (!grow(t))
		return NULL;
	p = malloc(sizeof(*p) + size);
	if (p == NULL)
		return NULL;
	*p = (struct touched_path){ .first = now, .last = now };
	memcpy(p->path, path, size);
	memmove(t->v + at + 1, t->v + at,
	    (t->n - at) * sizeof(struct touched_path *));
	t->v[at] = p;
	t->n++;
	t->bytes += size;
	return p;
}

/* What stands below a folder goes into it. */
static void
absorb(struct touched *t, struct touched_path *folder)
{
	const size_t from = find_place(t, folder->path) + 1;
	const size_t to = find_end(t, folder->path);
	size_t i;

	for (i = from; i < to; i++) {
		if (t->v[i]->first < folder->first)
			folder->first = t->v[i]->first;
		t->bytes -= strlen(t->v[i]->path) + 1;
		free(t->v[i]);
	}
	memmove(t->v + from, t->v + to,
	    (t->n - to) * sizeof(struct touched_path *));
	t->n -= to - from;
	folder->deep = true;
}

/* The path itself, not looking at what it makes too much. */
static struct touched_path *
touch(struct touched *t, const char *path, bool deep, int64_t now)
{
	struct touched_path *p = find(t, path);

	if (p == NULL)
		p = insert(t, path, now);
	if (p == NULL)
		return NULL;
	p->last = now;
	if (deep && !p->deep)
		absorb(t, p);
	return p;
}

/* The deepest folder above path that too much is below of, in dir. */
static bool
find_full(const struct touched *t, const char *path, char dir[PATH_LIMIT])
{
	size_t len = path_dir_len(path);

	memcpy(dir, path, strlen(path) + 1);
	for (; len > 0; len = path_dir_len(dir)) {
		dir[len] = '\0';
		if (find_end(t, dir) - find_place(t, dir) >
		    TOUCHED_FOLDER_LIMIT)
			return true;
	}
	return false;
}

void
touched_add(struct touched *t, const char *path, bool deep, int64_t now)
{
	char dir[PATH_LIMIT];
	struct touched_path *p;

	if (t->all || *path == '\0') {
		touch_all(t, now);
		return;
	}
	p = find_cover(t, path);
	if (p != NULL) {
		p->last = now;
		return;
	}
	p = touch(t, path, deep, now);
	if (p != NULL && find_full(t, path, dir))
		p = touch(t, dir, true, now);
	if (p == NULL || t->n > TOUCHED_LIMIT || t->bytes > TOUCHED_BYTES)
		touch_all(t, now);
}

bool
touched_waiting(const struct touched *t, int64_t *ret_first, int64_t *ret_last)
{
	int64_t first = t->all ? t->all_first : INT64_MAX;
	int64_t last = t->all ? t->all_last : INT64_MAX;
	size_t i;

	if (!t->all && t->n == 0)
		return false;
	for (i = 0; i < t->n; i++) {
		if (t->v[i]->first < first)
			first = t->v[i]->first;
		if (t->v[i]->last < last)
			last = t->v[i]->last;
	}
	*ret_first = first;
	*ret_last = last;
	return true;
}

static struct touched_list *
new_list(size_t n)
{
	struct touched_list *list;

	list = malloc(sizeof(*list) + n * sizeof(struct touched_path *));
	if (list != NULL)
		list->n = 0;
	return list;
}

static enum status
take_all(struct touched *t, struct touched_list **ret)
{
	AUTO(touched_list) struct touched_list *list = new_list(1);
	struct touched_path *p = malloc(sizeof(*p) + 1);

	if (list == NULL || p == NULL) {
		free(p);
		return ST_NOMEM;
	}
	*p = (struct touched_path){ .first = t->all_first,
		.last = t->all_last,
		.deep = true };
	p->path[0] = '\0';
	list->v[list->n++] = p;
	t->all = false;
	*ret = list;
	list = NULL;
	return ST_OK;
}

static int
by_strcmp(const void *a, const void *b)
{
	const struct touched_path *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

enum status
touched_take(struct touched *t, int64_t quiet, int64_t overdue,
    struct touched_list **ret)
{
	struct touched_list *list;
	struct touched_path *p;
	size_t i, left = 0;

	if (t->all && (t->all_last <= quiet || t->all_first <= overdue))
		return take_all(t, ret);
	list = new_list(t->n);
	if (list == NULL)
		return ST_NOMEM;
	for (i = 0; i < t->n; i++) {
		p = t->v[i];
		if (p->last <= quiet || p->first <= overdue) {
			t->bytes -= strlen(p->path) + 1;
			list->v[list->n++] = p;
		} else {
			t->v[left++] = p;
		}
	}
	t->n = left;
	qsort(list->v, list->n, sizeof(struct touched_path *), by_strcmp);
	*ret = list;
	return ST_OK;
}
