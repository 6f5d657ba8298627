/* SPDX-License-Identifier: MIT */
/*
 * Changing a tree on a day when nothing works: every system call fails once,
 * or from some moment on all do, or is the last thing the process did; with
 * and without a save in between, on strong and on weak file systems.
 */
#include "config.h"

#include <sys/wait.h>

#include "fs/swap.h"
#include "swapping.h"

/* The four changes, to be run under every fault. */
enum change {
	CHANGE_IN,
	CHANGE_OVER,
	CHANGE_OUT,
	CHANGE_MOVE,
	CHANGE_META,
	CHANGES,
};

/* Which renames have flags, a bit each: those fail on a weak file system. */
static const unsigned flagged[CHANGES] = { ~0u, 1u, 1u | 4u, ~0u, 0 };

struct sweep {
	bool weak;
	enum change change;
	bool save; /* the user saves before our first rename or link */
	bool saved;
	int k; /* the call that fails, or from which all fail, or the last */
	enum {
		ONCE,
		ALL,
		DIE
	} how;
	bool reached;
};

static int
sweep_hook(struct testenv *t, const char *op, int count)
{
	struct sweep *s = t->ctx;
	const bool rename = strcmp(op, "renameat2") == 0;

	if (s->save && !s->saved && (rename || strcmp(op, "linkat") == 0)) {
		testenv_save(folder, "a", "A");
		s->saved = true;
	}
	if (t->calls == s->k || (s->how == ALL && t->calls > s->k)) {
		s->reached = true;
		if (s->how == DIE)
			_exit(0);
		return EIO;
	}
	if (s->weak && rename && count <= 32 &&
	    (flagged[s->change] >> (count - 1) & 1) != 0)
		return EINVAL;
	return 0;
}

static enum status
make_change(enum change change, uint64_t n, const struct swap_expect *e)
{
	switch (change) {
	case CHANGE_IN:
		return swap_in(stage, n, "a", &nothing, hasher, &stamp, &left,
		    &err);
	case CHANGE_OVER:
		return swap_in(stage, n, "a", e, hasher, &stamp, &left, &err);
	case CHANGE_OUT:
		return swap_out(stage, n, "a", e, hasher, &left, &err);
	case CHANGE_MOVE:
		return swap_move(stage, "a", "b", e, hasher, &stamp, &err);
	case CHANGE_META:
		return swap_meta(stage, "a", e, 5, true, hasher, &stamp, &err);
	case CHANGES:
		break;
	}
	return ST_OK;
}

/* Before a change: what stands at a, and what is staged. */
static uint64_t
stand(enum change change, struct swap_expect *e)
{
	unlink(path_of("a"));
	unlink(path_of("b"));
	if (change != CHANGE_IN) {
		testenv_write(folder, "a", OLD);
		*e = expected("a", OLD, false);
	}
	return change == CHANGE_IN || change == CHANGE_OVER ? staged(NEW) :
							      stage_next(stage);
}

static bool
anywhere(uint64_t n, const char *text)
{
	char old[STAGE_NAME + 8];

	stage_name(n, old);
	strcat(old, ".old");
	return path_is("a", text) || path_is("b", text) ||
	    strcmp(in_stage(n), text) == 0 ||
	    strcmp(testenv_read(stage_folder, old), text) == 0;
}

static void
check_sweep(const struct sweep *s, enum status st, uint64_t n)
{
	char what[100];

	snprintf(what, sizeof(what),
	    "weak %d change %d save %d k %d how %d: %d left %d", s->weak,
	    s->change, s->save, s->k, s->how, st, left);
	if (s->saved && (!s->weak || s->how == ONCE))
		ck_assert_msg(path_is("a", "A") || path_is("b", "A") ||
			(left && strcmp(in_stage(n), "A") == 0),
		    "%s", what);
	else if (!s->saved && s->change != CHANGE_IN)
		ck_assert_msg(anywhere(n, OLD), "%s", what);
	if (s->change == CHANGE_OVER && !s->saved)
		ck_assert_msg(path_is("a", OLD) || path_is("a", NEW), "%s",
		    what);
	if (s->change == CHANGE_OVER && st == ST_OK)
		ck_assert_msg(path_is("a", NEW) &&
			strcmp(in_stage(n), OLD) == 0,
		    "%s", what);
	if (s->how == ONCE && !s->saved && st != ST_OK && st != ST_CHANGED &&
	    s->change != CHANGE_IN)
		ck_assert_msg(path_is("a", OLD), "%s", what);
	ck_assert_msg(s->saved || !left || strcmp(in_stage(n), OLD) == 0, "%s",
	    what);
}

