/* SPDX-License-Identifier: MIT */
/* Opening a root, refusing what is none, and finding the way inside it. */
#include "config.h"

#include <sys/wait.h>

#include <stdlib.h>

#include "core/entry.h"
#include "core/path.h"
#include "fs/root.h"
#include "testenv.h"
#include "unit.h"

static char folder[UNIT_FOLDER];
static struct testenv te;
static struct err err;

static void
setup(void)
{
	unit_folder(folder);
	testenv_init(&te);
}

static void
teardown(void)
{
	unit_folder_remove(folder);
}

static const char *
path_of(const char *name)
{
	static char path[8192];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static struct root *
opened(void)
{
	struct root *root = NULL;

	ck_assert_msg(root_open(&te.env, folder, NULL, false, &root, &err) ==
		ST_OK,
	    "%s", err.text);
	return root;
}

/* Opening makes .dsync, private, with all that belongs there; twice is fine. */
START_TEST(makes_private)
{
	AUTO(root) struct root *root = NULL;
	struct stat st;

	/* Too open by somebody's hand: closed again. */
	if (_i == 1)
		ck_assert_int_eq(mkdir(path_of(".dsync"), 0755), 0);
	root_free(opened());
	root = opened();
	ck_assert_int_eq(lstat(path_of(".dsync"), &st), 0);
	ck_assert_int_eq(st.st_mode, S_IFDIR | 0700);
	ck_assert_int_eq(lstat(path_of(".dsync/stage"), &st), 0);
	ck_assert_int_eq(st.st_mode, S_IFDIR | 0700);
	ck_assert_int_eq(lstat(path_of(".dsync/versions"), &st), 0);
	ck_assert_int_eq(st.st_mode, S_IFDIR | 0700);
	ck_assert_str_eq(testenv_read(folder, ".dsync/.gitignore"), "*\n");
	ck_assert(!testenv_exists(folder, ".dsync/write.tmp"));
	ck_assert_str_eq(root_path(root), folder);
	ck_assert_ptr_eq(root_env(root), &te.env);
	ck_assert_int_ne(root_fd(root), -1);
	ck_assert_int_ne(root_private_fd(root), -1);
	ck_assert_int_eq(root_granularity(root), 10000000);
	ck_assert(!root_is_network(root));
}
END_TEST

/* Looking only, nothing is made, and what is there is used. */
START_TEST(read_only)
{
	struct root *root = NULL;
	char buf[20];

	ck_assert_int_eq(root_open(&te.env, folder, NULL, true, &root, &err),
	    ST_OK);
	ck_assert(!testenv_exists(folder, ".dsync"));
	ck_assert_int_eq(root_private_fd(root), -1);
	ck_assert_int_eq(root_lock(root, &err), ST_OK);
	ck_assert_int_eq(root_granularity(root), 10000000);
	ck_assert_int_eq(root_read_private(root, "id", buf, sizeof(buf), &err),
	    ST_NOENT);
	root_free(root);
	root_free(opened());
	ck_assert_int_eq(root_open(&te.env, folder, NULL, true, &root, &err),
	    ST_OK);
	ck_assert_int_ne(root_private_fd(root), -1);
	ck_assert_int_eq(root_lock(root, &err), ST_OK);
	ck_assert(!testenv_exists(folder, ".dsync/lock"));
	root_free(root);
}
END_TEST

/* What may not be a root is refused, with its name and the reason. */
START_TEST(refused)
{
	static const struct {
		const char *name; /* in the folder, or absolute */
		const char *text;
	} cases[] = {
		{ "nothing", "nothing: no such folder" },
		{ "file", "file: not a folder" },
		{ "/", "/: is the root of the file system" },
		{ "../../..", "is the root of the file system" },
		{ "home", "home: is a home folder" },
		{ "homelink", "homelink: is a home folder" },
		{ "a", "a: its .dsync is not a folder" },
		{ "b", "b: its .dsync is not a folder" },
		{ "c\n", "c\\n: no such folder" },
	};
	char home[100], command[400];
	size_t i;
	int ro;

	snprintf(home, sizeof(home), "%s/home", folder);
	snprintf(command, sizeof(command),
	    "cd %s && mkdir home a b x && touch file a/.dsync && "
	    "ln -s ../x b/.dsync && ln -s home homelink",
	    folder);
	ck_assert_int_eq(system(command), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (ro = 0; ro < 2; ro++) {
			struct root *root = NULL;
			const char *path = cases[i].name;

			if (path[0] != '/')
				path = path_of(path);
			ck_assert_int_eq(root_open(&te.env, path, home, ro == 1,
					     &root, &err),
			    ST_FOLDER);
			ck_assert_msg(strstr(err.text, cases[i].text) != NULL,
			    "%s", err.text);
			ck_assert_ptr_null(root);
		}
	ck_assert(!testenv_exists(folder, "home/.dsync"));
	ck_assert(!testenv_exists(folder, "x/stage"));
}
END_TEST

/* Somebody else's .dsync is not ours to write to. */
START_TEST(foreign_private)
{
	struct root *root = NULL;

	if (geteuid() != 0)
		return; /* only root can give folders away */
	ck_assert_int_eq(mkdir(path_of(".dsync"), 0777), 0);
	ck_assert_int_eq(chown(path_of(".dsync"), 12345, 12345), 0);
	ck_assert_int_eq(root_open(&te.env, folder, NULL, false, &root, &err),
	    ST_FOLDER);
	ck_assert_ptr_nonnull(strstr(err.text, "another user"));
}
END_TEST

/* A symlink to the folder is a person's way of naming it. */
START_TEST(by_symlink)
{
	AUTO(root) struct root *root = NULL;
	char link[UNIT_FOLDER + 8];

	snprintf(link, sizeof(link), "%s.link", folder);
	ck_assert_int_eq(symlink(folder, link), 0);
	ck_assert_int_eq(root_open(&te.env, link, NULL, false, &root, &err),
	    ST_OK);
	ck_assert_str_eq(root_path(root), folder);
	unlink(link);
}
END_TEST

/* Any call failing: an error, no half root, and the next try succeeds. */
START_TEST(open_faults)
{
	struct root *root = NULL;
	enum status st;
	int k;

	for (k = 1;; k++) {
		testenv_fail(&te, NULL, k, EIO);
		st = root_open(&te.env, folder, "/nowhere", false, &root, &err);
		te.fail_at = 0;
		if (st == ST_OK)
			root_free(root);
		else
			ck_assert(st == ST_IO || st == ST_FOLDER);
		if (!te.failed)
			break;
		root_free(opened());
		ck_assert_str_eq(testenv_read(folder, ".dsync/.gitignore"),
		    "*\n");
		if (k % 2 == 0)
			unit_folder_remove(path_of(".dsync"));
	}
	ck_assert_int_ge(k, 8);
}
END_TEST

/* Nesting is about whole names, not about letters. */
START_TEST(nesting)
{
	static const struct {
		const char *a, *b;
		bool nested;
	} cases[] = {
		{ "/a", "/a", true },
		{ "/a", "/a/b", true },
		{ "/a/b", "/a", true },
		{ "/a", "/ab", false },
		{ "/ab", "/a", false },
		{ "/a/b", "/a/c", false },
		{ "/", "/a", true },
		{ "/a/", "/a", true },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(root_nested(cases[i].a, cases[i].b) ==
			cases[i].nested,
		    "%s %s", cases[i].a, cases[i].b);
}
END_TEST

/* True if fd is the folder of that name. */
static bool
is_folder(int fd, const char *name)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && stat(path_of(name), &b) == 0 &&
	    a.st_ino == b.st_ino;
}

/* The folder of a path: found, made if asked for, and never by a symlink. */
START_TEST(parents)
{
	AUTO(root) struct root *root = opened();
	const char *name;
	struct stat st;
	mode_t before;
	int fd;

	ck_assert_int_eq(root_parent(root, "top", false, &fd, &name, &err),
	    ST_OK);
	ck_assert_int_eq(fd, root_fd(root));
	ck_assert_str_eq(name, "top");
	ck_assert_int_eq(root_parent(root, "a/b/c", false, &fd, &name, &err),
	    ST_NOENT);
	ck_assert(!testenv_exists(folder, "a"));
	before = umask(027);
	ck_assert_int_eq(root_parent(root, "a/-b\n/\xff", true, &fd, &name,
			     &err),
	    ST_OK);
	umask(before);
	ck_assert(is_folder(fd, "a/-b\n"));
	ck_assert_str_eq(name, "\xff");
	ck_assert_int_eq(stat(path_of("a"), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0750);
	ck_assert_int_eq(root_parent(root, "a/x", false, &fd, &name, &err),
	    ST_OK);
	ck_assert(is_folder(fd, "a"));
	ck_assert_int_eq(root_parent(root, ".dsync/x", false, &fd, &name, &err),
	    ST_REFUSED);
	ck_assert_int_eq(root_parent(root, "../x", true, &fd, &name, &err),
	    ST_REFUSED);
	testenv_write(folder, "file", "x");
	ck_assert_int_eq(symlink("a", path_of("link")), 0);
	ck_assert_int_eq(root_parent(root, "file/x", true, &fd, &name, &err),
	    ST_EXIST);
	ck_assert_int_eq(root_parent(root, "link/x", true, &fd, &name, &err),
	    ST_EXIST);
	ck_assert_int_eq(root_parent(root, "link/d/x", true, &fd, &name, &err),
	    ST_EXIST);
	ck_assert_int_eq(root_parent(root, "a/file/d/x", true, &fd, &name,
			     &err),
	    ST_OK);
	testenv_fail(&te, "openat", 1, EACCES);
	ck_assert_int_eq(root_parent(root, "new/x", true, &fd, &name, &err),
	    ST_IO);
	testenv_fail(&te, "mkdirat", 1, EROFS);
	ck_assert_int_eq(root_parent(root, "new/x", true, &fd, &name, &err),
	    ST_IO);
	testenv_fail(&te, "mkdirat", 1, ENOSPC);
	ck_assert_int_eq(root_parent(root, "new/x", true, &fd, &name, &err),
	    ST_NOSPC);
}
END_TEST

/* Folders are cached, the last two for sure, until they are forgotten. */
START_TEST(caching)
{
	AUTO(root) struct root *root = opened();
	const char *name;
	char path[20];
	int i, fd, last = -1;

	for (i = 0; i < 30; i++) {
		snprintf(path, sizeof(path), "d%d/x", i);
		ck_assert_int_eq(root_parent(root, path, true, &fd, &name,
				     &err),
		    ST_OK);
		if (last != -1) {
			snprintf(path, sizeof(path), "d%d", i - 1);
			ck_assert(is_folder(last, path));
		}
		last = fd;
	}
	testenv_fail(&te, "openat", 1, EMFILE);
	ck_assert_int_eq(root_parent(root, "d29/y", false, &fd, &name, &err),
	    ST_OK);
	ck_assert_int_eq(root_parent(root, "d25/y", false, &fd, &name, &err),
	    ST_OK);
	ck_assert(!te.failed);
	root_forget(root);
	ck_assert_int_eq(root_parent(root, "d29/y", false, &fd, &name, &err),
	    ST_IO);
	ck_assert_int_eq(root_parent(root, "d29/y", false, &fd, &name, &err),
	    ST_OK);
}
END_TEST

/* Empty folders go, from the deepest up; the first that is not ends it. */
START_TEST(pruning)
{
	AUTO(root) struct root *root = opened();
	const char *name;
	int fd;

	ck_assert_int_eq(root_parent(root, "a/b/c/d/x", true, &fd, &name, &err),
	    ST_OK);
	testenv_write(folder, "a/file", "x");
	root_prune(root, "a/b/c/d/x");
	ck_assert(!testenv_exists(folder, "a/b"));
	ck_assert(testenv_exists(folder, "a/file"));
	/* The cache knows of it. */
	ck_assert_int_eq(root_parent(root, "a/b/c/d/x", false, &fd, &name,
			     &err),
	    ST_NOENT);
	ck_assert_int_eq(unlink(path_of("a/file")), 0);
	root_prune(root, "a/file");
	ck_assert(!testenv_exists(folder, "a"));
	root_prune(root, "nothing/here");
	root_prune(root, "top");
	root_prune(root, "../x");
	ck_assert(testenv_exists(folder, ""));
}
END_TEST

static int
calls(const char *op)
{
	size_t i;

	for (i = 0; te.seen[i].op != NULL; i++)
		if (strcmp(te.seen[i].op, op) == 0)
			return te.seen[i].n;
	return 0;
}

/* A folder is synced; what was made above it, once; what is gone, above. */
START_TEST(syncing)
{
	AUTO(root) struct root *root = opened();
	const char *name;
	int fd;

	ck_assert_int_eq(root_parent(root, "a/b/x", true, &fd, &name, &err),
	    ST_OK);
	testenv_fail(&te, NULL, 0, 0);
	ck_assert_int_eq(root_sync_parent(root, "a/b/x", &err), ST_OK);
	ck_assert_int_eq(calls("syncfs"), 1);
	ck_assert_int_eq(root_sync_parent(root, "a/b/x", &err), ST_OK);
	ck_assert_int_eq(calls("syncfs"), 1);
	ck_assert_int_eq(calls("fsync"), 1);
	root_prune(root, "a/b/x");
	ck_assert_int_eq(root_sync_parent(root, "a/b/x", &err), ST_OK);
	ck_assert_int_eq(calls("fsync"), 2);
	testenv_fail(&te, "fsync", 1, EIO);
	ck_assert_int_eq(root_sync_parent(root, "x", &err), ST_IO);
	testenv_fail(&te, "fsync", 1, EINVAL);
	ck_assert_int_eq(root_sync_parent(root, "x", &err), ST_OK);
	ck_assert_int_eq(root_sync_parent(root, "../x", &err), ST_REFUSED);
}
END_TEST

/* Files open for reading, and are looked at, but not through symlinks. */
START_TEST(files)
{
	AUTO(root) struct root *root = opened();
	static const struct {
		const char *path;
		enum status open, stat;
	} cases[] = {
		{ "a", ST_OK, ST_OK },
		{ "d/a", ST_OK, ST_OK },
		{ "nothing", ST_NOENT, ST_NOENT },
		{ "d/nothing", ST_NOENT, ST_NOENT },
		{ "a/x", ST_NOENT, ST_NOENT },
		{ "d", ST_IO, ST_OK },
		{ "link", ST_IO, ST_OK },
		{ "dlink/a", ST_IO, ST_IO },
		{ "fifo", ST_IO, ST_OK },
		{ "../a", ST_IO, ST_IO },
	};
	struct stamp opened_stamp, stamp;
	char command[300];
	size_t i;

	snprintf(command, sizeof(command),
	    "cd %s && mkdir d && echo x >a && echo y >d/a && ln -s a link && "
	    "ln -s d dlink && mkfifo fifo",
	    folder);
	ck_assert_int_eq(system(command), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		autoclose int fd = -1;
		enum status st;

		st = root_open_file(root, cases[i].path, &fd, &opened_stamp,
		    &err);
		ck_assert_msg(st == cases[i].open, "%s: %d", cases[i].path, st);
		st = root_stat(root, cases[i].path, &stamp, &err);
		ck_assert_msg(st == cases[i].stat, "%s: %d", cases[i].path, st);
		ck_assert((fd != -1) == (cases[i].open == ST_OK));
		if (fd != -1)
			ck_assert(stamp_equal(&stamp, &opened_stamp));
	}
	ck_assert_int_eq(root_stat(root, "link", &stamp, &err), ST_OK);
	ck_assert(S_ISLNK(stamp.mode));
}
END_TEST

/* Our own small files: written whole, read whole, or not at all. */
START_TEST(private_files)
{
	AUTO(root) struct root *root = opened();
	char buf[8];
	int fd, k;

	ck_assert_int_eq(root_write_private(root, "id", "1234567", &err),
	    ST_OK);
	ck_assert_int_eq(root_read_private(root, "id", buf, sizeof(buf), &err),
	    ST_OK);
	ck_assert_str_eq(buf, "1234567");
	ck_assert_int_eq(root_make_private(root, "id", "another", &err),
	    ST_EXIST);
	ck_assert_str_eq(testenv_read(folder, ".dsync/id"), "1234567");
	ck_assert_int_eq(root_make_private(root, "made", "new", &err), ST_OK);
	ck_assert_str_eq(testenv_read(folder, ".dsync/made"), "new");
	ck_assert_int_eq(root_read_private(root, "id", buf, 7, &err),
	    ST_DAMAGED);
	for (k = 1;; k++) {
		testenv_fail(&te, NULL, k, EIO);
		te.shorten = 2;
		if (root_write_private(root, "id", "7654321", &err) == ST_OK)
			break;
		te.fail_at = 0;
		ck_assert_int_eq(root_read_private(root, "id", buf, sizeof(buf),
				     &err),
		    ST_OK);
		ck_assert(
		    strcmp(buf, "1234567") == 0 || strcmp(buf, "7654321") == 0);
		ck_assert(!testenv_exists(folder, ".dsync/write.tmp"));
	}
	te.fail_at = 0;
	ck_assert_int_ge(k, 8);
	ck_assert_int_eq(root_rename_private(root, "id", "old-id", &err),
	    ST_OK);
	ck_assert_str_eq(testenv_read(folder, ".dsync/old-id"), "7654321");
	ck_assert_int_eq(root_rename_private(root, "id", "x", &err), ST_NOENT);
	testenv_write(folder, ".dsync/versions/cafe", "x");
	ck_assert_int_eq(root_open_private(root, "versions/cafe", &fd, &err),
	    ST_OK);
	close(fd);
	ck_assert_int_eq(root_drop_private(root, "versions/cafe", &err), ST_OK);
	ck_assert_int_eq(root_drop_private(root, "versions/cafe", &err), ST_OK);
	ck_assert_int_eq(root_open_private(root, "versions/cafe", &fd, &err),
	    ST_NOENT);
}
END_TEST

/* A temporary file that a dead process left is in nobody's way. */
START_TEST(left_temp)
{
	AUTO(root) struct root *root = opened();

	testenv_write(folder, ".dsync/write.tmp", "half");
	ck_assert_int_eq(root_write_private(root, "id", "whole", &err), ST_OK);
	ck_assert_str_eq(testenv_read(folder, ".dsync/id"), "whole");
	ck_assert(!testenv_exists(folder, ".dsync/write.tmp"));
}
END_TEST

/* One holder at a time; a dead one's lock is free. */
START_TEST(locking)
{
	AUTO(root) struct root *second = opened();
	struct root *first = opened();
	int status;
	pid_t pid;

	ck_assert_int_eq(root_lock(first, &err), ST_OK);
	ck_assert_int_eq(root_lock(second, &err), ST_BUSY);
	ck_assert_ptr_nonnull(strstr(err.text, folder));
	root_free(first);
	ck_assert_int_eq(root_lock(second, &err), ST_OK);
	root_free(second);
	second = NULL;
	pid = fork();
	if (pid == 0) {
		if (root_lock(opened(), &err) != ST_OK)
			_exit(1);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	second = opened();
	ck_assert_int_eq(root_lock(second, &err), ST_OK);
}
END_TEST

/* The folder may be moved while it is held; names are those inside it. */
START_TEST(moved_root)
{
	AUTO(root) struct root *root = NULL;
	struct stamp stamp;
	char from[UNIT_FOLDER + 8];

	ck_assert_int_eq(mkdir(path_of("r"), 0755), 0);
	testenv_write(folder, "r/a", "x");
	ck_assert_int_eq(root_open(&te.env, path_of("r"), NULL, false, &root,
			     &err),
	    ST_OK);
	snprintf(from, sizeof(from), "%s/r", folder);
	ck_assert_int_eq(rename(from, path_of("s")), 0);
	ck_assert_int_eq(symlink("/etc", from), 0);
	ck_assert_int_eq(root_stat(root, "a", &stamp, &err), ST_OK);
	ck_assert_int_eq(root_stat(root, "passwd", &stamp, &err), ST_NOENT);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_root");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, makes_private, 0, 2);
	tcase_add_test(tc, read_only);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, foreign_private);
	tcase_add_test(tc, by_symlink);
	tcase_add_test(tc, open_faults);
	tcase_add_test(tc, nesting);
	tcase_add_test(tc, parents);
	tcase_add_test(tc, caching);
	tcase_add_test(tc, pruning);
	tcase_add_test(tc, syncing);
	tcase_add_test(tc, files);
	tcase_add_test(tc, private_files);
	tcase_add_test(tc, left_temp);
	tcase_add_test(tc, locking);
	tcase_add_test(tc, moved_root);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
