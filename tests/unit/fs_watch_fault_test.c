/* SPDX-License-Identifier: MIT */
/*
 * Limits that are reached, calls that fail, memory that runs out, and a kernel
 * that says strange things.
 */
#include "config.h"

#include <sys/mount.h>

#include <sched.h>

#include "nomem.h"
#include "sandboxing.h"
#include "watching.h"

static size_t limit; /* of watches */

static int
limit_watches(struct testenv *env, const char *op, int count)
{
	(void)env;
	(void)count;
	if (strcmp(op, "inotify_add_watch") != 0)
		return 0;
	return watch_count(watch) >= limit ? ENOSPC : 0;
}

/* Past the limit: how many and one of them is known, and it is tried again. */
START_TEST(reaches_the_limit)
{
	char path[PATH_LIMIT];
	int errnum = 0;

	run("mkdir -p 0/a 1/a 2/a 3/a 4/a 5/a 6/a 7/a 8/a 9/a");
	te.hook = limit_watches;
	limit = 4;
	open_watch();
	ck_assert_str_eq(heard(), "* ");
	ck_assert_uint_eq(watch_count(watch), 4);
	/* Seven of the ten, and what is in the three. */
	ck_assert_uint_eq(watch_gaps(watch, path, &errnum), 7 + 3);
	ck_assert_int_eq(errnum, ENOSPC);
	ck_assert(testenv_exists(folder, path));
	/* What is new there is not heard of. */
	run("for i in 0 1 2 3 4 5 6 7 8 9; do echo x >$i/f; done");
	catch_up();
	{
		AUTO(touched_list) struct touched_list *list = take();

		ck_assert_uint_eq(list->n, 3);
	}
	/* But it is when it is polled. */
	watch_try_gaps(watch);
	catch_up();
	{
		AUTO(touched_list) struct touched_list *list = take();

		ck_assert_uint_eq(list->n, 10);
		ck_assert(list->v[0]->deep);
	}
	limit = 100;
	ck_assert_str_eq(heard(), "");
	watch_try_gaps(watch);
	(void)heard();
	ck_assert_uint_eq(watch_gaps(watch, path, &errnum), 0);
	ck_assert_uint_eq(watch_count(watch), 21);
	probe_all();
}
END_TEST

/* A folder in the root that is watched. */
static const char *
watched_one(void)
{
	const struct watch_node *top = watch->tree.root;
	uint32_t i = 0;

	while (i < top->n_children && top->children[i]->wd == -1)
		i++;
	ck_assert_uint_lt(i, top->n_children);
	return top->children[i]->name;
}

/* As watches go away, others come in. */
START_TEST(fills_the_room)
{
	char path[PATH_LIMIT], line[100];
	int errnum = 0;
	size_t n;

	run("mkdir a b c d e");
	te.hook = limit_watches;
	limit = 3;
	open_watch();
	(void)heard();
	for (n = 3; n > 0; n--) {
		ck_assert_uint_eq(watch_gaps(watch, path, &errnum), n);
		snprintf(line, sizeof(line), "mv %s %s", watched_one(),
		    n % 2 == 0 ? "$OUT" : ".hidden; rmdir .hidden");
		run(line);
		(void)heard();
		ck_assert_uint_eq(watch_count(watch), 3);
	}
	ck_assert_uint_eq(watch_gaps(watch, path, &errnum), 0);
	te.hook = NULL;
	probe_all();
}
END_TEST

static const char *const ops[] = { "inotify_add_watch", "openat", "fstat",
	"fdopendir", "readdir" };
static const int errnums[] = { EMFILE, ENOMEM, EACCES, EIO, ENOENT, ENOSPC };

#define N_FAULTS (5 * 6)

