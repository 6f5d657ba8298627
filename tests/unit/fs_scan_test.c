/* SPDX-License-Identifier: MIT */
/* The walk over every kind of thing that a folder can hold. */
#include "config.h"

#include "core/path.h"
#include "core/scope.h"
#include "scanning.h"

static struct scan *
walk(void)
{
	struct scan *scan = NULL;

	ck_assert_msg(scan_walk(root, filter, &scan, &err) == ST_OK, "%s",
	    err.text);
	return scan;
}

/* One letter for what the walk says of a path: see the table below. */
static char
letter(const struct scan *scan, const char *path)
{
	const struct scan_file *file;
	size_t i;

	for (i = 0; i < scan_count(scan); i++) {
		file = scan_at(scan, i);
		if (strcmp(file->path, path) != 0)
			continue;
		switch (file->kind) {
		case ENTRY_TEXT:
			return file->cover ? '?' : 't';
		case ENTRY_UNREAD:
			return file->cover ? 'U' : 'u';
		case ENTRY_EXCLUDED:
			return file->cover ? 'X' : 'x';
		default:
			return '?';
		}
	}
	return '-';
}

static const struct {
	const char *path;
	char expect; /* t text, x excluded, X excluded cover, - no entry */
} kinds[] = {
	{ "plain", 't' },
	{ "dir/a", 't' },
	{ "dir.b", 't' },
	{ "dir", '-' },
	{ "line\nbreak", 't' },
	{ "\xff\xfe latin", 't' },
	{ "-dash", 't' },
	{ "empty", 't' },
	{ "large", 'x' },
	{ "skipped.o", 'x' },
	{ "build", 'X' },
	{ "build/x", '-' },
	{ "link", 'X' },
	{ "dirlink", 'X' },
	{ "dirlink/a", '-' },
	{ "dangling", 'X' },
	{ "fifo", 'X' },
	{ "socket", 'X' },
	{ ".hidden", '-' },
	{ ".git", '-' },
	{ ".git/config", '-' },
	{ ".dsync", '-' },
	{ ".dsyncignore", 't' },
	{ "dir/.dsyncignore", 't' },
	{ "dir/only-here", 'x' },
	{ "only-here", 't' },
	{ "dir/sub/.dsync/x", '-' },
	{ "dir/sub/y", 't' },
};

static void
make_kinds(void)
{
	char big[1002], name255[256];

	memset(big, 'x', sizeof(big));
	big[1001] = '\0';
	memset(name255, 'n', 255);
	name255[255] = '\0';
	make_folder("dir");
	make_folder("dir/sub");
	make_folder("dir/sub/.dsync");
	make_folder("build");
	make_folder(".git");
	testenv_write(folder, "plain", "x");
	testenv_write(folder, "dir/a", "x");
	testenv_write(folder, "dir.b", "x");
	testenv_write(folder, "line\nbreak", "x");
	testenv_write(folder, "\xff\xfe latin", "x");
	testenv_write(folder, "-dash", "x");
	testenv_write(folder, "empty", "");
	testenv_write(folder, "large", big);
	testenv_write(folder, name255, "x");
	testenv_write(folder, "skipped.o", "x");
	testenv_write(folder, "build/x", "x");
	testenv_write(folder, ".hidden", "x");
	testenv_write(folder, ".git/config", "x");
	testenv_write(folder, ".dsyncignore", "*.o\nbuild/\n");
	testenv_write(folder, "dir/.dsyncignore", "only-here\n");
	testenv_write(folder, "dir/only-here", "x");
	testenv_write(folder, "only-here", "x");
	testenv_write(folder, "dir/sub/.dsync/x", "x");
	testenv_write(folder, "dir/sub/y", "x");
	make_link("link", "plain");
	make_link("dirlink", "dir");
	make_link("dangling", "nowhere");
	make_fifo("fifo");
	make_socket("socket");
}

/* Each kind of thing is what the rules say, in path order, without problems. */
START_TEST(walk_sees_every_kind)
{
	AUTO(scan) struct scan *scan = NULL;
	char name255[256];
	size_t i;

	make_kinds();
	scan = walk();
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		ck_assert_msg(letter(scan, kinds[i].path) == kinds[i].expect,
		    "%s: %c, not %c", kinds[i].path,
		    letter(scan, kinds[i].path), kinds[i].expect);
	memset(name255, 'n', 255);
	name255[255] = '\0';
	ck_assert_int_eq(letter(scan, name255), 't');
	for (i = 1; i < scan_count(scan); i++)
		ck_assert_str_lt(scan_at(scan, i - 1)->path,
		    scan_at(scan, i)->path);
	ck_assert_uint_eq(scan_problem_count(scan), 0);
}
END_TEST

