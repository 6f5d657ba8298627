/* SPDX-License-Identifier: MIT */
/*
 * What a walk found: an array of files, and their paths in large pieces of
 * memory that are never moved.  An entry costs 64 bytes and its path.
 */
#include "config.h"

#include "fs/scan_list.h"

#include <stdlib.h>
#include <string.h>

#define PIECE (64 * 1024) /* of paths; longer than any of them */

struct piece {
	struct piece *next;
	size_t used;
	char text[PIECE];
};

struct scan {
	struct scan_file *v;
	size_t n;
	size_t cap;
	bool sorted;
	struct scan_problem *problems;
	size_t problem_n;
	size_t problem_cap;
	struct piece *pieces;
};

enum status
scan_new(struct scan **ret)
{
	struct scan *scan = calloc(1, sizeof(*scan));

	if (scan == NULL)
		return ST_NOMEM;
	scan->sorted = true;
	*ret = scan;
	return ST_OK;
}

/* All pieces but the oldest, if that is to stay. */
static void
drop_pieces(struct scan *scan, bool keep)
{
	struct piece *piece;

	while (
	    (piece = scan->pieces) != NULL && (!keep || piece->next != NULL)) {
		scan->pieces = piece->next;
		free(piece);
	}
	if (piece != NULL)
		piece->used = 0;
}

void
scan_drop_files(struct scan *scan)
{
	drop_pieces(scan, true);
	scan->n = 0;
	scan->sorted = true;
}

void
scan_free(struct scan *scan)
{
	size_t i;

	if (scan == NULL)
		return;
	for (i = 0; i < scan->problem_n; i++) {
		free(scan->problems[i].path);
		free(scan->problems[i].text);
	}
	drop_pieces(scan, false);
	free(scan->problems);
	free(scan->v);
	free(scan);
}

/* Makes room for one more of size bytes each; false when out of memory. */
static bool
grow(void **v, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap + *cap / 2 + 16;
	void *moved;

	if (n < *cap)
		return true;
	moved = reallocarray(*v, more, size);
	if (moved == NULL)
		return false;
	*v = moved;
	*cap = more;
	return true;
}

/* A copy of the first len bytes of path that lives as long as the files. */
static enum status
add_path(struct scan *scan, const char *path, size_t len, const char **ret)
{
	struct piece *piece = scan->pieces;
	char *p;

	if (len >= PIECE)
		return ST_NOMEM;
	if (piece == NULL || PIECE - piece->used <= len) {
		piece = malloc(sizeof(*piece));
		if (piece == NULL)
			return ST_NOMEM;
		piece->next = scan->pieces;
		piece->used = 0;
		scan->pieces = piece;
	}
	p = piece->text + piece->used;
	memcpy(p, path, len);
	p[len] = '\0';
	piece->used += len + 1;
	*ret = p;
	return ST_OK;
}

enum status
scan_add(struct scan *scan, const struct scan_file *file, size_t len)
{
	void *v = scan->v;
	const char *path;
	enum status st;

	if (!grow(&v, scan->n, &scan->cap, sizeof(*scan->v)))
		return ST_NOMEM;
	scan->v = v;
	st = add_path(scan, file->path, len, &path);
	if (st != ST_OK)
		return st;
	if (scan->n > 0 && strcmp(scan->v[scan->n - 1].path, path) >= 0)
		scan->sorted = false;
	scan->v[scan->n] = *file;
	scan->v[scan->n++].path = path;
	return ST_OK;
}

enum status
scan_add_problem(struct scan *scan, const char *path, const char *text)
{
	struct scan_problem problem = { 0 };
	void *v = scan->problems;

	if (!grow(&v, scan->problem_n, &scan->problem_cap, sizeof(problem)))
		return ST_NOMEM;
	scan->problems = v;
	problem.path = strdup(path);
	problem.text = strdup(text);
	if (problem.path == NULL || problem.text == NULL) {
		free(problem.path);
		free(problem.text);
		return ST_NOMEM;
	}
	scan->problems[scan->problem_n++] = problem;
	return ST_OK;
}

static int
file_compare(const void *a, const void *b)
{
	const struct scan_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void
scan_sort(struct scan *scan)
{
	size_t i, n = 1;

	if (scan->sorted)
		return;
	/* A folder that turned out to be none, or a name that came twice. */
	qsort(scan->v, scan->n, sizeof(*scan->v), file_compare);
	for (i = 1; i < scan->n; i++)
		if (strcmp(scan->v[n - 1].path, scan->v[i].path) != 0)
			scan->v[n++] = scan->v[i];
	scan->n = n;
	scan->sorted = true;
}

size_t
scan_count(const struct scan *scan)
{
	return scan->n;
}

const struct scan_file *
scan_at(const struct scan *scan, size_t i)
{
	return &scan->v[i];
}

size_t
scan_problem_count(const struct scan *scan)
{
	return scan->problem_n;
}

const struct scan_problem *
scan_problem_at(const struct scan *scan, size_t i)
{
	return &scan->problems[i];
}
