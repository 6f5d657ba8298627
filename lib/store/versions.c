/* SPDX-License-Identifier: MIT */
/*
 * Displaced versions.  A row of version says what stood where until when; a
 * row of content is the bytes, once for each hash, and lives as long as a
 * version names it.  Bytes are zstd-compressed where that makes them shorter:
 * data shorter than size is compressed, data as long as size is not.
 */
#include "config.h"

#include "store/versions.h"

#include <assert.h>
#include <string.h>
#include <zstd.h>

#include "store/db.h"
#include "store/sql.h"

#define LEVEL 3

/* What is to stand in a row of content. */
struct packed {
	const void *data; /* NULL: outside */
	size_t len;
	void *owned; /* compressed bytes, or NULL */
};

static enum status
pack(const void *data, size_t size, struct packed *ret, struct err *err)
{
	size_t n;

	*ret = (struct packed){ .data = data, .len = size };
	if (size < 2)
		return ST_OK;
	/* With room for size - 1 bytes, it fails where it does not help. */
	ret->owned = malloc(size - 1);
	if (ret->owned == NULL)
		return err_nomem(err);
	n = ZSTD_compress(ret->owned, size - 1, data, size, LEVEL);
	if (!ZSTD_isError(n)) {
		ret->data = ret->owned;
		ret->len = n;
	}
	return ST_OK;
}

static enum status
put_content(struct db *db, const struct version *v, const void *data,
    struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	struct packed packed = { .len = (size_t)v->size };
	autofree void *owned = NULL;
	enum status st = ST_OK;

	if (data != NULL)
		st = pack(data, (size_t)v->size, &packed, err);
	owned = packed.owned;
	if (st != ST_OK)
		return st;
	st = db_prepare(db,
	    "INSERT INTO content(sha256, size, stored, data)"
	    " VALUES (?1, ?2, ?3, ?4)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_hash(stmt, 1, &v->hash);
	sql_bind_int(stmt, 2, (int64_t)v->size);
	sql_bind_int(stmt, 3, (int64_t)packed.len);
	if (data != NULL)
		sql_bind_blob(stmt, 4, packed.data, packed.len);
	return db_run(db, stmt, err);
}

static enum status
put_version(struct db *db, const struct version *v, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db,
	    "INSERT INTO version(path, sha256, mtime, exec, time, why)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, v->path);
	sql_bind_hash(stmt, 2, &v->hash);
	sql_bind_int(stmt, 3, v->mtime);
	sql_bind_int(stmt, 4, v->exec);
	sql_bind_int(stmt, 5, v->when);
	sql_bind_text(stmt, 6, v->why);
	return db_run(db, stmt, err);
}

static enum status
find(struct db *db, const struct hash *hash, bool *ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db, "SELECT 1 FROM content WHERE sha256 = ?1", &stmt,
	    err);
	if (st != ST_OK)
		return st;
	sql_bind_hash(stmt, 1, hash);
	return db_step(db, stmt, ret, err);
}

enum status
versions_put(struct db *db, const struct version *v, const void *data,
    struct err *err)
{
	enum status st;
	bool have;

	assert(db_writing(db));
	if (data != NULL && v->size > VERSIONS_INLINE)
		return err_set(err, ST_USAGE,
		    "journal: contents of %llu bytes belong outside",
		    (unsigned long long)v->size);
	st = find(db, &v->hash, &have, err);
	if (st == ST_OK && !have)
		st = put_content(db, v, data, err);
	return st == ST_OK ? put_version(db, v, err) : st;
}

bool
versions_has(struct db *db, const struct hash *hash)
{
	bool have = false;

	return find(db, hash, &have, NULL) == ST_OK && have;
}

static enum status
damaged(const struct hash *hash, struct err *err)
{
	char hex[HASH_HEX];

	hash_hex(hash, hex);
	return err_set(err, ST_DAMAGED,
	    "journal: the stored version %s is damaged", hex);
}

/* Appends to out what data stands for, if it has the hash. */
static enum status
unpack(const void *data, size_t len, size_t size, const struct hash *hash,
    struct hasher *hasher, struct buf *out, struct err *err)
{
	uint8_t *room = buf_room(out, size == 0 ? 1 : size);
	struct hash is;

	if (room == NULL)
		return err_nomem(err);
	if (len == size)
		memcpy(room, data, size);
	else if (ZSTD_decompress(room, size, data, len) != size)
		return damaged(hash, err);
	if (hasher_once(hasher, room, size, &is) != ST_OK)
		return err_nomem(err);
	if (!hash_equal(&is, hash))
		return damaged(hash, err);
	buf_added(out, size);
	return ST_OK;
}

