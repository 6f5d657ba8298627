/* SPDX-License-Identifier: MIT */
/*
 * A row of file_state.  Where what is on the disk is what was agreed, as it is
 * for almost every file, the hash is stored once: disk_sha256 is NULL.  The
 * rest of what is known of the disk is one packed value, since nobody asks SQL
 * about it: 50,000 rows load in 27 ms so, and took 41 ms with eight columns.
 */
#include "config.h"

#include "store/row.h"

#include <endian.h>
#include <string.h>

#include "core/path.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/sql.h"

/* The column disk; numbers are big endian. */
struct disk {
	uint64_t dev;
	uint64_t ino;
	uint64_t size;
	uint64_t mtime;
	uint64_t ctime;
	uint32_t mode;
	uint8_t kind;
	uint8_t settled;
	uint8_t zero[2];
};

_Static_assert(sizeof(struct disk) == 48, "it is a format on the disk");

bool
row_agreed(const struct journal_row *row)
{
	return row->entry.kind == ENTRY_TEXT || row->seq > 0;
}

static enum status
impossible(const char *what, struct err *err)
{
	return err_set(err, ST_DAMAGED, "journal: read: an impossible %s",
	    what);
}

/* column_text() would allocate a copy of each; that took half of the time. */
static enum status
read_path(sqlite3_stmt *stmt, char path[PATH_LIMIT], struct err *err)
{
	size_t len;
	const char *data = sql_bytes(stmt, 0, &len);

	if (path_fault(data, len) != NULL)
		return impossible("path", err);
	memcpy(path, data, len);
	path[len] = '\0';
	return ST_OK;
}

static void
read_origin(sqlite3_stmt *stmt, struct journal_row *row)
{
	size_t len;
	const char *data = sql_bytes(stmt, 3, &len);

	if (len >= sizeof(row->origin))
		len = sizeof(row->origin) - 1;
	memcpy(row->origin, data, len);
	row->origin[len] = '\0';
}

static enum status
read_entry(sqlite3_stmt *stmt, struct journal_row *row, struct err *err)
{
	int kind = sqlite3_column_int(stmt, 4);
	enum status st;

	if (kind != ENTRY_ABSENT && kind != ENTRY_TEXT &&
	    kind != ENTRY_EXCLUDED)
		return impossible("kind", err);
	if (kind == ENTRY_TEXT && sql_is_null(stmt, 2))
		return impossible("hash", err);
	st = sql_hash(stmt, 2, &row->entry.hash, err);
	if (st == ST_OK)
		st = sql_size(stmt, 5, &row->entry.size, err);
	if (st == ST_OK)
		st = sql_size(stmt, 7, &row->seq, err);
	if (st != ST_OK)
		return st;
	row->entry.mtime = sqlite3_column_int64(stmt, 1);
	row->entry.kind = (uint8_t)kind;
	row->entry.exec = sqlite3_column_int(stmt, 6) != 0;
	row->entry.cover = row->entry.kind == ENTRY_EXCLUDED;
	read_origin(stmt, row);
	return ST_OK;
}

static enum status
read_disk(sqlite3_stmt *stmt, struct journal_row *row, struct err *err)
{
	struct disk disk;
	size_t len;
	const char *data = sql_bytes(stmt, 8, &len);

	if (len != sizeof(disk))
		return impossible("stamp", err);
	memcpy(&disk, data, sizeof(disk));
	if (disk.kind != ENTRY_TEXT && disk.kind != ENTRY_EXCLUDED)
		return impossible("kind", err);
	row->has_disk = true;
	row->disk_kind = disk.kind;
	row->disk_settled = disk.settled != 0;
	row->disk = (struct stamp){
		.dev = be64toh(disk.dev),
		.ino = be64toh(disk.ino),
		.size = be64toh(disk.size),
		.mtime = (int64_t)be64toh(disk.mtime),
		.ctime = (int64_t)be64toh(disk.ctime),
		.mode = be32toh(disk.mode),
	};
	row->disk_hash = row->entry.hash;
	if (sql_is_null(stmt, 9))
		return ST_OK;
	return sql_hash(stmt, 9, &row->disk_hash, err);
}

