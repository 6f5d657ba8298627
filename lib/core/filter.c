/* SPDX-License-Identifier: MIT */
/*
 * Which names are synced.  Rules stand in sets: one an option, one a
 * .dsyncignore file.  The sets of files are sorted by their folder, so that a
 * path asks only the files of the folders it lies in, the deepest first.
 */
#include "config.h"

#include "core/filter.h"

#include <stdlib.h>
#include <string.h>

#include "core/ignore.h"
#include "core/path.h"
#include "util/str.h"

struct set_list {
	struct ignore **v;
	size_t n;
	size_t cap;
};

struct filter {
	bool hidden;
	uint64_t max_size;
	struct set_list options; /* in the order they were given */
	struct set_list files; /* sorted by folder */
	struct ignore *policy; /* or NULL */
	size_t rules; /* in all sets but the policy */
};

static enum status
set_list_insert(struct set_list *list, size_t at, struct ignore *set)
{
	size_t cap = list->cap * 2 + 4;
	struct ignore **v;

	if (list->n == list->cap) {
		v = realloc(list->v, cap * sizeof(struct ignore *));
		if (v == NULL)
			return ST_NOMEM;
		list->v = v;
		list->cap = cap;
	}
	memmove(list->v + at + 1, list->v + at,
	    (list->n - at) * sizeof(struct ignore *));
	list->v[at] = set;
	list->n++;
	return ST_OK;
}

static void
set_list_fini(struct set_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		ignore_free(list->v[i]);
	free(list->v);
	memset(list, 0, sizeof(*list));
}

