/* SPDX-License-Identifier: MIT */
/*
 * The walk.  A folder is read whole, judged and sorted before anything of it
 * counts, so that one which can't be read to its end leaves no half.  Folders
 * being walked wait on a stack of sorted items, not of descriptors: each is
 * opened by its path, which costs less than holding 256 of them.
 *
 * The walk is a job: each step reads the names of one folder or judges some of
 * them, until the step's share of work is done.  What a step found is gone with
 * the next, so of a large tree no more is held than the folders on the way.
 *
 * A folder is sorted by its name and a slash, which puts its contents where
 * the order of whole paths wants them: "a.b" comes before "a/x".
 */
#include "config.h"

#include "fs/scan.h"

#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/filter.h"
#include "core/path.h"
#include "core/scope.h"
#include "fs/root.h"
#include "fs/scan_folder.h"
#include "fs/scan_list.h"
#include "fs/sys.h"
#include "util/buf.h"
#include "util/str.h"

#define AT_ONCE 4000 /* found files that a step hands out */

struct scan_job {
	struct root *root;
	struct env *env;
	struct filter *filter;
	const struct scope *scope; /* NULL: everything */
	size_t part; /* the next one of it */
	bool *rules; /* of a scope: there are some in it */
	struct scan *scan;
	uint64_t dev; /* of the root */
	struct scan_folder stack[PATH_DEPTH_LIMIT];
	size_t depth;
	/* The folder that is being read: */
	char path[PATH_LIMIT]; /* its path, and behind that a name */
	size_t len; /* of its path with the slash; 0: the root */
	DIR *dir; /* NULL: none, go on with the stack */
	int fd;
	struct buf names; /* each a type, the name, a NUL */
	size_t judged; /* bytes of those */
	struct scan_names found; /* of those that were judged */
	bool has_rules; /* a .dsyncignore is among them */
	bool began;
	size_t share; /* of work that is left to this step */
	struct err err;
};

/* The path of the folder that is being read, without its slash. */
static const char *
folder_path(const struct scan_job *w, char path[PATH_LIMIT])
{
	const size_t len = w->len == 0 ? 0 : w->len - 1;

	memcpy(path, w->path, len);
	path[len] = '\0';
	return path;
}

/* The folder, or name in it, can't be read; the text is for a person. */
static enum status
folder_error(struct scan_job *w, int errnum, const char *name)
{
	char path[PATH_LIMIT + PATH_NAME_LIMIT], show[STR_SHOW];

	memcpy(path, w->path, w->len);
	memcpy(path + w->len, name, strlen(name) + 1);
	if (*name == '\0')
		folder_path(w, path);
	return err_sys(&w->err, errnum, "%s",
	    str_show(show, *path == '\0' ? root_path(w->root) : path));
}

static enum status
add_problem(struct scan_job *w, const char *path, const char *text)
{
	enum status st = scan_add_problem(w->scan, path, text);

	return st == ST_OK ? ST_OK : err_nomem(&w->err);
}

/* Notes "path: why". */
static enum status
problem(struct scan_job *w, const char *path, const char *why)
{
	char show[STR_SHOW];
	struct err err;

	err_set(&err, ST_IO, "%s: %s",
	    *path == '\0' ? "." : str_show(show, path), why);
	return add_problem(w, path, err.text);
}

/* The folder as a whole, for its contents are not to be had. */
static enum status
add_cover(struct scan_job *w, enum entry_kind kind, const struct stamp *stamp)
{
	struct scan_file file = { .kind = (uint8_t)kind, .cover = true };
	enum status st;

	if (stamp != NULL)
		file.stamp = *stamp;
	file.path = w->path;
	st = scan_add(w->scan, &file, w->len - 1);
	return st == ST_OK ? ST_OK : err_nomem(&w->err);
}

static enum status
read_names(struct scan_job *w, DIR *dir)
{
	const struct dirent *d;
	enum status st = ST_OK;

	buf_clear(&w->names);
	w->has_rules = false;
	while (st == ST_OK && (d = sys_readdir(w->env, dir)) != NULL) {
		if (strcmp(d->d_name, PATH_IGNORE) == 0)
			w->has_rules = true;
		st = buf_put(&w->names, &d->d_type, 1);
		if (st == ST_OK)
			st = buf_put(&w->names, d->d_name,
			    strlen(d->d_name) + 1);
	}
	if (st != ST_OK)
		return err_nomem(&w->err);
	return errno == 0 ? ST_OK : folder_error(w, errno, "");
}

