/* SPDX-License-Identifier: MIT */
/*
 * The same run again and again, each time with one thing going wrong one call,
 * or some bytes, later, until nothing goes wrong any more.  A second run then
 * has to bring about what one good run would have.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "model/session.h"

enum trouble {
	TROUBLE_NONE,
	TROUBLE_KILL,
	TROUBLE_NOSPC,
	TROUBLE_EIO,
	TROUBLE_CUT,
};

struct sweep {
	const char *temp;
	enum trouble trouble;
	bool peer; /* it is the peer's; of the link: from client to peer */
	struct tree want;
};

/* A run without trouble. */
static void
good_run(struct world *w)
{
	const struct run run = { .quiet = true };
	struct session_result result;

	w->now += 10 * NSEC;
	session_finish(session_new(w, 1, &run), &result);
	if (!result.ok || !result.in_sync || result.problems != 0)
		fail(w, "a run without trouble does not end in sync");
}

static void
save(struct world *w, size_t side, const char *path, size_t size)
{
	w->now += NSEC;
	user_save(w, side, path, content_new(w, CONTENT_TEXT, size));
}

/* What both sides agree on before the run. */
static void
prepare(struct world *w, size_t side, const char *top)
{
	static const char *const names[] = { "replaced", "large", "deleted",
		"sub/moved", "file", "folder/one", "folder/two/three" };
	char path[MODEL_PATH];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", top, names[i]);
		save(w, side, path, i == 1 ? 1100000 : 200 + 10 * i);
	}
}

/* Every kind of change, all made on one side. */
static void
change(struct world *w, size_t side, const char *top)
{
	char path[MODEL_PATH], to[MODEL_PATH];

	snprintf(path, sizeof(path), "%s/created", top);
	save(w, side, path, 300);
	snprintf(path, sizeof(path), "%s/replaced", top);
	save(w, side, path, 300);
	snprintf(path, sizeof(path), "%s/large", top);
	save(w, side, path, 1200000);
	snprintf(path, sizeof(path), "%s/deleted", top);
	user_remove(w, side, path);
	snprintf(path, sizeof(path), "%s/sub/moved", top);
	snprintf(to, sizeof(to), "%s/new/place", top);
	user_rename(w, side, path, to);
	snprintf(path, sizeof(path), "%s/file", top);
	user_remove(w, side, path);
	snprintf(path, sizeof(path), "%s/file/below", top);
	save(w, side, path, 300);
	snprintf(path, sizeof(path), "%s/folder", top);
	user_remove(w, side, path);
	save(w, side, path, 300);
}

/* Two that both sides change: one to differing, one to equal contents. */
static void
change_both(struct world *w)
{
	int same = content_new(w, CONTENT_TEXT, 100);

	save(w, 1, "both", 150);
	save(w, SERVER, "both", 150);
	user_save(w, 1, "equal", same);
	user_save(w, SERVER, "equal", same);
	user_chmod(w, 1, "mode");
}

static struct world *
begin(const struct sweep *s)
{
	struct world *w = world_new(1, s->temp, false);

	prepare(w, 1, "mine");
	prepare(w, SERVER, "theirs");
	save(w, 1, "both", 100);
	save(w, 1, "mode", 100);
	good_run(w);
	change(w, 1, "mine");
	change(w, SERVER, "theirs");
	change_both(w);
	return w;
}

static bool
equal_trees(const struct tree *a, const struct tree *b)
{
	size_t i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->v[i].path, b->v[i].path) != 0 ||
		    a->v[i].content != b->v[i].content ||
		    a->v[i].exec != b->v[i].exec)
			return false;
	return a->n == b->n;
}

static void
check_trees(struct world *w, const struct tree *want)
{
	struct tree tree;
	size_t i;

	for (i = 0; i < w->n_sides; i++) {
		tree_scan(w, i, true, &tree);
		if (!equal_trees(&tree, want))
			fail(w, "%c: not as it is without trouble", "SABC"[i]);
		tree_free(&tree);
	}
}

