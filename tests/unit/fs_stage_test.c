/* SPDX-License-Identifier: MIT */
/* Stages: what is written to them, who owns them, and who sweeps them. */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include <linux/fs.h>

#include "fs/stage.h"
#include "fs/sys.h"
#include "rooted.h"

static const char *
place(const struct stage *stage)
{
	static char path[UNIT_FOLDER + 50];

	snprintf(path, sizeof(path), "%s/.dsync/stage/%s", folder,
	    stage_id(stage));
	return path;
}

/* How many stages there are. */
static int
stages(void)
{
	char path[UNIT_FOLDER + 20];
	struct dirent *d;
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/.dsync/stage", folder);
	dir = opendir(path);
	while ((d = readdir(dir)) != NULL)
		n += d->d_name[0] != '.';
	closedir(dir);
	return n;
}

static uint64_t
put(struct stage *stage, const char *text)
{
	uint64_t n = stage_next(stage);
	int fd;

	ck_assert_int_eq(stage_create(stage, n, &fd, &err), ST_OK);
	ck_assert_int_eq(stage_write(stage, fd, text, strlen(text), &err),
	    ST_OK);
	close(fd);
	return n;
}

/* What was staged can be read back; its numbers are its own. */
START_TEST(round_trip)
{
	AUTO(stage) struct stage *stage = NULL;
	struct stamp stamp;
	uint64_t n, m;
	char buf[20];
	int fd;

	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	ck_assert_uint_eq(strlen(stage_id(stage)), STAGE_ID - 1);
	te.shorten = 3;
	n = put(stage, "hello\n");
	te.shorten = 0;
	m = put(stage, "other\n");
	ck_assert_uint_ne(n, m);
	ck_assert_int_eq(stage_create(stage, n, &fd, &err), ST_EXIST);
	ck_assert_int_eq(stage_open(stage, n, &fd, &stamp, &err), ST_OK);
	ck_assert_int_eq(read(fd, buf, sizeof(buf)), 6);
	ck_assert_uint_eq(stamp.size, 6);
	close(fd);
	stage_drop(stage, n);
	stage_drop(stage, n);
	ck_assert_int_eq(stage_open(stage, n, &fd, &stamp, &err), ST_NOENT);
	ck_assert_int_eq(stage_open(stage, m, &fd, &stamp, &err), ST_OK);
	close(fd);
}
END_TEST

