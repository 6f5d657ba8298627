/* SPDX-License-Identifier: MIT */
/*
 * Looking at folders, the nearest to the root first (so when watches run short
 * it is the depths that go without): open, watch, and then list, if the watch
 * is a new one or everything is to be looked at.  What is made before that is
 * in the list, what is made after is told by the watch.
 *
 * inotify_add_watch(2) takes a path, and would follow whatever stands there by
 * now.  So the folder is opened below the root, as for all else, and the watch
 * is put on /proc/self/fd/N, which is that folder and no other.
 */
#include "config.h"

#include <sys/inotify.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/entry.h"
#include "core/filter.h"
#include "fs/root.h"
#include "fs/scan.h"
#include "fs/sys.h"
#include "fs/touched.h"
#include "fs/watch_state.h"
#include "util/auto.h"
#include "util/env.h"

#define OF_ALL                                                                 \
	(IN_CLOSE_WRITE | IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM |  \
	    IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR | IN_EXCL_UNLINK)
/* The others' own are told by the folders that they are in. */
#define OF_ROOT (OF_ALL | IN_DELETE_SELF | IN_MOVE_SELF)

/* The node's folder is not there, or not there any more. */
static void
gone(struct watch *w, struct watch_node *node)
{
	if (node == w->tree.root) {
		watch_lose(w, "is gone");
		return;
	}
	watch_touch(w, node, NULL, true);
	watch_drop(w, node);
}

/* What can't be watched, and all below it, is not known. */
static void
leave_gap(struct watch *w, struct watch_node *node, int errnum)
{
	watch_touch(w, node, NULL, true);
	watch_add_gap(w, node, errnum);
}

/* The folder can't be opened. */
static void
cannot_open(struct watch *w, struct watch_node *node, int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
	case ELOOP:
	case EXDEV:
		gone(w, node);
		break;
	case EACCES:
	case EPERM:
		/* The walk says so, too; if that changes we hear of it. */
		watch_touch(w, node, NULL, true);
		break;
	default:
		leave_gap(w, node, errnum);
	}
}

/* True if the node's path leads to the folder that st is of. */
static bool
leads_to(struct watch *w, const struct watch_node *node, const struct stat *st)
{
	char path[PATH_LIMIT];
	struct stamp stamp;

	if (watch_tree_path(&w->tree, node, NULL, path) != ST_OK)
		return false;
	if (*path == '\0')
		return st->st_ino == w->ino && st->st_dev == w->dev;
	return root_stat(w->root, path, &stamp, NULL) == ST_OK &&
	    stamp.ino == st->st_ino && stamp.dev == st->st_dev;
}

/*
 * The kernel says that the node's folder has the watch wd.  *ret_new: that is
 * news, so what is in there is, too.  ST_EXIST if it is the folder of another
 * node as well: it is mounted there.
 */
static enum status
take_wd(struct watch *w, struct watch_node *node, int wd, const struct stat *st,
    bool *ret_new)
{
	struct watch_node *owner = watch_tree_by_wd(&w->tree, wd);

	*ret_new = owner != node;
	if (owner == node)
		return ST_OK;
	if (owner != NULL) {
		if (leads_to(w, owner, st))
			return ST_EXIST;
		/* It was moved here, and the events will say so. */
		watch_tree_unmap(&w->tree, owner);
		watch_enqueue(w, owner, true);
	}
	watch_unwatch(w, node);
	if (watch_tree_map(&w->tree, node, wd) == ST_OK)
		return ST_OK;
	(void)sys_inotify_rm_watch(w->env, w->fd, wd);
	return ST_NOMEM;
}

/* What was found in a folder before that could not be opened then. */
static void
try_children(struct watch *w, struct watch_node *node)
{
	uint32_t i;

	for (i = 0; i < node->n_children; i++)
		if (node->children[i]->wd == -1 &&
		    node->children[i]->line == WATCH_NO_LINE)
			watch_enqueue(w, node->children[i], false);
}

/* Begins to list the folder of the descriptor. */
static void
list(struct watch *w, struct watch_node *node, int fd)
{
	w->dir = sys_fdopendir(w->env, fd);
	if (w->dir == NULL) {
		leave_gap(w, node, errno);
		close(fd);
		return;
	}
	w->at = node;
	w->dir_fd = fd;
	w->listing++;
}