/* Makes the k-th call, or byte, the wrong one; true if it came to that. */
static bool
bad_run(struct world *w, const struct sweep *s, uint64_t k)
{
	const struct run run = { .quiet = true };
	struct session *session = session_new(w, 1, &run);
	struct process *p = session_process(session, s->peer);
	struct session_result result;

	if (s->trouble == TROUBLE_KILL)
		p->kill_at = k;
	p->fail_errno = s->trouble == TROUBLE_NOSPC ? ENOSPC : EIO;
	if (s->trouble == TROUBLE_NOSPC || s->trouble == TROUBLE_EIO) {
		p->fail_at = k;
		p->fail_end = k + 1;
	}
	if (s->trouble == TROUBLE_CUT)
		session_cut_after(session, k, !s->peer);
	session_finish(session, &result);
	return result.touched;
}

/* True if there was trouble at all. */
static bool
once(const struct sweep *s, uint64_t k, bool *ret_ok)
{
	struct world *w = begin(s);
	bool reached = bad_run(w, s, k);

	check_whole(w);
	check_kept(w, false);
	good_run(w);
	check_calm(w, SERVER);
	check_calm(w, 1);
	check_whole(w);
	check_kept(w, true);
	check_trees(w, &s->want);
	check_residue(w);
	*ret_ok = !w->failed;
	if (w->failed)
		printf("%.*sat %llu\n", (int)w->text.len,
		    (const char *)buf_data(&w->text), (unsigned long long)k);
	world_free(w);
	return reached;
}

static bool
choose(const char *what, struct sweep *s, uint64_t *ret_step)
{
	static const struct {
		const char *name;
		enum trouble trouble;
		bool peer;
		uint64_t step;
	} sweeps[] = {
		{ "kill-client", TROUBLE_KILL, false, 1 },
		{ "kill-peer", TROUBLE_KILL, true, 1 },
		{ "nospc-client", TROUBLE_NOSPC, false, 1 },
		{ "nospc-peer", TROUBLE_NOSPC, true, 1 },
		{ "eio-client", TROUBLE_EIO, false, 1 },
		{ "eio-peer", TROUBLE_EIO, true, 1 },
		{ "cut-client", TROUBLE_CUT, false, 97 },
		{ "cut-peer", TROUBLE_CUT, true, 97 },
	};
	size_t i;

	for (i = 0; i < sizeof(sweeps) / sizeof(sweeps[0]); i++) {
		if (strcmp(what, sweeps[i].name) != 0)
			continue;
		s->trouble = sweeps[i].trouble;
		s->peer = sweeps[i].peer;
		*ret_step = sweeps[i].step;
		return true;
	}
	return false;
}

static void
learn(struct sweep *s)
{
	struct world *w = begin(s);

	good_run(w);
	if (w->failed)
		printf("%s\n", w->failure);
	tree_scan(w, SERVER, true, &s->want);
	check_trees(w, &s->want);
	world_free(w);
}

/* Most of the bytes are of the large files: there it goes faster. */
int
sweep(const char *what, const char *temp, unsigned stride, unsigned most)
{
	struct sweep s = { .temp = temp };
	unsigned passed = 0, failed = 0;
	uint64_t step, k = 1;
	bool ok, reached = true;

	if (!choose(what, &s, &step)) {
		fprintf(stderr, "%s: no such sweep\n", what);
		return 2;
	}
	learn(&s);
	for (; reached && failed < most; k += step * stride) {
		reached = once(&s, k, &ok);
		passed += ok;
		failed += !ok;
		if (!ok)
			printf("replay: tests/model/simulation --sweep %s\n",
			    what);
		if (s.trouble == TROUBLE_CUT && k > 3000)
			step = 40000;
	}
	tree_free(&s.want);
	printf("%s: up to %llu\n", what, (unsigned long long)k);
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed != 0;
}