/* Asked for one path, the answer is the walk's (hidden ones apart). */
START_TEST(look_agrees_with_walk)
{
	AUTO(scan) struct scan *scan = NULL;
	struct scan_file file;
	size_t i;
	char c;

	make_kinds();
	scan = walk();
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ck_assert_int_eq(scan_look(root, filter, kinds[i].path, &file,
				     &err),
		    ST_OK);
		c = kinds[i].expect;
		if (c == '-')
			ck_assert_msg(file.kind == ENTRY_EXCLUDED ||
				file.kind == ENTRY_ABSENT,
			    "%s", kinds[i].path);
		else
			ck_assert_msg((c == 't') == (file.kind == ENTRY_TEXT),
			    "%s: %d", kinds[i].path, file.kind);
	}
	ck_assert_int_eq(scan_look(root, filter, "nothing", &file, &err),
	    ST_OK);
	ck_assert_int_eq(file.kind, ENTRY_ABSENT);
	ck_assert_int_eq(scan_look(root, filter, "plain/below", &file, &err),
	    ST_OK);
	ck_assert_int_eq(file.kind, ENTRY_ABSENT);
	ck_assert_int_eq(scan_look(root, filter, "dirlink/a", &file, &err),
	    ST_OK);
	ck_assert_int_eq(file.kind, ENTRY_EXCLUDED);
	testenv_fail(&te, "fstatat", 1, EACCES);
	ck_assert_int_eq(scan_look(root, filter, "plain", &file, &err), ST_OK);
	ck_assert_int_eq(file.kind, ENTRY_UNREAD);
	ck_assert_ptr_nonnull(strstr(err.text, "plain"));
}
END_TEST

/* A folder that may be entered and not be listed hides no file. */
START_TEST(look_into_an_unlisted_folder)
{
	struct scan_file file;

	make_folder("dir");
	testenv_write(folder, "dir/a", "x");
	root_forget(root);
	testenv_fail(&te, "openat", 1, EACCES);
	ck_assert_int_eq(scan_look(root, filter, "dir/a", &file, &err), ST_OK);
	ck_assert_int_eq(file.kind, ENTRY_TEXT);
}
END_TEST

/* Each step of a walk of a part sees where its paths lead to by then. */
START_TEST(each_step_looks_anew)
{
	AUTO(scan_job) struct scan_job *job = NULL;
	AUTO(scope) struct scope *scope = NULL;
	const struct scan *scan;
	char from[UNIT_FOLDER + 16], to[UNIT_FOLDER + 16];
	bool rules, done = false;

	make_folder("dir");
	testenv_write(folder, "dir/a", "x");
	testenv_write(folder, "dir/b", "x");
	ck_assert_int_eq(scope_new(&scope), ST_OK);
	ck_assert_int_eq(scope_add(scope, "dir/a", false), ST_OK);
	ck_assert_int_eq(scope_add(scope, "dir/b", false), ST_OK);
	ck_assert_int_eq(scope_close(scope), ST_OK);
	ck_assert_int_eq(scan_job_new_part(root, filter, scope, &rules, &job),
	    ST_OK);
	/* The folder, as a path, and the first file. */
	ck_assert_int_eq(scan_job_step(job, 2, &done, &scan, &err), ST_OK);
	ck_assert_uint_eq(scan_count(scan), 1);
	ck_assert_str_eq(scan_at(scan, 0)->path, "dir/a");
	snprintf(from, sizeof(from), "%s/dir", folder);
	snprintf(to, sizeof(to), "%s/old", folder);
	ck_assert_int_eq(rename(from, to), 0);
	make_folder("dir");
	while (!done) {
		ck_assert_int_eq(scan_job_step(job, 2, &done, &scan, &err),
		    ST_OK);
		ck_assert_uint_eq(scan_count(scan), 0);
	}
}
END_TEST

