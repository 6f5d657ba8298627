/* SPDX-License-Identifier: MIT */
/*
 * Somebody works in the folder as fast as can be, while a copy of it is kept
 * by looking at what was touched, and at nothing else.  In the end the copy is
 * equal: so nothing was missed, and nothing was told too early.
 */
#include "config.h"

#include "watching.h"

static struct env real = { &env_real_ops };
static char copy[UNIT_FOLDER];

static void
storm_setup(void)
{
	setup();
	unit_folder(copy);
	/* No hand in what happens here, and another root for it. */
	root_free(root);
	ck_assert_int_eq(root_open(&real, folder, NULL, false, &root, &err),
	    ST_OK);
}

static void
storm_teardown(void)
{
	teardown();
	unit_folder_remove(copy);
}

static void
join(char *ret, size_t size, const char *dir, const char *name)
{
	ck_assert_int_lt(snprintf(ret, size, "%s%s%s", dir,
			     *dir == '\0' || *name == '\0' ? "" : "/", name),
	    (int)size);
}

static void
remove_copy(const char *path)
{
	char full[8192];
	struct stat st;

	join(full, sizeof(full), copy, path);
	if (lstat(full, &st) != 0)
		return;
	if (S_ISDIR(st.st_mode))
		unit_folder_remove(full);
	else
		ck_assert_int_eq(unlink(full), 0);
}

/* The folders above a copy; what stands in the way is from before. */
static void
make_room(const char *path)
{
	char dir[4096], full[8192];
	const char *slash;
	struct stat st;

	for (slash = strchr(path, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
		join(full, sizeof(full), copy, dir);
		if (lstat(full, &st) == 0 && !S_ISDIR(st.st_mode))
			ck_assert_int_eq(unlink(full), 0);
		ck_assert(mkdir(full, 0755) == 0 || errno == EEXIST);
	}
}

static void look(const char *path, bool deep);

static void
look_below(const char *path)
{
	char full[8192], sub[4096];
	struct dirent *d;
	DIR *dir;

	join(full, sizeof(full), folder, path);
	dir = opendir(full);
	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.') {
			join(sub, sizeof(sub), path, d->d_name);
			look(sub, true);
		}
	if (dir != NULL)
		closedir(dir);
}

/* Takes over what is at path now. */
static void
look(const char *path, bool deep)
{
	char full[8192], text[100] = "";
	autoclose int fd = -1;
	struct stat st;

	join(full, sizeof(full), folder, path);
	if (lstat(full, &st) != 0) {
		remove_copy(path);
		return;
	}
	if (S_ISDIR(st.st_mode)) {
		if (!deep)
			return;
		remove_copy(path);
		if (*path == '\0')
			ck_assert_int_eq(mkdir(copy, 0700), 0);
		look_below(path);
		return;
	}
	remove_copy(path);
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd == -1 || read(fd, text, sizeof(text) - 1) == -1)
		return;
	make_room(path);
	testenv_write(copy, path, text);
}

static void
take_over(void)
{
	AUTO(touched_list) struct touched_list *list = take();
	size_t i;

	for (i = 0; i < list->n; i++)
		look(list->v[i]->path, list->v[i]->deep);
}

static const char *compared[2];

static int
compare_one(const char *path, const struct stat *st, int type,
    struct FTW *where)
{
	const char *name = path + strlen(compared[0]) + 1;
	char text[4096];

	(void)where;
	(void)type;
	if (!S_ISREG(st->st_mode) || strstr(path, "/.") != NULL)
		return 0;
	ck_assert_msg(testenv_exists(compared[1], name), "%s: not in %s", name,
	    compared[1]);
	snprintf(text, sizeof(text), "%s", testenv_read(compared[0], name));
	ck_assert_msg(strcmp(text, testenv_read(compared[1], name)) == 0,
	    "%s differs: %s", name, text);
	return 0;
}

static void
compare_both(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		compared[0] = i == 0 ? folder : copy;
		compared[1] = i == 0 ? copy : folder;
		ck_assert_int_eq(nftw(compared[0], compare_one, 16, FTW_PHYS),
		    0);
	}
}

