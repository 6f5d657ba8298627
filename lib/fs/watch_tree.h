/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_WATCH_TREE_H
#define DSYNC_FS_WATCH_TREE_H

/*
 * The folders of a watch by their names, and by the numbers that the kernel
 * gave their watches.  A folder knows its own name and the folder it is in, so
 * one that is renamed takes all below it along.  Not for others.
 */

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/path.h"
#include "util/err.h"

enum watch_line {
	WATCH_NO_LINE,
	WATCH_QUEUED, /* to be looked at */
	WATCH_GAP /* could not be watched, or not be listed */
};

/* About 130 bytes with its name and its place in the arrays. */
struct watch_node {
	TAILQ_ENTRY(watch_node) entry; /* of the line it stands in */
	struct watch_node *parent; /* NULL: the root, or one that is detached */
	struct watch_node **children; /* sorted by name */
	struct watch_node *next; /* in its bucket */
	char *name;
	uint32_t n_children;
	uint32_t cap;
	uint32_t seen; /* the last listing that had it */
	int wd; /* -1: not watched */
	int errnum; /* of a GAP */
	uint8_t line;
	bool deep; /* QUEUED: all below it, too */
};

TAILQ_HEAD(watch_nodes, watch_node);

struct watch_tree {
	struct watch_node *root;
	struct watch_node **buckets; /* by wd */
	size_t n_buckets; /* a power of two */
	size_t n_wds;
};

enum status watch_tree_init(struct watch_tree *tree) MUST_CHECK;
void watch_tree_fini(struct watch_tree *tree);

struct watch_node *watch_tree_find(const struct watch_node *parent,
    const char *name);
/* There is none of that name yet. */
enum status watch_tree_add(struct watch_node *parent, const char *name,
    struct watch_node **ret) MUST_CHECK;
void watch_tree_detach(struct watch_node *node);
/* A detached one, under another name; it is detached still if that fails. */
enum status watch_tree_attach(struct watch_node *parent,
    struct watch_node *node, const char *name) MUST_CHECK;
/* It is detached, without children or a wd, and stands in no line. */
void watch_tree_release(struct watch_node *node);

/* The top of what the node is in: the root, or one that is detached. */
const struct watch_node *watch_tree_top(const struct watch_node *node);

struct watch_node *watch_tree_by_wd(const struct watch_tree *tree, int wd);
/* The node has no wd yet. */
enum status watch_tree_map(struct watch_tree *tree, struct watch_node *node,
    int wd) MUST_CHECK;
void watch_tree_unmap(struct watch_tree *tree, struct watch_node *node);

/*
 * The path of the folder (of name in it, if not NULL) below the root.
 * ST_NOENT if it is detached, ST_REFUSED if it is longer or deeper than a
 * folder (or file) may be.
 */
enum status watch_tree_path(const struct watch_tree *tree,
    const struct watch_node *node, const char *name,
    char path[PATH_LIMIT]) MUST_CHECK;

#endif