/* What can't be read is UNREAD, never absent, and the walk goes on. */
START_TEST(unreadable_is_not_absent)
{
	static const struct {
		const char *op;
		int errnum;
	} faults[] = {
		{ "openat", EACCES },
		{ "openat", EMFILE },
		{ "fstat", EIO },
		{ "fdopendir", EIO },
		{ "readdir", EIO },
		{ "read", EIO },
	};
	size_t i;
	int k;

	make_folder("b");
	testenv_write(folder, "a", "x");
	testenv_write(folder, "b/.dsyncignore", "z\n");
	testenv_write(folder, "b/1", "x");
	testenv_write(folder, "b/2", "x");
	testenv_write(folder, "b.c", "x");
	testenv_write(folder, "c", "x");
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		for (k = 1;; k++) {
			AUTO(scan) struct scan *scan = NULL;
			enum status st;

			testenv_fail(&te, faults[i].op, k, faults[i].errnum);
			st = scan_walk(root, filter, &scan, &err);
			if (!te.failed)
				break;
			if (st != ST_OK)
				continue; /* the root itself */
			ck_assert_int_eq(letter(scan, "a"), 't');
			ck_assert_int_eq(letter(scan, "b.c"), 't');
			ck_assert_int_eq(letter(scan, "c"), 't');
			ck_assert_int_eq(letter(scan, "b"), 'U');
			ck_assert_int_eq(letter(scan, "b/1"), '-');
			ck_assert_uint_eq(scan_count(scan), 4);
			ck_assert_uint_eq(scan_problem_count(scan), 1);
			ck_assert_str_eq(scan_problem_at(scan, 0)->path, "b");
		}
		ck_assert_int_gt(k, 1);
	}
}
END_TEST

/* a has these files from `from` on. */
static void
has_files(const struct scan *a, size_t from, const struct scan *part)
{
	const struct scan_file *x, *y;
	size_t i;

	ck_assert_uint_ge(scan_count(a), from + scan_count(part));
	for (i = 0; i < scan_count(part); i++) {
		x = scan_at(a, from + i);
		y = scan_at(part, i);
		ck_assert_str_eq(x->path, y->path);
		ck_assert_int_eq(x->kind, y->kind);
		ck_assert_int_eq(x->cover, y->cover);
		ck_assert(stamp_equal(&x->stamp, &y->stamp));
	}
}

/* A folder of 40 files, rules, a binary, a folder in a folder. */
static void
make_some(void)
{
	char name[20];
	int i;

	make_folder("d");
	make_folder("d/e");
	make_folder("empty");
	make_link("link", "d");
	testenv_write(folder, "d/.dsyncignore", "*3\n");
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "%s%d",
		    i < 10     ? "" :
			i < 30 ? "d/" :
				 "d/e/",
		    i);
		testenv_write(folder, name, "x");
	}
}

/* A walk in steps finds what one in one go does, and no step does more. */
START_TEST(in_steps)
{
	static const size_t shares[] = { 1, 2, 3, 7, 41, 1000 };
	const size_t share = shares[_i];
	AUTO(scan_job) struct scan_job *job = NULL;
	AUTO(scan) struct scan *whole = NULL;
	const struct scan *scan;
	size_t steps = 0, seen = 0;
	bool done = false;

	make_some();
	whole = walk();
	ck_assert_int_eq(scan_job_new(root, filter, &job), ST_OK);
	for (; !done; steps++) {
		testenv_fail(&te, NULL, 0, 0);
		ck_assert_int_eq(scan_job_step(job, share, &done, &scan, &err),
		    ST_OK);
		/* At most 7 calls for a folder, and one for a name. */
		ck_assert_uint_le((size_t)te.calls, 60 + 8 * share);
		has_files(whole, seen, scan);
		seen += scan_count(scan);
	}
	ck_assert_uint_ge(steps, 40 / share);
	ck_assert_uint_eq(seen, scan_count(whole));
	ck_assert_uint_eq(scan_problem_count(scan), scan_problem_count(whole));
}
END_TEST