/* Reads and looks, with a rhythm of its own, until the child ended. */
static void
keep_up(pid_t pid, unsigned seed)
{
	int status = 0;
	unsigned i = seed;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		i = i * 1103515245 + 12345;
		if (i >> 16 & 1)
			ck_assert_int_eq(watch_read(watch, &err), ST_OK);
		ck_assert_int_eq(watch_step(watch, i >> 20 & 15, &err), ST_OK);
		if ((i >> 24 & 7) == 0)
			take_over();
	}
	ck_assert_int_eq(status, 0);
	catch_up();
	take_over();
	compare_both();
	ck_assert_str_eq(heard(), "");
}

static pid_t
start(void (*f)(unsigned), unsigned arg)
{
	pid_t pid;

	open_watch();
	catch_up();
	take_over();
	fflush(NULL);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		if (chdir(folder) != 0)
			_exit(1);
		f(arg);
		_exit(0);
	}
	return pid;
}

static void
put(const char *path, unsigned n)
{
	char text[20];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	snprintf(text, sizeof(text), "%u", n);
	if (fd == -1)
		return;
	if (write(fd, text, strlen(text)) == -1)
		_exit(1);
	close(fd);
}

/* mkdir -p a/b/c and a file in each, hundreds of times. */
static void
make_nested(unsigned n)
{
	char path[100];
	unsigned i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < 4; k++) {
			snprintf(path, sizeof(path), "n%u%.*s", i, (int)k * 2,
			    "/a/b/c");
			if (mkdir(path, 0755) != 0)
				_exit(1);
		}
		snprintf(path, sizeof(path), "n%u/a/b/c/f", i);
		put(path, i);
		snprintf(path, sizeof(path), "n%u/a/g", i);
		put(path, i);
	}
}

START_TEST(misses_no_new_folder)
{
	keep_up(start(make_nested, 500), (unsigned)_i);
	probe_one("n499/a/b/c");
	ck_assert_uint_eq(watch_count(watch), 1 + 500 * 4);
}
END_TEST

static unsigned
roll(unsigned *seed, unsigned n)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 16 & 0x7fff) % n;
}

/* "c/a/b": few names, so that the same ones come again and again. */
static void
random_path(unsigned *seed, char path[40])
{
	unsigned depth = 1 + roll(seed, 4), i;

	for (i = 0; i < depth; i++) {
		path[2 * i] = (char)('a' + roll(seed, 4));
		path[2 * i + 1] = i + 1 < depth ? '/' : '\0';
	}
}

/* Any of it may fail, as it pleases. */
static void
do_anything(unsigned seed)
{
	char a[40], b[40], temp[50];
	unsigned i;

	for (i = 0; i < 3000; i++) {
		random_path(&seed, a);
		random_path(&seed, b);
		switch (roll(&seed, 10)) {
		case 0:
		case 1:
		case 2:
			(void)!mkdir(a, 0755);
			break;
		case 3:
		case 4:
			put(a, i);
			break;
		case 5:
			snprintf(temp, sizeof(temp), "%s.tmp", a);
			put(temp, i);
			(void)!rename(temp, a);
			(void)!unlink(temp);
			break;
		case 6:
		case 7:
			(void)!rename(a, b);
			break;
		case 8:
			(void)!renameat2(AT_FDCWD, a, AT_FDCWD, b,
			    RENAME_EXCHANGE);
			break;
		default:
			if (roll(&seed, 3) == 0)
				(void)!nftw(a, unit_remove_one, 16,
				    FTW_DEPTH | FTW_PHYS);
			else
				(void)!unlink(a);
		}
	}
}

START_TEST(survives_anything)
{
	keep_up(start(do_anything, (unsigned)_i * 77 + 1), (unsigned)_i);
	probe_all();
}
END_TEST

/* Two at once, so that what belongs together comes apart. */
static void
do_anything_in_two(unsigned seed)
{
	pid_t pid = fork();

	do_anything(pid == 0 ? seed + 7 : seed);
	if (pid == 0)
		_exit(0);
	if (pid == -1 || waitpid(pid, NULL, 0) != pid)
		_exit(1);
}

