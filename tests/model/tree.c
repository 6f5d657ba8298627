/* SPDX-License-Identifier: MIT */
/* Folders as they are, read with nothing of dsync's; and small sets. */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/model.h"

void
tree_free(struct tree *tree)
{
	free(tree->v);
	*tree = (struct tree){ 0 };
}

/* Where path is, or would be. */
static size_t
tree_place(const struct tree *tree, const char *path)
{
	size_t i = 0;

	while (i < tree->n && strcmp(tree->v[i].path, path) < 0)
		i++;
	return i;
}

struct node *
tree_find(const struct tree *tree, const char *path)
{
	size_t i = tree_place(tree, path);

	return i < tree->n && strcmp(tree->v[i].path, path) == 0 ? &tree->v[i] :
								   NULL;
}

struct node *
tree_put(struct tree *tree, const char *path)
{
	size_t i = tree_place(tree, path);

	if (i < tree->n && strcmp(tree->v[i].path, path) == 0)
		return &tree->v[i];
	if (tree->n == tree->cap) {
		tree->cap = tree->cap == 0 ? 32 : tree->cap * 2;
		tree->v = reallocarray(tree->v, tree->cap, sizeof(*tree->v));
		if (tree->v == NULL)
			abort();
	}
	memmove(&tree->v[i + 1], &tree->v[i], (tree->n - i) * sizeof(*tree->v));
	tree->n++;
	tree->v[i] = (struct node){ .content = NO_CONTENT };
	snprintf(tree->v[i].path, MODEL_PATH, "%s", path);
	return &tree->v[i];
}

void
tree_drop(struct tree *tree, const char *path)
{
	struct node *node = tree_find(tree, path);

	if (node == NULL)
		return;
	memmove(node, node + 1,
	    (size_t)(&tree->v[tree->n] - (node + 1)) * sizeof(*node));
	tree->n--;
}

/* False if nothing, or a folder, is there. */
bool
node_fill(struct world *w, size_t side, const char *path, bool whole,
    struct node *ret)
{
	char full[MODEL_FULL];
	struct stat st;

	full_path(w, side, path, full);
	if (lstat(full, &st) == -1 || S_ISDIR(st.st_mode))
		return false;
	ret->regular = S_ISREG(st.st_mode);
	ret->content = ret->regular ? content_at(w, full, whole) : NO_CONTENT;
	ret->exec = (st.st_mode & 0100) != 0;
	ret->mtime = st.st_mtim.tv_sec * NSEC + st.st_mtim.tv_nsec;
	ret->ctime = st.st_ctim.tv_sec * NSEC + st.st_ctim.tv_nsec;
	ret->ino = st.st_ino;
	return true;
}

static void
scan_folder(struct world *w, size_t side, const char *path, bool whole,
    struct tree *tree)
{
	char full[MODEL_FULL], child[MODEL_FULL];
	struct node node = { 0 };
	struct dirent *d;
	DIR *dir = opendir(full_path(w, side, path, full));

	if (dir == NULL)
		return;
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.' &&
		    strcmp(d->d_name, ".dsyncignore") != 0)
			continue;
		snprintf(child, sizeof(child), "%s%s%.90s", path,
		    *path == '\0' ? "" : "/", d->d_name);
		if (strlen(child) >= MODEL_PATH)
			abort();
		if (!node_fill(w, side, child, whole, &node)) {
			scan_folder(w, side, child, whole, tree);
			continue;
		}
		memcpy(node.path, child, strlen(child) + 1);
		*tree_put(tree, child) = node;
	}
	closedir(dir);
}

void
tree_scan(struct world *w, size_t side, bool whole, struct tree *ret)
{
	*ret = (struct tree){ 0 };
	scan_folder(w, side, "", whole, ret);
}

void
fact_add(struct facts *facts, const char *path, int content, uint64_t step)
{
	struct fact *fact;

	if (facts->n == facts->cap) {
		facts->cap = facts->cap == 0 ? 64 : facts->cap * 2;
		facts->v = reallocarray(facts->v, facts->cap,
		    sizeof(*facts->v));
		if (facts->v == NULL)
			abort();
	}
	fact = &facts->v[facts->n++];
	snprintf(fact->path, MODEL_PATH, "%s", path);
	fact->content = content;
	fact->step = step;
}

/* The first one. */
const struct fact *
fact_find(const struct facts *facts, const char *path, int content)
{
	size_t i;

	for (i = 0; i < facts->n; i++)
		if (facts->v[i].content == content &&
		    strcmp(facts->v[i].path, path) == 0)
			return &facts->v[i];
	return NULL;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

bool
remove_all(const char *full)
{
	return nftw(full, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0;
}
