/* SPDX-License-Identifier: MIT */
/*
 * What can be done with files in the sandbox, and what can't: see
 * sandboxing.h.  These need a kernel with Landlock; where it has none, what
 * is left is in fs_sandbox_calls_test.c and fs_sandbox_kernel_test.c.
 */
#include "config.h"

#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <dirent.h>
#include <time.h>

#include "core/entry.h"
#include "fs/root.h"
#include "fs/sys.h"
#include "sandboxing.h"
#include "store/db.h"

/* The level is all that the kernel has; it can't be off, or built without. */
static void
is_full(int arg)
{
	char text[SANDBOX_TEXT];
	int abi = sb_kernel_abi();
	struct sandbox_opts opts = sb_usual;

	(void)arg;
	opts.required = true;
	sb_enter(&opts);
	WANT(sb.level == SANDBOX_FULL);
	WANT(sb.abi == (abi < 7 ? abi : 7));
	snprintf(text, sizeof(text), "landlock %d + seccomp", sb.abi);
	WANT(strcmp(sb.text, text) == 0);
	WANT(prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER);
}

START_TEST(full)
{
	sb_child(is_full, 0);
}
END_TEST

static void
change_files(int a, int b)
{
	struct stat st;
	int fd;

	fd = sys_openat(sb_env, a, "new", O_RDWR | O_CREAT | O_EXCL, 0600);
	WANT(fd != -1);
	WANT(sys_write(sb_env, fd, "hello", 5) == 5);
	WANT(sys_fchmod(sb_env, fd, 0640) == 0);
	WANT(sys_futimens(sb_env, fd, NSEC * 1700000000) == 0);
	WANT(sys_fstat(sb_env, fd, &st) == 0);
	WANT((st.st_mode & 0777) == 0640 && st.st_mtime == 1700000000);
	WANT(sys_fsync(sb_env, fd) == 0 && sys_syncfs(sb_env, a) == 0);
	WANT(sys_flock(sb_env, fd, LOCK_EX) == 0);
	WANT(ftruncate(fd, 3) == 0 && fchown(fd, geteuid(), getegid()) == 0);
	close(fd);
	WANT(sys_renameat2(sb_env, a, "new", b, "new", RENAME_NOREPLACE) == 0);
	WANT(sys_renameat2(sb_env, b, "new", a, "f", RENAME_EXCHANGE) == 0);
	WANT(sys_linkat(sb_env, a, "f", b, "link") == 0);
	WANT(sys_unlinkat(sb_env, b, "link", 0) == 0);
	WANT(sys_mkdirat(sb_env, a, "d", 0755) == 0);
	WANT(sys_renameat2(sb_env, a, "d", b, "new", RENAME_EXCHANGE) == 0);
	WANT(sys_unlinkat(sb_env, b, "new", AT_REMOVEDIR) == 0);
	sb_opens(sb_path(sb_a, "f"), O_WRONLY | O_TRUNC);
}

static void
look_at_files(int a)
{
	uint64_t room, all;
	long type;
	DIR *dir;
	int fd;

	fd = sys_open_beneath(sb_env, a, "f", O_RDONLY, false);
	WANT(fd != -1 && !sys_has_writer(sb_env, fd));
	WANT(flock(fd, LOCK_SH | LOCK_NB) == 0);
	close(fd);
	WANT(sys_statfs_type(sb_env, a, &type) == 0);
	WANT(sys_space(sb_env, a, &room, &all) == 0);
	fd = sys_openat(sb_env, a, ".", O_RDONLY | O_DIRECTORY, 0);
	dir = sys_fdopendir(sb_env, fd);
	WANT(dir != NULL && sys_readdir(sb_env, dir) != NULL);
	closedir(dir);
	sb_opens(sb_path(sb_ro, "f"), O_RDONLY);
	sb_opens(sb_ro, O_RDONLY | O_DIRECTORY);
	sb_opens("/dev/urandom", O_RDONLY);
}

/* Calls that are not ours, but of what we are linked with, or will be. */
static void
use_the_rest(int a)
{
	char bytes[8];
	int fd = sys_openat(sb_env, a, "g", O_RDWR | O_CREAT, 0600);
	int watch = inotify_init1(IN_CLOEXEC);
	char *map;

	WANT(fallocate(fd, 0, 0, 4096) == 0 || errno == EOPNOTSUPP);
	WANT(ftruncate(fd, 4096) == 0);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	WANT(map != MAP_FAILED);
	map[0] = 1;
	WANT(munmap(map, 4096) == 0);
	WANT(copy_file_range(fd, NULL, fd, &(loff_t){ 8 }, 4, 0) == 4);
	close(fd);
	WANT(getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes));
	WANT(inotify_add_watch(watch, sb_a, IN_MODIFY) != -1);
	sb_opens(sb_path(sb_a, "g"), O_WRONLY | O_APPEND);
	WANT(unlink(sb_path(sb_a, "g")) == 0);
}