/*
 * Rules that can't be read are worse than none: what they keep out would be
 * synced.  So they make the folder unreadable.  Bad ones are only reported.
 */
static enum status
read_rules(struct scan_job *w)
{
	autofree char *text = malloc(FILTER_FILE_LIMIT + 1);
	char dir[PATH_LIMIT];
	autoclose int fd = -1;
	struct err err;
	struct stat st;
	enum status status;
	ssize_t n;

	if (text == NULL)
		return err_nomem(&w->err);
	fd = sys_openat(w->env, w->fd, PATH_IGNORE, O_RDONLY, 0);
	if (fd == -1 && (errno == ENOENT || errno == ELOOP || errno == ENXIO))
		return ST_OK;
	if (fd == -1 || sys_fstat(w->env, fd, &st) == -1)
		return folder_error(w, errno, PATH_IGNORE);
	if (!S_ISREG(st.st_mode))
		return ST_OK;
	n = sys_read_all(w->env, fd, text, FILTER_FILE_LIMIT + 1);
	if (n == -1)
		return folder_error(w, errno, PATH_IGNORE);
	status = filter_add_file(w->filter, folder_path(w, dir), text,
	    (size_t)n, &err);
	if (status == ST_OK)
		return ST_OK;
	if (status == ST_NOMEM)
		return err_nomem(&w->err);
	return add_problem(w, dir, err.text);
}

static enum status
add_item(struct scan_job *w, const struct scan_item *item)
{
	return scan_names_add(&w->found, item, w->path) == ST_OK ?
	    ST_OK :
	    err_nomem(&w->err);
}

/* A folder among the names. */
static enum status
judge_folder(struct scan_job *w, const char *name, bool excluded)
{
	struct scan_item item = { .enter = !excluded };
	size_t len = strlen(w->path);
	struct stat st;

	if (excluded) {
		if (sys_fstatat(w->env, w->fd, name, &st) == 0)
			sys_stamp(&st, &item.file.stamp);
		item.file.kind = ENTRY_EXCLUDED;
		item.file.cover = true;
		item.file.ruled_out = true;
	} else if (len + 1 < PATH_LIMIT) {
		memcpy(w->path + len, "/", 2);
	} else {
		return problem(w, w->path, "too long a path for a folder");
	}
	return add_item(w, &item);
}

/* Anything else; st is NULL, and errno set, if it can't be looked at. */
static enum status
judge_file(struct scan_job *w, const struct stat *st, bool excluded)
{
	const uint64_t max = filter_max_size(w->filter);
	struct scan_item item = { .file.kind = ENTRY_UNREAD,
		.file.cover = true };
	enum status status;

	if (st == NULL) {
		status = problem(w, w->path, strerror(errno));
		return status == ST_OK ? add_item(w, &item) : status;
	}
	sys_stamp(st, &item.file.stamp);
	item.file.cover = !S_ISREG(st->st_mode);
	item.file.ruled_out = excluded;
	excluded |= item.file.cover || (max != 0 && item.file.stamp.size > max);
	item.file.kind = excluded ? ENTRY_EXCLUDED : ENTRY_TEXT;
	return add_item(w, &item);
}

static enum status
judge_name(struct scan_job *w, const char *name, unsigned char type)
{
	struct filter_verdict verdict;
	bool is_dir = type == DT_DIR;
	const struct stat *found = NULL;
	struct stat st;
	int errnum = 0;

	memcpy(w->path + w->len, name, strlen(name) + 1);
	if (!is_dir && sys_fstatat(w->env, w->fd, name, &st) == 0) {
		found = &st;
		is_dir = S_ISDIR(st.st_mode);
	} else if (!is_dir) {
		errnum = errno;
		if (errnum == ENOENT)
			return ST_OK;
	}
	filter_judge(w->filter, w->path, is_dir, &verdict);
	/* Excluded by no rule: a hidden name, or our own. */
	if (verdict.excluded && verdict.rule == NULL)
		return ST_OK;
	if (is_dir)
		return judge_folder(w, name, verdict.excluded);
	errno = errnum;
	return judge_file(w, found, verdict.excluded);
}

