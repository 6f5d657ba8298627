/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_WATCH_STATE_H
#define DSYNC_FS_WATCH_STATE_H

/*
 * What the files of watch share: watch.c has the object and what is common,
 * watch_event.c takes what the kernel says, watch_step.c looks at folders.
 * Not for others.
 */

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fs/watch.h"
#include "fs/watch_tree.h"

#define WATCH_MOVING 64

struct watch {
	struct root *root;
	struct env *env;
	const struct filter *filter;
	struct touched *touched;
	int fd;
	uint64_t dev; /* of the root */
	uint64_t ino;
	struct watch_tree tree;
	struct watch_nodes queue;
	struct watch_nodes gaps;
	size_t n_gaps;
	size_t freed; /* watches that went away since a gap was tried */
	/* Moved from somewhere; that they arrive is still to be read: */
	struct {
		uint32_t cookie;
		struct watch_node *node;
	} moving[WATCH_MOVING];
	size_t n_moving;
	/* The folder that is being listed: */
	struct watch_node *at; /* NULL: none */
	DIR *dir;
	int dir_fd;
	uint32_t listing; /* its number */
	bool lost;
	struct err why; /* it is */
};

/* Puts the node into the queue; deep: all below is to be looked at, too. */
void watch_enqueue(struct watch *w, struct watch_node *node, bool deep);
void watch_take_out(struct watch *w, struct watch_node *node); /* of its line */
void watch_add_gap(struct watch *w, struct watch_node *node, int errnum);

/* Finds or makes the folder name in parent, and puts it into the queue. */
enum status watch_found(struct watch *w, struct watch_node *parent,
    const char *name, bool deep) MUST_CHECK;

/* Ends the node's watch. */
void watch_unwatch(struct watch *w, struct watch_node *node);

/* Forgets the node and all below it, with their watches. */
void watch_drop(struct watch *w, struct watch_node *node);

void watch_end_listing(struct watch *w);

/* The folder (name in it, if not NULL) is touched, if it is to be synced. */
void watch_touch(struct watch *w, const struct watch_node *node,
    const char *name, bool is_dir);

/* Nothing that is known is sure any more: all is to be looked at. */
void watch_doubt(struct watch *w);

/* The root is not what it was. */
void watch_lose(struct watch *w, const char *why);

/* What read(2) of an inotify descriptor gave. */
void watch_feed(struct watch *w, const void *data, size_t len);

/* All is read: what has not arrived by now went elsewhere. */
void watch_settle_moves(struct watch *w);

#endif
