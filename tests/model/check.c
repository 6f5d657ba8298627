/* SPDX-License-Identifier: MIT */
/*
 * What holds at any time, also right after a kill:
 *   whole  each file is exactly one of the contents that users saved
 *   kept   none of them is gone, but those that users did away with
 *   calm   nothing was invented, and no path vanished that no user removed
 */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "store/db.h"
#include "store/versions.h"

/* Looks into a store; the clock is of no concern. */
static const struct env_ops ops = { 0 };

static bool
external(struct world *w, size_t side, int content)
{
	char full[MODEL_FULL], path[MODEL_PATH], hex[HASH_HEX];

	hash_hex(&w->contents[content].hash, hex);
	snprintf(path, sizeof(path), ".dsync/versions/%s", hex);
	return content_at(w, full_path(w, side, path, full), true) == content;
}

/* The contents can be had, not only their name. */
static bool
look_up(struct world *w, size_t side, int content, struct db *db)
{
	AUTO(hasher) struct hasher *hasher = NULL;
	AUTO(buf) struct buf data = { 0 };
	const struct hash *hash = &w->contents[content].hash;
	bool outside = false;
	struct err err;

	if (!versions_has(db, hash))
		return false;
	if (hasher_new(&hasher) != ST_OK)
		abort();
	return versions_get(db, hash, hasher, &data, &outside, &err) == ST_OK &&
	    (!outside || external(w, side, content));
}

static void
look_into_store(struct world *w, size_t side)
{
	struct side *s = &w->side[side];
	AUTO(db) struct db *db = NULL;
	struct env env = { &ops };
	char full[MODEL_FULL];
	struct stat st;
	struct err err;
	size_t i;

	free(s->stored);
	s->n_stored = w->n_contents;
	s->stored = calloc(s->n_stored + 1, sizeof(*s->stored));
	if (s->stored == NULL)
		abort();
	full_path(w, side, ".dsync/journal.db", full);
	if (stat(full, &st) == -1 ||
	    db_open(&env, full, true, false, &db, &err) != ST_OK)
		return;
	for (i = 0; i < s->n_stored; i++)
		s->stored[i] = look_up(w, side, (int)i, db);
}

static bool
store_has(struct world *w, size_t side, int content)
{
	if ((size_t)content >= w->side[side].n_stored)
		look_into_store(w, side);
	return w->side[side].stored[content];
}

bool
stage_has(struct world *w, size_t side, int content)
{
	char full[MODEL_FULL], stage[MODEL_FULL + 300];
	struct dirent *d, *f;
	bool has = false;
	DIR *dir, *sub;

	dir = opendir(full_path(w, side, ".dsync/stage", full));
	while (dir != NULL && !has && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(stage, sizeof(stage), "%s/%s", full, d->d_name);
		sub = opendir(stage);
		while (sub != NULL && !has && (f = readdir(sub)) != NULL) {
			char file[sizeof(stage) + 300];

			snprintf(file, sizeof(file), "%s/%s", stage, f->d_name);
			has = content_at(w, file, true) == content;
		}
		if (sub != NULL)
			closedir(sub);
	}
	if (dir != NULL)
		closedir(dir);
	return has;
}

static bool
tree_has(const struct tree *tree, int content)
{
	size_t i;

	for (i = 0; i < tree->n; i++)
		if (tree->v[i].content == content)
			return true;
	return false;
}

bool
somewhere(struct world *w, int content, bool stages)
{
	bool has = false;
	struct tree tree;
	size_t side;

	for (side = 0; side < w->n_sides && !has; side++) {
		tree_scan(w, side, false, &tree);
		has = tree_has(&tree, content);
		tree_free(&tree);
	}
	for (side = 0; side < w->n_sides && !has; side++)
		has = store_has(w, side, content) ||
		    (stages && stage_has(w, side, content));
	return has;
}

void
check_whole(struct world *w)
{
	char text[MODEL_FULL];
	struct tree tree;
	size_t side, i;

	for (side = 0; side < w->n_sides; side++) {
		tree_scan(w, side, true, &tree);
		for (i = 0; i < tree.n; i++)
			if (tree.v[i].regular &&
			    tree.v[i].content == NO_CONTENT)
				fail(w, "%c: %s is not what anybody saved",
				    "SABC"[side], show(tree.v[i].path, text));
		tree_free(&tree);
	}
}

void
check_kept(struct world *w, bool at_rest)
{
	struct tree trees[SIDES];
	size_t i, side;

	for (side = 0; side < w->n_sides; side++)
		tree_scan(w, side, false, &trees[side]);
	for (i = 0; i < w->n_contents; i++) {
		bool has = !w->contents[i].must;

		for (side = 0; side < w->n_sides && !has; side++)
			has = tree_has(&trees[side], (int)i);
		for (side = 0; side < w->n_sides && !has; side++)
			has = store_has(w, side, (int)i) ||
			    (!at_rest && stage_has(w, side, (int)i));
		if (!has)
			fail(w, "contents %zu is nowhere any more", i);
	}
	for (side = 0; side < w->n_sides; side++)
		tree_free(&trees[side]);
}

/*
 * A user removed path at some time since contents was first there; or that
 * very version at another name, where a move had taken it before it was seen
 * to be another one than was meant to move.
 */
static bool
removed_since(const struct world *w, const char *path, int content)
{
	const struct fact *first = fact_find(&w->seen, path, content);
	size_t i;

	for (i = 0; i < w->removed.n; i++)
		if (w->removed.v[i].content == content ||
		    (strcmp(w->removed.v[i].path, path) == 0 &&
			(first == NULL || w->removed.v[i].step >= first->step)))
			return true;
	return false;
}

/*
 * dsync says it clashed; could it, as far as we know?  A run that was broken
 * off, or goes on, may have had no time to say so.
 */
static bool
may_clash(const struct world *w, const char *path)
{
	size_t i, running = 0;

	for (i = 0; i < CLIENTS; i++)
		running += w->session[i] != NULL;
	if (!w->broken && running == 0 &&
	    fact_find(&w->clashed, path, NO_CONTENT) == NULL)
		return false;
	for (i = 0; i < w->seen.n; i++)
		if (path_is_below(w->seen.v[i].path, path) ||
		    path_is_below(path, w->seen.v[i].path))
			return true;
	return false;
}

static void
check_vanished(struct world *w, size_t side, const struct node *was)
{
	char text[MODEL_FULL];

	if (!was->regular || was->content == NO_CONTENT || w->exact ||
	    w->access != ACCESS_FULL ||
	    removed_since(w, was->path, was->content) ||
	    may_clash(w, was->path))
		return;
	fail(w, "%c: %s (%d) vanished, and no user removed it", "SABC"[side],
	    show(was->path, text), was -> content);
}

/* Then what is there becomes what is known. */
void
check_calm(struct world *w, size_t side)
{
	struct tree *known = &w->side[side].known, tree;
	char text[MODEL_FULL];
	struct node *node;
	size_t i;

	tree_scan(w, side, false, &tree);
	for (i = 0; i < known->n; i++) {
		node = tree_find(&tree, known->v[i].path);
		if (node == NULL || !node->regular)
			check_vanished(w, side, &known->v[i]);
	}
	for (i = 0; i < tree.n; i++)
		if (tree.v[i].regular &&
		    fact_find(&w->seen, tree.v[i].path, tree.v[i].content) ==
			NULL)
			fail(w, "%c: nobody ever had %d at %s", "SABC"[side],
			    tree.v[i].content, show(tree.v[i].path, text));
	tree_free(known);
	*known = tree;
}
