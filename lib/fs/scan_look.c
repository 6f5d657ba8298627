/* SPDX-License-Identifier: MIT */
/*
 * One path, judged as the walk would judge it had it come by: what happened
 * since the walk is seen through the same rules.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/filter.h"
#include "fs/root.h"
#include "fs/scan.h"
#include "fs/sys.h"
#include "util/str.h"

int
scan_open(struct root *root, const char *path, struct stat *ret)
{
	const int flags = O_RDONLY | O_DIRECTORY;
	struct env *env = root_env(root);
	int fd, errnum;

	if (*path == '\0')
		fd = sys_openat(env, root_fd(root), ".", flags, 0);
	else
		fd = sys_open_beneath(env, root_fd(root), path, flags, false);
	if (fd == -1 || sys_fstat(env, fd, ret) == 0)
		return fd;
	errnum = errno;
	close(fd);
	errno = errnum;
	return -1;
}

/*
 * lstat, in a folder that root may have open already, for many paths of one
 * folder are looked at in turn.  What is odd about the way there, root_stat()
 * finds out.
 */
static enum status
stat_near(struct root *root, const char *path, struct stamp *ret,
    struct err *err)
{
	char show[STR_SHOW];
	const char *name;
	struct stat found;
	enum status st;
	int fd;

	st = root_parent(root, path, false, &fd, &name, err);
	if (st != ST_OK)
		return st == ST_NOENT ? st : root_stat(root, path, ret, err);
	if (sys_fstatat(root_env(root), fd, name, &found) == -1)
		return err_sys(err, errno, "%s", str_show(show, path));
	sys_stamp(&found, ret);
	return ST_OK;
}

/* True if the folder of path lies on another file system than the root. */
static bool
across_mount(struct root *root, const char *path, const struct stamp *stamp)
{
	struct stat top, parent;
	const char *name;
	int fd;

	if (sys_fstat(root_env(root), root_fd(root), &top) == -1 ||
	    stamp->dev == top.st_dev)
		return false;
	/* Some file systems give files other numbers than folders. */
	return root_parent(root, path, false, &fd, &name, NULL) == ST_OK &&
	    sys_fstat(root_env(root), fd, &parent) == 0 &&
	    parent.st_dev != top.st_dev;
}

/* What the walk would say of what it found. */
static void
judge_found(struct root *root, const struct filter *filter,
    struct scan_file *file)
{
	const uint64_t max = filter_max_size(filter);
	struct filter_verdict verdict;
	const bool is_dir = S_ISDIR(file->stamp.mode);

	filter_judge_deep(filter, file->path, &verdict);
	if (is_dir && !verdict.excluded)
		filter_judge(filter, file->path, true, &verdict);
	file->cover = !S_ISREG(file->stamp.mode);
	if (verdict.excluded || across_mount(root, file->path, &file->stamp))
		file->kind = ENTRY_EXCLUDED;
	else if (is_dir)
		*file = (struct scan_file){ .path = file->path,
			.kind = ENTRY_ABSENT,
			.stamp = file->stamp };
	else if (file->cover || (max != 0 && file->stamp.size > max))
		file->kind = ENTRY_EXCLUDED;
	else
		file->kind = ENTRY_TEXT;
}

enum status
scan_look(struct root *root, const struct filter *filter, const char *path,
    struct scan_file *ret, struct err *err)
{
	struct scan_file file = { .path = path, .kind = ENTRY_ABSENT };
	struct err why;
	enum status st;

	st = stat_near(root, path, &file.stamp, &why);
	if (st == ST_NOMEM)
		return err_nomem(err);
	if (st == ST_OK) {
		judge_found(root, filter, &file);
	} else if (st != ST_NOENT && why.sys != ENOTDIR) {
		/* Below a symlink: what the walk covers by the symlink. */
		file.kind = why.sys == ELOOP ? ENTRY_EXCLUDED : ENTRY_UNREAD;
		err_set(err, st, "%s", why.text);
	}
	*ret = file;
	return ST_OK;
}
