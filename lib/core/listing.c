/* SPDX-License-Identifier: MIT */
/*
 * One array of entries, and their paths in blocks that never move.
 *
 * As long as entries come in order nothing is to be sorted.  The first that
 * does not makes an array of positions, which is what is sorted later: it
 * grows with the entries, so that sorting itself needs no memory and cannot
 * fail, and positions say which of two equal paths was added last.
 */
#include "config.h"

#include "core/listing.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/entry.h"
#include "core/path.h"

#define BLOCK_SIZE ((size_t)64 * 1024)

struct block {
	struct block *next;
	size_t used;
	size_t size;
	char data[];
};

struct listing {
	struct entry *v;
	size_t *order; /* NULL while the entries are in order */
	size_t n;
	size_t cap;
	struct block *blocks; /* the newest first */
	bool sorted; /* closed for adding */
};

enum status
listing_new(struct listing **ret)
{
	struct listing *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return ST_NOMEM;
	*ret = list;
	return ST_OK;
}

void
listing_free(struct listing *list)
{
	struct block *block;

	if (list == NULL)
		return;
	while (list->blocks != NULL) {
		block = list->blocks;
		list->blocks = block->next;
		free(block);
	}
	free(list->order);
	free(list->v);
	free(list);
}

/* Makes v and, if there is one, order hold cap elements. */
static enum status
resize(struct listing *list, size_t cap)
{
	struct entry *v = realloc(list->v, cap * sizeof(*v));
	size_t *order;

	if (v == NULL)
		return ST_NOMEM;
	list->v = v;
	if (list->order != NULL) {
		order = realloc(list->order, cap * sizeof(*order));
		if (order == NULL)
			return ST_NOMEM;
		list->order = order;
	}
	list->cap = cap;
	return ST_OK;
}

static enum status
start_order(struct listing *list)
{
	size_t i;

	list->order = malloc(list->cap * sizeof(*list->order));
	if (list->order == NULL)
		return ST_NOMEM;
	for (i = 0; i < list->n; i++)
		list->order[i] = i;
	return ST_OK;
}

/* Makes room for an entry with this path after those there are. */
static enum status
reserve(struct listing *list, const char *path)
{
	enum status st;

	assert(!list->sorted);
	if (list->n == list->cap) {
		st = resize(list, list->cap + list->cap / 2 + 16);
		if (st != ST_OK)
			return st;
	}
	if (list->order == NULL && list->n > 0 &&
	    strcmp(list->v[list->n - 1].path, path) >= 0)
		return start_order(list);
	return ST_OK;
}

static void
append(struct listing *list, const struct entry *e, const char *path)
{
	if (list->order != NULL)
		list->order[list->n] = list->n;
	list->v[list->n] = *e;
	list->v[list->n].path = path;
	list->n++;
}

/* A copy of path that lives as long as the listing, or NULL. */
static const char *
keep_path(struct listing *list, const char *path)
{
	size_t len = strlen(path) + 1;
	size_t size = len < BLOCK_SIZE ? BLOCK_SIZE : len;
	struct block *block = list->blocks;
	char *copy;

	if (block == NULL || block->size - block->used < len) {
		block = malloc(sizeof(*block) + size);
		if (block == NULL)
			return NULL;
		block->next = list->blocks;
		block->used = 0;
		block->size = size;
		list->blocks = block;
	}
	copy = block->data + block->used;
	memcpy(copy, path, len);
	block->used += len;
	return copy;
}

enum status
listing_add(struct listing *list, const struct entry *e)
{
	enum status st = reserve(list, e->path);
	const char *path;

	if (st != ST_OK)
		return st;
	path = keep_path(list, e->path);
	if (path == NULL)
		return ST_NOMEM;
	append(list, e, path);
	return ST_OK;
}

enum status
listing_add_borrowed(struct listing *list, const struct entry *e)
{
	enum status st = reserve(list, e->path);

	if (st == ST_OK)
		append(list, e, e->path);
	return st;
}

/* By path; equal paths by position, so any sort is a stable one. */
static int
compare_positions(const void *a, const void *b, void *arg)
{
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	const struct entry *v = arg;
	int cmp = strcmp(v[i].path, v[j].path);

	return cmp != 0 ? cmp : i < j ? -1 : i > j;
}

/* Puts v[order[i]] at i, in place: one cycle of moves after the other. */
static void
arrange(struct entry *v, size_t *order, size_t n)
{
	struct entry first;
	size_t i, hole, from;

	for (i = 0; i < n; i++) {
		first = v[i];
		for (hole = i; order[hole] != i; hole = from) {
			from = order[hole];
			v[hole] = v[from];
			order[hole] = hole;
		}
		v[hole] = first;
		order[hole] = hole;
	}
}

