/* SPDX-License-Identifier: MIT */
/*
 * Changing a tree while its user does.  His saves are made from the hook, so
 * that each falls exactly between two system calls; in the end a real process
 * saves as fast as it can.
 */
#include "config.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include "fs/swap.h"
#include "swapping.h"

/*
 * What the user does before the 1st, 2nd, ... rename of ours: a capital saves
 * that letter by a rename, a small one writes it into the file, '-' removes
 * the file, '/' puts a folder there, '.' does nothing.  "left" is what must
 * then be left in the stage.
 */
static const struct race {
	const char *acts;
	const char *at_path; /* "/" a folder, "" nothing */
	enum status st;
	const char *left;
} races_in[] = {
	{ ".", NEW, ST_OK, NULL },
	{ "A", "A", ST_CHANGED, NULL },
	{ "a", "a", ST_CHANGED, NULL },
	{ "AB", "B", ST_CHANGED, "A" },
	{ "aB", "B", ST_CHANGED, "a" },
	{ "Ab", "b", ST_CHANGED, "A" },
	{ "ABC", "C", ST_CHANGED, "B" },
	{ "ABc", "c", ST_CHANGED, "B" },
	{ "AbC", "C", ST_CHANGED, "b" },
	{ "ABCD", "D", ST_CHANGED, "C" },
	{ "ABCDEFGH", "H", ST_CHANGED, "G" },
	{ "-", "", ST_NOENT, NULL },
	{ "A-", "", ST_CHANGED, "A" },
	{ "AB-", "", ST_CHANGED, "B" },
	{ "/", "/", ST_EXIST, NULL },
	{ "A/", "/", ST_CHANGED, "A" },
};

static const struct race races_out[] = {
	{ ".", "", ST_OK, NULL },
	{ "A", "A", ST_CHANGED, NULL },
	{ "a", "a", ST_CHANGED, NULL },
	{ "AB", "B", ST_CHANGED, "A" },
	{ "aB", "B", ST_CHANGED, "a" },
	{ "-", "", ST_NOENT, NULL },
	{ "/", "/", ST_EXIST, NULL },
	{ "A/", "/", ST_CHANGED, "A" },
};

static void
user_acts(char c)
{
	/* Of its own size, for a tick may hide what is written into a file. */
	const char text[4] = { c, c >= 'a' ? c : '\0', c, '\0' };

	if (c == '.')
		return;
	if (c >= 'A' && c <= 'Z') {
		testenv_save(folder, "a", text);
	} else if (c == '-') {
		ck_assert_int_eq(unlink(path_of("a")), 0);
	} else if (c == '/') {
		remove(path_of("a"));
		ck_assert_int_eq(mkdir(path_of("a"), 0755), 0);
	} else {
		testenv_write(folder, "a", text);
	}
}

static int
race_hook(struct testenv *t, const char *op, int count)
{
	const char *acts = t->ctx;

	if (strcmp(op, "renameat2") == 0 && (size_t)count <= strlen(acts))
		user_acts(acts[count - 1]);
	return 0;
}

static bool
says(const char *text, const char *want)
{
	return strncmp(text, want, strlen(want)) == 0;
}

static void
check_race(const struct race *r, enum status st, uint64_t n)
{
	ck_assert_msg(st == r->st, "%s: %d", r->acts, st);
	if (strcmp(r->at_path, "/") == 0) {
		ck_assert_int_eq(rmdir(path_of("a")), 0);
	} else {
		ck_assert_msg(says(testenv_read(folder, "a"), r->at_path),
		    "%s: \"%s\"", r->acts, testenv_read(folder, "a"));
		ck_assert_int_eq(testenv_exists(folder, "a"),
		    r->at_path[0] != '\0');
	}
	ck_assert_msg(left == (r->left != NULL), "%s: left %d", r->acts, left);
	if (left)
		ck_assert_msg(says(in_stage(n), r->left), "%s: \"%s\"", r->acts,
		    in_stage(n));
}

