/* SPDX-License-Identifier: MIT */
/*
 * Names inside a root.  Everything that comes from another machine goes
 * through path_fault() once, at the door; behind it a path is known to stay
 * below the root when it is walked without following links.
 */
#include "config.h"

#include "core/path.h"

#include <string.h>

static bool
name_is(const char *name, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(name, text, len) == 0;
}

static const char *
name_fault(const char *name, size_t len)
{
	if (len == 0)
		return "empty name";
	if (len > PATH_NAME_LIMIT)
		return "name too long";
	if (name_is(name, len, "."))
		return "a name is \".\"";
	if (name_is(name, len, ".."))
		return "a name is \"..\"";
	if (name_is(name, len, PATH_PRIVATE))
		return PATH_PRIVATE " is private";
	return NULL;
}

/* What is wrong with the path as a whole. */
static const char *
whole_fault(const char *path, size_t len)
{
	if (len == 0)
		return "empty path";
	if (len >= PATH_LIMIT)
		return "path too long";
	if (memchr(path, '\0', len) != NULL)
		return "NUL in path";
	if (path[0] == '/')
		return "leading slash";
	if (path[len - 1] == '/')
		return "trailing slash";
	return NULL;
}

const char *
path_fault(const char *path, size_t len)
{
	const char *fault = whole_fault(path, len), *slash;
	size_t depth = 0, n;

	while (fault == NULL && len > 0) {
		slash = memchr(path, '/', len);
		n = slash == NULL ? len : (size_t)(slash - path);
		fault = name_fault(path, n);
		if (fault == NULL && ++depth > PATH_DEPTH_LIMIT)
			fault = "too deep";
		n += slash != NULL;
		path += n;
		len -= n;
	}
	return fault;
}

const char *
path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

size_t
path_dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? 0 : (size_t)(slash - path);
}

bool
path_below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 0)
		return path[0] != '\0';
	return strncmp(path, dir, len) == 0 && path[len] == '/' &&
	    path[len + 1] != '\0';
}

bool
path_is_ignore_file(const char *path)
{
	return strcmp(path_name(path), PATH_IGNORE) == 0;
}
