/* SPDX-License-Identifier: MIT */
/*
 * Displaced versions into the store.  What is small is hashed again here: the
 * name of a version is what it is, not what it was thought to be.  What is
 * large is believed to be what it was judged to be a moment ago.
 */
#include "config.h"

#include "sync/keep.h"

#include <errno.h>
#include <stdio.h>

#include "core/entry.h"
#include "fs/root.h"
#include "fs/scan.h"
#include "fs/stage.h"
#include "fs/sys.h"
#include "store/activity.h"
#include "store/db.h"
#include "store/versions.h"
#include "sync/replica.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/env.h"

/* At most len bytes into buf; fewer if the file is shorter. */
static enum status
read_all(struct replica *r, int fd, struct buf *buf, size_t len,
    struct err *err)
{
	uint8_t *room = buf_room(buf, len);
	ssize_t n;

	if (room == NULL)
		return err_nomem(err);
	n = sys_read_all(r->env, fd, room, len);
	if (n == -1)
		return err_sys(err, errno, "stage: read");
	buf_added(buf, (size_t)n);
	return ST_OK;
}

static enum status
keep_small(struct replica *r, int fd, struct version *v, struct err *err)
{
	AUTO(buf) struct buf contents = { 0 };
	enum status st;

	st = read_all(r, fd, &contents, (size_t)v->size, err);
	if (st != ST_OK)
		return st;
	v->size = contents.len;
	if (hasher_once(r->hasher, buf_data(&contents), contents.len,
		&v->hash) != ST_OK)
		return err_nomem(err);
	return versions_put(r->db, v,
	    contents.len == 0 ? (const void *)"" : buf_data(&contents), err);
}

static enum status
keep_large(struct replica *r, struct stage *stage, uint64_t n, int fd,
    const struct hash *known, struct version *v, struct err *err)
{
	char hex[HASH_HEX];
	enum status st = ST_OK;

	if (known != NULL)
		v->hash = *known;
	else
		st = scan_hash_fd(r->root, fd, r->hasher, &v->hash, &v->size,
		    err);
	if (st != ST_OK)
		return st;
	hash_hex(&v->hash, hex);
	st = stage_keep(stage, n, hex, err);
	return st == ST_OK ? versions_put(r->db, v, NULL, err) : st;
}

enum status
keep_file(struct replica *r, struct stage *stage, uint64_t n, const char *path,
    const char *why, const struct hash *known, struct hash *ret_hash,
    struct err *err)
{
	autoclose int fd = -1;
	struct version v = { .path = path, .why = why };
	struct stamp stamp;
	enum status st;

	st = stage_open(stage, n, &fd, &stamp, err);
	if (st != ST_OK)
		return st;
	v.size = stamp.size;
	v.mtime = stamp.mtime;
	v.exec = (stamp.mode & 0100) != 0;
	v.when = env_now(r->env);
	st = stamp.size <= VERSIONS_INLINE ?
	    keep_small(r, fd, &v, err) :
	    keep_large(r, stage, n, fd, known, &v, err);
	r->kept += st == ST_OK;
	if (st == ST_OK && ret_hash != NULL)
		*ret_hash = v.hash;
	return st;
}

/*
 * While the transaction still holds the journal: else another process could
 * be keeping the very same contents again.
 */
static enum status
drop_large(void *ctx, const struct hash *hash, struct err *err)
{
	struct replica *r = ctx;
	char name[16 + HASH_HEX], hex[HASH_HEX];

	hash_hex(hash, hex);
	snprintf(name, sizeof(name), "versions/%s", hex);
	return root_drop_private(r->root, name, err);
}

enum status
keep_trim(struct replica *r, struct err *err)
{
	enum status st;

	if (r->kept == 0)
		return ST_OK;
	st = db_begin(r->db, err);
	if (st == ST_OK)
		st = versions_trim(r->db,
		    env_now(r->env) -
			(r->keep_age != 0 ? r->keep_age : KEEP_AGE),
		    r->keep_size != 0 ? r->keep_size : KEEP_BYTES, drop_large,
		    r, err);
	if (st == ST_OK)
		st = activity_trim(r->db, KEEP_LINES, err);
	st = db_end(r->db, st, err);
	if (st == ST_OK)
		r->kept = 0;
	return st;
}