/* One that is given up in the middle of a folder leaves nothing open. */
START_TEST(given_up)
{
	AUTO(scan_job) struct scan_job *job = NULL;
	const struct scan *scan;
	int fd = dup(0), i;
	bool done;

	make_some();
	close(fd);
	ck_assert_int_eq(scan_job_new(root, filter, &job), ST_OK);
	for (i = 0; i <= _i * 5; i++)
		ck_assert_int_eq(scan_job_step(job, 1, &done, &scan, &err),
		    ST_OK);
	ck_assert(!done);
	scan_job_free(job);
	job = NULL;
	i = dup(0);
	ck_assert_int_eq(i, fd);
	close(i);
}
END_TEST

/* The k-th lstat failing takes out that file and no other. */
START_TEST(unreadable_file)
{
	int k, seen = 0;

	testenv_write(folder, "a", "x");
	testenv_write(folder, "b", "x");
	testenv_write(folder, "c", "x");
	for (k = 1; k <= 3; k++) {
		AUTO(scan) struct scan *scan = NULL;

		testenv_fail(&te, "fstatat", k, EIO);
		scan = walk();
		ck_assert_uint_eq(scan_count(scan), 3);
		ck_assert_uint_eq(scan_problem_count(scan), 1);
		seen += letter(scan, "a") == 'U' ? 1 : 0;
		seen += letter(scan, "b") == 'U' ? 1 : 0;
		seen += letter(scan, "c") == 'U' ? 1 : 0;
	}
	ck_assert_int_eq(seen, 3);
}
END_TEST

static int
vanish(struct testenv *t, const char *op, int count)
{
	char path[8192];

	(void)count;
	if (strcmp(op, "fstatat") == 0) {
		snprintf(path, sizeof(path), "%s/%s", folder,
		    (const char *)t->ctx);
		remove(path);
	}
	return 0;
}

/* A file that goes between its name and its stat is no problem. */
START_TEST(vanishing)
{
	AUTO(scan) struct scan *scan = NULL;

	testenv_write(folder, "a", "x");
	te.hook = vanish;
	te.ctx = (void *)(uintptr_t) "a";
	scan = walk();
	ck_assert_uint_eq(scan_count(scan), 0);
	ck_assert_uint_eq(scan_problem_count(scan), 0);
}
END_TEST

static int
swap_for_symlink(struct testenv *t, const char *op, int count)
{
	char from[8192], to[8192];

	(void)t;
	/* The root is opened first, then the folder. */
	if (strcmp(op, "openat") == 0 && count == 2) {
		snprintf(from, sizeof(from), "%s/b", folder);
		snprintf(to, sizeof(to), "%s/moved", folder);
		ck_assert_int_eq(rename(from, to), 0);
		ck_assert_int_eq(symlink("/etc", from), 0);
	}
	return 0;
}

/* A folder that becomes a symlink while walking is not followed. */
START_TEST(folder_becomes_symlink)
{
	AUTO(scan) struct scan *scan = NULL;

	make_folder("b");
	testenv_write(folder, "b/1", "x");
	testenv_fail(&te, NULL, 0, 0);
	te.hook = swap_for_symlink;
	scan = walk();
	ck_assert_uint_eq(scan_count(scan), 1);
	ck_assert_int_eq(letter(scan, "b"), 'U');
	ck_assert_uint_eq(scan_problem_count(scan), 1);
}
END_TEST

/* A rules file that is too large, or no file, is left aside. */
START_TEST(bad_rules)
{
	AUTO(scan) struct scan *scan = NULL;
	autofree char *big = malloc(FILTER_FILE_LIMIT + 2);

	memset(big, 'r', FILTER_FILE_LIMIT + 1);
	big[FILTER_FILE_LIMIT + 1] = '\0';
	make_folder("b");
	make_folder("c");
	testenv_write(folder, "b/.dsyncignore", big);
	testenv_write(folder, "b/1", "x");
	testenv_write(folder, "c/1", "x");
	testenv_write(folder, "rules", "1\n");
	make_link("c/.dsyncignore", "../rules");
	scan = walk();
	ck_assert_int_eq(letter(scan, "b/1"), 't');
	ck_assert_int_eq(letter(scan, "c/1"), 't');
	ck_assert_int_eq(letter(scan, "c/.dsyncignore"), 'X');
	ck_assert_uint_eq(scan_problem_count(scan), 1);
	ck_assert_str_eq(scan_problem_at(scan, 0)->path, "b");
}
END_TEST

