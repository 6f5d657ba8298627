/* SPDX-License-Identifier: MIT */
/*
 * When users stop and nothing fails any more, a few rounds of syncing make
 * all folders equal, every client says so, and one more run does nothing.
 */
#include "config.h"

#include <sys/stat.h>

#include <dirent.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/filter.h"
#include "core/path.h"
#include "model/model.h"
#include "model/session.h"

#define ROUNDS 12

static bool
same_node(const struct node *a, const struct node *b, bool untouched)
{
	return strcmp(a->path, b->path) == 0 && a->regular == b->regular &&
	    a->content == b->content && a->exec == b->exec &&
	    (!untouched ||
		(a->ino == b->ino && a->ctime == b->ctime &&
		    a->mtime == b->mtime));
}

static bool
same_tree(const struct tree *a, const struct tree *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!same_node(&a->v[i], &b->v[i], true))
			return false;
	return true;
}

/* A run of a client with one of its servers. */
static void
one_run(struct world *w, size_t client, size_t server, uint64_t *bytes,
    bool *in_sync)
{
	const struct run run = { .guarded = false, .server = server };
	struct session_result result;

	w->now += NSEC;
	session_finish(session_new(w, client, &run), &result);
	check_calm(w, client);
	check_calm(w, server);
	*in_sync &= result.in_sync;
	*bytes += result.bytes;
	/* What can't be read for a while may cost a comparison. */
	if (result.repaired && !w->faulty)
		fail(w, "%c: only a comparison of all mended it",
		    "SABC"[client]);
}

/*
 * A run of every client; true if it changed nothing, and touched no file.  Of
 * two servers all visit the first, as they do in life, and one the other: two
 * that went to and fro in step could carry two versions past each other, to
 * where the other one was, for ever.
 */
static bool
one_round(struct world *w, uint64_t *ret_bytes, bool *ret_in_sync)
{
	struct tree before[SIDES], after;
	bool same = true;
	size_t i;

	*ret_in_sync = true;
	*ret_bytes = 0;
	for (i = 0; i < w->n_sides; i++)
		tree_scan(w, i, true, &before[i]);
	for (i = 1; i <= n_clients(w) && !w->failed; i++) {
		one_run(w, i, SERVER, ret_bytes, ret_in_sync);
		if (w->two && i == 1)
			one_run(w, i, w->n_sides - 1, ret_bytes, ret_in_sync);
	}
	for (i = 0; i < w->n_sides; i++) {
		tree_scan(w, i, true, &after);
		same &= same_tree(&before[i], &after);
		tree_free(&after);
		tree_free(&before[i]);
	}
	return same;
}

static void
add_rules(struct world *w, const struct tree *tree, struct filter *filter)
{
	char dir[MODEL_PATH];
	struct err err;
	size_t i;

	for (i = 0; i < tree->n; i++) {
		const struct node *node = &tree->v[i];
		char *slash;

		if (!path_is_ignore_file(node->path))
			continue;
		if (node->content == NO_CONTENT)
			continue;
		snprintf(dir, sizeof(dir), "%s", node->path);
		slash = strrchr(dir, '/');
		*(slash == NULL ? dir : slash) = '\0';
		/* Rules that are none are reported, and bind nobody. */
		(void)!filter_add_file(filter, dir,
		    (const char *)w->contents[node->content].data,
		    w->contents[node->content].size, &err);
	}
}

static bool
is_text(const struct world *w, const struct node *node)
{
	const struct content *c;

	if (node->content == NO_CONTENT)
		return false;
	c = &w->contents[node->content];
	return memchr(c->data, 0, c->size) == NULL;
}

/* Its rules may exclude a folder where a file would not be; and no tree has a
 * folder that is empty. */
static bool
is_excluded_folder(const struct world *w, size_t side,
    const struct filter *filter, const char *path)
{
	struct filter_verdict verdict;
	char full[MODEL_FULL];
	struct stat st;

	filter_judge(filter, path, true, &verdict);
	return verdict.excluded &&
	    lstat(full_path(w, side, path, full), &st) == 0 &&
	    S_ISDIR(st.st_mode);
}

/*
 * Adds to out what a side leaves out, for whatever reason: what it has and
 * can't sync, and what others have and its rules don't want.
 */
static void
add_excluded(struct world *w, size_t side, const struct tree *trees,
    struct tree *out)
{
	AUTO(filter) struct filter *filter = NULL;
	struct filter_verdict verdict;
	size_t i, k;

	if (filter_new(false, 0, &filter) != ST_OK)
		abort();
	add_rules(w, &trees[side], filter);
	for (i = 0; i < trees[side].n; i++)
		if (!is_text(w, &trees[side].v[i]))
			tree_put(out, trees[side].v[i].path);
	for (i = 0; i < w->n_sides; i++)
		for (k = 0; k < trees[i].n; k++) {
			filter_judge_deep(filter, trees[i].v[k].path, &verdict);
			if (verdict.excluded ||
			    is_excluded_folder(w, side, filter,
				trees[i].v[k].path))
				tree_put(out, trees[i].v[k].path);
		}
}

