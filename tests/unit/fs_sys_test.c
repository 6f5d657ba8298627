/* SPDX-License-Identifier: MIT */
/* The skin around the kernel: what it adds to the calls, and what it hides. */
#include "config.h"

#include <sys/file.h>
#include <sys/wait.h>

#include <signal.h>
#include <stdlib.h>

#include "core/entry.h"
#include "fs/sys.h"
#include "testenv.h"
#include "unit.h"

static char folder[UNIT_FOLDER];
static struct testenv te;
static struct env *env = &te.env;
static int dir;

static void
setup(void)
{
	unit_folder(folder);
	testenv_init(&te);
	dir = sys_open_root(env, folder);
	ck_assert_int_ne(dir, -1);
}

static void
teardown(void)
{
	close(dir);
	unit_folder_remove(folder);
}

static const char *const ops[] = { "openat", "openat", "openat", "openat",
	"read", "read", "write", "fstat", "fstatat", "fchmod", "futimens",
	"fsync", "syncfs", "mkdirat", "unlinkat", "renameat2", "linkat",
	"flock", "fstatfs", "openat", "readlink" };

/* Makes the call that ops[i] stands for. */
static int
make_call(size_t i)
{
	char byte[1] = { 0 };
	struct stat st;
	long type;

	switch (i) {
	case 0:
		return sys_openat(env, dir, "a", O_RDONLY, 0);
	case 1:
		return sys_open_beneath(env, dir, "a", O_RDONLY, false);
	case 2:
		return sys_open_beneath(env, dir, "a", O_RDONLY, true);
	case 3:
		return sys_open_root(env, folder);
	case 4:
		return (int)sys_read(env, dir, byte, 1);
	case 5:
		return (int)sys_pread(env, dir, byte, 1, 0);
	case 6:
		return (int)sys_write(env, dir, byte, 1);
	case 7:
		return sys_fstat(env, dir, &st);
	case 8:
		return sys_fstatat(env, dir, "a", &st);
	case 9:
		return sys_fchmod(env, dir, 0700);
	case 10:
		return sys_futimens(env, dir, 0);
	case 11:
		return sys_fsync(env, dir);
	case 12:
		return sys_syncfs(env, dir);
	case 13:
		return sys_mkdirat(env, dir, "a", 0755);
	case 14:
		return sys_unlinkat(env, dir, "a", 0);
	case 15:
		return sys_renameat2(env, dir, "a", dir, "b", 0);
	case 16:
		return sys_linkat(env, dir, "a", dir, "b");
	case 17:
		return sys_flock(env, dir, LOCK_SH);
	case 18:
		return sys_statfs_type(env, dir, &type);
	case 19:
		return sys_open_handle(env, folder);
	default:
		return sys_resolve(env, dir, folder) == NULL ? -1 : 0;
	}
}

/* Every call fails with what the hook says, under the name it is known by. */
START_TEST(every_call_asks)
{
	size_t i;
	int r;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		testenv_fail(&te, ops[i], 1, EDQUOT);
		errno = 0;
		r = make_call(i);
		ck_assert_msg(r == -1 && errno == EDQUOT && te.failed, "%s %zu",
		    ops[i], i);
	}
}
END_TEST

static int
interrupt(struct testenv *t, const char *op, int count)
{
	(void)t;
	return strcmp(op, "read") == 0 && count < 4 ? EINTR : 0;
}

/* EINTR is tried again. */
START_TEST(interrupted)
{
	char buf[8];
	int fd;

	testenv_write(folder, "a", "hello");
	fd = sys_openat(env, dir, "a", O_RDONLY, 0);
	te.hook = interrupt;
	ck_assert_int_eq(sys_read(env, fd, buf, sizeof(buf)), 5);
	te.hook = NULL;
	close(fd);
}
END_TEST

/* Reads and writes come back short when told to. */
START_TEST(shortened)
{
	char buf[8];
	int fd;

	te.shorten = 2;
	fd = sys_openat(env, dir, "a", O_RDWR | O_CREAT | O_EXCL, 0600);
	ck_assert_int_eq(sys_write(env, fd, "hello", 5), 2);
	ck_assert_int_eq(sys_write(env, fd, "llo", 3), 2);
	ck_assert_int_eq(sys_pread(env, fd, buf, sizeof(buf), 1), 2);
	ck_assert_int_eq(memcmp(buf, "el", 2), 0);
	close(fd);
}
END_TEST