/* Sealing sets the mode by the umask, and the time. */
START_TEST(sealing)
{
	static const struct {
		mode_t umask, mode;
		bool exec;
	} cases[] = {
		{ 022, 0644, false },
		{ 022, 0755, true },
		{ 077, 0600, false },
		{ 002, 0775, true },
		{ 0, 0666, false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(root) struct root *mine = NULL;
		AUTO(stage) struct stage *stage = NULL;
		autoclose int fd = -1;
		mode_t before = umask(cases[i].umask);
		struct stat st;

		ck_assert_int_eq(root_open(&te.env, folder, NULL, false, &mine,
				     &err),
		    ST_OK);
		umask(before);
		ck_assert_int_eq(stage_new(mine, &stage, &err), ST_OK);
		ck_assert_int_eq(stage_create(stage, 1, &fd, &err), ST_OK);
		ck_assert_int_eq(fstat(fd, &st), 0);
		ck_assert_int_eq(st.st_mode & 07777, 0600);
		ck_assert_int_eq(stage_seal(stage, fd, -7, cases[i].exec, &err),
		    ST_OK);
		ck_assert_int_eq(fstat(fd, &st), 0);
		ck_assert_int_eq(st.st_mode & 07777, cases[i].mode);
		ck_assert_int_eq(st.st_mtim.tv_sec, -1);
		ck_assert_int_eq(st.st_mtim.tv_nsec, NSEC - 7);
	}
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

/* A few files are synced one by one, many at once; errors are passed on. */
START_TEST(syncing)
{
	AUTO(stage) struct stage *stage = NULL;
	int fds[9], i;

	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	for (i = 0; i < 9; i++)
		ck_assert_int_eq(stage_create(stage, stage_next(stage), &fds[i],
				     &err),
		    ST_OK);
	testenv_fail(&te, NULL, 0, 0);
	ck_assert_int_eq(stage_sync(stage, fds, 8, &err), ST_OK);
	ck_assert_int_eq(calls("fsync"), 8);
	ck_assert_int_eq(calls("syncfs"), 0);
	ck_assert_int_eq(stage_sync(stage, fds, 9, &err), ST_OK);
	ck_assert_int_eq(calls("fsync"), 8);
	ck_assert_int_eq(calls("syncfs"), 1);
	testenv_fail(&te, "fsync", 8, EIO);
	ck_assert_int_eq(stage_sync(stage, fds, 8, &err), ST_IO);
	testenv_fail(&te, "syncfs", 1, ENOSPC);
	ck_assert_int_eq(stage_sync(stage, fds, 9, &err), ST_NOSPC);
	ck_assert_int_eq(stage_sync_folder(stage, &err), ST_OK);
	testenv_fail(&te, "fsync", 1, EIO);
	ck_assert_int_eq(stage_sync_folder(stage, &err), ST_IO);
	for (i = 0; i < 9; i++)
		close(fds[i]);
}
END_TEST

/* Errors of writing and sealing have their own codes. */
START_TEST(failing)
{
	AUTO(stage) struct stage *stage = NULL;
	autoclose int fd = -1;

	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	testenv_fail(&te, "openat", 1, EMFILE);
	ck_assert_int_eq(stage_create(stage, 1, &fd, &err), ST_IO);
	ck_assert_int_eq(fd, -1);
	testenv_fail(&te, NULL, 0, 0);
	ck_assert_int_eq(stage_create(stage, 1, &fd, &err), ST_OK);
	testenv_fail(&te, "write", 1, ENOSPC);
	ck_assert_int_eq(stage_write(stage, fd, "x", 1, &err), ST_NOSPC);
	testenv_fail(&te, "fchmod", 1, EPERM);
	ck_assert_int_eq(stage_seal(stage, fd, 0, true, &err), ST_IO);
	testenv_fail(&te, "futimens", 1, EPERM);
	ck_assert_int_eq(stage_seal(stage, fd, 0, true, &err), ST_IO);
}
END_TEST

/* Making a stage fails cleanly at every call, and leaves nothing behind. */
START_TEST(failing_new)
{
	int k;

	for (k = 1;; k++) {
		struct stage *stage = NULL;
		enum status st;

		testenv_fail(&te, NULL, k, EIO);
		st = stage_new(root, &stage, &err);
		te.fail_at = 0;
		if (st == ST_OK)
			stage_free(stage);
		else
			ck_assert_ptr_null(stage);
		ck_assert_int_eq(stages(), 0);
		if (!te.failed)
			break;
		ck_assert_int_eq(st, ST_IO);
	}
	ck_assert_int_ge(k, 5);
}
END_TEST

static int
sweep_before_lock(struct testenv *t, const char *op, int count)
{
	char path[300];

	(void)t;
	/* As another process would, that saw the folder before its lock. */
	if (strcmp(op, "flock") == 0 && count <= 3) {
		snprintf(path, sizeof(path),
		    "cd %s/.dsync/stage && for i in *; do mv $i x && "
		    "rmdir x && %s; done",
		    folder, count == 2 ? "mkdir $i" : "true");
		ck_assert_int_eq(system(path), 0);
	}
	return 0;
}

/* A folder that is swept between mkdir and flock is not taken for ours. */
START_TEST(swept_before_lock)
{
	AUTO(stage) struct stage *stage = NULL;

	testenv_fail(&te, NULL, 0, 0);
	te.hook = sweep_before_lock;
	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	te.hook = NULL;
	ck_assert_int_eq(calls("flock"), 4);
	put(stage, "x");
	ck_assert_str_eq(testenv_read(place(stage), "1"), "x");
}
END_TEST

/* A stage removes itself with its files, but nothing that is no file. */
START_TEST(freeing)
{
	struct stage *stage = NULL;
	char path[UNIT_FOLDER + 60];

	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	put(stage, "x");
	put(stage, "y");
	ck_assert_int_eq(stages(), 1);
	stage_free(stage);
	ck_assert_int_eq(stages(), 0);
	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	snprintf(path, sizeof(path), "%s/5", place(stage));
	ck_assert_int_eq(mkdir(path, 0700), 0);
	stage_free(stage);
	ck_assert_int_eq(stages(), 1);
	ck_assert_int_eq(access(path, F_OK), 0);
	stage_free(NULL);
}
END_TEST

/* Kept: under its name among the versions, also if one was there before. */
START_TEST(keeping)
{
	AUTO(stage) struct stage *stage = NULL;
	char versions[UNIT_FOLDER + 20];
	int i;

	snprintf(versions, sizeof(versions), "%s/.dsync/versions", folder);
	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(stage_keep(stage, put(stage, "x"), "cafe",
				     &err),
		    ST_OK);
		ck_assert_str_eq(testenv_read(versions, "cafe"), "x");
	}
	ck_assert_int_eq(stage_keep(stage, 99, "cafe", &err), ST_NOENT);
	testenv_fail(&te, "fsync", 1, EIO);
	ck_assert_int_eq(stage_keep(stage, put(stage, "y"), "beef", &err),
	    ST_IO);
	ck_assert(!testenv_exists(versions, "beef"));
}
END_TEST

struct found {
	int n;
	uint64_t next;
	enum status answer;
	char text[20];
};

static enum status
each_orphan(void *ctx, struct stage *stage, struct err *e)
{
	struct found *f = ctx;
	struct stamp stamp;
	ssize_t n;
	int fd;

	f->n++;
	f->next = stage_next(stage);
	ck_assert_int_eq(stage_open(stage, 1, &fd, &stamp, e), ST_OK);
	n = read(fd, f->text, sizeof(f->text) - 1);
	f->text[n] = '\0';
	close(fd);
	return f->answer;
}

/* A process that makes a stage of three files and is killed. */
static void
make_orphan(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct stage *stage;

		ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
		put(stage, "his");
		put(stage, "2");
		put(stage, "3");
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* A dead process's stage is found, shown and swept; a living one's is not. */
START_TEST(orphans)
{
	AUTO(stage) struct stage *mine = NULL;
	struct found f = { .answer = ST_OK };

	ck_assert_int_eq(stage_new(root, &mine, &err), ST_OK);
	put(mine, "mine");
	ck_assert_int_eq(stage_orphans(root, each_orphan, &f, &err), ST_OK);
	ck_assert_int_eq(f.n, 0);
	make_orphan();
	ck_assert_int_eq(stages(), 2);
	f.answer = ST_IO;
	ck_assert_int_eq(stage_orphans(root, each_orphan, &f, &err), ST_OK);
	ck_assert_int_eq(f.n, 1);
	ck_assert_str_eq(f.text, "his");
	ck_assert_uint_eq(f.next, 4);
	ck_assert_int_eq(stages(), 2);
	f.answer = ST_OK;
	ck_assert_int_eq(stage_orphans(root, each_orphan, &f, &err), ST_OK);
	ck_assert_int_eq(f.n, 2);
	ck_assert_int_eq(stages(), 1);
	ck_assert_int_eq(stage_orphans(root, each_orphan, &f, &err), ST_OK);
	ck_assert_int_eq(f.n, 2);
	ck_assert_str_eq(testenv_read(place(mine), "1"), "mine");
}
END_TEST

/* One that its owner has not locked yet may be taken; it must be empty. */
static enum status
each_empty(void *ctx, struct stage *stage, struct err *e)
{
	struct stamp stamp;
	int fd;

	(void)ctx;
	if (stage_open(stage, 1, &fd, &stamp, e) != ST_NOENT)
		_exit(4);
	return ST_OK;
}

/* Many processes make and sweep at once: none loses its own stage. */
START_TEST(many_at_once)
{
	int i, p, status;
	pid_t pid;

	for (p = 0; p < 4; p++) {
		pid = fork();
		if (pid != 0)
			continue;
		for (i = 0; i < 200; i++) {
			AUTO(stage) struct stage *stage = NULL;

			if (stage_new(root, &stage, &err) != ST_OK)
				_exit(1);
			put(stage, "x");
			if (stage_orphans(root, each_empty, NULL, &err) !=
			    ST_OK)
				_exit(2);
			if (strcmp(testenv_read(place(stage), "1"), "x") != 0)
				_exit(3);
		}
		_exit(0);
	}
	for (p = 0; p < 4; p++) {
		wait(&status);
		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), 0);
	}
	ck_assert_int_eq(stages(), 0);
}
END_TEST