/* Something in out stands where path has a folder, or the reverse. */
static bool
across(const struct tree *out, const char *path)
{
	size_t i;

	for (i = 0; i < out->n; i++)
		if (path_is_below(path, out->v[i].path) ||
		    path_is_below(out->v[i].path, path))
			return true;
	return false;
}

static bool
covered(const struct tree *out, const char *path)
{
	return tree_find(out, path) != NULL || across(out, path);
}

/* What b has and a does not, or has differently. */
static void
compare(struct world *w, const struct tree *a, const struct tree *b,
    const char *which, const struct tree *out)
{
	char text[MODEL_FULL];
	size_t i;

	for (i = 0; i < b->n; i++) {
		const struct node *n = &b->v[i];
		const struct node *m = tree_find(a, n->path);

		if (covered(out, n->path))
			continue;
		if (m == NULL || !same_node(m, n, false))
			fail(w, "%s: %s is %d%s here and %d%s there", which,
			    show(n->path, text), n->content, n->exec ? "x" : "",
			    m == NULL ? NO_CONTENT : m->content,
			    m != NULL && m->exec ? "x" : "");
	}
}

static bool
are_rules(const struct world *w, const struct node *node)
{
	return is_text(w, node) &&
	    w->contents[node->content].size <= FILTER_FILE_LIMIT;
}

/*
 * Something that is not synced on one side is in a folder where another has a
 * file; a file cannot take its place.
 */
static bool
blocked(struct world *w, const struct tree *trees, const struct tree *out)
{
	size_t i, k;

	for (i = 0; i < w->n_sides; i++)
		for (k = 0; k < trees[i].n; k++) {
			const struct node *node = &trees[i].v[k];

			if (across(out, node->path) ||
			    (path_is_ignore_file(node->path) &&
				!are_rules(w, node)))
				return true;
		}
	return false;
}

/* False if something stands in the way for good. */
static bool
check_equal(struct world *w, bool in_sync)
{
	struct tree trees[SIDES], out = { 0 };
	char which[] = "S and A";
	bool free_way;
	size_t i;

	for (i = 0; i < w->n_sides; i++)
		tree_scan(w, i, true, &trees[i]);
	for (i = 0; i < w->n_sides; i++)
		add_excluded(w, i, trees, &out);
	free_way = !blocked(w, trees, &out);
	for (i = 1; i < w->n_sides && free_way; i++) {
		which[6] = "SABC"[i];
		if (w->access == ACCESS_FULL)
			compare(w, &trees[SERVER], &trees[i], which, &out);
		compare(w, &trees[i], &trees[SERVER], which, &out);
	}
	if (w->access == ACCESS_FULL && !in_sync && free_way)
		fail(w, "at rest, and still not in sync");
	for (i = 0; i < w->n_sides; i++)
		tree_free(&trees[i]);
	tree_free(&out);
	return free_way;
}

static int
count_intents(const char *full)
{
	sqlite3_stmt *stmt = NULL;
	sqlite3 *sql = NULL;
	int n = 0;

	if (sqlite3_open_v2(full, &sql, SQLITE_OPEN_READONLY, NULL) ==
		SQLITE_OK &&
	    sqlite3_prepare_v2(sql, "SELECT count(*) FROM intent", -1, &stmt,
		NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(sql);
	return n;
}

void
check_residue(struct world *w)
{
	char full[MODEL_FULL];
	struct dirent *d;
	size_t i;
	DIR *dir;

	for (i = 0; i < w->n_sides; i++) {
		dir = opendir(full_path(w, i, ".dsync/stage", full));
		while (dir != NULL && (d = readdir(dir)) != NULL)
			if (d->d_name[0] != '.')
				fail(w, "%c: something is left in the stage",
				    "SABC"[i]);
		if (dir != NULL)
			closedir(dir);
		full_path(w, i, ".dsync/journal.db", full);
		if (count_intents(full) != 0)
			fail(w, "%c: an intent is left", "SABC"[i]);
	}
}

static void
trace_trees(struct world *w)
{
	char text[MODEL_FULL];
	struct tree tree;
	size_t i, k;

	for (i = 0; i < w->n_sides; i++) {
		tree_scan(w, i, false, &tree);
		for (k = 0; k < tree.n; k++)
			trace(w, "%c has %s: %d%s", "SABC"[i],
			    show(tree.v[k].path, text), tree.v[k].content,
			    tree.v[k].exec ? " x" : "");
		tree_free(&tree);
	}
}

void
come_to_rest(struct world *w)
{
	bool in_sync = false, same = false;
	uint64_t bytes = 0;
	unsigned round;

	trace(w, "rest");
	for (round = 0; round < ROUNDS && !w->failed; round++) {
		same = one_round(w, &bytes, &in_sync);
		/* What is in the way is found out by trying, once. */
		if (same && bytes == 0 &&
		    (in_sync || w->access != ACCESS_FULL || round > 3))
			break;
	}
	check_whole(w);
	check_kept(w, true);
	trace_trees(w);
	if (!same)
		fail(w, "the folders do not come to rest");
	if (check_equal(w, in_sync) && bytes != 0)
		fail(w, "a run that had nothing to do sent contents");
	check_residue(w);
}
