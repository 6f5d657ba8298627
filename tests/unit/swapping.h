/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_SWAPPING_H
#define DSYNC_TESTS_UNIT_SWAPPING_H

/* A folder with a stage, and short words for what the tests of swap do. */

#include <stdlib.h>

#include "core/digest.h"
#include "fs/root.h"
#include "fs/scan.h"
#include "fs/stage.h"
#include "fs/swap.h"
#include "testenv.h"
#include "unit.h"

#define OLD "old version\n"
#define NEW "the new version\n"

static char folder[UNIT_FOLDER];
static char stage_folder[UNIT_FOLDER + 40];
static struct testenv te;
static struct root *root;
static struct stage *stage;
static struct hasher *hasher;
static struct digest *digest;
static struct stamp stamp;
static bool left;
static struct err err;

static inline void
open_all(void)
{
	ck_assert_int_eq(root_open(&te.env, folder, NULL, false, &root, &err),
	    ST_OK);
	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	snprintf(stage_folder, sizeof(stage_folder), "%s/.dsync/stage/%s",
	    folder, stage_id(stage));
	ck_assert_int_eq(hasher_new(&hasher), ST_OK);
	ck_assert_int_eq(digest_new(&digest), ST_OK);
}

static inline void
close_all(void)
{
	stage_free(stage);
	root_free(root);
	hasher_free(hasher);
	digest_free(digest);
}

static inline void
setup(void)
{
	char path[UNIT_FOLDER + 10];

	unit_folder(folder);
	testenv_init(&te);
	/* What is there need not be made, nor waited for until it is safe. */
	snprintf(path, sizeof(path), "%s/.dsync", folder);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	testenv_write(path, ".gitignore", "*\n");
	open_all();
}

static inline void
teardown(void)
{
	te.hook = NULL;
	te.fail_at = 0;
	close_all();
	unit_folder_remove(folder);
}

static inline const char *
path_of(const char *name)
{
	static char path[8192];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* A staged file, whole and closed. */
static inline uint64_t
staged(const char *text)
{
	uint64_t n = stage_next(stage);
	int fd;

	ck_assert_int_eq(stage_create(stage, n, &fd, &err), ST_OK);
	ck_assert_int_eq(stage_write(stage, fd, text, strlen(text), &err),
	    ST_OK);
	ck_assert_int_eq(stage_seal(stage, fd, 1000000000 * NSEC + 5, false,
			     &err),
	    ST_OK);
	close(fd);
	return n;
}

static inline const char *
in_stage(uint64_t n)
{
	char name[STAGE_NAME];

	stage_name(n, name);
	return testenv_read(stage_folder, name);
}

static inline bool
path_is(const char *name, const char *text)
{
	return strcmp(testenv_read(folder, name), text) == 0;
}

/* That text stands at name now, with or without a stamp that proves it. */
static inline struct swap_expect
expected(const char *name, const char *text, bool settled)
{
	struct swap_expect e = { .hash = testenv_hash(text),
		.settled = settled };

	ck_assert_int_eq(root_stat(root, name, &e.stamp, &err), ST_OK);
	return e;
}

static const struct swap_expect nothing = { .absent = true };

static inline void
stamp_is_of(const char *name)
{
	struct stamp now;

	ck_assert_int_eq(root_stat(root, name, &now, &err), ST_OK);
	ck_assert(stamp_equal(&now, &stamp));
}

#define COUNT(v) ((int)(sizeof(v) / sizeof((v)[0])))

#endif