/* Opened descriptors are close-on-exec, and symlinks are not followed. */
START_TEST(opening)
{
	char path[200];
	int fd;

	testenv_write(folder, "a", "hello");
	snprintf(path, sizeof(path), "%s/link", folder);
	ck_assert_int_eq(symlink("a", path), 0);
	fd = sys_openat(env, dir, "a", O_RDONLY, 0);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	close(fd);
	ck_assert_int_eq(sys_openat(env, dir, "link", O_RDONLY, 0), -1);
	ck_assert_int_eq(errno, ELOOP);
	/* A FIFO without a writer does not hold anybody up. */
	snprintf(path, sizeof(path), "%s/fifo", folder);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	fd = sys_openat(env, dir, "fifo", O_RDONLY, 0);
	ck_assert_int_ne(fd, -1);
	close(fd);
}
END_TEST

/* Below a folder, never out of it: with openat2(2) and by walking. */
START_TEST(beneath)
{
	static const struct {
		const char *path;
		int errnum; /* 0: it opens */
		int walking; /* the same by walking, where it differs */
	} cases[] = {
		{ "d/e/f", 0, 0 },
		{ "d/e", 0, 0 },
		{ "top", 0, 0 },
		{ "nothing", ENOENT, 0 },
		{ "d/nothing/f", ENOENT, 0 },
		{ "top/f", ENOTDIR, 0 },
		{ "link", ELOOP, 0 },
		{ "dlink/e/f", ELOOP, 0 },
		{ "d/up/top", ELOOP, 0 },
		{ "d/out", ELOOP, 0 },
		{ "/etc/passwd", EXDEV, ENOENT },
		{ "../x", EXDEV, 0 },
		{ "..", EXDEV, 0 },
	};
	char path[200];
	size_t i;
	int fd, want;

	snprintf(path, sizeof(path),
	    "cd %s && mkdir -p d/e && touch d/e/f top && ln -s top link && "
	    "ln -s d dlink && ln -s .. d/up && ln -s /etc/passwd d/out",
	    folder);
	ck_assert_int_eq(system(path), 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fd = sys_open_beneath(env, dir, cases[i].path, O_RDONLY,
		    _i == 1);
		want = _i == 1 && cases[i].walking != 0 ? cases[i].walking :
							  cases[i].errnum;
		ck_assert_msg((fd != -1) == (want == 0) &&
			(want == 0 || errno == want),
		    "%s: %d", cases[i].path, errno);
		if (fd != -1)
			close(fd);
	}
	fd = sys_open_beneath(env, dir, "d/e/f", O_PATH, _i == 1);
	ck_assert_int_ne(fd, -1);
	close(fd);
	ck_assert_int_eq(sys_open_beneath(env, dir, "top",
			     O_RDONLY | O_DIRECTORY, _i == 1),
	    -1);
	ck_assert_int_eq(errno, ENOTDIR);
}
END_TEST

/* A name of 255 bytes opens, one of 256 does not. */
START_TEST(long_names)
{
	char name[257];
	int fd;

	memset(name, 'n', 256);
	name[256] = '\0';
	ck_assert_int_eq(sys_open_beneath(env, dir, name, O_RDONLY, _i == 1),
	    -1);
	ck_assert_int_eq(errno, ENAMETOOLONG);
	name[255] = '\0';
	testenv_write(folder, name, "x");
	fd = sys_open_beneath(env, dir, name, O_RDONLY, _i == 1);
	ck_assert_int_ne(fd, -1);
	close(fd);
}
END_TEST

/* Times before 1970 and of any nanosecond come back as they were set. */
START_TEST(any_time)
{
	static const int64_t times[] = { 0, 1, -1, -NSEC, -NSEC - 1,
		NSEC * 1700000000 + 999999999 };
	struct stamp stamp;
	struct stat st;
	size_t i;
	int fd;

	testenv_write(folder, "a", "x");
	fd = sys_openat(env, dir, "a", O_RDONLY, 0);
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		ck_assert_int_eq(sys_futimens(env, fd, times[i]), 0);
		ck_assert_int_eq(sys_fstat(env, fd, &st), 0);
		sys_stamp(&st, &stamp);
		ck_assert_int_eq(stamp.mtime, times[i]);
	}
	ck_assert_uint_eq(stamp.ino, st.st_ino);
	ck_assert_uint_eq(stamp.size, 1);
	/* What 64 bits can't hold stays at their end. */
	st.st_mtim.tv_sec = INT64_MAX;
	sys_stamp(&st, &stamp);
	ck_assert_int_eq(stamp.mtime, INT64_MAX);
	st.st_mtim.tv_sec = INT64_MIN;
	sys_stamp(&st, &stamp);
	ck_assert_int_eq(stamp.mtime, INT64_MIN);
	close(fd);
}
END_TEST