static void
works(int arg)
{
	int a = sys_open_root(sb_env, sb_a), b = sys_open_root(sb_env, sb_b);

	(void)arg;
	sb_enter(&sb_usual);
	change_files(a, b);
	look_at_files(a);
	use_the_rest(a);
}

/* All that dsync does to a folder can be done, within and between two. */
START_TEST(inside)
{
	sb_child(works, 0);
	ck_assert(testenv_exists(sb_a, "f"));
	ck_assert(!testenv_exists(sb_a, "sandbox.tmp"));
}
END_TEST

static void
exchanges(int arg)
{
	static const char *const kinds[] = { "link", "fifo", "socket" };
	const char *kind = kinds[arg];
	int a = sys_open_root(sb_env, sb_a), b = sys_open_root(sb_env, sb_b);

	WANT(symlink("x", sb_path(sb_a, "link")) == 0);
	WANT(mkfifo(sb_path(sb_a, "fifo"), 0600) == 0);
	WANT(mknod(sb_path(sb_a, "socket"), S_IFSOCK | 0600, 0) == 0);
	sb_enter(&sb_usual);
	WANT(sys_renameat2(sb_env, a, kind, b, "f", RENAME_EXCHANGE) == 0);
	WANT(sys_renameat2(sb_env, b, "f", a, kind, RENAME_EXCHANGE) == 0);
}

/* What is no file can come out of an exchange, and go back. */
START_TEST(exchange)
{
	sb_child(exchanges, _i);
}
END_TEST

static void
remembers(int network)
{
	struct db *db = NULL;
	char value[20];
	int i;

	sb_enter(&sb_usual);
	for (i = 0; i < 2; i++) {
		WANT(db_open(sb_env, sb_path(sb_a, "journal.db"), false,
			 network == 1, &db, &sb_err) == ST_OK);
		WANT(db_begin(db, &sb_err) == ST_OK);
		WANT(db_meta_set(db, "key", "value", &sb_err) == ST_OK);
		WANT(db_commit(db, &sb_err) == ST_OK);
		WANT(db_meta_get(db, "key", value, sizeof(value), &sb_err) ==
		    ST_OK);
		WANT(strcmp(value, "value") == 0);
		db_free(db);
	}
	WANT(db_open(sb_env, sb_path(sb_a, "journal.db"), true, false, &db,
		 &sb_err) == ST_OK);
	db_free(db);
}

/* A journal can be made, written, closed and opened again. */
START_TEST(journal)
{
	sb_child(remembers, _i);
	ck_assert(testenv_exists(sb_a, "journal.db"));
	ck_assert(!testenv_exists(sb_a, "journal.db-wal"));
}
END_TEST

static void
opens_a_root(int read_only)
{
	struct root *root = NULL;

	umask(027);
	sb_enter(&sb_usual);
	WANT(root_open(sb_env, read_only ? sb_ro : sb_a, NULL, read_only != 0,
		 &root, &sb_err) == ST_OK);
	WANT(root_umask(root) == 027);
	WANT(strcmp(root_path(root), read_only ? sb_ro : sb_a) == 0);
	WANT(read_only || root_lock(root, &sb_err) == ST_OK);
	root_free(root);
}

/* A root that is chosen later can be opened, and knows path and umask. */
START_TEST(later_root)
{
	sb_child(opens_a_root, _i);
}
END_TEST

static void
stays_inside(int arg)
{
	int out = sys_open_root(sb_env, sb_out);

	(void)arg;
	WANT(symlink(sb_path(sb_out, "f"), sb_path(sb_a, "leak")) == 0);
	WANT(symlink(sb_out, sb_path(sb_a, "way")) == 0);
	sb_enter(&sb_usual);
	FAILS(sb_open("/etc/passwd", O_RDONLY), EACCES);
	FAILS(sb_open("/proc/self/maps", O_RDONLY), EACCES);
	FAILS(sb_open(sb_top, O_RDONLY | O_DIRECTORY), EACCES);
	FAILS(sb_open(sb_path(sb_out, "f"), O_RDONLY), EACCES);
	FAILS(sb_open(sb_path(sb_out, "f"), O_WRONLY | O_TRUNC), EACCES);
	FAILS(sb_open(sb_path(sb_out, "n"), O_WRONLY | O_CREAT), EACCES);
	FAILS(sb_open(sb_path(sb_a, "leak"), O_RDONLY), EACCES);
	FAILS(sb_open(sb_path(sb_a, "way/f"), O_RDONLY), EACCES);
	FAILS(sb_open(sb_path(sb_a, "../out/f"), O_RDONLY), EACCES);
	/* Nor by a descriptor from before. */
	FAILS(openat(out, "f", O_RDONLY | O_CLOEXEC), EACCES);
	FAILS(mkdirat(out, "d", 0700), EACCES);
	FAILS(unlinkat(out, "f", 0), EACCES);
	FAILS(rename(sb_path(sb_out, "f"), sb_path(sb_out, "g")), EACCES);
	WANT(rename(sb_path(sb_a, "f"), sb_path(sb_out, "g")) == -1);
	WANT(rename(sb_path(sb_out, "f"), sb_path(sb_a, "g")) == -1);
	WANT(link(sb_path(sb_out, "f"), sb_path(sb_a, "g")) == -1);
}

