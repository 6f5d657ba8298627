/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_SCANNING_H
#define DSYNC_TESTS_UNIT_SCANNING_H

/* A folder to scan, and what makes the things that may be in it. */

#include <sys/socket.h>
#include <sys/un.h>

#include <stdlib.h>

#include "core/digest.h"
#include "core/filter.h"
#include "fs/root.h"
#include "fs/scan.h"
#include "testenv.h"
#include "unit.h"

static char folder[UNIT_FOLDER];
static struct testenv te;
static struct root *root;
static struct filter *filter;
static struct hasher *hasher;
static struct digest *digest;
static struct err err;

static inline void
setup(void)
{
	unit_folder(folder);
	testenv_init(&te);
	ck_assert_int_eq(root_open(&te.env, folder, NULL, false, &root, &err),
	    ST_OK);
	ck_assert_int_eq(filter_new(false, 1000, &filter), ST_OK);
	ck_assert_int_eq(hasher_new(&hasher), ST_OK);
	ck_assert_int_eq(digest_new(&digest), ST_OK);
}

static inline void
teardown(void)
{
	root_free(root);
	filter_free(filter);
	hasher_free(hasher);
	digest_free(digest);
	unit_folder_remove(folder);
}

static inline void
make_folder(const char *name)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_int_eq(mkdir(path, 0755), 0);
}

static inline void
make_link(const char *name, const char *target)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_int_eq(symlink(target, path), 0);
}

static inline void
make_fifo(const char *name)
{
	char path[8192];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_int_eq(mkfifo(path, 0644), 0);
}

static inline void
make_socket(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", folder, name);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
}

#endif