static void
clear_disk(struct journal_row *row)
{
	row->has_disk = false;
	row->disk_kind = ENTRY_ABSENT;
	row->disk_settled = false;
	memset(&row->disk_hash, 0, sizeof(row->disk_hash));
	memset(&row->disk, 0, sizeof(row->disk));
}

enum status
row_read(sqlite3_stmt *stmt, char path[PATH_LIMIT], struct journal_row *ret,
    struct err *err)
{
	enum status st = read_path(stmt, path, err);

	if (st != ST_OK)
		return st;
	ret->entry.path = path;
	st = read_entry(stmt, ret, err);
	if (st != ST_OK)
		return st;
	if (!sql_is_null(stmt, 8))
		return read_disk(stmt, ret, err);
	clear_disk(ret);
	return ST_OK;
}

static void
pack_disk(const struct journal_row *row, struct disk *ret)
{
	*ret = (struct disk){
		.dev = htobe64(row->disk.dev),
		.ino = htobe64(row->disk.ino),
		.size = htobe64(row->disk.size),
		.mtime = htobe64((uint64_t)row->disk.mtime),
		.ctime = htobe64((uint64_t)row->disk.ctime),
		.mode = htobe32(row->disk.mode),
		.kind = row->disk_kind,
		.settled = row->disk_settled,
	};
}

enum status
row_write(struct db *db, const struct journal_row *row, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	struct disk disk;
	enum status st;

	st = db_prepare(db,
	    "REPLACE INTO file_state(" ROW_COLUMNS ") VALUES"
	    " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, row->entry.path);
	sql_bind_int(stmt, 2, row->entry.mtime);
	if (row->entry.kind == ENTRY_TEXT)
		sql_bind_hash(stmt, 3, &row->entry.hash);
	sql_bind_text(stmt, 4, row->origin);
	sql_bind_int(stmt, 5, row->entry.kind);
	sql_bind_int(stmt, 6, (int64_t)row->entry.size);
	sql_bind_int(stmt, 7, row->entry.exec);
	sql_bind_int(stmt, 8, (int64_t)row->seq);
	if (row->has_disk) {
		pack_disk(row, &disk);
		sql_bind_blob(stmt, 9, &disk, sizeof(disk));
		if (!hash_equal(&row->disk_hash, &row->entry.hash))
			sql_bind_hash(stmt, 10, &row->disk_hash);
	}
	return db_run(db, stmt, err);
}

enum status
row_write_disk(struct db *db, const struct journal_row *row, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	struct disk disk;
	enum status st;

	st = db_prepare(db,
	    "INSERT INTO file_state(" ROW_COLUMNS ") VALUES"
	    " (?1, 0, NULL, '', 0, 0, 0, 0, ?2, ?3)"
	    " ON CONFLICT(path) DO UPDATE"
	    " SET disk = ?2, disk_sha256 = nullif(?3, sha256)",
	    &stmt, err);
	if (st != ST_OK)
		return st;
	pack_disk(row, &disk);
	sql_bind_path(stmt, 1, row->entry.path);
	sql_bind_blob(stmt, 2, &disk, sizeof(disk));
	sql_bind_hash(stmt, 3, &row->disk_hash);
	return db_run(db, stmt, err);
}

enum status
row_drop(struct db *db, const char *path, struct err *err)
{
	AUTO(sql_use) sqlite3_stmt *stmt = NULL;
	enum status st;

	st = db_prepare(db, "DELETE FROM file_state WHERE path = ?1", &stmt,
	    err);
	if (st != ST_OK)
		return st;
	sql_bind_path(stmt, 1, path);
	return db_run(db, stmt, err);
}
