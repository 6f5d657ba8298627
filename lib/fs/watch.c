/* SPDX-License-Identifier: MIT */
/*
 * Watching a tree with inotify, which knows only single folders, and tells
 * names that were true when it queued them.  By the time an event is read its
 * folder may have another path, and at that path may be another folder.  Two
 * rules make that come right:
 *
 * A watch belongs to a folder, not to a path.  Whenever a folder is opened by
 * the path that it is thought to have, the kernel says which watch it has; if
 * that is another one than the map says, the map is wrong there and is mended
 * (watch_step.c).
 *
 * Whatever arrives at a name, made or moved there, is looked at after that
 * event was read: opened, watched, and only then listed; and so is all below.
 * The last event about a folder, or one above it, is followed by such a look,
 * so in the end the map is right, and nothing in it was ever listed before it
 * was watched.
 */
#include "config.h"

#include "fs/watch.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/filter.h"
#include "fs/root.h"
#include "fs/sys.h"
#include "fs/touched.h"
#include "fs/watch_state.h"
#include "util/env.h"
#include "util/str.h"

#define READ_SIZE (16 * 1024)
#define READS	  256 /* 4 MiB a call: a whole queue of short names */

void
watch_take_out(struct watch *w, struct watch_node *node)
{
	if (node->line == WATCH_QUEUED)
		TAILQ_REMOVE(&w->queue, node, entry);
	if (node->line == WATCH_GAP) {
		TAILQ_REMOVE(&w->gaps, node, entry);
		w->n_gaps--;
	}
	node->line = WATCH_NO_LINE;
}

void
watch_enqueue(struct watch *w, struct watch_node *node, bool deep)
{
	if (node->line != WATCH_QUEUED) {
		watch_take_out(w, node);
		TAILQ_INSERT_TAIL(&w->queue, node, entry);
		node->line = WATCH_QUEUED;
		node->deep = false;
	}
	node->deep |= deep;
}

void
watch_add_gap(struct watch *w, struct watch_node *node, int errnum)
{
	watch_take_out(w, node);
	TAILQ_INSERT_TAIL(&w->gaps, node, entry);
	w->n_gaps++;
	node->line = WATCH_GAP;
	node->errnum = errnum;
}

enum status
watch_found(struct watch *w, struct watch_node *parent, const char *name,
    bool deep)
{
	struct watch_node *node = watch_tree_find(parent, name);

	if (node == NULL && watch_tree_add(parent, name, &node) != ST_OK)
		return ST_NOMEM;
	node->seen = w->listing;
	watch_enqueue(w, node, deep);
	return ST_OK;
}

void
watch_unwatch(struct watch *w, struct watch_node *node)
{
	if (node->wd == -1)
		return;
	/* Fails if the kernel was faster: the folder is gone. */
	(void)sys_inotify_rm_watch(w->env, w->fd, node->wd);
	watch_tree_unmap(&w->tree, node);
	w->freed++;
}

void
watch_end_listing(struct watch *w)
{
	if (w->dir != NULL)
		closedir(w->dir);
	w->dir = NULL;
	w->at = NULL;
}

void
watch_drop(struct watch *w, struct watch_node *node)
{
	struct watch_node *n = node, *parent;

	watch_tree_detach(node);
	while (n != NULL) {
		if (n->n_children > 0) {
			n = n->children[n->n_children - 1];
			continue;
		}
		if (n == w->at)
			watch_end_listing(w);
		watch_take_out(w, n);
		watch_unwatch(w, n);
		parent = n->parent;
		watch_tree_detach(n);
		watch_tree_release(n);
		n = parent;
	}
}

void
watch_touch(struct watch *w, const struct watch_node *node, const char *name,
    bool is_dir)
{
	const int64_t now = env_ticks(w->env);
	struct filter_verdict verdict;
	char path[PATH_LIMIT];
	enum status st = watch_tree_path(&w->tree, node, name, path);

	if (st == ST_REFUSED && name != NULL) {
		/* A name that can't be synced: the walk reports it. */
		st = watch_tree_path(&w->tree, node, NULL, path);
		is_dir = true;
	}
	if (st != ST_OK)
		return;
	if (*path != '\0') {
		filter_judge(w->filter, path, is_dir, &verdict);
		if (verdict.excluded)
			return;
	}
	touched_add(w->touched, path, is_dir, now);
}