/* Each call fails once, in each way; after a retry all is well. */
START_TEST(gets_over_faults)
{
	const char *op = ops[_i % 5];
	const int errnum = errnums[_i / 5];
	char path[PATH_LIMIT];
	enum status st;
	int k, why = 0;

	run("mkdir -p a/b/c d/e; echo x >a/b/f");
	for (k = 1, te.failed = true; te.failed; k++) {
		ck_assert_int_eq(watch_new(root, filter, &watch, &err), ST_OK);
		testenv_fail(&te, op, k, errnum);
		watch_begin(watch);
		do
			st = watch_step(watch, 3, &err);
		while (st == ST_OK && !watch_idle(watch));
		te.fail_at = 0;
		if (st == ST_FOLDER) {
			/* Only the root can be lost. */
			ck_assert_int_eq(errnum, ENOENT);
		} else {
			ck_assert_int_eq(st, ST_OK);
			ck_assert(watch_count(watch) == 6 || te.failed);
			run("mkdir -p a/b/g; chmod 755 a");
			watch_begin(watch);
			(void)heard();
			ck_assert_uint_eq(watch_gaps(watch, path, &why), 0);
			ck_assert_uint_eq(watch_count(watch), 7);
			probe_all();
			run("rm -r a/b/g");
		}
		watch_free(watch);
		watch = NULL;
	}
	ck_assert_int_gt(k, 3);
}
END_TEST

static int denied;

/* As if the third folder could not be read. */
static int
deny_third(struct testenv *env, const char *op, int count)
{
	(void)env;
	(void)count;
	if (strcmp(op, "openat") != 0 || watch_count(watch) != 2)
		return 0;
	denied++;
	return EACCES;
}

static const char *const permits[] = { "chmod 755 a", "chmod 755 a/b" };

/* What may not be read is no gap; once it may, it is watched. */
START_TEST(hears_of_permission)
{
	char path[PATH_LIMIT];
	int errnum = 0;

	denied = 0;
	run("mkdir -p a/b/c");
	te.hook = deny_third;
	open_quietly();
	te.hook = NULL;
	ck_assert_int_eq(denied, 1);
	ck_assert_uint_eq(watch_count(watch), 2);
	ck_assert_uint_eq(watch_gaps(watch, path, &errnum), 0);
	run(permits[_i]);
	ck_assert_str_eq(heard(), "a/b/ ");
	ck_assert_uint_eq(watch_count(watch), 4);
	probe_all();
	/* And no more: what it was is known still. */
	testenv_fail(&te, "openat", 1, EACCES);
	run("chmod 755 a/b");
	ck_assert_str_eq(heard(), "a/b/ ");
	run("echo x >a/b/f");
	ck_assert_str_eq(heard(), "a/b/f ");
}
END_TEST

/* No inotify at all is an error, and nothing else. */
START_TEST(needs_inotify)
{
	testenv_fail(&te, "inotify_init", 1, EMFILE);
	ck_assert_int_eq(watch_new(root, filter, &watch, &err), ST_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "inotify"));
	testenv_fail(&te, "fstat", 1, EIO);
	ck_assert_int_eq(watch_new(root, filter, &watch, &err), ST_IO);
	te.fail_at = 0;
	open_watch();
	testenv_fail(&te, "read", 1, EIO);
	ck_assert_int_eq(watch_read(watch, &err), ST_IO);
	te.fail_at = 0;
	ck_assert_str_eq(heard(), "* ");
}
END_TEST

/* Out of memory at any moment: told, or made good for by looking at all. */
START_TEST(without_memory)
{
	/* Without the hand of the test, which needs memory itself. */
	struct env real = { &env_real_ops };
	enum status st = ST_NOMEM;
	long k, n = 1;

	root_free(root);
	ck_assert_int_eq(root_open(&real, folder, NULL, false, &root, &err),
	    ST_OK);
	run("mkdir -p a/b c");
	for (k = 1; n >= k || st != ST_OK; k++) {
		nomem_at(k);
		st = watch_new(root, filter, &watch, &err);
		n = nomem_count();
		nomem_at(0);
		if (st != ST_OK) {
			ck_assert_int_eq(st, ST_NOMEM);
			continue;
		}
		watch_begin(watch);
		(void)heard();
		run("mkdir d a/b/e; echo x >a/b/f; mv c a/c; mv a g");
		nomem_at(k);
		do {
			st = watch_read(watch, &err);
			if (st == ST_OK)
				st = watch_step(watch, 5, &err);
		} while (st == ST_OK && !watch_idle(watch));
		n = nomem_count() > n ? nomem_count() : n;
		nomem_at(0);
		ck_assert(st == ST_OK || st == ST_NOMEM);
		(void)heard();
		probe_all();
		ck_assert_uint_eq(watch_count(watch), 6);
		watch_free(watch);
		watch = NULL;
		run("rm -r *; mkdir -p a/b c");
	}
}
END_TEST