/* Where the folder's set stands among the files, or would. */
static size_t
find_place(const struct set_list *files, const char *dir, size_t len)
{
	size_t lo = 0, hi = files->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (ignore_compare(files->v[mid], dir, len) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct ignore *
set_at(const struct set_list *files, size_t at, const char *dir, size_t len)
{
	if (at == files->n || ignore_compare(files->v[at], dir, len) != 0)
		return NULL;
	return files->v[at];
}

enum status
filter_new(bool hidden, uint64_t max_size, struct filter **ret)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return ST_NOMEM;
	f->hidden = hidden;
	f->max_size = max_size;
	*ret = f;
	return ST_OK;
}

void
filter_free(struct filter *f)
{
	if (f == NULL)
		return;
	set_list_fini(&f->options);
	set_list_fini(&f->files);
	ignore_free(f->policy);
	free(f);
}

enum status
filter_add_option(struct filter *f, const char *rule, struct err *err)
{
	AUTO(ignore) struct ignore *set = NULL;
	char show[STR_SHOW];
	enum status st;

	if (f->rules >= FILTER_RULE_LIMIT)
		return err_set(err, ST_REFUSED, "more than %d ignore rules",
		    FILTER_RULE_LIMIT);
	st = ignore_new_option(rule, &set);
	if (st == ST_USAGE)
		return err_set(err, st, "the rule \"%s\" can never match",
		    str_show(show, rule));
	if (st == ST_OK)
		st = set_list_insert(&f->options, f->options.n, set);
	if (st != ST_OK)
		return err_nomem(err);
	f->rules++;
	set = NULL;
	return ST_OK;
}

/* Puts set where a set of the same folder stands, or between the others. */
static enum status
put_file(struct filter *f, const char *dir, struct ignore *set)
{
	size_t dir_len = strlen(dir);
	size_t at = find_place(&f->files, dir, dir_len);
	struct ignore *old = set_at(&f->files, at, dir, dir_len);
	enum status st;

	if (old != NULL) {
		f->files.v[at] = set;
		f->rules -= ignore_count(old);
		ignore_free(old);
	} else {
		st = set_list_insert(&f->files, at, set);
		if (st != ST_OK)
			return st;
	}
	f->rules += ignore_count(set);
	return ST_OK;
}

static size_t
rules_of_file(const struct filter *f, const char *dir, size_t len)
{
	size_t at = find_place(&f->files, dir, len);
	const struct ignore *set = set_at(&f->files, at, dir, len);

	return set == NULL ? 0 : ignore_count(set);
}

enum status
filter_add_file(struct filter *f, const char *dir, const char *text, size_t len,
    struct err *err)
{
	AUTO(ignore) struct ignore *set = NULL;
	size_t dir_len = strlen(dir), limit;
	char show[STR_SHOW];
	enum status st;

	if (len > FILTER_FILE_LIMIT)
		return err_set(err, ST_REFUSED,
		    "%s in \"%s\": more than %d bytes", PATH_IGNORE,
		    str_show(show, dir), FILTER_FILE_LIMIT);
	limit = FILTER_RULE_LIMIT - (f->rules - rules_of_file(f, dir, dir_len));
	st = ignore_new_file(dir, text, len, limit, &set);
	if (st == ST_OK && ignore_count(set) > limit)
		return err_set(err, ST_REFUSED,
		    "%s in \"%s\": more than %d ignore rules in all",
		    PATH_IGNORE, str_show(show, dir), FILTER_RULE_LIMIT);
	if (st == ST_OK)
		st = put_file(f, dir, set);
	if (st != ST_OK)
		return err_nomem(err);
	set = NULL;
	return ST_OK;
}

enum status
filter_set_policy(struct filter *f, const char *text, size_t len,
    struct err *err)
{
	AUTO(ignore) struct ignore *set = NULL;

	if (ignore_new_file("", text, len, FILTER_RULE_LIMIT, &set) != ST_OK)
		return err_nomem(err);
	if (ignore_count(set) > FILTER_RULE_LIMIT)
		return err_set(err, ST_REFUSED,
		    "more than %d ignore rules in the preset",
		    FILTER_RULE_LIMIT);
	ignore_free(f->policy);
	f->policy = set;
	set = NULL;
	return ST_OK;
}

void
filter_clear_files(struct filter *f)
{
	size_t i;

	for (i = 0; i < f->files.n; i++)
		f->rules -= ignore_count(f->files.v[i]);
	set_list_fini(&f->files);
}

static size_t
parent_len(const char *path, size_t len)
{
	const char *slash = len == 0 ? NULL : memrchr(path, '/', len);

	return slash == NULL ? 0 : (size_t)(slash - path);
}

static void
ask_rules(const struct filter *f, const struct ignore_subject *subject,
    struct filter_verdict *ret)
{
	const struct set_list *files = &f->files;
	size_t dir = parent_len(subject->path, subject->len), i;
	const struct ignore *set;

	for (i = f->options.n; i > 0; i--) {
		if (ignore_ask(f->options.v[i - 1], subject, ret))
			return;
	}
	while (files->n > 0) {
		i = find_place(files, subject->path, dir);
		set = set_at(files, i, subject->path, dir);
		if ((set != NULL && ignore_ask(set, subject, ret)) || dir == 0)
			return;
		dir = parent_len(subject->path, dir);
	}
}

static void
ask_policy(const struct filter *f, const struct ignore_subject *subject,
    struct filter_verdict *ret)
{
	struct filter_verdict verdict = { 0 };

	if (ret->excluded || f->policy == NULL ||
	    !ignore_ask(f->policy, subject, &verdict) || !verdict.excluded)
		return;
	*ret = verdict;
	ret->where = "preset";
}

static bool
name_is(const struct ignore_subject *subject, const char *text)
{
	size_t len = strlen(text);

	return subject->len - subject->name == len &&
	    memcmp(subject->path + subject->name, text, len) == 0;
}

static void
judge(const struct filter *f, const char *path, size_t len, bool is_dir,
    struct filter_verdict *ret)
{
	struct ignore_subject subject = { .path = path,
		.len = len,
		.is_dir = is_dir };

	*ret = (struct filter_verdict){ 0 };
	subject.name = parent_len(path, len);
	subject.name += subject.name > 0;
	if (name_is(&subject, PATH_PRIVATE)) {
		*ret = (struct filter_verdict){ true, NULL, "private", 0 };
		return;
	}
	/* Both sides must apply the same rules, so rules are always synced. */
	if (!is_dir && name_is(&subject, PATH_IGNORE))
		return;
	if (!f->hidden && len > 0 && path[subject.name] == '.') {
		*ret = (struct filter_verdict){ true, NULL, "hidden", 0 };
		return;
	}
	ask_rules(f, &subject, ret);
	ask_policy(f, &subject, ret);
}

void
filter_judge(const struct filter *f, const char *path, bool is_dir,
    struct filter_verdict *ret)
{
	judge(f, path, strlen(path), is_dir, ret);
}

void
filter_judge_deep(const struct filter *f, const char *path,
    struct filter_verdict *ret)
{
	const char *slash = strchr(path, '/');

	while (slash != NULL) {
		judge(f, path, (size_t)(slash - path), true, ret);
		if (ret->excluded)
			return;
		slash = strchr(slash + 1, '/');
	}
	judge(f, path, strlen(path), false, ret);
}

uint64_t
filter_max_size(const struct filter *f)
{
	return f->max_size;
}