/* Who has a file open for writing is seen, in this process or another. */
START_TEST(writers)
{
	int reader, writer;

	testenv_write(folder, "a", "x");
	reader = sys_openat(env, dir, "a", O_RDONLY, 0);
	ck_assert(!sys_has_writer(env, reader));
	writer = sys_openat(env, dir, "a", O_WRONLY, 0);
	ck_assert(sys_has_writer(env, reader));
	close(writer);
	ck_assert(!sys_has_writer(env, reader));
	writer = sys_openat(env, dir, "a", O_RDWR, 0);
	ck_assert(sys_has_writer(env, reader));
	close(writer);
	/* The lease is not kept. */
	writer = sys_openat(env, dir, "a", O_WRONLY, 0);
	ck_assert_int_ne(writer, -1);
	close(writer);
	testenv_fail(&te, "fcntl", 1, EAGAIN);
	ck_assert(sys_has_writer(env, reader));
	testenv_fail(&te, "fcntl", 1, EINVAL);
	ck_assert(!sys_has_writer(env, reader));
	close(reader);
}
END_TEST

/* Asking again and again while somebody opens for writing kills nobody. */
START_TEST(lease_is_harmless)
{
	int i, reader, status;
	pid_t pid;

	testenv_write(folder, "a", "x");
	pid = fork();
	if (pid == 0) {
		for (i = 0; i < 20000; i++) {
			int fd = openat(dir, "a", O_WRONLY | O_CLOEXEC);

			if (fd == -1)
				_exit(1);
			close(fd);
		}
		_exit(0);
	}
	reader = sys_openat(env, dir, "a", O_RDONLY, 0);
	while (waitpid(pid, &status, WNOHANG) == 0)
		for (i = 0; i < 100; i++) {
			memset(te.seen, 0, sizeof(te.seen));
			sys_has_writer(env, reader);
		}
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	close(reader);
}
END_TEST

/* A folder's names without the dots, and errno tells an error from the end. */
START_TEST(reading_folders)
{
	struct dirent *d;
	DIR *handle;
	int fd, n = 0;

	testenv_write(folder, "a", "x");
	testenv_write(folder, "..b", "x");
	fd = sys_openat(env, dir, ".", O_RDONLY | O_DIRECTORY, 0);
	handle = sys_fdopendir(env, fd);
	while ((d = sys_readdir(env, handle)) != NULL) {
		ck_assert(strcmp(d->d_name, "a") == 0 ||
		    strcmp(d->d_name, "..b") == 0);
		n++;
	}
	ck_assert_int_eq(errno, 0);
	ck_assert_int_eq(n, 2);
	rewinddir(handle);
	testenv_fail(&te, "readdir", 1, EIO);
	ck_assert_ptr_null(sys_readdir(env, handle));
	ck_assert_int_eq(errno, EIO);
	closedir(handle);
}
END_TEST

/* The umask is read, not set. */
START_TEST(reading_umask)
{
	mode_t before = umask(027);

	ck_assert_int_eq(sys_umask(), 027);
	ck_assert_int_eq(umask(0), 027);
	ck_assert_int_eq(sys_umask(), 0);
	umask(before);
}
END_TEST

/* A descriptor's path is absolute and has no symlink in it. */
START_TEST(resolving)
{
	char link[200];
	char *path;
	int fd;

	snprintf(link, sizeof(link), "%s/link", folder);
	ck_assert_int_eq(symlink(".", link), 0);
	fd = sys_open_root(env, link);
	path = sys_resolve(env, fd, link);
	ck_assert_str_eq(path, folder);
	free(path);
	close(fd);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_sys");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, every_call_asks);
	tcase_add_test(tc, interrupted);
	tcase_add_test(tc, shortened);
	tcase_add_test(tc, opening);
	tcase_add_loop_test(tc, beneath, 0, 2);
	tcase_add_loop_test(tc, long_names, 0, 2);
	tcase_add_test(tc, any_time);
	tcase_add_test(tc, writers);
	tcase_add_test(tc, lease_is_harmless);
	tcase_add_test(tc, reading_folders);
	tcase_add_test(tc, reading_umask);
	tcase_add_test(tc, resolving);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
