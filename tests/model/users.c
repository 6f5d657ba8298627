/* SPDX-License-Identifier: MIT */
/*
 * What users do to their folders, with plain system calls, and what follows
 * from it: a contents that a user overwrites or deletes where it was the last
 * of its kind may be gone; any other has to stay somewhere.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/model.h"

/* A path that a user did away with, or gave another contents. */
static void
ended(struct world *w, int content)
{
	if (content != NO_CONTENT && w->contents[content].must &&
	    !somewhere(w, content, false))
		w->contents[content].must = false;
}

/* What stands at path after its user was there. */
static void
note(struct world *w, size_t side, const char *path)
{
	struct node node = { 0 };

	tree_drop(&w->side[side].known, path);
	if (!node_fill(w, side, path, false, &node))
		return;
	snprintf(node.path, sizeof(node.path), "%s", path);
	*tree_put(&w->side[side].known, path) = node;
	if (node.content == NO_CONTENT)
		return;
	if (fact_find(&w->seen, path, node.content) == NULL)
		fact_add(&w->seen, path, node.content, w->step);
}

void
user_remove(struct world *w, size_t side, const char *path)
{
	char full[MODEL_FULL];
	struct tree tree;
	size_t i;

	full_path(w, side, path, full);
	tree_scan(w, side, false, &tree);
	remove_all(full);
	for (i = 0; i < tree.n; i++) {
		const struct node *node = &tree.v[i];

		if (strcmp(node->path, path) != 0 &&
		    !path_is_below(node->path, path))
			continue;
		fact_add(&w->removed, node->path, node->content, w->step);
		tree_drop(&w->side[side].known, node->path);
		ended(w, node->content);
	}
	tree_free(&tree);
}

/* Makes the folders above path; files there give way. */
static void
make_parents(struct world *w, size_t side, const char *path)
{
	char above[MODEL_PATH], full[MODEL_FULL];
	struct stat st;
	char *slash;

	snprintf(above, sizeof(above), "%s", path);
	for (slash = strchr(above, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		full_path(w, side, above, full);
		if (lstat(full, &st) == 0 && !S_ISDIR(st.st_mode))
			user_remove(w, side, above);
		if (mkdir(full, 0777) == -1 && errno != EEXIST)
			abort();
		*slash = '/';
	}
}

static void
give_way(struct world *w, size_t side, const char *path)
{
	char full[MODEL_FULL];
	struct stat st;

	make_parents(w, side, path);
	if (lstat(full_path(w, side, path, full), &st) == 0 &&
	    !S_ISREG(st.st_mode))
		user_remove(w, side, path);
}

static int64_t
draw_mtime(struct world *w, size_t side)
{
	int64_t now = side_now(w, side);

	if (chance(w, 94))
		return now + (int64_t)(draw(w) % NSEC) / 1000;
	switch (draw_below(w, 3)) {
	case 0:
		return (int64_t)(draw(w) % NSEC);
	case 1:
		return now + 3600 * NSEC + (int64_t)(draw(w) % NSEC);
	default:
		return now - (int64_t)(draw(w) % (1000000 * NSEC));
	}
}

static void
write_file(struct world *w, const char *full, int content, int flags, bool exec)
{
	const struct content *c = &w->contents[content];
	int fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC | flags,
	    exec ? 0755 : 0644);

	if (fd == -1 || write(fd, c->data, c->size) != (ssize_t)c->size)
		abort();
	close(fd);
}

static void
set_mtime(const char *full, int64_t mtime)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = mtime / NSEC, .tv_nsec = mtime % NSEC } };

	if (utimensat(AT_FDCWD, full, times, AT_SYMLINK_NOFOLLOW) == -1)
		abort();
}

static void
touch(struct world *w, size_t side, const char *full)
{
	struct side *s = &w->side[side];
	struct stat st;

	s->touched = reallocarray(s->touched, s->n_touched + 1,
	    sizeof(*s->touched));
	if (s->touched == NULL || lstat(full, &st) == -1)
		abort();
	s->touched[s->n_touched++] = (struct touch){ .ino = st.st_ino,
		.mtime = st.st_mtim.tv_sec * NSEC + st.st_mtim.tv_nsec,
		.ctime = side_now(w, side) };
}