void
watch_settle_moves(struct watch *w)
{
	while (w->n_moving > 0)
		watch_drop(w, w->moving[--w->n_moving].node);
}

void
watch_doubt(struct watch *w)
{
	watch_settle_moves(w);
	touched_add(w->touched, "", true, env_ticks(w->env));
	watch_begin(w);
}

void
watch_lose(struct watch *w, const char *why)
{
	char show[STR_SHOW];

	if (w->lost)
		return;
	w->lost = true;
	err_set(&w->why, ST_FOLDER, "%s: %s",
	    str_show(show, root_path(w->root)), why);
	touched_clear(w->touched);
	watch_end_listing(w);
}

static enum status
lost(const struct watch *w, struct err *err)
{
	return err_set(err, w->why.code, "%s", w->why.text);
}

enum status
watch_new(struct root *root, const struct filter *filter, struct watch **ret,
    struct err *err)
{
	AUTO(watch) struct watch *w = calloc(1, sizeof(*w));
	char show[STR_SHOW];
	struct stat top;

	if (w == NULL)
		return err_nomem(err);
	w->fd = -1;
	w->root = root;
	w->env = root_env(root);
	w->filter = filter;
	TAILQ_INIT(&w->queue);
	TAILQ_INIT(&w->gaps);
	if (watch_tree_init(&w->tree) != ST_OK ||
	    touched_new(&w->touched) != ST_OK)
		return err_nomem(err);
	if (sys_fstat(w->env, root_fd(root), &top) == -1)
		return err_sys(err, errno, "%s",
		    str_show(show, root_path(root)));
	w->dev = top.st_dev;
	w->ino = top.st_ino;
	w->fd = sys_inotify_init(w->env);
	if (w->fd == -1)
		return err_sys(err, errno, "inotify");
	*ret = w;
	w = NULL;
	return ST_OK;
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	watch_end_listing(w);
	/* The kernel ends all watches with the descriptor. */
	if (w->fd != -1)
		close(w->fd);
	w->fd = -1;
	while (w->n_moving > 0) {
		struct watch_tree moving = {
			.root = w->moving[--w->n_moving].node
		};

		watch_tree_fini(&moving);
	}
	watch_tree_fini(&w->tree);
	touched_free(w->touched);
	free(w);
}

int
watch_fd(const struct watch *w)
{
	return w->fd;
}

void
watch_begin(struct watch *w)
{
	if (!w->lost)
		watch_enqueue(w, w->tree.root, true);
}

void
watch_try_gaps(struct watch *w)
{
	w->freed = w->n_gaps;
}

/* A root that is held open is deleted without an event of its own. */
static void
check_root(struct watch *w)
{
	struct stat top;

	if (sys_fstat(w->env, root_fd(w->root), &top) == -1)
		watch_lose(w, strerror(errno));
	else if (top.st_nlink == 0)
		watch_lose(w, "was deleted");
}

enum status
watch_read(struct watch *w, struct err *err)
{
	_Alignas(8) uint8_t buf[READ_SIZE];
	int i, errnum = 0;
	ssize_t n;

	for (i = 0; i < READS && !w->lost && errnum == 0; i++) {
		n = sys_inotify_read(w->env, w->fd, buf, sizeof(buf));
		if (n == -1)
			errnum = errno;
		else
			watch_feed(w, buf, (size_t)n);
	}
	if (errnum == EAGAIN) {
		watch_settle_moves(w);
		errnum = 0;
	}
	/* Somebody was there, so somebody may have been at the root. */
	if (i > 1 && !w->lost)
		check_root(w);
	if (w->lost)
		return lost(w, err);
	return errnum == 0 ? ST_OK : err_sys(err, errnum, "inotify");
}

bool
watch_idle(const struct watch *w)
{
	if (w->lost)
		return true;
	return w->at == NULL && TAILQ_EMPTY(&w->queue) &&
	    (w->freed == 0 || w->n_gaps == 0);
}

struct touched *
watch_touched(struct watch *w)
{
	return w->touched;
}

size_t
watch_count(const struct watch *w)
{
	return w->tree.n_wds;
}

size_t
watch_gaps(const struct watch *w, char path[PATH_LIMIT], int *ret_errnum)
{
	const struct watch_node *node;

	TAILQ_FOREACH(node, &w->gaps, entry)
		if (watch_tree_path(&w->tree, node, NULL, path) == ST_OK) {
			*ret_errnum = node->errnum;
			return w->n_gaps;
		}
	return 0;
}