/* Every call fails, once or from then on: a version stands, none is lost. */
START_TEST(faults)
{
	struct sweep s = { .weak = (_i & 1) != 0,
		.save = (_i & 2) != 0,
		.how = (_i & 4) != 0 ? ALL : ONCE,
		.change = (enum change)(_i >> 3) };
	struct swap_expect e = { 0 };
	enum status st;
	uint64_t n;

	do {
		n = stand(s.change, &e);
		s.k++;
		s.saved = s.reached = left = false;
		testenv_fail(&te, NULL, 0, 0);
		te.ctx = &s;
		te.hook = sweep_hook;
		st = make_change(s.change, n, &e);
		te.hook = NULL;
		check_sweep(&s, st, n);
		stage_drop(stage, n);
	} while (s.reached);
	ck_assert_int_gt(s.k, 3);
	ck_assert_int_lt(s.k, 1000);
}
END_TEST

struct recovery {
	const struct sweep *s;
	uint64_t n;
	int called;
};

static enum status
recover(void *ctx, struct stage *orphan, struct err *e)
{
	struct recovery *r = ctx;
	const enum change change = r->s->change;
	const bool in = change == CHANGE_IN || change == CHANGE_OVER;
	const struct hash want = testenv_hash(NEW);
	const struct swap_expect expect = { .absent = change == CHANGE_IN,
		.hash = testenv_hash(OLD) };
	bool displaced = false, saved;

	r->called++;
	snprintf(stage_folder, sizeof(stage_folder), "%s/.dsync/stage/%s",
	    folder, stage_id(orphan));
	saved = anywhere(r->n, "A");
	if (in || change == CHANGE_OUT)
		ck_assert_int_eq(swap_recover(orphan, r->n, "a",
				     in ? &want : NULL, &expect, hasher,
				     &displaced, &left, e),
		    ST_OK);
	/* A caller keeps what is displaced, and what is left. */
	if (displaced)
		ck_assert_str_eq(in_stage(r->n), OLD);
	if (left)
		ck_assert_str_eq(in_stage(r->n), "A");
	if (change == CHANGE_OVER)
		ck_assert(path_is("a", NEW) || path_is("a", OLD) ||
		    path_is("a", "A"));
	if (saved)
		ck_assert(path_is("a", "A") || path_is("b", "A") || left);
	else if (change != CHANGE_IN)
		ck_assert(path_is("a", OLD) || path_is("b", OLD) || displaced);
	return ST_OK;
}

/* What the process does that dies at its s->k-th call. */
static void
change_and_die(struct sweep *s)
{
	struct swap_expect e = { 0 };
	uint64_t n;

	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	n = stand(s->change, &e);
	ck_assert_uint_eq(n, 1);
	testenv_fail(&te, NULL, 0, 0);
	te.ctx = s;
	te.hook = sweep_hook;
	make_change(s->change, n, &e);
	te.hook = NULL;
	testenv_write(folder, "finished", "");
}

