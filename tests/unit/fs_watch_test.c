/* SPDX-License-Identifier: MIT */
/* What is heard of what people and programs do to a folder. */
#include "config.h"

#include "sandboxing.h"
#include "watching.h"

static const struct {
	const char *before; /* made before the watch begins */
	const char *act;
	const char *expect;
	const char *then; /* and after that */
	const char *expect_then;
} cases[] = {
	/* files */
	{ ":", "echo x >f", "f ", "echo y >>f", "f " },
	{ "echo x >f", "echo y >f", "f ", "rm f", "f " },
	{ "echo x >f", "chmod +x f", "f ", "touch f", "f " },
	{ "echo x >f", "ln f g", "g ", "ln -s f l", "l " },
	{ "mkdir d; echo x >d/f", "echo y >d/f", "d/f ", "mv d/f g", "d/f g " },
	{ ":", "mkfifo p", "p ", "mv p q", "p q " },
	/* how editors save */
	{ "echo x >f", "echo y >.f.swp; mv .f.swp f", "f ", ":", "" },
	{ "echo x >f", "echo y >f.tmp; mv f.tmp f", "f f.tmp ", ":", "" },
	{ "echo x >f", "mv f f~; echo y >f; rm f~", "f f~ ", ":", "" },
	{ "echo x >f", "cp f f~; echo y >f", "f f~ ", ":", "" },
	/* folders */
	{ ":", "mkdir d", "d/ ", "echo x >d/f", "d/f " },
	{ ":", "mkdir -p a/b/c; echo x >a/b/c/f", "a/ ", "echo y >a/b/c/f",
	    "a/b/c/f " },
	{ "mkdir d", "rmdir d", "d/ ", "mkdir d; echo x >d/f", "d/ " },
	{ "mkdir -p a/b; echo x >a/b/f", "rm -r a; mkdir -p a/b", "a/ ",
	    "echo x >a/b/f", "a/b/f " },
	{ "mkdir d", "chmod 700 d; touch d", "", "echo x >d/f", "d/f " },
	{ "echo x >f", "rm f; mkdir f; echo x >f/g", "f/ ", "echo y >f/g",
	    "f/g " },
	/* moved */
	{ "mkdir -p d/e; echo x >d/e/f", "mv d g", "d/ g/ ", "echo y >g/e/f",
	    "g/e/f " },
	{ "mkdir -p a/b c", "mv a/b c/d", "a/b/ c/d/ ", "echo x >c/d/f",
	    "c/d/f " },
	{ "mkdir -p d/e", "mv d $OUT/d", "d/ ", "echo x >$OUT/d/e/f", "" },
	{ "mkdir -p $OUT/d/e", "mv $OUT/d d", "d/ ", "echo x >d/e/f",
	    "d/e/f " },
	{ "mkdir -p a/x b", "mv -T a b", "a/ b/ ", "echo x >b/x/f", "b/x/f " },
	{ "mkdir -p a/1 b/2", "mv a c; mv b a; mv c b", "a/ b/ c/ ",
	    "echo x >a/2/f; echo x >b/1/f", "a/2/f b/1/f " },
	{ "mkdir -p a/x", "mv a b; mv b c; mkdir a", "a/ b/ c/ ",
	    "echo x >a/f; echo x >c/x/f", "a/f c/x/f " },
	{ "mkdir -p a/b", "mv a/b x; mv a x/a", "a/ x/ ", "echo x >x/a/f",
	    "x/a/f " },
	{ "mkdir -p a/b", "mkdir a/b/c; mv a x; mkdir x/b/c/d", "a/ x/ ",
	    "echo x >x/b/c/d/f", "x/b/c/d/f " },
	{ "mkdir -p a/b", "mv a x; mkdir -p a/b/c; mkdir x/b/c", "a/ x/ ",
	    "echo x >x/b/c/f; echo x >a/b/c/f", "a/b/c/f x/b/c/f " },
	/* what is not synced */
	{ "mkdir .git", "echo x >.git/f; echo x >.hid; mkdir .git/d .e", "",
	    "echo x >.e/f", "" },
	{ "mkdir build", "echo x >build/f; mkdir build/d; echo x >f.o", "",
	    "echo x >build/d/f; rm f.o", "" },
	{ ":", "echo x >.dsync/f; mkdir .dsync/d; chmod 755 .dsync", "",
	    "touch .dsync; mkdir d; mkdir d/.dsync", "d/ " },
	{ ":", "echo '*.x' >.dsyncignore", ".dsyncignore ", ":", "" },
	{ "mkdir $OUT/t; ln -s $OUT/t l", "echo x >$OUT/t/f", "", "rm l",
	    "l " },
	{ "mkdir d $OUT/t", "rmdir d; ln -s $OUT/t d", "d/ ",
	    "echo x >$OUT/t/f", "" },
	/* and comes to be, or is no more */
	{ "mkdir -p .d/e", "mv .d d", "d/ ", "echo x >d/e/f", "d/e/f " },
	{ "mkdir -p d/e", "mv d .d", "d/ ", "echo x >.d/e/f", "" },
	{ "mkdir -p d/e", "mv d build", "d/ ", "mv build g; echo x >g/e/f",
	    "g/ " },
	{ "echo x >f", "mv f f.o", "f ", "mv f.o f", "f " },
};