/* The kernel's queue is emptied, and nobody has seen what was in it. */
static void
lose_events(void)
{
	char buf[65536];

	while (waiting_in_kernel())
		ck_assert_int_gt(read(watch_fd(watch), buf, sizeof(buf)), 0);
}

/* One event, as if the kernel had said it. */
static void
tell(int wd, uint32_t mask, uint32_t cookie, const char *name)
{
	_Alignas(8) char buf[sizeof(struct inotify_event) + 300] = { 0 };
	struct inotify_event e = { .wd = wd, .mask = mask, .cookie = cookie };

	if (name != NULL)
		e.len = (uint32_t)(strlen(name) + 16) & ~15u;
	memcpy(buf, &e, sizeof(e));
	if (name != NULL)
		memcpy(buf + sizeof(e), name, strlen(name));
	watch_feed(watch, buf, sizeof(e) + e.len);
}

static int
wd_of(const char *a, const char *b)
{
	struct watch_node *node = watch_tree_find(watch->tree.root, a);

	if (b != NULL)
		node = watch_tree_find(node, b);
	return node->wd;
}

/* After an overflow all is looked at, and what was known wrongly is mended. */
START_TEST(mends_after_an_overflow)
{
	static const char *const acts[] = {
		"mkdir -p d/e/f; echo x >d/e/f/g",
		"rm -r a",
		"mv a x; mv b a; mv x b",
		"mv a/1 b/2/1; mkdir a/1; mv b c",
		"rm -r a/1; echo x >a/1; mv b/2 b/3; mkdir b/2",
		"mv a b/2/; mv b/2 a",
		"mv a $OUT; mkdir a",
	};

	run("mkdir -p a/1/one b/2/two; echo x >a/1/f");
	open_quietly();
	run(acts[_i]);
	lose_events();
	ck_assert_str_eq(heard(), "");
	tell(-1, IN_Q_OVERFLOW, 0, NULL);
	ck_assert_str_eq(heard(), "* ");
	probe_all();
}
END_TEST

static const struct {
	uint32_t mask;
	const char *why;
} ends[] = {
	{ IN_UNMOUNT, "was unmounted" },
	{ IN_DELETE_SELF, "was deleted" },
	{ IN_MOVE_SELF, "was moved" },
	{ IN_IGNORED, "was deleted" },
};

/* A watch that the kernel ends by itself is put there again. */
START_TEST(watches_again)
{
	run("mkdir -p a/b");
	open_quietly();
	ck_assert_int_eq(inotify_rm_watch(watch_fd(watch), wd_of("a", NULL)),
	    0);
	ck_assert_str_eq(heard(), "a/ ");
	probe_all();
}
END_TEST

/* What the root itself suffers ends all. */
START_TEST(believes_in_the_end)
{
	AUTO(touched_list) struct touched_list *list = NULL;

	run("mkdir a");
	open_quietly();
	testenv_write(folder, "f", "x");
	ck_assert_int_eq(watch_read(watch, &err), ST_OK);
	tell(watch->tree.root->wd, ends[_i].mask, 0, NULL);
	tell(watch->tree.root->wd, IN_CREATE, 0, "f");
	ck_assert_int_eq(watch_read(watch, &err), ST_FOLDER);
	ck_assert_ptr_nonnull(strstr(err.text, ends[_i].why));
	list = take();
	ck_assert_uint_eq(list->n, 0);
}
END_TEST