START_TEST(survives_two)
{
	keep_up(start(do_anything_in_two, (unsigned)_i * 31 + 1), (unsigned)_i);
	probe_all();
}
END_TEST

/* Trees as version control leaves them, back and forth. */
static void
check_out(unsigned n)
{
	char dir[40], path[60];
	unsigned i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < 60; k++) {
			snprintf(dir, sizeof(dir), "src%u", k % 12);
			snprintf(path, sizeof(path), "%s/lib%u", dir, k % 5);
			(void)!mkdir(dir, 0755);
			(void)!mkdir(path, 0755);
			snprintf(path, sizeof(path), "%s/lib%u/file%u", dir,
			    k % 5, k);
			(void)!unlink(path);
			if ((k + i) % 7 != 0)
				put(path, i);
			path[strlen(dir) + 5] = '\0';
			(void)!rmdir(path);
			(void)!rmdir(dir);
		}
}

START_TEST(follows_checkouts)
{
	keep_up(start(check_out, 40), (unsigned)_i);
	probe_all();
}
END_TEST

/* A deep tree that wanders, with somebody at work in it. */
static void
wander(unsigned n)
{
	char from[20], to[20], path[60];
	unsigned i, k;

	(void)!mkdir("t0", 0755);
	for (k = 0; k < 20; k++) {
		snprintf(path, sizeof(path), "t0/%u", k);
		(void)!mkdir(path, 0755);
		strncat(path, "/x", sizeof(path) - strlen(path) - 1);
		(void)!mkdir(path, 0755);
	}
	for (i = 0; i < n; i++) {
		snprintf(from, sizeof(from), "t%u", i);
		snprintf(to, sizeof(to), "t%u", i + 1);
		snprintf(path, sizeof(path), "%s/%u/x/f", from, i % 20);
		put(path, i);
		(void)!rename(from, to);
		snprintf(path, sizeof(path), "%s/%u/x/g", to, i % 20);
		put(path, i);
		snprintf(path, sizeof(path), "%s/%u/x/n%u", to, i % 20, i % 3);
		(void)!mkdir(path, 0755);
		strncat(path, "/h", sizeof(path) - strlen(path) - 1);
		put(path, i);
	}
}

START_TEST(follows_a_wandering_tree)
{
	keep_up(start(wander, 300), (unsigned)_i);
	probe_all();
}
END_TEST

/* How much the kernel queues. */
static unsigned
queue_limit(void)
{
	FILE *f = fopen("/proc/sys/fs/inotify/max_queued_events", "re");
	unsigned n = 0;

	if (f == NULL)
		return 16384;
	ck_assert_int_eq(fscanf(f, "%u", &n), 1);
	fclose(f);
	return n;
}

/* More than the kernel queues, and then what nobody will tell. */
START_TEST(sees_an_overflow)
{
	const unsigned n = queue_limit() + 10;
	unsigned i;

	run("mkdir -p a/b c/d; echo x >f; echo x >g");
	open_watch();
	catch_up();
	take_over();
	for (i = 0; i < n; i++)
		ck_assert_int_eq(fchmodat(root_fd(root), i % 2 ? "f" : "g",
				     0600 + i / 2 % 8, 0),
		    0);
	run("mv a e; mkdir -p a/b/x c/d/y; rm -r c; echo y >e/b/f");
	ck_assert_str_eq(heard(), "* ");
	probe_all();
	ck_assert_uint_eq(watch_count(watch), 1 + 3 + 2);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs watch storm");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, storm_setup, storm_teardown);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, misses_no_new_folder, 0, 2);
	tcase_add_loop_test(t, survives_anything, 0, 8);
	tcase_add_loop_test(t, survives_two, 0, 4);
	tcase_add_loop_test(t, follows_checkouts, 0, 2);
	tcase_add_loop_test(t, follows_a_wandering_tree, 0, 4);
	tcase_add_test(t, sees_an_overflow);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
