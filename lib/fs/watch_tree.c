/* SPDX-License-Identifier: MIT */
/*
 * See watch_tree.h.  Children are sorted arrays: names are chosen by people,
 * and by the other side, so nothing here depends on how they hash.  The wds
 * are counted up by the kernel.
 */
#include "config.h"

#include "fs/watch_tree.h"

#include <stdlib.h>
#include <string.h>

#include "util/auto.h"

#define FIRST_BUCKETS 64

static struct watch_node *
new_node(const char *name)
{
	struct watch_node *node = calloc(1, sizeof(*node));
	const size_t size = strlen(name) + 1;

	if (node == NULL)
		return NULL;
	node->wd = -1;
	node->name = malloc(size);
	if (node->name == NULL) {
		free(node);
		return NULL;
	}
	memcpy(node->name, name, size);
	return node;
}

void
watch_tree_release(struct watch_node *node)
{
	if (node == NULL)
		return;
	free(node->children);
	free(node->name);
	free(node);
}

enum status
watch_tree_init(struct watch_tree *tree)
{
	*tree = (struct watch_tree){ .n_buckets = FIRST_BUCKETS };
	tree->buckets = calloc(FIRST_BUCKETS, sizeof(struct watch_node *));
	tree->root = new_node("");
	return tree->buckets == NULL || tree->root == NULL ? ST_NOMEM : ST_OK;
}

void
watch_tree_fini(struct watch_tree *tree)
{
	struct watch_node *node = tree->root, *parent;

	/* From the leaves up; a hostile tree may be deeper than our stack. */
	while (node != NULL) {
		if (node->n_children > 0) {
			node = node->children[--node->n_children];
			continue;
		}
		parent = node->parent;
		watch_tree_release(node);
		node = parent;
	}
	free(tree->buckets);
	*tree = (struct watch_tree){ 0 };
}

/* Where name stands among the children, or would. */
static uint32_t
find_place(const struct watch_node *parent, const char *name, bool *ret_found)
{
	uint32_t lo = 0, hi = parent->n_children, mid;
	int c;

	*ret_found = false;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = strcmp(parent->children[mid]->name, name);
		*ret_found |= c == 0;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct watch_node *
watch_tree_find(const struct watch_node *parent, const char *name)
{
	bool found;
	uint32_t at = find_place(parent, name, &found);

	return found ? parent->children[at] : NULL;
}

static enum status
insert(struct watch_node *parent, struct watch_node *node)
{
	const uint32_t cap = parent->cap + parent->cap / 2 + 4;
	struct watch_node **v;
	bool found;
	uint32_t at;

	if (parent->n_children == parent->cap) {
		v = realloc(parent->children,
		    cap * sizeof(struct watch_node *));
		if (v == NULL)
			return ST_NOMEM;
		parent->children = v;
		parent->cap = cap;
	}
	at = find_place(parent, node->name, &found);
	memmove(parent->children + at + 1, parent->children + at,
	    (parent->n_children - at) * sizeof(struct watch_node *));
	parent->children[at] = node;
	parent->n_children++;
	node->parent = parent;
	return ST_OK;
}

enum status
watch_tree_add(struct watch_node *parent, const char *name,
    struct watch_node **ret)
{
	struct watch_node *node = new_node(name);

	if (node == NULL || insert(parent, node) != ST_OK) {
		watch_tree_release(node);
		return ST_NOMEM;
	}
	*ret = node;
	return ST_OK;
}

void
watch_tree_detach(struct watch_node *node)
{
	struct watch_node *parent = node->parent;
	bool found;
	uint32_t at;

	if (parent == NULL)
		return;
	at = find_place(parent, node->name, &found);
	parent->n_children--;
	memmove(parent->children + at, parent->children + at + 1,
	    (parent->n_children - at) * sizeof(struct watch_node *));
	node->parent = NULL;
}

enum status
watch_tree_attach(struct watch_node *parent, struct watch_node *node,
    const char *name)
{
	const size_t size = strlen(name) + 1;
	char *copy = malloc(size);

	if (copy == NULL)
		return ST_NOMEM;
	memcpy(copy, name, size);
	free(node->name);
	node->name = copy;
	return insert(parent, node);
}

const struct watch_node *
watch_tree_top(const struct watch_node *node)
{
	while (node->parent != NULL)
		node = node->parent;
	return node;
}

static struct watch_node **
bucket(const struct watch_tree *tree, int wd)
{
	return &tree->buckets[(size_t)wd & (tree->n_buckets - 1)];
}

struct watch_node *
watch_tree_by_wd(const struct watch_tree *tree, int wd)
{
	struct watch_node *node = *bucket(tree, wd);

	while (node != NULL && node->wd != wd)
		node = node->next;
	return node;
}

static enum status
more_buckets(struct watch_tree *tree)
{
	struct watch_tree more = { .n_buckets = tree->n_buckets * 2 };
	struct watch_node *node, **to;
	size_t i;

	more.buckets = calloc(more.n_buckets, sizeof(struct watch_node *));
	if (more.buckets == NULL)
		return ST_NOMEM;
	for (i = 0; i < tree->n_buckets; i++)
		while ((node = tree->buckets[i]) != NULL) {
			tree->buckets[i] = node->next;
			to = bucket(&more, node->wd);
			node->next = *to;
			*to = node;
		}
	free(tree->buckets);
	tree->buckets = more.buckets;
	tree->n_buckets = more.n_buckets;
	return ST_OK;
}

enum status
watch_tree_map(struct watch_tree *tree, struct watch_node *node, int wd)
{
	struct watch_node **to;

	if (tree->n_wds >= tree->n_buckets && more_buckets(tree) != ST_OK)
		return ST_NOMEM;
	to = bucket(tree, wd);
	node->wd = wd;
	node->next = *to;
	*to = node;
	tree->n_wds++;
	return ST_OK;
}

void
watch_tree_unmap(struct watch_tree *tree, struct watch_node *node)
{
	struct watch_node **at;

	if (node->wd == -1)
		return;
	for (at = bucket(tree, node->wd); *at != node; at = &(*at)->next)
		;
	*at = node->next;
	node->next = NULL;
	node->wd = -1;
	tree->n_wds--;
}

enum status
watch_tree_path(const struct watch_tree *tree, const struct watch_node *node,
    const char *name, char path[PATH_LIMIT])
{
	/* A walk puts a slash behind the folders that it enters. */
	const size_t room = PATH_LIMIT - (name == NULL ? 2 : 1);
	size_t used = 0, len, depth = name == NULL ? 1 : 0;
	char text[PATH_LIMIT];

	if (watch_tree_top(node) != tree->root)
		return ST_NOENT;
	for (; name != NULL || node->parent != NULL; depth++) {
		len = strlen(name == NULL ? node->name : name);
		if (used + len + (used > 0) > room || depth == PATH_DEPTH_LIMIT)
			return ST_REFUSED;
		if (used > 0)
			text[PATH_LIMIT - ++used] = '/';
		used += len;
		memcpy(text + PATH_LIMIT - used,
		    name == NULL ? node->name : name, len);
		if (name == NULL)
			node = node->parent;
		name = NULL;
	}
	memcpy(path, text + PATH_LIMIT - used, used);
	path[used] = '\0';
	return ST_OK;
}
