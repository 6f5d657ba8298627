/* SPDX-License-Identifier: MIT */
/*
 * The parts are the paths of a listing, which sorts them and keeps each once.
 * A slash at its end keeps "a/" behind "a.b", where what is below "a" belongs.
 */
#include "config.h"

#include "core/scope.h"

#include <stdlib.h>
#include <string.h>

#include "core/entry.h"
#include "core/listing.h"

struct scope {
	struct listing *paths; /* with what is dropped */
	const char **v; /* of those; n, once it is closed */
	size_t n;
	bool all;
};

enum status
scope_new(struct scope **ret)
{
	AUTO(scope) struct scope *s = calloc(1, sizeof(*s));

	if (s == NULL || listing_new(&s->paths) != ST_OK)
		return ST_NOMEM;
	*ret = s;
	s = NULL;
	return ST_OK;
}

void
scope_free(struct scope *s)
{
	if (s == NULL)
		return;
	listing_free(s->paths);
	free(s->v);
	free(s);
}

static enum status
add_part(struct scope *s, const char *path, size_t len, bool below)
{
	char part[PATH_LIMIT + 1];
	struct entry e = { .path = part, .kind = ENTRY_ABSENT };

	memcpy(part, path, len);
	if (below)
		part[len++] = '/';
	part[len] = '\0';
	return listing_add(s->paths, &e);
}

enum status
scope_add(struct scope *s, const char *path, bool deep)
{
	const size_t len = strlen(path);
	enum status st = ST_OK;
	size_t i;

	if (len == 0) {
		s->all |= deep;
		return ST_OK;
	}
	if (len >= PATH_LIMIT)
		return ST_OK; /* nothing has such a name */
	for (i = 1; i < len && st == ST_OK; i++)
		if (path[i] == '/')
			st = add_part(s, path, i, false);
	if (st == ST_OK)
		st = add_part(s, path, len, false);
	return st == ST_OK && deep ? add_part(s, path, len, true) : st;
}

bool
scope_path(const char *part, char path[PATH_LIMIT])
{
	const size_t len = strlen(part);
	const bool below = part[len - 1] == '/';

	memcpy(path, part, len - below);
	path[len - below] = '\0';
	return below;
}

enum status
scope_close(struct scope *s)
{
	const char *part, *last = NULL;
	size_t i, len, last_len = 0;

	listing_sort(s->paths);
	if (s->all)
		return ST_OK;
	s->v = calloc(listing_count(s->paths) + 1, sizeof(*s->v));
	if (s->v == NULL)
		return ST_NOMEM;
	for (i = 0; i < listing_count(s->paths); i++) {
		part = listing_at(s->paths, i)->path;
		if (last != NULL && strncmp(part, last, last_len) == 0)
			continue;
		s->v[s->n++] = part;
		len = strlen(part);
		if (part[len - 1] == '/') {
			last = part;
			last_len = len;
		}
	}
	return ST_OK;
}

bool
scope_is_all(const struct scope *s)
{
	return s->all;
}

size_t
scope_count(const struct scope *s)
{
	return s->n;
}

const char *
scope_at(const struct scope *s, size_t i)
{
	return s->v[i];
}

/* Is one of the folders that path is in a part, with its slash or without? */
static bool
has_folder(const struct scope *s, const char *path, size_t slash_len)
{
	char part[PATH_LIMIT];
	const char *slash;
	size_t len;

	for (slash = strchr(path, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		len = (size_t)(slash - path) + slash_len;
		memcpy(part, path, len);
		part[len] = '\0';
		if (listing_find(s->paths, part) != NULL)
			return true;
	}
	return false;
}

bool
scope_has(const struct scope *s, const char *path)
{
	return s == NULL || s->all || listing_find(s->paths, path) != NULL ||
	    has_folder(s, path, 1);
}

bool
scope_has_above(const struct scope *s, const char *path)
{
	return has_folder(s, path, 0);
}

enum status
scope_add_all(struct scope *s, const struct scope *other)
{
	enum status st = ST_OK;
	char path[PATH_LIMIT];
	bool below;
	size_t i;

	s->all |= other->all;
	for (i = 0; i < other->n && st == ST_OK; i++) {
		below = scope_path(other->v[i], path);
		st = add_part(s, path, strlen(path), below);
	}
	return st;
}

enum status
scope_choose(const struct scope *s, const struct listing *from, bool inside,
    struct listing *ret)
{
	enum status st = ST_OK;
	size_t i;

	for (i = 0; i < listing_count(from) && st == ST_OK; i++) {
		const struct entry *e = listing_at(from, i);

		if (scope_has(s, e->path) == inside)
			st = listing_add(ret, e);
	}
	return st;
}