/* Replacing against saves: the last one is on top, none is lost. */
START_TEST(race_in)
{
	const struct race *r = &races_in[_i];
	struct swap_expect e;
	uint64_t n = staged(NEW);
	enum status st;

	testenv_write(folder, "a", OLD);
	e = expected("a", OLD, true);
	testenv_fail(&te, NULL, 0, 0);
	te.hook = race_hook;
	te.ctx = (void *)(uintptr_t)r->acts;
	st = swap_in(stage, n, "a", &e, hasher, &stamp, &left, &err);
	te.hook = NULL;
	check_race(r, st, n);
	if (st == ST_OK)
		ck_assert_str_eq(in_stage(n), OLD);
	else if (!left)
		ck_assert_str_eq(in_stage(n), NEW);
}
END_TEST

/* The same for taking away. */
START_TEST(race_out)
{
	const struct race *r = &races_out[_i];
	uint64_t n = stage_next(stage);
	struct swap_expect e;
	enum status st;

	testenv_write(folder, "a", OLD);
	e = expected("a", OLD, true);
	testenv_fail(&te, NULL, 0, 0);
	te.hook = race_hook;
	te.ctx = (void *)(uintptr_t)r->acts;
	st = swap_out(stage, n, "a", &e, hasher, &left, &err);
	te.hook = NULL;
	check_race(r, st, n);
}
END_TEST

/* Moving: the save goes back to its name, or both are in sight. */
START_TEST(race_move)
{
	static const struct {
		const char *acts, *at_a, *at_b;
		enum status st;
	} cases[] = {
		{ "A", "A", "", ST_CHANGED },
		{ "a", "a", "", ST_CHANGED },
		{ "AB", "B", "A", ST_CHANGED },
		{ "-", "", "", ST_NOENT },
	};
	struct swap_expect e;
	enum status st;

	testenv_write(folder, "a", OLD);
	e = expected("a", OLD, true);
	testenv_fail(&te, NULL, 0, 0);
	te.hook = race_hook;
	te.ctx = (void *)(uintptr_t)cases[_i].acts;
	st = swap_move(stage, "a", "b", &e, hasher, &stamp, &err);
	te.hook = NULL;
	ck_assert_int_eq(st, cases[_i].st);
	ck_assert(says(testenv_read(folder, "a"), cases[_i].at_a));
	ck_assert(path_is("b", cases[_i].at_b));
}
END_TEST

static int
save_when_done(struct testenv *t, const char *op, int count)
{
	/* The lease is asked for after the exchange. */
	if (strcmp(op, "fcntl") == 0 && count == 1) {
		if (t->ctx == NULL)
			testenv_save(folder, "a", "A");
		else
			testenv_write(folder, "a", "a");
	}
	return 0;
}

/* A save right after the exchange: done, and the stamp tells of the save. */
START_TEST(saved_after)
{
	struct swap_expect e;
	uint64_t n = staged(NEW);
	struct stamp now;

	testenv_write(folder, "a", OLD);
	e = expected("a", OLD, true);
	testenv_fail(&te, NULL, 0, 0);
	te.hook = save_when_done;
	te.ctx = _i == 0 ? NULL : &te;
	ck_assert_int_eq(swap_in(stage, n, "a", &e, hasher, &stamp, &left,
			     &err),
	    ST_OK);
	te.hook = NULL;
	ck_assert(path_is("a", _i == 0 ? "A" : "a"));
	ck_assert_str_eq(in_stage(n), OLD);
	ck_assert_int_eq(root_stat(root, "a", &now, &err), ST_OK);
	ck_assert(!stamp_same_file(&stamp, &now));
}
END_TEST

/* Whoever never stops saving ends the game, not his file. */
static int
save_always(struct testenv *t, const char *op, int count)
{
	char text[20];

	(void)t;
	snprintf(text, sizeof(text), "save %d", count);
	if (strcmp(op, "renameat2") == 0)
		testenv_save(folder, "a", text);
	return 0;
}