/* What no user had his hand on is as old as its mtime says. */
int64_t
side_ctime(const struct world *w, size_t side, const struct stat *st)
{
	const int64_t mtime = st->st_mtim.tv_sec * NSEC + st->st_mtim.tv_nsec;
	const struct side *s = &w->side[side];
	size_t i;

	for (i = s->n_touched; i > 0; i--)
		if (s->touched[i - 1].ino == st->st_ino &&
		    s->touched[i - 1].mtime == mtime)
			return s->touched[i - 1].ctime;
	return mtime;
}

/*
 * In place, or as careful editors do.  Now and then the file keeps its time.
 */
void
user_save(struct world *w, size_t side, const char *path, int content)
{
	char full[MODEL_FULL], temp[MODEL_FULL];
	struct node old = { .content = NO_CONTENT };
	int64_t mtime = draw_mtime(w, side);
	bool atomic = chance(w, 50), keep = chance(w, 20), there;

	give_way(w, side, path);
	there = node_fill(w, side, path, false, &old);
	if (keep && there)
		mtime = old.mtime;
	full_path(w, side, path, full);
	full_path(w, side, ".saving", temp);
	if (atomic) {
		write_file(w, temp, content, O_TRUNC, old.exec);
		set_mtime(temp, mtime);
		if (rename(temp, full) == -1)
			abort();
	} else {
		write_file(w, full, content, O_TRUNC, false);
		set_mtime(full, mtime);
	}
	touch(w, side, full);
	w->contents[content].must = true;
	note(w, side, path);
	if (old.content != content)
		ended(w, old.content);
}

static void
moved(struct world *w, size_t side, const char *from, const char *to)
{
	fact_add(&w->removed, from, NO_CONTENT, w->step);
	tree_drop(&w->side[side].known, from);
	note(w, side, to);
}

/*
 * A process has it in its hands just now, for another version was to go: it is
 * put back into its folder, wherever that is then.
 */
static void
held_moved(struct world *w, size_t side, const struct node *held,
    const char *from, const char *to)
{
	const struct node node = *held;
	char path[MODEL_FULL];

	snprintf(path, sizeof(path), "%s%s", to, node.path + strlen(from));
	fact_add(&w->removed, node.path, NO_CONTENT, w->step);
	fact_add(&w->seen, path, node.content, w->step);
	tree_drop(&w->side[side].known, node.path);
}

void
user_rename(struct world *w, size_t side, const char *from, const char *to)
{
	char full[MODEL_FULL], target[MODEL_FULL], path[MODEL_FULL];
	struct tree *known = &w->side[side].known, tree;
	size_t i;

	if (strcmp(from, to) == 0 || path_is_below(to, from) ||
	    path_is_below(from, to))
		return;
	make_parents(w, side, to);
	user_remove(w, side, to);
	if (rename(full_path(w, side, from, full),
		full_path(w, side, to, target)) == -1)
		return;
	tree_scan(w, side, false, &tree);
	for (i = 0; i < tree.n; i++) {
		const char *new = tree.v[i].path;

		if (strcmp(new, to) != 0 && !path_is_below(new, to))
			continue;
		snprintf(path, sizeof(path), "%s%s", from, new + strlen(to));
		moved(w, side, path, new);
	}
	tree_free(&tree);
	for (i = known->n; i > 0; i--)
		if (path_is_below(known->v[i - 1].path, from) &&
		    stage_has(w, side, known->v[i - 1].content))
			held_moved(w, side, &known->v[i - 1], from, to);
}

void
user_link(struct world *w, size_t side, const char *path)
{
	char full[MODEL_FULL];

	make_parents(w, side, path);
	user_remove(w, side, path);
	if (symlink("nowhere", full_path(w, side, path, full)) == 0)
		note(w, side, path);
}

void
user_chmod(struct world *w, size_t side, const char *path)
{
	char full[MODEL_FULL];
	struct stat st;

	if (lstat(full_path(w, side, path, full), &st) == -1 ||
	    !S_ISREG(st.st_mode) || chmod(full, st.st_mode ^ 0111) == -1)
		return;
	touch(w, side, full);
	note(w, side, path);
}
