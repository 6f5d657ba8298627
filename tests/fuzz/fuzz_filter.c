/* SPDX-License-Identifier: MIT */
/*
 * After flags, with a NUL between: a path, a policy, the rules of the root's
 * .dsyncignore and of its folder's, and options, a line each.  Whatever the
 * rules: what is private stays so, rules themselves are synced, a walk finds
 * what a question for the whole path finds, and a policy only narrows.
 */
#include "config.h"

#include <stdio.h>

#include "core/filter.h"
#include "core/path.h"
#include "fuzz.h"
#include "util/auto.h"

enum {
	PATH,
	POLICY,
	ROOT,
	FOLDER,
	OPTIONS,
	TEXTS
};

static void
add_options(struct filter *f, char *lines)
{
	char *line, *save = NULL;
	struct err err;

	line = strtok_r(lines, "\n", &save);
	for (; line != NULL; line = strtok_r(NULL, "\n", &save))
		if (filter_add_option(f, line, &err) != ST_OK)
			fuzz_error(&err, ST_USAGE);
}

/* Without the policy, and with it. */
static void
make(struct filter *f, bool policy, char *const texts[TEXTS])
{
	autofree char *options = strdup(texts[OPTIONS]);
	autofree char *dir = strndup(texts[PATH], path_dir_len(texts[PATH]));
	const char *const rules[] = { texts[ROOT], texts[FOLDER] };
	struct err err;
	size_t i;

	FUZZ_CHECK(options != NULL && dir != NULL);
	add_options(f, options);
	for (i = 0; i < 2; i++)
		FUZZ_CHECK(filter_add_file(f, i == 0 ? "" : dir, rules[i],
			       strlen(rules[i]), &err) == ST_OK);
	if (policy)
		FUZZ_CHECK(filter_set_policy(f, texts[POLICY],
			       strlen(texts[POLICY]), &err) == ST_OK);
}

/* The same answer, from folder to folder. */
static void
walk(const struct filter *f, const char *path, struct filter_verdict *ret)
{
	const char *slash = path;

	do {
		autofree char *part = NULL;

		slash = strchr(slash + (slash > path), '/');
		part = slash == NULL ? strdup(path) :
				       strndup(path, (size_t)(slash - path));
		FUZZ_CHECK(part != NULL);
		filter_judge(f, part, slash != NULL, ret);
	} while (slash != NULL && !ret->excluded);
}

static bool
equal(const struct filter_verdict *a, const struct filter_verdict *b)
{
	return a->excluded == b->excluded && a->rule == b->rule &&
	    a->where == b->where && a->line == b->line;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Is a folder above it, or the file itself, private? */
static bool
is_private(const char *path)
{
	const size_t len = strlen(PATH_PRIVATE);

	for (; path != NULL; path = strchr(path, '/')) {
		path += *path == '/';
		if (strncmp(path, PATH_PRIVATE, len) == 0 &&
		    (path[len] == '\0' || path[len] == '/'))
			return true;
	}
	return false;
}

/* Begins one of its names with a dot, other than that of a file of rules? */
static bool
is_hidden(const char *path)
{
	for (; path != NULL; path = strchr(path, '/')) {
		path += *path == '/';
		if (*path == '.' && strcmp(path, PATH_IGNORE) != 0)
			return true;
	}
	return false;
}

/* Who says so, and it is something that there is. */
static void
check_verdict(const struct filter_verdict *v)
{
	static const char *const alone[] = { "hidden", "private" };
	size_t i;

	if (v->rule == NULL) {
		FUZZ_CHECK(v->line == 0 && v->excluded == (v->where != NULL));
		for (i = 0; v->excluded && i < 2; i++)
			if (strcmp(v->where, alone[i]) == 0)
				return;
		FUZZ_CHECK(!v->excluded);
		return;
	}
	FUZZ_CHECK(v->where != NULL && *v->rule != '\0');
	FUZZ_CHECK((v->rule[0] == '!') == !v->excluded);
	FUZZ_CHECK((v->line == 0) ==
	    (strcmp(v->where, "--exclude") == 0 ||
		strcmp(v->where, "--include") == 0));
	FUZZ_CHECK(v->line == 0 || strcmp(v->where, "preset") == 0 ||
	    path_is_ignore_file(v->where));
}

static void
judge(const struct filter *f, const char *path, bool hidden,
    struct filter_verdict *ret)
{
	struct filter_verdict walked;

	filter_judge_deep(f, path, ret);
	check_verdict(ret);
	walk(f, path, &walked);
	FUZZ_CHECK(equal(ret, &walked));
	FUZZ_CHECK(ret->excluded || !is_private(path));
	FUZZ_CHECK(ret->excluded || hidden || !is_hidden(path));
	FUZZ_CHECK(!ret->excluded || strcmp(path, PATH_IGNORE) != 0);
}

/* Of two filters: the texts are the same, not their places. */
static void
check_same(const struct filter_verdict *a, const struct filter_verdict *b)
{
	FUZZ_CHECK(a->excluded == b->excluded && a->line == b->line);
	FUZZ_CHECK(
	    same_text(a->rule, b->rule) && same_text(a->where, b->where));
}

static void
check(char *const texts[TEXTS], bool hidden)
{
	AUTO(filter) struct filter *f = NULL, *narrow = NULL;
	struct filter_verdict wide, with;

	FUZZ_CHECK(filter_new(hidden, 0, &f) == ST_OK);
	FUZZ_CHECK(filter_new(hidden, 0, &narrow) == ST_OK);
	make(f, false, texts);
	make(narrow, true, texts);
	judge(f, texts[PATH], hidden, &wide);
	judge(narrow, texts[PATH], hidden, &with);
	if (!with.excluded || strcmp(with.where, "preset") != 0)
		check_same(&with, &wide);
	filter_clear_files(narrow);
	judge(narrow, texts[PATH], hidden, &with);
}

/* As a walk may find it, where .dsync is a name, too. */
static bool
is_path(const char *path)
{
	autofree char *public = strdup(path);
	char *p = public;

	FUZZ_CHECK(public != NULL);
	while ((p = strstr(p, PATH_PRIVATE)) != NULL)
		*p = 'x';
	return path_fault(public, strlen(public)) == NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const bool hidden = fuzz_byte(&data, &size) % 2 != 0;
	char *texts[TEXTS];
	size_t i;

	for (i = 0; i < TEXTS; i++)
		texts[i] = fuzz_text(&data, &size);
	if (is_path(texts[PATH]))
		check(texts, hidden);
	for (i = 0; i < TEXTS; i++)
		free(texts[i]);
	return 0;
}