/* Moves without an end, too many of them, and one into itself. */
START_TEST(believes_no_nonsense)
{
	const uint32_t from = IN_MOVED_FROM | IN_ISDIR;
	const uint32_t to = IN_MOVED_TO | IN_ISDIR;
	const int top = (run("mkdir -p a/b c; mkdir $(seq 40)"), open_quietly(),
	    watch->tree.root->wd);
	int i, wd = wd_of("a", "b");
	char name[20];

	tell(top, from, 1, "a");
	tell(wd, to, 1, "z");
	ck_assert_str_eq(heard(), "* ");
	probe_all();
	for (i = 1; i <= 40; i++) {
		snprintf(name, sizeof(name), "%d", i);
		tell(top, from, (uint32_t)i, name);
	}
	for (i = 40; i > 0; i -= 2) {
		snprintf(name, sizeof(name), "%d", i);
		tell(top, to, (uint32_t)i, name);
	}
	/* One that is moving takes in another, and a new one. */
	wd = wd_of("a", NULL);
	tell(top, from, 50, "a");
	tell(wd, IN_CREATE | IN_ISDIR, 0, "n");
	tell(wd, IN_CREATE, 0, "f");
	tell(top, from, 51, "c");
	tell(wd, to, 51, "c");
	ck_assert_int_eq(watch_step(watch, 1000, &err), ST_OK);
	tell(top, to, 50, "a");
	tell(top, IN_DELETE | IN_ISDIR, 0, "c");
	tell(top, IN_DELETE | IN_ISDIR, 0, "nowhere");
	tell(top, IN_ATTRIB | IN_ISDIR, 0, "nowhere");
	tell(top, to, 52, "nowhere");
	tell(4711, IN_CREATE, 0, "f");
	(void)heard();
	watch_begin(watch);
	probe_all();
}
END_TEST

/* As many as there is room for, and one more out of the first of them. */
START_TEST(moves_too_many)
{
	const uint32_t from = IN_MOVED_FROM | IN_ISDIR;
	char name[20];
	int i, wd, top;

	run("mkdir $(seq 100); mkdir -p 1/x/y");
	open_quietly();
	top = watch->tree.root->wd;
	wd = wd_of("1", NULL);
	for (i = 1; i <= WATCH_MOVING; i++) {
		snprintf(name, sizeof(name), "%d", i);
		tell(top, from, (uint32_t)i, name);
	}
	tell(wd, from, 1000, "x");
	tell(top, from, 1001, "99");
	tell(top, IN_MOVED_TO | IN_ISDIR, 1001, "98");
	tell(top, IN_MOVED_TO | IN_ISDIR, 1, "1");
	(void)heard();
	watch_begin(watch);
	probe_all();
}
END_TEST

/* Bytes that are no events do no harm. */
START_TEST(survives_any_bytes)
{
	_Alignas(8) char buf[400];
	struct inotify_event e;
	size_t i, len;

	run("mkdir -p a/b c/d");
	open_quietly();
	srand((unsigned)_i);
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (char)("abcd"[rand() % 4]);
	for (i = 0; i + sizeof(e) < sizeof(buf); i += sizeof(e) + e.len) {
		e = (struct inotify_event){ .wd = 2 + rand() % 6,
			.mask = 1u << rand() % 10 | (rand() % 2 ? IN_ISDIR : 0),
			.cookie = (uint32_t)rand() % 2,
			.len = (uint32_t)rand() % 3 };
		if (rand() % 50 == 0)
			e.len = (uint32_t)rand();
		memcpy(buf + i, &e, sizeof(e));
		if (e.len > sizeof(buf))
			break;
	}
	len = (size_t)rand() % sizeof(buf);
	watch_feed(watch, buf, len);
	(void)heard();
	watch_begin(watch);
	probe_all();
	ck_assert_uint_eq(watch_count(watch), 5);
}
END_TEST

static ino_t elsewhere;

/* A file system of its own. */
static void
mount_one(struct env *env, struct stat *st)
{
	(void)env;
	if (st->st_ino == elsewhere)
		st->st_dev++;
}