static void
drop_overruled(struct listing *list)
{
	size_t i, n = 0;

	for (i = 0; i < list->n; i++) {
		if (i + 1 < list->n &&
		    strcmp(list->v[i].path, list->v[i + 1].path) == 0)
			continue;
		list->v[n++] = list->v[i];
	}
	list->n = n;
}

void
listing_sort(struct listing *list)
{
	list->sorted = true;
	if (list->order == NULL)
		return;
	qsort_r(list->order, list->n, sizeof(*list->order), compare_positions,
	    list->v);
	arrange(list->v, list->order, list->n);
	free(list->order);
	list->order = NULL;
	drop_overruled(list);
}

size_t
listing_count(const struct listing *list)
{
	return list->n;
}

const struct entry *
listing_at(const struct listing *list, size_t i)
{
	assert(i < list->n);
	return &list->v[i];
}

const struct entry *
listing_find(const struct listing *list, const char *path)
{
	size_t lo = 0, hi = list->n, mid;
	int cmp;

	assert(list->order == NULL);
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		cmp = strcmp(list->v[mid].path, path);
		if (cmp == 0)
			return &list->v[mid];
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/*
 * All paths that begin with a given string stand together, so the covers that
 * can still matter are a stack in which each begins with the one below it.
 * Several can be open at once without covering: "d-x" stands between "d" and
 * "d/x".
 */
struct listing_walk {
	const struct listing *list;
	size_t next;
	size_t open;
	const struct entry *covers[];
};

static bool
is_cover(const struct entry *e)
{
	return e->cover &&
	    (e->kind == ENTRY_UNREAD || e->kind == ENTRY_EXCLUDED);
}

enum status
listing_walk_new(const struct listing *list, struct listing_walk **ret)
{
	struct listing_walk *walk;
	size_t i, n = 0;

	assert(list->order == NULL);
	for (i = 0; i < list->n; i++)
		n += is_cover(&list->v[i]);
	walk = malloc(sizeof(*walk) + n * sizeof(walk->covers[0]));
	if (walk == NULL)
		return ST_NOMEM;
	walk->list = list;
	walk->next = 0;
	walk->open = 0;
	*ret = walk;
	return ST_OK;
}

void
listing_walk_free(struct listing_walk *walk)
{
	free(walk);
}

const char *
listing_walk_next_path(const struct listing_walk *walk)
{
	const struct listing *list = walk->list;

	return walk->next < list->n ? list->v[walk->next].path : NULL;
}

static void
close_covers(struct listing_walk *walk, const char *path)
{
	const char *top;

	while (walk->open > 0) {
		top = walk->covers[walk->open - 1]->path;
		if (strncmp(path, top, strlen(top)) == 0)
			break;
		walk->open--;
	}
}

/* Steps over the next entry, which from now on may cover others. */
static const struct entry *
pass(struct listing_walk *walk)
{
	const struct entry *e = &walk->list->v[walk->next++];

	if (is_cover(e)) {
		close_covers(walk, e->path);
		walk->covers[walk->open++] = e;
	}
	return e;
}

/* What the innermost cover above path says, as an entry without a path. */
static const struct entry *
covered(struct listing_walk *walk, const char *path)
{
	static const struct entry absent = { .kind = ENTRY_ABSENT };
	static const struct entry unread = { .kind = ENTRY_UNREAD };
	static const struct entry excluded = { .kind = ENTRY_EXCLUDED };
	size_t i;

	close_covers(walk, path);
	for (i = walk->open; i > 0; i--) {
		if (!path_below(path, walk->covers[i - 1]->path))
			continue;
		return walk->covers[i - 1]->kind == ENTRY_UNREAD ? &unread :
								   &excluded;
	}
	return &absent;
}

const struct entry *
listing_walk_at(struct listing_walk *walk, const char *path)
{
	const char *next;
	int cmp;

	while ((next = listing_walk_next_path(walk)) != NULL) {
		cmp = strcmp(next, path);
		if (cmp == 0)
			return pass(walk);
		if (cmp > 0)
			break;
		(void)pass(walk);
	}
	return covered(walk, path);
}

enum status
listing_overlay(const struct listing *base, const struct listing *newer,
    struct listing **ret)
{
	AUTO(listing) struct listing *list = NULL;
	enum status st = listing_new(&list);
	size_t i = 0, j = 0;
	const struct entry *e;
	int cmp;

	assert(base->order == NULL && newer->order == NULL);
	while (st == ST_OK && (i < base->n || j < newer->n)) {
		cmp = i == base->n ? 1 :
		    j == newer->n  ? -1 :
				     strcmp(base->v[i].path, newer->v[j].path);
		e = cmp < 0 ? &base->v[i] : &newer->v[j];
		i += cmp <= 0;
		j += cmp >= 0;
		st = listing_add_borrowed(list, e);
	}
	if (st != ST_OK)
		return st;
	listing_sort(list);
	*ret = list;
	list = NULL;
	return ST_OK;
}