START_TEST(endless_saves)
{
	struct swap_expect e;
	uint64_t n = staged(NEW);

	testenv_write(folder, "a", OLD);
	e = expected("a", OLD, true);
	testenv_fail(&te, NULL, 0, 0);
	te.hook = save_always;
	ck_assert_int_eq(swap_in(stage, n, "a", &e, hasher, &stamp, &left,
			     &err),
	    ST_CHANGED);
	te.hook = NULL;
	ck_assert(left);
	ck_assert(path_is("a", "save 100"));
	ck_assert_str_eq(in_stage(n), "save 101");
}
END_TEST

#define SAVES 20000

/* Shared with the child: what became of each save. */
struct ledger {
	volatile bool done;
	volatile unsigned char found[SAVES + 1];
};

static void
note(struct ledger *ledger, const char *text)
{
	int i;

	if (sscanf(text, "save %d", &i) == 1)
		ledger->found[i] = 1;
}

/* Saves by exchange, to know what each save itself replaced. */
static void
save_all(struct ledger *ledger)
{
	char temp[8192], path[8192], text[30];
	int i;

	snprintf(temp, sizeof(temp), "%s/.temp", folder);
	snprintf(path, sizeof(path), "%s/a", folder);
	for (i = 1; i <= SAVES; i++) {
		snprintf(text, sizeof(text), "save %d\n", i);
		testenv_write(folder, ".temp", text);
		while (renameat2(AT_FDCWD, temp, AT_FDCWD, path,
			   RENAME_EXCHANGE) == -1)
			if (errno != ENOENT)
				_exit(1);
		note(ledger, testenv_read(folder, ".temp"));
		unlink(temp);
	}
	ledger->done = true;
}

static void
sync_once(struct ledger *ledger, int round, int *swapped)
{
	struct swap_expect e = { 0 };
	struct entry entry;
	enum status st;
	char text[30];
	uint64_t n;

	if (scan_read(root, "a", 0, digest, NULL, &entry, &e.stamp, &err) !=
		ST_OK ||
	    entry.kind != ENTRY_TEXT)
		return;
	e.hash = entry.hash;
	snprintf(text, sizeof(text), "sync %d\n", round);
	n = staged(text);
	st = swap_in(stage, n, "a", &e, hasher, &stamp, &left, &err);
	ck_assert_msg(st == ST_OK || st == ST_CHANGED, "%s", err.text);
	*swapped += st == ST_OK;
	if (st == ST_OK || left)
		note(ledger, in_stage(n));
	stage_drop(stage, n);
}

/* A real race: each of 20,000 saves is current, displaced or left. */
START_TEST(real_race)
{
	struct ledger *ledger = mmap(NULL, sizeof(*ledger),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i, status, swapped = 0, lost = 0;
	pid_t pid;

	testenv_write(folder, "a", "save 0\n");
	pid = fork();
	if (pid == 0) {
		save_all(ledger);
		_exit(0);
	}
	for (i = 0; !ledger->done && waitpid(pid, &status, WNOHANG) == 0; i++) {
		testenv_fail(&te, NULL, 0, 0);
		sync_once(ledger, i, &swapped);
	}
	if (ledger->done)
		waitpid(pid, &status, 0);
	ck_assert(ledger->done);
	note(ledger, testenv_read(folder, "a"));
	for (i = 1; i <= SAVES; i++)
		lost += ledger->found[i] == 0;
	ck_assert_int_eq(lost, 0);
	ck_assert_int_gt(swapped, 10);
	munmap(ledger, sizeof(*ledger));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_swap_race");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, race_in, 0, COUNT(races_in));
	tcase_add_loop_test(tc, race_out, 0, COUNT(races_out));
	tcase_add_loop_test(tc, race_move, 0, 4);
	tcase_add_loop_test(tc, saved_after, 0, 2);
	tcase_add_test(tc, endless_saves);
	tcase_add_test(tc, real_race);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