/* Is, or can be, what is in the folder spread over the disk? */
static bool
is_spread(const char *path, bool make)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY);
	int flags = 0;

	ck_assert_int_ne(fd, -1);
	if (make)
		sys_spread(fd);
	ck_assert(ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 || flags == 0);
	close(fd);
	return (flags & FS_TOPDIR_FL) != 0;
}

/* Stages lie far from each other, where the file system can do that. */
START_TEST(spread)
{
	AUTO(stage) struct stage *stage = NULL;
	char path[UNIT_FOLDER + 20];

	snprintf(path, sizeof(path), "%s/.dsync/stage", folder);
	ck_assert(!is_spread(path, false));
	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	ck_assert_int_eq(is_spread(path, false), is_spread(folder, true));
	ck_assert(!is_spread(place(stage), false));
}
END_TEST

/* Much goes through a stage that lasts; what is in it is never left behind. */
START_TEST(renewed)
{
	AUTO(stage) struct stage *stage = NULL;
	struct found f = { .answer = ST_OK };
	char id[STAGE_ID];
	struct stamp stamp;
	uint64_t n = 0;
	int i, fd;

	ck_assert_int_eq(stage_new(root, &stage, &err), ST_OK);
	memcpy(id, stage_id(stage), STAGE_ID);
	stage_renew(stage);
	ck_assert_str_eq(stage_id(stage), id); /* hardly used */
	for (i = 0; i < 1000; i++)
		n = stage_next(stage);
	testenv_fail(&te, "mkdirat", 1, ENOSPC);
	stage_renew(stage);
	ck_assert_str_eq(stage_id(stage), id);
	n = put(stage, "hello\n");
	stage_renew(stage);
	ck_assert_str_eq(stage_id(stage), id); /* not empty */
	ck_assert_int_eq(stages(), 1);
	stage_drop(stage, n);
	stage_renew(stage);
	ck_assert_str_eq(stage_id(stage), id); /* not tried each time */
	for (i = 0; i < 1000; i++)
		n = stage_next(stage);
	stage_renew(stage);
	ck_assert_str_ne(stage_id(stage), id);
	ck_assert_int_eq(stages(), 1);
	ck_assert_uint_gt(put(stage, "hello\n"), n);
	ck_assert_int_eq(stage_open(stage, n + 1, &fd, &stamp, &err), ST_OK);
	close(fd);
	/* It is held as any other: nobody takes it for an orphan. */
	ck_assert_int_eq(stage_orphans(root, each_orphan, &f, &err), ST_OK);
	ck_assert_int_eq(f.n, 0);
	memcpy(id, stage_id(stage), STAGE_ID);
	stage_renew(stage);
	ck_assert_str_eq(stage_id(stage), id);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_stage");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, round_trip);
	tcase_add_test(tc, sealing);
	tcase_add_test(tc, syncing);
	tcase_add_test(tc, failing);
	tcase_add_test(tc, failing_new);
	tcase_add_test(tc, swept_before_lock);
	tcase_add_test(tc, freeing);
	tcase_add_test(tc, keeping);
	tcase_add_test(tc, orphans);
	tcase_add_test(tc, many_at_once);
	tcase_add_test(tc, spread);
	tcase_add_test(tc, renewed);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