/* Rules that were removed don't bind the next walk. */
START_TEST(rules_are_forgotten)
{
	struct scan *scan;
	char path[8192];

	testenv_write(folder, ".dsyncignore", "a\n");
	testenv_write(folder, "a", "x");
	scan = walk();
	ck_assert_int_eq(letter(scan, "a"), 'x');
	scan_free(scan);
	snprintf(path, sizeof(path), "%s/.dsyncignore", folder);
	ck_assert_int_eq(unlink(path), 0);
	scan = walk();
	ck_assert_int_eq(letter(scan, "a"), 't');
	scan_free(scan);
}
END_TEST

/* As deep as may be is walked; deeper is a problem, and the walk goes on. */
START_TEST(too_deep)
{
	AUTO(scan) struct scan *scan = NULL;
	char path[PATH_LIMIT] = "";
	int i, at = open(folder, O_RDONLY | O_DIRECTORY), next, fd;

	for (i = 1; i <= PATH_DEPTH_LIMIT; i++) {
		ck_assert_int_eq(mkdirat(at, "d", 0755), 0);
		next = openat(at, "d", O_RDONLY | O_DIRECTORY);
		close(at);
		at = next;
		fd = openat(at, "f", O_WRONLY | O_CREAT, 0644);
		close(fd);
	}
	close(at);
	testenv_write(folder, "z", "x");
	scan = walk();
	for (i = 1; i < PATH_DEPTH_LIMIT; i++)
		strcat(path, "d/");
	strcat(path, "f");
	ck_assert_int_eq(letter(scan, path), 't');
	path[strlen(path) - 1] = 'd';
	ck_assert_int_eq(letter(scan, path), 'U');
	ck_assert_int_eq(letter(scan, "z"), 't');
	ck_assert_uint_eq(scan_count(scan), PATH_DEPTH_LIMIT + 1);
	ck_assert_uint_eq(scan_problem_count(scan), 1);
}
END_TEST

/* Paths that are too long are problems, the longest that are not are seen. */
START_TEST(too_long)
{
	AUTO(scan) struct scan *scan = NULL;
	char name[251], clean[UNIT_FOLDER + 20];
	int i, at = open(folder, O_RDONLY | O_DIRECTORY), next;

	memset(name, 'l', 250);
	name[250] = '\0';
	for (i = 0; i < 18; i++) {
		ck_assert_int_eq(mkdirat(at, name, 0755), 0);
		next = openat(at, name, O_RDONLY | O_DIRECTORY);
		close(at);
		at = next;
		close(openat(at, "f", O_WRONLY | O_CREAT, 0644));
	}
	close(at);
	scan = walk();
	/* 16 * 251 + 1 = 4017 fits, the next folder does not. */
	ck_assert_uint_eq(scan_count(scan), 16);
	ck_assert_uint_eq(scan_problem_count(scan), 1);
	/* Too long for nftw(3) as well. */
	snprintf(clean, sizeof(clean), "rm -rf %s/l*", folder);
	ck_assert_int_eq(system(clean), 0);
}
END_TEST

/* Every allocation of a result is accounted for when opening fails. */
START_TEST(root_unreadable)
{
	struct scan *scan = NULL;

	testenv_fail(&te, "openat", 1, EACCES);
	ck_assert_int_eq(scan_walk(root, filter, &scan, &err), ST_IO);
	ck_assert_ptr_nonnull(strstr(err.text, folder));
	testenv_fail(&te, "readdir", 2, EIO);
	ck_assert_int_eq(scan_walk(root, filter, &scan, &err), ST_IO);
	ck_assert_ptr_null(scan);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_scan");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, walk_sees_every_kind);
	tcase_add_test(tc, look_agrees_with_walk);
	tcase_add_test(tc, look_into_an_unlisted_folder);
	tcase_add_test(tc, each_step_looks_anew);
	tcase_add_test(tc, unreadable_is_not_absent);
	tcase_add_test(tc, unreadable_file);
	tcase_add_test(tc, vanishing);
	tcase_add_test(tc, folder_becomes_symlink);
	tcase_add_test(tc, bad_rules);
	tcase_add_test(tc, rules_are_forgotten);
	tcase_add_test(tc, too_deep);
	tcase_add_test(tc, too_long);
	tcase_add_test(tc, root_unreadable);
	tcase_add_loop_test(tc, in_steps, 0, 6);
	tcase_add_loop_test(tc, given_up, 0, 6);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
