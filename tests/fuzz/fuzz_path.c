/* SPDX-License-Identifier: MIT */
/*
 * Bytes as a path that came from the other side.  What is let in is held
 * against the rules of the header, name by name; and its parts make it up.
 */
#include "config.h"

#include "core/path.h"
#include "fuzz.h"
#include "util/auto.h"

static bool
name_allowed(const uint8_t *name, size_t len)
{
	static const char *const not [] = { "", ".", "..", ".dsync" };
	size_t i;

	for (i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
		if (len == strlen(not [i]) && memcmp(name, not [i], len) == 0)
			return false;
	return len <= 255;
}

/* The rules, read from the end to the start. */
static bool
allowed(const uint8_t *path, size_t len)
{
	size_t end = len, at = len, names = 0;

	for (;; at--) {
		if (at > 0 && path[at - 1] == '\0')
			return false;
		if (at > 0 && path[at - 1] != '/')
			continue;
		if (!name_allowed(path + at, end - at))
			return false;
		names++;
		if (at == 0)
			return len < 4096 && names <= 256;
		end = at - 1;
	}
}

/* A folder and a name below it, and so on up to the root. */
static void
check_parts(char *path)
{
	const size_t dir = path_dir_len(path);
	const char *name = path_name(path);

	FUZZ_CHECK(path_below(path, "") && !path_below(path, path));
	FUZZ_CHECK(name == path + dir + (dir > 0));
	FUZZ_CHECK(strchr(name, '/') == NULL && *name != '\0');
	FUZZ_CHECK(
	    path_is_ignore_file(path) == (strcmp(name, ".dsyncignore") == 0));
	if (dir == 0)
		return;
	FUZZ_CHECK(path[dir] == '/');
	path[dir] = '\0';
	FUZZ_CHECK(path_fault(path, dir) == NULL);
	check_parts(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *fault = path_fault((const char *)data, size);
	autofree char *path = NULL;

	FUZZ_CHECK((fault == NULL) == allowed(data, size));
	if (fault != NULL) {
		FUZZ_CHECK(*fault != '\0' && line_ok(fault, strlen(fault)));
		return 0;
	}
	path = fuzz_text(&data, &size);
	FUZZ_CHECK(size == 0);
	check_parts(path);
	return 0;
}