/* Goes on with the names; behind the last one the folder is closed. */
static enum status
judge_names(struct scan_job *w)
{
	const char *names = (const char *)buf_data(&w->names), *name;
	enum status st = ST_OK;
	char dir[PATH_LIMIT];
	unsigned char type;
	size_t len;

	for (; st == ST_OK && w->judged < w->names.len && w->share > 0;
	     w->share--) {
		type = (unsigned char)names[w->judged];
		name = names + w->judged + 1;
		len = strlen(name);
		w->judged += len + 2;
		if (w->len + len < PATH_LIMIT)
			st = judge_name(w, name, type);
		else
			st = problem(w, folder_path(w, dir),
			    "holds a name that is too long");
	}
	if (st != ST_OK || w->judged < w->names.len)
		return st;
	closedir(w->dir);
	w->dir = NULL;
	st = scan_folder_init(&w->stack[w->depth++], &w->found);
	return st == ST_OK ? ST_OK : err_nomem(&w->err);
}

/* The folder of the descriptor, which is taken over; it is to be judged. */
static enum status
read_folder(struct scan_job *w, int fd)
{
	enum status st;
	DIR *dir;

	dir = sys_fdopendir(w->env, fd);
	if (dir == NULL) {
		st = folder_error(w, errno, "");
		close(fd);
		return st;
	}
	w->fd = fd;
	w->judged = 0;
	scan_names_clear(&w->found);
	st = read_names(w, dir);
	if (st == ST_OK && w->has_rules && w->scope != NULL)
		*w->rules = true;
	else if (st == ST_OK && w->has_rules)
		st = read_rules(w);
	if (st == ST_OK)
		w->dir = dir;
	else
		closedir(dir);
	return st;
}

static enum status
enter_root(struct scan_job *w)
{
	struct stat top;
	int fd;

	fd = scan_open(w->root, "", &top);
	if (fd == -1)
		return folder_error(w, errno, "");
	w->dev = top.st_dev;
	return read_folder(w, fd);
}

/* Opens and reads the folder w->path; *ret_other: of another file system. */
static enum status
open_folder(struct scan_job *w, struct stamp *ret_stamp, bool *ret_other)
{
	autoclose int fd = -1;
	char path[PATH_LIMIT];
	enum status status;
	struct stat st;

	fd = scan_open(w->root, folder_path(w, path), &st);
	if (fd == -1)
		return folder_error(w, errno, "");
	sys_stamp(&st, ret_stamp);
	*ret_other = ret_stamp->dev != w->dev;
	if (*ret_other)
		return ST_OK;
	status = read_folder(w, fd);
	fd = -1;
	return status;
}

/*
 * Gone since its name was read: then it is as if it never was.  What a scope
 * names need never have been there.
 */
static bool
is_gone(const struct scan_job *w)
{
	return w->err.sys == ENOENT || (w->scope != NULL && w->depth == 0);
}

static enum status
enter(struct scan_job *w, const char *path)
{
	struct stamp stamp;
	char dir[PATH_LIMIT];
	bool other = false;
	enum status st;

	w->len = strlen(path);
	memcpy(w->path, path, w->len + 1);
	if (w->depth == PATH_DEPTH_LIMIT) {
		st = problem(w, folder_path(w, dir), "is nested too deeply");
		return st == ST_OK ? add_cover(w, ENTRY_UNREAD, NULL) : st;
	}
	st = open_folder(w, &stamp, &other);
	if (st == ST_NOMEM)
		return st;
	if (other) {
		st = problem(w, folder_path(w, dir),
		    "is another file system and is left out");
		return st == ST_OK ? add_cover(w, ENTRY_EXCLUDED, &stamp) : st;
	}
	if (st == ST_OK || (st == ST_NOENT && is_gone(w)))
		return ST_OK;
	st = add_problem(w, folder_path(w, dir), w->err.text);
	return st == ST_OK ? add_cover(w, ENTRY_UNREAD, NULL) : st;
}

/* The next item of the stack. */
static enum status
go_on(struct scan_job *w)
{
	struct scan_folder *top = &w->stack[w->depth - 1];
	const struct scan_item *item = scan_folder_next(top);
	enum status st;

	if (item == NULL) {
		scan_folder_fini(top);
		w->depth--;
		return ST_OK;
	}
	if (item->enter) {
		w->share--;
		return enter(w, item->file.path);
	}
	st = scan_add(w->scan, &item->file, strlen(item->file.path));
	return st == ST_OK ? ST_OK : err_nomem(&w->err);
}

