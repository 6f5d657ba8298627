/* SPDX-License-Identifier: MIT */
/*
 * The file journal.db as SQLite is to treat it.  WAL and synchronous FULL: a
 * commit that has returned is on the disk, and readers never wait.  Where the
 * file system is a network's, WAL's shared memory does not work: then a
 * rollback journal, and one process.
 *
 * Nothing of the file is trusted: defensive, no schema of strangers, no mmap,
 * cell sizes checked, no value of any length.  It is never opened but by
 * SQLite: closing any other descriptor of it would drop the locks this
 * process holds.
 */
#include "config.h"

#include "store/file.h"

#include <errno.h>
#include <string.h>

#include "store/sql.h"
#include "store/versions.h"
#include "util/str.h"

#define PAGE	  4096
#define PATH_MOST 500 /* bytes; SQLite's own limit is 512, with "-journal" */

/* Of one value or row, in bytes: no version is larger, see versions.h. */
#define VALUE_MOST (2 * VERSIONS_INLINE)

/* A file with something in it; SQLite's eyes, so it is SQLite's names. */
static bool
has_content(const char *path, const char *suffix)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	char *name = sqlite3_mprintf("%s%s", path, suffix);
	int found = 0;

	if (name == NULL || vfs == NULL ||
	    vfs->xAccess(vfs, name, SQLITE_ACCESS_EXISTS, &found) != SQLITE_OK)
		found = 1;
	sqlite3_free(name);
	return found != 0;
}

bool
file_unclean(const char *path)
{
	return has_content(path, "-wal") || has_content(path, "-journal");
}

static enum status
open_error(sqlite3 *sql, struct err *err)
{
	if (sql == NULL)
		return err_nomem(err);
	if (sqlite3_system_errno(sql) == ENOENT)
		return err_set(err, ST_NOENT, "journal: open: no such file");
	return sql_error(sql, "open", err);
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '-';
}

/*
 * As a URI, because only a URI can say "immutable": then SQLite makes no -shm
 * beside the file.  Every byte that could mean something there is written as
 * %XX, so that no name is anything but a name (nor its bytes other bytes).
 */
static char *
uri_of(const char *path, bool immutable)
{
	sqlite3_str *uri = sqlite3_str_new(NULL);
	const char *p;

	sqlite3_str_appendall(uri, path[0] == '/' ? "file:" : "file:./");
	for (p = path; *p != '\0'; p++)
		sqlite3_str_appendf(uri, is_plain(*p) ? "%c" : "%%%02x",
		    (unsigned char)*p);
	sqlite3_str_appendall(uri, immutable ? "?immutable=1" : "");
	return sqlite3_str_finish(uri);
}

enum status
file_open(const char *path, bool read_only, sqlite3 **ret, struct err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI |
	    (read_only ? SQLITE_OPEN_READONLY :
			 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	sqlite3 *sql = NULL;
	enum status st = ST_OK;
	char *name;

	if (strlen(path) > PATH_MOST)
		return err_set(err, ST_IO,
		    "journal: open: its path is longer than %d bytes",
		    PATH_MOST);
	name = uri_of(path, read_only && !file_unclean(path));
	if (name == NULL)
		return err_nomem(err);
	if (sqlite3_open_v2(name, &sql, flags, NULL) != SQLITE_OK)
		st = open_error(sql, err);
	sqlite3_free(name);
	if (st == ST_OK)
		*ret = sql;
	else
		sqlite3_close_v2(sql);
	return st;
}

static void
harden(sqlite3 *sql)
{
	sqlite3_extended_result_codes(sql, 1);
	sqlite3_limit(sql, SQLITE_LIMIT_LENGTH, VALUE_MOST);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
}

enum status
file_configure(sqlite3 *sql, bool read_only, bool network, struct err *err)
{
	enum status st;

	harden(sql);
	st = sql_exec(sql,
	    "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
	    "PRAGMA temp_store = MEMORY; PRAGMA synchronous = FULL;"
	    "PRAGMA secure_delete = FAST; PRAGMA cache_size = -2000",
	    "open", err);
	if (st != ST_OK || read_only)
		return st;
	if (network)
		return sql_exec(sql,
		    "PRAGMA locking_mode = EXCLUSIVE;"
		    "PRAGMA journal_mode = TRUNCATE",
		    "open", err);
	/* A run of a thousand changes is to wait for the table but once. */
	return sql_exec(sql,
	    "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 4000",
	    "open", err);
}

enum status
file_examine(sqlite3 *sql, struct err *err)
{
	AUTO(sql) sqlite3_stmt *stmt = NULL;
	char why[STR_SHOW];
	int rc;

	rc = sqlite3_prepare_v2(sql, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW)
		return sql_error(sql, "check", err);
	if (strcmp(sql_text(stmt, 0), "ok") == 0)
		return ST_OK;
	str_show(why, sql_text(stmt, 0));
	return err_set(err, ST_DAMAGED, "journal: check: %s", why);
}

/* A file that ends within a page was cut; SQLite would see zeros there. */
static bool
is_cut(sqlite3 *sql)
{
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;

	sqlite3_file_control(sql, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (file == NULL || file->pMethods == NULL ||
	    file->pMethods->xFileSize(file, &size) != SQLITE_OK)
		return true;
	return size % PAGE != 0;
}

/* SQLite is content to read where it cannot write; we are not. */
static enum status
check_writable(sqlite3 *sql, struct err *err)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	const char *name = sqlite3_db_filename(sql, "main");
	int may = 0;

	if (sqlite3_db_readonly(sql, "main") == 0)
		return ST_OK;
	vfs->xAccess(vfs, name, SQLITE_ACCESS_READWRITE, &may);
	if (may)
		return err_set(err, ST_DAMAGED,
		    "journal: open: its header forbids writing");
	return err_set(err, ST_IO, "journal: open: it may not be written");
}

enum status
file_check(sqlite3 *sql, bool read_only, bool unclean, struct err *err)
{
	enum status st = ST_OK;

	if (unclean || is_cut(sql))
		st = file_examine(sql, err);
	return st == ST_OK && !read_only ? check_writable(sql, err) : st;
}