enum status
versions_get(struct db *db, const struct hash *hash, struct hasher *hasher,
    struct buf *out, bool *ret_external, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	uint64_t size = 0;
	const char *data;
	enum status st;
	size_t len;
	bool row;

	st = db_prepare(db, "SELECT size, data FROM content WHERE sha256 = ?1",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_hash(stmt, 1, hash);
	st = db_step(db, stmt, &row, err);
	if (st != ST_OK)
		return st;
	if (!row)
		return err_set(err, ST_NOENT, "journal: no such version");
	if (sql_is_null(stmt, 1)) {
		*ret_external = true;
		return ST_OK;
	}
	data = sql_bytes(stmt, 1, &len);
	st = sql_size(stmt, 0, &size, err);
	if (st == ST_OK && (size > VERSIONS_INLINE || len > size))
		st = damaged(hash, err);
	if (st == ST_OK)
		st = unpack(data, len, (size_t)size, hash, hasher, out, err);
	if (st == ST_OK)
		*ret_external = false;
	return st;
}

static enum status
read_one(sqlite3_stmt *stmt, struct version *ret, struct err *err)
{
	struct version v = { 0 };
	enum status st;

	st = sql_path(stmt, 1, &v.path, err);
	if (st == ST_OK)
		st = sql_hash(stmt, 2, &v.hash, err);
	if (st == ST_OK)
		st = sql_size(stmt, 3, &v.size, err);
	if (st != ST_OK)
		return st;
	v.id = sqlite3_column_int64(stmt, 0);
	v.mtime = sqlite3_column_int64(stmt, 4);
	v.exec = sqlite3_column_int(stmt, 5) != 0;
	v.when = sqlite3_column_int64(stmt, 6);
	v.why = sql_text(stmt, 7);
	*ret = v;
	return ST_OK;
}

#define EACH                                                                   \
	"SELECT id, path, version.sha256, size, mtime, exec, time, why"        \
	" FROM version JOIN content ON content.sha256 = version.sha256"
#define NEWEST " ORDER BY time DESC, id DESC"

enum status
versions_each(struct db *db, const char *path,
    enum status (*each)(void *ctx, const struct version *v, struct err *err),
    void *ctx, struct err *err)
{
	AUTO(sql) sqlite3_stmt *stmt = NULL;
	struct version v;
	enum status st;
	bool row;

	st = db_prepare_own(db,
	    path == NULL ? EACH NEWEST : EACH " WHERE path = ?1" NEWEST, &stmt,
	    err);
	if (st != ST_OK)
		return st;
	if (path != NULL)
		sql_bind_path(stmt, 1, path);
	while ((st = db_step(db, stmt, &row, err)) == ST_OK && row) {
		st = read_one(stmt, &v, err);
		if (st == ST_OK)
			st = each(ctx, &v, err);
		if (st != ST_OK)
			return st;
	}
	return st;
}

struct oldest {
	bool found;
	int64_t id;
	int64_t when;
	struct hash hash;
};

static enum status
find_oldest(struct db *db, struct oldest *ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	struct oldest old = { 0 };
	enum status st;

	st = db_prepare(db,
	    "SELECT id, time, sha256 FROM version ORDER BY time, id LIMIT 1",
	    &stmt, err);
	if (st == ST_OK)
		st = db_step(db, stmt, &old.found, err);
	if (st == ST_OK && old.found) {
		old.id = sqlite3_column_int64(stmt, 0);
		old.when = sqlite3_column_int64(stmt, 1);
		st = sql_hash(stmt, 2, &old.hash, err);
	}
	if (st == ST_OK)
		*ret = old;
	return st;
}

static enum status
drop_version(struct db *db, int64_t id, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db, "DELETE FROM version WHERE id = ?1", &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_int(stmt, 1, id);
	return db_run(db, stmt, err);
}

/* What goes when contents are no longer named. */
struct unnamed {
	bool found;
	bool outside;
	uint64_t stored;
};

static enum status
find_unnamed(struct db *db, const struct hash *hash, struct unnamed *ret,
    struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	struct unnamed u = { 0 };
	enum status st;

	st = db_prepare(db,
	    "SELECT stored, data IS NULL FROM content WHERE sha256 = ?1 AND"
	    " NOT EXISTS (SELECT 1 FROM version WHERE sha256 = ?1)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_hash(stmt, 1, hash);
	st = db_step(db, stmt, &u.found, err);
	if (st == ST_OK && u.found) {
		u.outside = sqlite3_column_int(stmt, 1) != 0;
		st = sql_size(stmt, 0, &u.stored, err);
	}
	if (st == ST_OK)
		*ret = u;
	return st;
}

static enum status
drop_content(struct db *db, const struct hash *hash, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db, "DELETE FROM content WHERE sha256 = ?1", &stmt,
	    err);
	if (st != ST_OK)
		return st;
	sql_bind_hash(stmt, 1, hash);
	return db_run(db, stmt, err);
}

/* Reads the index on stored alone: 10 ms for 100,000 contents. */
static enum status
total_stored(struct db *db, uint64_t *ret, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;
	bool row;

	st = db_prepare(db, "SELECT sum(stored) FROM content", &stmt, err);
	if (st == ST_OK)
		st = db_step(db, stmt, &row, err);
	return st == ST_OK ? sql_size(stmt, 0, ret, err) : st;
}

/* Drops a version, and its contents if that was their last name. */
static enum status
trim_one(struct db *db, const struct oldest *old, struct unnamed *ret,
    struct err *err)
{
	enum status st = drop_version(db, old->id, err);

	if (st == ST_OK)
		st = find_unnamed(db, &old->hash, ret, err);
	if (st == ST_OK && ret->found)
		st = drop_content(db, &old->hash, err);
	return st;
}

enum status
versions_trim(struct db *db, int64_t before, uint64_t max_bytes,
    enum status (*gone)(void *ctx, const struct hash *hash, struct err *err),
    void *ctx, struct err *err)
{
	struct unnamed u = { 0 };
	struct oldest old = { 0 };
	uint64_t stored = 0;
	enum status st;

	assert(db_writing(db));
	st = total_stored(db, &stored, err);
	while (st == ST_OK) {
		st = find_oldest(db, &old, err);
		if (st != ST_OK || !old.found ||
		    (old.when >= before && stored <= max_bytes))
			return st;
		st = trim_one(db, &old, &u, err);
		if (st == ST_OK && u.outside)
			st = gone(ctx, &old.hash, err);
		stored -= u.stored < stored ? u.stored : stored;
	}
	return st;
}