START_TEST(hears_what_is_done)
{
	run(cases[_i].before);
	open_quietly();
	run(cases[_i].act);
	ck_assert_msg(strcmp(heard(), cases[_i].expect) == 0, "%s: \"%s\"",
	    cases[_i].act, cases[_i].expect);
	run(cases[_i].then);
	ck_assert_str_eq(heard(), cases[_i].expect_then);
	probe_all();
}
END_TEST

/* The same, but nothing is read before all is done. */
START_TEST(hears_it_afterwards)
{
	const char *text;

	run(cases[_i].before);
	open_quietly();
	run(cases[_i].act);
	run(cases[_i].then);
	text = heard();
	ck_assert_int_eq(*text == '\0',
	    *cases[_i].expect == '\0' && *cases[_i].expect_then == '\0');
	probe_all();
}
END_TEST

/* Two folders that change places keep what is below them. */
START_TEST(hears_an_exchange)
{
	run("mkdir -p a/1 b/2 c");
	open_quietly();
	run("cd a && mkdir deep");
	ck_assert_str_eq(heard(), "a/deep/ ");
	ck_assert_int_eq(renameat2(root_fd(root), "a", root_fd(root), "b",
			     RENAME_EXCHANGE),
	    0);
	ck_assert_str_eq(heard(), "a/ b/ ");
	run("echo x >b/deep/f; echo x >b/1/f; echo x >a/2/f");
	ck_assert_str_eq(heard(), "a/2/f b/1/f b/deep/f ");
	testenv_write(folder, "f", "x");
	ck_assert_str_eq(heard(), "f ");
	ck_assert_int_eq(renameat2(root_fd(root), "a", root_fd(root), "f",
			     RENAME_EXCHANGE),
	    0);
	ck_assert_str_eq(heard(), "a/ f/ ");
	probe_all();
}
END_TEST

