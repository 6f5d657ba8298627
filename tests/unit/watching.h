/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_WATCHING_H
#define DSYNC_TESTS_UNIT_WATCHING_H

/* A folder that is watched, another one outside, and what was heard. */

#include <sys/inotify.h>
#include <sys/wait.h>

#include <poll.h>
#include <stdlib.h>

#include "core/filter.h"
#include "fs/root.h"
#include "fs/touched.h"
#include "fs/watch.h"
#include "fs/watch_state.h"
#include "testenv.h"
#include "unit.h"

static char folder[UNIT_FOLDER];
static char outside[UNIT_FOLDER];
static struct testenv te;
static struct root *root;
static struct filter *filter;
static struct watch *watch;
static struct err err;
static size_t probed; /* folders */

/* Runs a line of shell in the folder; $OUT is the one outside. */
static inline void
run(const char *script)
{
	char line[1000];

	snprintf(line, sizeof(line), "cd %s && OUT=%s && { %s\n}", folder,
	    outside, script);
	ck_assert_msg(system(line) == 0, "%s", line);
}

static inline void
open_watch(void)
{
	ck_assert_msg(watch_new(root, filter, &watch, &err) == ST_OK, "%s",
	    err.text);
	watch_begin(watch);
}

static inline void
setup(void)
{
	unit_folder(folder);
	unit_folder(outside);
	testenv_init(&te);
	ck_assert_int_eq(root_open(&te.env, folder, NULL, false, &root, &err),
	    ST_OK);
	ck_assert_int_eq(filter_new(false, 0, &filter), ST_OK);
	ck_assert_int_eq(filter_add_option(filter, "*.o", &err), ST_OK);
	ck_assert_int_eq(filter_add_option(filter, "build/", &err), ST_OK);
}

static inline void
teardown(void)
{
	watch_free(watch);
	watch = NULL;
	filter_free(filter);
	root_free(root);
	if (access(folder, F_OK) == 0)
		unit_folder_remove(folder);
	unit_folder_remove(outside);
}

static inline bool
waiting_in_kernel(void)
{
	struct pollfd p = { .fd = watch_fd(watch), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Until all is read and looked at. */
static inline void
catch_up(void)
{
	do {
		ck_assert_msg(watch_read(watch, &err) == ST_OK, "%s", err.text);
		ck_assert_msg(watch_step(watch, 7, &err) == ST_OK, "%s",
		    err.text);
	} while (!watch_idle(watch) || waiting_in_kernel());
}

static inline struct touched_list *
take(void)
{
	struct touched_list *list = NULL;

	ck_assert_int_eq(touched_take(watch_touched(watch), INT64_MAX,
			     INT64_MAX, &list),
	    ST_OK);
	return list;
}

/*
 * What was touched: paths with a blank behind each, "d/" if deep, "*" if it is
 * everything.  Overwritten by the next call.
 */
static inline const char *
heard(void)
{
	AUTO(touched_list) struct touched_list *list = NULL;
	static char text[20000];
	size_t i, len = 0;

	catch_up();
	list = take();
	text[0] = '\0';
	for (i = 0; i < list->n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s ",
		    *list->v[i]->path == '\0' ? "*" : list->v[i]->path,
		    list->v[i]->deep && *list->v[i]->path != '\0' ? "/" : "");
	return text;
}

/* Everything is heard of, once, and nothing more. */
static inline void
open_quietly(void)
{
	open_watch();
	ck_assert_str_eq(heard(), "* ");
	ck_assert_str_eq(heard(), "");
}

/* Calls f for each folder that a walk would enter; "" is the root. */
static inline void
each_folder(const char *dir, void (*f)(const char *))
{
	struct filter_verdict verdict;
	char path[PATH_MAX * 2], sub[PATH_MAX];
	struct dirent *d;
	DIR *list;

	f(dir);
	snprintf(path, sizeof(path), "%s/%s", folder, dir);
	list = opendir(path);
	ck_assert_ptr_nonnull(list);
	while ((d = readdir(list)) != NULL) {
		ck_assert_int_lt(snprintf(sub, sizeof(sub), "%s%s%s", dir,
				     *dir == '\0' ? "" : "/", d->d_name),
		    (int)sizeof(sub));
		filter_judge(filter, sub, true, &verdict);
		if (d->d_type == DT_DIR && !verdict.excluded)
			each_folder(sub, f);
	}
	closedir(list);
}

static inline void
probe_one(const char *dir)
{
	char name[PATH_MAX + 10], expect[PATH_MAX + 20];

	snprintf(name, sizeof(name), "%s%sprobe", dir, *dir == '\0' ? "" : "/");
	testenv_write(folder, name, "x");
	snprintf(expect, sizeof(expect), "%s ", name);
	ck_assert_str_eq(heard(), expect);
	probed++;
}

/* How many watches the kernel has for us. */
static inline size_t
kernel_watches(void)
{
	char line[200];
	size_t n = 0;
	FILE *f;

	snprintf(line, sizeof(line), "/proc/self/fdinfo/%d", watch_fd(watch));
	f = fopen(line, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		n += strncmp(line, "inotify ", 8) == 0;
	fclose(f);
	return n;
}

/* Each folder, and nothing else, is watched and known by its path. */
static inline void
probe_all(void)
{
	catch_up();
	(void)heard();
	probed = 0;
	each_folder("", probe_one);
	ck_assert_uint_eq(watch_count(watch), probed);
	ck_assert_uint_eq(kernel_watches(), watch_count(watch));
}

#endif