/* Dying before every call, and recovering: a version stands, none is lost. */
START_TEST(deaths)
{
	struct sweep s = { .weak = (_i & 1) != 0,
		.save = (_i & 2) != 0,
		.how = DIE,
		.change = (enum change)(_i >> 2) };
	struct recovery r = { .s = &s, .n = 1 };
	int status;
	pid_t pid;

	for (s.k = 1; !testenv_exists(folder, "finished"); s.k++) {
		pid = fork();
		if (pid == 0) {
			change_and_die(&s);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		left = false;
		r.called = 0;
		ck_assert_int_eq(stage_orphans(root, recover, &r, &err), ST_OK);
		ck_assert_int_eq(r.called, 1);
		ck_assert(!testenv_exists(stage_folder, ""));
	}
	ck_assert_int_gt(s.k, 3);
}
END_TEST

/* What recovery does for each thing that file n and path may be. */
START_TEST(recovery)
{
	static const struct {
		bool want; /* an incoming version was staged */
		bool absent; /* nothing was expected at path */
		const char *n, *path; /* NULL: nothing there */
		const char *path_after, *n_after;
		bool displaced, left;
	} cases[] = {
		{ true, false, NEW, OLD, OLD, NEW, false, false },
		{ true, false, OLD, NEW, NEW, OLD, true, false },
		{ true, false, "A", NEW, "A", NEW, false, false },
		{ true, false, "A", NULL, "A", NULL, false, false },
		{ true, false, "A", "B", "B", "A", false, true },
		{ true, false, NULL, NEW, NEW, NULL, false, false },
		{ true, true, NEW, NULL, NULL, NEW, false, false },
		{ true, true, NULL, NEW, NEW, NULL, false, false },
		{ true, true, NEW, "B", "B", NEW, false, false },
		{ false, false, NULL, OLD, OLD, NULL, false, false },
		{ false, false, OLD, NULL, NULL, OLD, true, false },
		{ false, false, "A", NULL, "A", NULL, false, false },
		{ false, false, "A", "B", "B", "A", false, true },
		{ false, false, OLD, "B", "B", OLD, true, false },
	};
	struct hash want = testenv_hash(NEW);
	struct swap_expect e = { .hash = testenv_hash(OLD),
		.absent = cases[_i].absent };
	uint64_t n = stage_next(stage);
	char name[STAGE_NAME];
	bool displaced;

	stage_name(n, name);
	if (cases[_i].n != NULL)
		testenv_write(stage_folder, name, cases[_i].n);
	if (cases[_i].path != NULL)
		testenv_write(folder, "a", cases[_i].path);
	ck_assert_int_eq(swap_recover(stage, n, "a",
			     cases[_i].want ? &want : NULL, &e, hasher,
			     &displaced, &left, &err),
	    ST_OK);
	ck_assert_int_eq(displaced, cases[_i].displaced);
	ck_assert_int_eq(left, cases[_i].left);
	ck_assert_int_eq(testenv_exists(folder, "a"),
	    cases[_i].path_after != NULL);
	if (cases[_i].path_after != NULL)
		ck_assert(path_is("a", cases[_i].path_after));
	ck_assert_int_eq(testenv_exists(stage_folder, name),
	    cases[_i].n_after != NULL);
	if (cases[_i].n_after != NULL)
		ck_assert_str_eq(in_stage(n), cases[_i].n_after);
}
END_TEST

/* A user's folder in the stage goes back, or keeps its stage from the broom. */
START_TEST(recover_folder)
{
	struct swap_expect e = { .hash = testenv_hash(OLD) };
	struct hash want = testenv_hash(NEW);
	uint64_t n = stage_next(stage);
	char name[STAGE_NAME], path[512];
	bool displaced;

	stage_name(n, name);
	snprintf(path, sizeof(path), "%s/%s", stage_folder, name);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	testenv_write(path, "x", "his");
	testenv_write(folder, "a", "B");
	ck_assert_int_eq(swap_recover(stage, n, "a", &want, &e, hasher,
			     &displaced, &left, &err),
	    ST_IO);
	ck_assert(!left);
	ck_assert_str_eq(testenv_read(path, "x"), "his");
	testenv_write(folder, "a", NEW);
	ck_assert_int_eq(swap_recover(stage, n, "a", &want, &e, hasher,
			     &displaced, &left, &err),
	    ST_OK);
	ck_assert_str_eq(testenv_read(folder, "a/x"), "his");
	ck_assert_str_eq(in_stage(n), NEW);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_swap_fault");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, faults, 0, 8 * CHANGES);
	tcase_add_loop_test(tc, deaths, 0, 4 * CHANGES);
	tcase_add_loop_test(tc, recovery, 0, 14);
	tcase_add_test(tc, recover_folder);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