/* Who never closes the file is heard, too. */
START_TEST(hears_an_open_writer)
{
	autoclose int fd = -1;
	char path[100];

	open_quietly();
	snprintf(path, sizeof(path), "%s/log", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ck_assert_str_eq(heard(), "log ");
	ck_assert_int_eq(write(fd, "x", 1), 1);
	ck_assert_str_eq(heard(), "log ");
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_str_eq(heard(), "log ");
}
END_TEST

/* Each byte that a name may have, and the longest, for files and folders. */
START_TEST(hears_any_name)
{
	char name[300], file[600], expect[620];
	int i;

	open_quietly();
	for (i = 1; i <= 256; i++) {
		if (i == '/' || i == '.')
			continue;
		snprintf(name, sizeof(name), "%c%c", i, i);
		if (i == 256) {
			memset(name, 'n', 255);
			name[255] = '\0';
		}
		snprintf(file, sizeof(file), "%s/%s", folder, name);
		ck_assert_int_eq(mkdir(file, 0755), 0);
		snprintf(expect, sizeof(expect), "%s/ ", name);
		ck_assert_str_eq(heard(), expect);
		snprintf(file, sizeof(file), "%s/%s", name, name);
		testenv_write(folder, file, "x");
		snprintf(expect, sizeof(expect), "%s ", file);
		ck_assert_str_eq(heard(), expect);
	}
}
END_TEST

/* A path gets no longer and no deeper than a walk would follow. */
START_TEST(stops_at_the_limits)
{
	char name[PATH_NAME_LIMIT + 1], path[PATH_LIMIT];
	int i, fd, next;

	open_quietly();
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (i = 0; i < 20; i++) {
		ck_assert_int_eq(mkdirat(fd, name, 0755), 0);
		next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	close(fd);
	(void)heard();
	/* With its slash, a folder of 15 such names has 3840 bytes. */
	ck_assert_uint_eq(watch_count(watch), 1 + 15);
	for (i = 0, path[0] = '\0'; i < 15; i++)
		snprintf(path + i * 256, sizeof(path) - (size_t)i * 256, "%s/",
		    name);
	snprintf(path + 3840, sizeof(path) - 3840, "%.200s", name);
	testenv_write(folder, path, "x");
	catch_up();
	{
		AUTO(touched_list) struct touched_list *list = take();

		ck_assert_uint_eq(list->n, 1);
		ck_assert_str_eq(list->v[0]->path, path);
	}
	run("d=.; for i in $(seq 300); do d=$d/d; mkdir $d; done");
	(void)heard();
	ck_assert_uint_eq(watch_count(watch), 1 + 15 + 255);
	/* Too long for the test's own cleaning up. */
	run("rm -r n* d");
}
END_TEST

/* When it was touched first, and when last. */
START_TEST(says_when)
{
	const int64_t start = te.now;
	int64_t first = 0, last = 0;

	open_quietly();
	ck_assert(!touched_waiting(watch_touched(watch), &first, &last));
	testenv_write(folder, "f", "1");
	catch_up();
	te.now = start + 30;
	testenv_write(folder, "f", "2");
	catch_up();
	ck_assert(touched_waiting(watch_touched(watch), &first, &last));
	ck_assert_int_eq(first, start);
	ck_assert_int_eq(last, start + 30);
}
END_TEST

/* Rules that change take folders out, and bring them in. */
START_TEST(follows_the_rules)
{
	static const char rules[] = "a/\n";

	run("mkdir -p a/b c build/d");
	open_quietly();
	ck_assert_uint_eq(watch_count(watch), 4);
	ck_assert_int_eq(filter_add_file(filter, "", rules, sizeof(rules) - 1,
			     &err),
	    ST_OK);
	watch_begin(watch);
	ck_assert(!watch_idle(watch));
	ck_assert_str_eq(heard(), "");
	ck_assert_uint_eq(watch_count(watch), 2);
	run("echo x >a/b/f; echo x >c/f");
	ck_assert_str_eq(heard(), "c/f ");
	filter_clear_files(filter);
	watch_begin(watch);
	ck_assert_str_eq(heard(), "a/ ");
	ck_assert_uint_eq(watch_count(watch), 4);
	watch_begin(watch);
	ck_assert_str_eq(heard(), "");
	probe_all();
}
END_TEST

/* A large folder is looked at in many small steps. */
START_TEST(works_in_steps)
{
	int steps = 0;

	run("for i in 1 2 3 4 5 6 7 8 9 10; do mkdir -p $i/a; done");
	open_watch();
	while (!watch_idle(watch)) {
		ck_assert_int_eq(watch_step(watch, 1, &err), ST_OK);
		ck_assert_uint_le(watch_count(watch), (size_t)++steps);
		/* Events come in between. */
		if (steps == 9)
			run("mv 1 11; mkdir -p 12/a; rm -r 2");
		if (steps % 3 == 0)
			ck_assert_int_eq(watch_read(watch, &err), ST_OK);
	}
	ck_assert_int_gt(steps, 40);
	ck_assert_str_eq(heard(), "* ");
	ck_assert_uint_eq(watch_count(watch), 21);
	probe_all();
}
END_TEST

static const struct {
	const char *act;
	const char *why;
} losses[] = {
	{ "cd /; mv $OLDPWD $OUT/moved", "was moved" },
	{ "rm -rf .dsync", "its .dsync is gone" },
	{ "mv .dsync $OUT/d", "its .dsync is gone" },
	{ "cd /; rm -rf $OLDPWD", "gone" },
};

/* A root that is not what it was is no root whose files are deleted. */
START_TEST(notices_a_lost_root)
{
	AUTO(touched_list) struct touched_list *list = NULL;
	int i;

	run("mkdir d; echo x >f");
	open_quietly();
	testenv_write(folder, "f", "y");
	run(losses[_i].act);
	watch_begin(watch);
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(watch_read(watch, &err), ST_FOLDER);
		ck_assert_ptr_nonnull(strstr(err.text, losses[_i].why));
		ck_assert_int_eq(watch_step(watch, 1, &err), ST_FOLDER);
		ck_assert(watch_idle(watch));
		watch_begin(watch);
	}
	list = take();
	ck_assert_uint_eq(list->n, 0);
}
END_TEST

/* A root without a .dsync, as for reading only, misses none; only itself. */
START_TEST(needs_no_private_folder)
{
	struct root *other = NULL;

	ck_assert_int_eq(root_open(&te.env, outside, NULL, true, &other, &err),
	    ST_OK);
	root_free(root);
	root = other;
	open_quietly();
	run("mkdir $OUT/.dsync; rmdir $OUT/.dsync; echo x >$OUT/f");
	ck_assert_str_eq(heard(), "f ");
	run("rm -r $OUT");
	ck_assert_int_eq(watch_read(watch, &err), ST_FOLDER);
	ck_assert_ptr_nonnull(strstr(err.text, "was deleted"));
	ck_assert_int_eq(mkdir(outside, 0700), 0);
}
END_TEST

/* As wherever it will run: with no access to /proc, and nothing outside. */
static void
in_the_sandbox(int arg)
{
	const char *const writable[] = { folder };
	const struct sandbox_opts opts = { .writable = writable,
		.n_writable = 1 };

	(void)arg;
	WANT(sandbox_enter(&te.env, &opts, &sb, &sb_err) == ST_OK);
	open_quietly();
	testenv_write(folder, "d/f", "x");
	WANT(strcmp(heard(), "d/f ") == 0);
	WANT(mkdirat(root_fd(root), "e", 0755) == 0);
	WANT(strcmp(heard(), "e/ ") == 0);
	testenv_write(folder, "e/f", "x");
	WANT(strcmp(heard(), "e/f ") == 0);
}

START_TEST(works_in_the_sandbox)
{
	run("mkdir d");
	sb_child(in_the_sandbox, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs watch");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, hears_what_is_done, 0, (int)COUNT(cases));
	tcase_add_loop_test(t, hears_it_afterwards, 0, (int)COUNT(cases));
	tcase_add_test(t, hears_an_exchange);
	tcase_add_test(t, hears_an_open_writer);
	tcase_add_test(t, hears_any_name);
	tcase_add_test(t, stops_at_the_limits);
	tcase_add_test(t, says_when);
	tcase_add_test(t, follows_the_rules);
	tcase_add_test(t, works_in_steps);
	tcase_add_loop_test(t, notices_a_lost_root, 0, (int)COUNT(losses));
	tcase_add_test(t, needs_no_private_folder);
	tcase_add_test(t, works_in_the_sandbox);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