/* Nothing outside can be read, made, changed, removed, or moved in or out. */
START_TEST(outside)
{
	sb_child(stays_inside, 0);
	ck_assert_str_eq(testenv_read(sb_out, "f"), "out");
	ck_assert_str_eq(testenv_read(sb_a, "f"), "a");
	ck_assert(!testenv_exists(sb_a, "g"));
}
END_TEST

static void
only_reads(int arg)
{
	(void)arg;
	sb_enter(&sb_usual);
	sb_opens(sb_path(sb_ro, "f"), O_RDONLY);
	FAILS(sb_open(sb_path(sb_ro, "f"), O_WRONLY), EACCES);
	FAILS(sb_open(sb_path(sb_ro, "n"), O_WRONLY | O_CREAT), EACCES);
	/* Linux truncates then, too; before ABI 3 nothing holds it back. */
	if (sb.abi >= 3)
		FAILS(sb_open(sb_path(sb_ro, "f"), O_RDONLY | O_TRUNC), EACCES);
	FAILS(mkdir(sb_path(sb_ro, "d"), 0700), EACCES);
	FAILS(unlink(sb_path(sb_ro, "f")), EACCES);
	FAILS(rename(sb_path(sb_ro, "f"), sb_path(sb_ro, "g")), EACCES);
	WANT(rename(sb_path(sb_a, "f"), sb_path(sb_ro, "f")) == -1);
}

/* What may only be read can't be written. */
START_TEST(read_only)
{
	sb_child(only_reads, 0);
	ck_assert_str_eq(testenv_read(sb_ro, "f"), "ro");
}
END_TEST

static void
reads_one_file(int arg)
{
	const char *const files[] = { sb_path(sb_out, "f") };
	struct sandbox_opts opts = { .readable = files, .n_readable = 1 };

	(void)arg;
	testenv_write(sb_out, "g", "g");
	sb_enter(&opts);
	sb_opens(sb_path(sb_out, "f"), O_RDONLY);
	FAILS(sb_open(sb_path(sb_out, "f"), O_RDWR), EACCES);
	FAILS(sb_open(sb_path(sb_out, "g"), O_RDONLY), EACCES);
	FAILS(sb_open(sb_path(sb_a, "f"), O_RDONLY), EACCES);
}

/* A single file can be let through. */
START_TEST(one_file)
{
	sb_child(reads_one_file, 0);
}
END_TEST

static void
names_by_descriptor(int arg)
{
	char name[40];
	const char *const names[] = { name };
	struct sandbox_opts opts = { .writable = names,
		.n_writable = 1,
		.scratch = name };

	(void)arg;
	snprintf(name, sizeof(name), "/proc/self/fd/%d",
	    sys_open_root(sb_env, sb_a));
	WANT(rename(sb_a, sb_path(sb_top, "moved")) == 0);
	WANT(symlink(sb_out, sb_a) == 0);
	sb_enter(&opts);
	sb_opens(sb_path(sb_top, "moved/f"), O_RDWR);
	FAILS(sb_open(sb_path(sb_a, "f"), O_RDONLY), EACCES);
}

/* A folder can be named by its descriptor, whatever has its path by now. */
START_TEST(by_descriptor)
{
	sb_child(names_by_descriptor, 0);
}
END_TEST

