/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_STORE_H
#define DSYNC_TESTS_UNIT_STORE_H

/*
 * A journal in a folder of its own, and an outside world (see util/env.h)
 * whose clock jumps and whose commits fail when told to.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/db.h"
#include "unit/unit.h"
#include "util/buf.h"
#include "util/env.h"

struct store_env {
	struct env env; /* must be first */
	const char *fail; /* the op that fails, or NULL */
	int errnum;
	unsigned spared; /* calls of that op that do not fail, before */
	int64_t ticks;
	int64_t jump; /* of the clock, at each look at it */
	unsigned asked; /* faults: how often, of any op */
};

static struct store_env store_env;
static struct err store_err;
static char store_folder[UNIT_FOLDER];
static char store_path[UNIT_FOLDER + 16];

static int64_t
store_ticks(struct env *env)
{
	struct store_env *e = (struct store_env *)env;

	return e->ticks += e->jump;
}

static int
store_fault(struct env *env, const char *op, size_t *len)
{
	struct store_env *e = (struct store_env *)env;

	(void)len;
	e->asked++;
	if (e->fail == NULL || strcmp(e->fail, op) != 0)
		return 0;
	if (e->spared > 0) {
		e->spared--;
		return 0;
	}
	return e->errnum;
}

static const struct env_ops store_env_ops = {
	.now = store_ticks,
	.ticks = store_ticks,
	.fault = store_fault,
};

/* Checked fixture: an empty folder; store_path will be the journal. */
static inline void
store_setup(void)
{
	store_env = (struct store_env){ .env = { .ops = &store_env_ops } };
	unit_folder(store_folder);
	snprintf(store_path, sizeof(store_path), "%s/journal.db", store_folder);
}

static inline void
store_teardown(void)
{
	unit_folder_remove(store_folder);
}

static inline struct db *
store_open(void)
{
	struct db *db = NULL;

	ck_assert_msg(db_open(&store_env.env, store_path, false, false, &db,
			  &store_err) == ST_OK,
	    "%s", store_err.text);
	return db;
}

static inline void
slurp(const char *path, struct buf *ret)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t block[4096];
	ssize_t n;

	ck_assert_int_ne(fd, -1);
	while ((n = read(fd, block, sizeof(block))) > 0)
		ck_assert_int_eq(buf_put(ret, block, (size_t)n), ST_OK);
}

static inline void
spill(const char *path, const void *data, size_t len)
{
	autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
}

static inline void
drop_side_files(void)
{
	static const char *const suffixes[] = { "-wal", "-shm", "-journal" };
	char name[sizeof(store_path) + 16];
	size_t i;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", store_path, suffixes[i]);
		unlink(name);
	}
}

/* Makes one of this version what one of each older version was. */
#define STORE_OLD                                                              \
	"DROP TABLE shelf; DROP TABLE shelf_state; DROP TABLE shelf_pending; " \
	"DROP TABLE address; PRAGMA user_version = 3"
#define STORE_OLDER  STORE_OLD "; DROP TABLE signature; PRAGMA user_version = 2"
#define STORE_OLDEST STORE_OLDER "; DROP TABLE client; PRAGMA user_version = 1"

#define ERR (&store_err)
#define STORE_OK(call)                                                         \
	do {                                                                   \
		ck_assert_msg((call) == ST_OK, "%s", store_err.text);          \
	} while (0)

static inline void
store_set(struct db *db, const char *key, const char *value)
{
	STORE_OK(db_meta_set(db, key, value, ERR));
}

static inline const char *
store_get(struct db *db, const char *key)
{
	static char value[200];

	STORE_OK(db_meta_get(db, key, value, sizeof(value), ERR));
	return value;
}

#endif
