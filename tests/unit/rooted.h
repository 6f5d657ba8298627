/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_ROOTED_H
#define DSYNC_TESTS_UNIT_ROOTED_H

/* An empty folder that is a root. */

#include "fs/root.h"
#include "testenv.h"
#include "unit.h"

static char folder[UNIT_FOLDER];
static struct testenv te;
static struct root *root;
static struct err err;

static inline void
setup(void)
{
	unit_folder(folder);
	testenv_init(&te);
	ck_assert_int_eq(root_open(&te.env, folder, NULL, false, &root, &err),
	    ST_OK);
}

static inline void
teardown(void)
{
	root_free(root);
	unit_folder_remove(folder);
}

#endif