static int
run(const char *path)
{
	const char *const argv[] = { path, NULL };
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execv(path, (char *const *)(uintptr_t)argv);
		_exit(errno);
	}
	WANT(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
executes(int exec)
{
	static const char *const all[] = { "/bin", "/lib", "/lib64", "/usr",
		"/etc" };
	const char *there[COUNT(all)];
	struct sandbox_opts opts = sb_usual;
	size_t i;

	opts.readable = there;
	opts.n_readable = 0;
	opts.exec = exec != 0;
	for (i = 0; i < COUNT(all); i++)
		if (testenv_exists(all[i], "."))
			there[opts.n_readable++] = all[i];
	WANT(system("cp /bin/true /bin/false \"$(pwd)\"") == 0);
	sb_enter(&opts);
	WANT(run("/bin/true") == (exec ? 0 : EPERM));
	WANT(run("/bin/false") == (exec ? 1 : EPERM));
	/* A file from the other side is never a program. */
	WANT(run(sb_path(sb_a, "true")) == (exec ? EACCES : EPERM));
}

static void
executes_in_a(int exec)
{
	WANT(chdir(sb_a) == 0);
	executes(exec);
}

/* No programs; or only those that can't be written. */
START_TEST(programs)
{
	sb_child(executes_in_a, _i);
}
END_TEST

static void
narrows(int arg)
{
	struct sandbox_opts opts = sb_usual;

	(void)arg;
	sb_enter(&opts);
	sb_opens(sb_path(sb_b, "f"), O_RDWR);
	opts.n_writable = 1;
	opts.n_readable = 0;
	sb_enter(&opts);
	WANT(sb.level == SANDBOX_FULL);
	sb_opens(sb_path(sb_a, "f"), O_RDWR);
	FAILS(sb_open(sb_path(sb_b, "f"), O_RDONLY), EACCES);
	FAILS(sb_open(sb_path(sb_ro, "f"), O_RDONLY), EACCES);
	FAILS(chmod(sb_path(sb_a, "f"), 0777), EPERM);
}

static void
cannot_widen(int arg)
{
	const char *const out[] = { sb_out };
	struct sandbox_opts opts = { .writable = out, .n_writable = 1 };

	(void)arg;
	sb_enter(&sb_usual);
	opts.network = opts.exec = true;
	sb_enter(&opts);
	FAILS(sb_open(sb_path(sb_out, "f"), O_RDONLY), EACCES);
	FAILS(socket(AF_INET, SOCK_STREAM, 0), EPERM);
	FAILS(syscall(SYS_execve, NULL, NULL, NULL), EPERM);
	opts.scratch = sb_out;
	WANT(sandbox_enter(sb_env, &opts, &sb, &sb_err) == ST_IO);
	WANT(strstr(sb_err.text, sb_out) != NULL);
}

/* The second time leaves less than the first, never more. */
START_TEST(layers)
{
	sb_child(_i == 0 ? narrows : cannot_widen, 0);
}
END_TEST

static void
exits(int arg)
{
	sb_enter(&sb_usual);
	exit(arg);
}

/* A process can end in there as others do, with what runs at an exit. */
START_TEST(ending)
{
	sb_child(exits, 0);
}
END_TEST

static void
knows_the_hour(int arg)
{
	/* A zone an hour and a half ahead, as zic would write it. */
	static const uint8_t zone[] = { 'T', 'Z', 'i',
		'f', [39] = 1, [43] = 4, [44] = 0, 0, 0x15, 0x18, 0, 0, 'O',
		'D', 'D', 0 };
	const time_t when = 0;
	char name[200];
	struct tm tm;
	int fd = sb_open(sb_path(sb_out, "zone"), O_WRONLY | O_CREAT);

	(void)arg;
	WANT(write(fd, zone, sizeof(zone)) == sizeof(zone));
	close(fd);
	snprintf(name, sizeof(name), ":%s/zone", sb_out);
	WANT(setenv("TZ", name, 1) == 0);
	sb_enter(&sb_usual);
	WANT(localtime_r(&when, &tm) != NULL);
	WANT(tm.tm_hour == 1 && tm.tm_min == 30);
	WANT(localtime(&when)->tm_min == 30);
}

/* The time zone, a file outside, is known. */
START_TEST(time_zone)
{
	sb_child(knows_the_hour, 0);
}
END_TEST

static void
add_tests(TCase *tc)
{
	tcase_add_test(tc, full);
	tcase_add_test(tc, inside);
	tcase_add_loop_test(tc, exchange, 0, 3);
	tcase_add_loop_test(tc, journal, 0, 2);
	tcase_add_loop_test(tc, later_root, 0, 2);
	tcase_add_test(tc, outside);
	tcase_add_test(tc, read_only);
	tcase_add_test(tc, one_file);
	tcase_add_test(tc, by_descriptor);
	tcase_add_loop_test(tc, programs, 0, 2);
	tcase_add_loop_test(tc, layers, 0, 2);
	tcase_add_test(tc, ending);
	tcase_add_test(tc, time_zone);
}

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_sandbox");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, sb_setup, sb_teardown);
	tcase_set_timeout(tc, 60);
	if (sb_kernel_abi() >= 1)
		add_tests(tc);
	else
		puts("fs_sandbox: no Landlock in this kernel: nothing tried");
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