/* What lies on another file system is not watched, as it is not walked. */
START_TEST(leaves_mounts_alone)
{
	struct env_ops ops_mounted = testenv_ops;
	struct stat st;

	run("mkdir -p a/b");
	ck_assert_int_eq(fstatat(root_fd(root), "a", &st, 0), 0);
	elsewhere = st.st_ino;
	ops_mounted.filed = mount_one;
	te.env.ops = &ops_mounted;
	open_quietly();
	ck_assert_uint_eq(watch_count(watch), 1);
	run("echo x >a/f; mkdir a/c");
	ck_assert_str_eq(heard(), "");
	te.env.ops = &testenv_ops;
}
END_TEST

/* A map that is wrong is mended by what the kernel says. */
START_TEST(mends_a_wrong_map)
{
	struct watch_node *a, *b;
	char path[PATH_LIMIT];
	int errnum = 0, wd;

	run("mkdir a b");
	open_quietly();
	a = watch_tree_find(watch->tree.root, "a");
	b = watch_tree_find(watch->tree.root, "b");
	wd = b->wd;
	watch_tree_unmap(&watch->tree, b);
	watch_tree_unmap(&watch->tree, a);
	ck_assert_int_eq(watch_tree_map(&watch->tree, a, wd), ST_OK);
	/* Only b is looked at; that a was wrong comes out by that. */
	tell(watch->tree.root->wd, IN_ATTRIB | IN_ISDIR, 0, "b");
	ck_assert_str_eq(heard(), "a/ b/ ");
	ck_assert_uint_eq(watch_gaps(watch, path, &errnum), 0);
	probe_all();
}
END_TEST

/* In a world of its own: b and d/root are mounted, and so there twice. */
static void
look_twice(int arg)
{
	char from[100], to[100], path[PATH_LIMIT] = "";
	const char *said, *other;
	int errnum = 0;

	(void)arg;
	snprintf(from, sizeof(from), "%s/a", folder);
	snprintf(to, sizeof(to), "%s/b", folder);
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount(from, to, "none", MS_BIND, NULL) == -1)
		return;
	snprintf(to, sizeof(to), "%s/d/root", folder);
	WANT(mount(folder, to, "none", MS_BIND, NULL) == 0);
	/* The descriptor of before leads to the world of before. */
	root_free(root);
	WANT(root_open(&te.env, folder, NULL, false, &root, &sb_err) == ST_OK);
	open_watch();
	WANT(strcmp(heard(), "* ") == 0);
	WANT(watch_gaps(watch, path, &errnum) == 2);
	WANT(errnum == EEXIST && testenv_exists(folder, path));
	/* The root, a or b, the 1 in it, and d. */
	WANT(watch_count(watch) == 4);
	testenv_write(folder, "b/1/f", "x");
	said = heard();
	WANT(strcmp(said, "a/1/f ") == 0 || strcmp(said, "b/1/f ") == 0);
	other = *said == 'a' ? "b/ d/root/ " : "a/ d/root/ ";
	watch_begin(watch);
	WANT(strcmp(heard(), other) == 0);
}

/* A folder that is there twice is watched once, and a gap the other time. */
START_TEST(sees_a_folder_twice)
{
	run("mkdir -p a/1 b d/root");
	sb_child(look_twice, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs watch fault");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, reaches_the_limit);
	tcase_add_test(t, fills_the_room);
	tcase_add_loop_test(t, gets_over_faults, 0, N_FAULTS);
	tcase_add_loop_test(t, hears_of_permission, 0, 2);
	tcase_add_test(t, needs_inotify);
	tcase_add_test(t, without_memory);
	tcase_add_loop_test(t, mends_after_an_overflow, 0, 7);
	tcase_add_test(t, watches_again);
	tcase_add_loop_test(t, believes_in_the_end, 0, 4);
	tcase_add_test(t, believes_no_nonsense);
	tcase_add_test(t, moves_too_many);
	tcase_add_loop_test(t, survives_any_bytes, 0, 200);
	tcase_add_test(t, leaves_mounts_alone);
	tcase_add_test(t, mends_a_wrong_map);
	tcase_add_test(t, sees_a_folder_twice);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
