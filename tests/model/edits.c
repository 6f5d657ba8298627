/* SPDX-License-Identifier: MIT */
/* Which user does what next, to which path. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "model/model.h"

static const char *const names[] = { "a", "b", "c", "d", "e.x", "-n",
	"two\nlines", "\xff\xfe", "\xf0\x9f\x98\x80", " " };

static void
draw_path(struct world *w, char path[MODEL_PATH])
{
	size_t depth = 1 + draw_below(w, 3), i;

	*path = '\0';
	for (i = 0; i < depth; i++) {
		const char *name = names[draw_below(w, chance(w, 90) ? 4 : 10)];

		if (i > 0)
			strncat(path, "/", 2);
		strncat(path, name, 16);
	}
}

/* One that is there, if any is. */
static void
draw_file(struct world *w, size_t side, char path[MODEL_PATH])
{
	struct tree tree;

	tree_scan(w, side, false, &tree);
	if (tree.n == 0)
		draw_path(w, path);
	else
		snprintf(path, MODEL_PATH, "%s",
		    tree.v[draw_below(w, tree.n)].path);
	tree_free(&tree);
}

/* A folder above a file that is there; the file itself if there is none. */
static void
draw_folder(struct world *w, size_t side, char path[MODEL_PATH])
{
	char *slash;

	draw_file(w, side, path);
	slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = '\0';
}

static size_t
draw_size(struct world *w)
{
	size_t r = draw_below(w, 200);

	/* Large enough for a signature. */
	if (w->notes && r > 9)
		return 512 + draw_below(w, 3000);
	return r == 0 ? 1200000 : r < 5 ? 300000 : 64 + draw_below(w, 500);
}

static void
save(struct world *w, size_t side, const char *path)
{
	enum content_kind kind = chance(w, 4) ? CONTENT_BINARY : CONTENT_TEXT;
	const struct node *node = tree_find(&w->side[side].known, path);
	size_t size = draw_size(w);
	int content;
	char text[MODEL_FULL];

	if (node != NULL && node->content != NO_CONTENT && chance(w, 40))
		size = w->contents[node->content].size;
	content = content_new(w, kind, size);
	trace(w, "%c: save %s as %d%s", "SABC"[side], show(path, text), content,
	    kind == CONTENT_BINARY ? ", binary" : "");
	user_save(w, side, path, content);
}

static void
save_rules(struct world *w, size_t side)
{
	static const char *const where[] = { ".dsyncignore", "a/.dsyncignore",
		"c/.dsyncignore" };
	const char *path = where[draw_below(w, 3)];
	int content = content_new(w, CONTENT_RULES, 80);

	trace(w, "%c: rules %s as %d", "SABC"[side], path, content);
	user_save(w, side, path, content);
}

/* The same contents as somewhere else, or as a user elsewhere has there. */
static void
copy(struct world *w, size_t side, const char *path)
{
	size_t other = draw_below(w, w->n_sides);
	char from[MODEL_PATH], text[MODEL_FULL];
	const struct node *node;

	draw_file(w, other, from);
	node = tree_find(&w->side[other].known, from);
	if (node == NULL || node->content == NO_CONTENT)
		return;
	if (chance(w, 50))
		path = from;
	trace(w, "%c: copy %d to %s", "SABC"[side], node -> content,
	    show(path, text));
	user_save(w, side, path, node->content);
}

static void
rename_to(struct world *w, size_t side, const char *from, const char *to)
{
	char a[MODEL_FULL], b[MODEL_FULL];

	trace(w, "%c: rename %s to %s", "SABC"[side], show(from, a),
	    show(to, b));
	user_rename(w, side, from, to);
}

/* A copy, or a new name and then an edit. */
static void
from_another(struct world *w, size_t side, const char *path, const char *fresh)
{
	if (chance(w, 40)) {
		copy(w, side, fresh);
		return;
	}
	rename_to(w, side, path, fresh);
	save(w, side, fresh);
}

static void
remove_path(struct world *w, size_t side, const char *path)
{
	char text[MODEL_FULL];

	trace(w, "%c: remove %s", "SABC"[side], show(path, text));
	user_remove(w, side, path);
}

static void
rare_edit(struct world *w, size_t side, const char *path, const char *fresh)
{
	char text[MODEL_FULL];

	if (chance(w, 40)) {
		trace(w, "%c: chmod %s", "SABC"[side], show(path, text));
		user_chmod(w, side, path);
	} else if (chance(w, 40)) {
		copy(w, side, fresh);
	} else if (chance(w, 50)) {
		trace(w, "%c: symlink %s", "SABC"[side], show(fresh, text));
		user_link(w, side, fresh);
	} else {
		save_rules(w, side);
	}
}

void
edit(struct world *w, size_t side)
{
	char path[MODEL_PATH], fresh[MODEL_PATH], folder[MODEL_PATH];
	size_t r = draw_below(w, 100);

	w->step++;
	w->now += (int64_t)(draw(w) % (3 * NSEC));
	draw_file(w, side, path);
	draw_folder(w, side, folder);
	draw_path(w, fresh);
	if (w->notes && chance(w, 50))
		from_another(w, side, path, fresh);
	else if (r < 28)
		save(w, side, fresh);
	else if (r < 58)
		save(w, side, path);
	else if (r < 69)
		remove_path(w, side, path);
	else if (r < 73)
		remove_path(w, side, folder);
	else if (r < 83)
		rename_to(w, side, path, fresh);
	else if (r < 88)
		rename_to(w, side, folder, fresh);
	else
		rare_edit(w, side, path, fresh);
}

/*
 * A user who is faster than dsync.  Only single files: a folder renamed while
 * dsync holds it open takes along what dsync then puts into it.
 */
void
edit_meanwhile(struct world *w, size_t side)
{
	char path[MODEL_PATH], fresh[MODEL_PATH];

	w->step++;
	w->now += 1000;
	draw_file(w, side, path);
	draw_path(w, fresh);
	if (chance(w, 70))
		save(w, side, path);
	else if (chance(w, 40))
		remove_path(w, side, path);
	else
		rename_to(w, side, path, fresh);
}

/* What was kept in it is lost with it: by its user. */
void
lose_journal(struct world *w, size_t side)
{
	static const char *const parts[] = { "journal.db", "journal.db-wal",
		"journal.db-shm" };
	char full[MODEL_FULL], path[MODEL_PATH];
	size_t i;

	trace(w, "%c: the journal is lost", "SABC"[side]);
	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), ".dsync/%s", parts[i]);
		unlink(full_path(w, side, path, full));
	}
	w->side[side].n_stored = 0;
	for (i = 0; i < w->n_contents; i++)
		if (w->contents[i].must && !somewhere(w, (int)i, false))
			w->contents[i].must = false;
}