/* Watches the folder of the descriptor, which is taken over. */
static enum status
look_at(struct watch *w, struct watch_node *node, bool deep, int folder,
    const struct stat *st)
{
	const uint32_t mask = node == w->tree.root ? OF_ROOT : OF_ALL;
	autoclose int fd = folder;
	enum status status;
	bool fresh;
	int wd;

	wd = sys_inotify_add_watch(w->env, w->fd, fd, mask);
	if (wd == -1) {
		leave_gap(w, node, errno);
		return ST_OK;
	}
	status = take_wd(w, node, wd, st, &fresh);
	if (status == ST_EXIST) {
		leave_gap(w, node, EEXIST);
		return ST_OK;
	}
	if (status != ST_OK)
		return status;
	if (fresh)
		watch_touch(w, node, NULL, true);
	if (fresh || deep) {
		list(w, node, fd);
		fd = -1;
	} else {
		try_children(w, node);
	}
	return ST_OK;
}

/* True if a walk would not enter the folder. */
static bool
is_excluded(struct watch *w, const struct watch_node *node, const char *path)
{
	struct filter_verdict verdict;

	if (node == w->tree.root)
		return false;
	filter_judge(w->filter, path, true, &verdict);
	return verdict.excluded;
}

/* The first of the queue. */
static enum status
next(struct watch *w)
{
	struct watch_node *node = TAILQ_FIRST(&w->queue);
	const bool deep = node->deep;
	char path[PATH_LIMIT];
	enum status status;
	struct stat st;
	int fd;

	watch_take_out(w, node);
	status = watch_tree_path(&w->tree, node, NULL, path);
	/* On the move.  When it arrives it is queued again. */
	if (status == ST_NOENT)
		return ST_OK;
	if (status != ST_OK || is_excluded(w, node, path)) {
		watch_drop(w, node);
		return ST_OK;
	}
	fd = scan_open(w->root, path, &st);
	if (fd == -1) {
		cannot_open(w, node, errno);
		return ST_OK;
	}
	if (st.st_dev != w->dev) {
		close(fd);
		watch_drop(w, node);
		return ST_OK;
	}
	status = look_at(w, node, deep, fd, &st);
	if (status != ST_OK)
		watch_enqueue(w, node, true);
	return status;
}

/* What is not in the folder any more, and nobody has told us. */
static void
sweep(struct watch *w)
{
	struct watch_node *node = w->at, *child;
	uint32_t i = node->n_children;

	while (i > 0) {
		child = node->children[--i];
		if (child->seen != w->listing)
			gone(w, child);
	}
}

static bool
is_folder(struct watch *w, const struct dirent *d)
{
	struct stat st;

	if (d->d_type != DT_UNKNOWN)
		return d->d_type == DT_DIR;
	return sys_fstatat(w->env, w->dir_fd, d->d_name, &st) == 0 &&
	    S_ISDIR(st.st_mode);
}

/* The next name of the folder. */
static enum status
go_on(struct watch *w)
{
	const struct dirent *d = sys_readdir(w->env, w->dir);
	struct watch_node *node = w->at;
	const int errnum = errno;

	if (d == NULL) {
		if (errnum == 0)
			sweep(w);
		watch_end_listing(w);
		if (errnum != 0)
			cannot_open(w, node, errnum);
		return ST_OK;
	}
	if (!is_folder(w, d))
		return ST_OK;
	return watch_found(w, node, d->d_name, true);
}

/* As many as there may be room for now. */
static void
try_gaps(struct watch *w)
{
	while (w->freed > 0 && w->n_gaps > 0) {
		watch_enqueue(w, TAILQ_FIRST(&w->gaps), true);
		w->freed--;
	}
	w->freed = 0;
}

enum status
watch_step(struct watch *w, size_t share, struct err *err)
{
	enum status st = ST_OK;

	try_gaps(w);
	for (; st == ST_OK && share > 0 && !w->lost; share--) {
		if (w->at != NULL)
			st = go_on(w);
		else if (!TAILQ_EMPTY(&w->queue))
			st = next(w);
		else
			break;
	}
	if (w->lost)
		return err_set(err, w->why.code, "%s", w->why.text);
	if (st != ST_OK)
		watch_doubt(w);
	return st == ST_OK ? ST_OK : err_nomem(err);
}