/* A single path, or a folder's contents if it is one that may be entered. */
static enum status
look_at_part(struct scan_job *w)
{
	const char *part = scope_at(w->scope, w->part++);
	const bool below = scope_path(part, w->path);
	struct scan_file file;
	struct err why;
	enum status st;

	w->share--;
	*w->rules |= path_is_ignore_file(w->path);
	st = scan_look(w->root, w->filter, w->path, &file, &why);
	if (st != ST_OK)
		return err_nomem(&w->err);
	if (below)
		return file.kind == ENTRY_ABSENT && S_ISDIR(file.stamp.mode) ?
		    enter(w, part) :
		    ST_OK;
	if (file.kind == ENTRY_ABSENT)
		return ST_OK;
	if (file.kind == ENTRY_UNREAD)
		st = scan_add_problem(w->scan, w->path, why.text);
	file.path = part;
	file.cover = file.kind != ENTRY_TEXT;
	if (st == ST_OK)
		st = scan_add(w->scan, &file, strlen(part));
	return st == ST_OK ? ST_OK : err_nomem(&w->err);
}

static enum status
begin(struct scan_job *w)
{
	struct stat top;

	w->began = true;
	if (w->scope == NULL) {
		filter_clear_files(w->filter);
		return enter_root(w);
	}
	if (sys_fstat(w->env, root_fd(w->root), &top) == -1)
		return folder_error(w, errno, "");
	w->dev = top.st_dev;
	return ST_OK;
}

/* Goes on where there is something to do; false: nowhere. */
static bool
go_anywhere(struct scan_job *w, enum status *ret)
{
	if (w->dir != NULL)
		*ret = judge_names(w);
	else if (w->depth > 0)
		*ret = go_on(w);
	else if (w->scope != NULL && w->part < scope_count(w->scope))
		*ret = look_at_part(w);
	else
		return false;
	return true;
}

enum status
scan_job_new(struct root *root, struct filter *filter, struct scan_job **ret)
{
	AUTO(scan_job) struct scan_job *w = calloc(1, sizeof(*w));

	if (w == NULL || scan_new(&w->scan) != ST_OK)
		return ST_NOMEM;
	w->root = root;
	w->env = root_env(root);
	w->filter = filter;
	w->fd = -1;
	*ret = w;
	w = NULL;
	return ST_OK;
}

enum status
scan_job_new_part(struct root *root, struct filter *filter,
    const struct scope *scope, bool *ret_rules, struct scan_job **ret)
{
	enum status st = scan_job_new(root, filter, ret);

	if (st != ST_OK)
		return st;
	*ret_rules = false;
	(*ret)->scope = scope;
	(*ret)->rules = ret_rules;
	return ST_OK;
}

void
scan_job_free(struct scan_job *w)
{
	if (w == NULL)
		return;
	while (w->depth > 0)
		scan_folder_fini(&w->stack[--w->depth]);
	if (w->dir != NULL)
		closedir(w->dir);
	buf_fini(&w->names);
	scan_names_fini(&w->found);
	scan_free(w->scan);
	free(w);
}

/* Until the share of work is done, or that much found. */
static enum status
step(struct scan_job *w, size_t share, size_t most, bool *ret_done,
    struct err *err)
{
	enum status st = ST_OK;
	bool more = true;

	w->share = share;
	scan_drop_files(w->scan);
	/* What stands at a path now, not where it stood a step ago. */
	if (w->scope != NULL)
		root_forget(w->root);
	if (!w->began)
		st = begin(w);
	while (
	    st == ST_OK && w->share > 0 && more && scan_count(w->scan) < most)
		more = go_anywhere(w, &st);
	if (st != ST_OK && err != NULL)
		*err = w->err;
	*ret_done = !more;
	return st;
}

enum status
scan_job_step(struct scan_job *w, size_t share, bool *ret_done,
    const struct scan **ret, struct err *err)
{
	*ret = w->scan;
	return step(w, share, AT_ONCE, ret_done, err);
}

enum status
scan_walk(struct root *root, struct filter *filter, struct scan **ret,
    struct err *err)
{
	AUTO(scan_job) struct scan_job *job = NULL;
	enum status st = scan_job_new(root, filter, &job);
	bool done;

	if (st != ST_OK)
		return err_nomem(err);
	st = step(job, SIZE_MAX, SIZE_MAX, &done, err);
	if (st != ST_OK)
		return st;
	scan_sort(job->scan);
	*ret = job->scan;
	job->scan = NULL;
	return ST_OK;
}
