/* SPDX-License-Identifier: MIT */
/*
 * Changing a tree that holds still: what is done, what is refused, and that
 * what was refused left no trace.
 */
#include "config.h"

#include "fs/swap.h"
#include "swapping.h"

/* A new file appears, with its folders, its mode and its time. */
START_TEST(in_new)
{
	uint64_t n = staged(NEW);

	ck_assert_int_eq(swap_in(stage, n, "d/e/-a\n", &nothing, hasher, &stamp,
			     &left, &err),
	    ST_OK);
	ck_assert(path_is("d/e/-a\n", NEW));
	ck_assert(!left);
	stamp_is_of("d/e/-a\n");
	ck_assert_int_eq(stamp.mtime, 1000000000 * NSEC + 5);
	ck_assert_str_eq(in_stage(n), "");
}
END_TEST

/* Replacing leaves the old version in the stage, however it is proven. */
START_TEST(in_replace)
{
	struct swap_expect e;
	uint64_t n = staged(NEW);

	testenv_write(folder, "a", OLD);
	e = expected("a", OLD, _i == 1);
	if (_i == 2)
		e.stamp = (struct stamp){ 0 };
	ck_assert_int_eq(swap_in(stage, n, "a", &e, hasher, &stamp, &left,
			     &err),
	    ST_OK);
	ck_assert(path_is("a", NEW));
	ck_assert(!left);
	stamp_is_of("a");
	ck_assert_str_eq(in_stage(n), OLD);
}
END_TEST

/* A folder that was removed after it was opened is made again. */
START_TEST(in_stale_folder)
{
	uint64_t n = staged(NEW), m = staged(OLD);
	struct swap_expect e;

	ck_assert_int_eq(swap_in(stage, n, "d/a", &nothing, hasher, &stamp,
			     &left, &err),
	    ST_OK);
	ck_assert_int_eq(unlink(path_of("d/a")), 0);
	ck_assert_int_eq(rmdir(path_of("d")), 0);
	ck_assert_int_eq(swap_in(stage, m, "d/a", &nothing, hasher, &stamp,
			     &left, &err),
	    ST_OK);
	ck_assert(path_is("d/a", OLD));
	/* Moved away and made anew: the name counts, not the descriptor. */
	e = expected("d/a", OLD, false);
	ck_assert_int_eq(unlink(path_of("d/a")), 0);
	ck_assert_int_eq(rmdir(path_of("d")), 0);
	ck_assert_int_eq(mkdir(path_of("d"), 0755), 0);
	testenv_write(folder, "d/a", OLD);
	n = staged(NEW);
	ck_assert_int_eq(swap_in(stage, n, "d/a", &e, hasher, &stamp, &left,
			     &err),
	    ST_OK);
	ck_assert(path_is("d/a", NEW));
}
END_TEST

static void
stand_file(void)
{
	testenv_write(folder, "a", "another one\n");
}

static void
stand_longer(void)
{
	testenv_write(folder, "a", "another, longer one\n");
}

static void
stand_nothing(void)
{
}

static void
stand_folder(void)
{
	ck_assert_int_eq(mkdir(path_of("a"), 0755), 0);
	testenv_write(folder, "a/x", "x");
}

static void
stand_link(void)
{
	testenv_write(folder, "target", OLD);
	ck_assert_int_eq(symlink("target", path_of("a")), 0);
}

static void
stand_fifo(void)
{
	ck_assert_int_eq(mkfifo(path_of("a"), 0644), 0);
}

static void
stand_writer(void)
{
	testenv_write(folder, "a", OLD);
	ck_assert_int_ne(open(path_of("a"), O_WRONLY | O_APPEND | O_CLOEXEC),
	    -1);
}

static const struct {
	void (*stand)(void);
	enum status st; /* of in, out, move and meta */
} ways[] = {
	{ stand_file, ST_CHANGED },
	{ stand_longer, ST_CHANGED },
	{ stand_nothing, ST_NOENT },
	{ stand_folder, ST_EXIST },
	{ stand_link, ST_EXIST },
	{ stand_fifo, ST_EXIST },
	{ stand_writer, ST_CHANGED },
};

static void
nothing_happened(const struct stat *before, uint64_t n)
{
	struct stat after;

	if (lstat(path_of("a"), &after) == -1) {
		ck_assert_uint_eq(before->st_ino, 0);
	} else {
		ck_assert_uint_eq(before->st_ino, after.st_ino);
		ck_assert_int_eq(before->st_mode, after.st_mode);
		ck_assert_int_eq(before->st_mtim.tv_nsec,
		    after.st_mtim.tv_nsec);
	}
	ck_assert(!left);
	ck_assert_str_eq(in_stage(n), NEW);
	ck_assert(!testenv_exists(folder, "b"));
}

/* Whatever stands there and is not what was expected stays as it is. */
START_TEST(refused)
{
	struct swap_expect e = { .hash = testenv_hash(OLD),
		.stamp = { .ino = 1, .size = strlen(OLD) } };
	struct stat before = { 0 };
	uint64_t n = staged(NEW);
	int st;

	ways[_i].stand();
	lstat(path_of("a"), &before);
	st = swap_in(stage, n, "a", &e, hasher, &stamp, &left, &err);
	ck_assert_int_eq(st, ways[_i].st);
	ck_assert_ptr_nonnull(strstr(err.text, "a: "));
	nothing_happened(&before, n);
	st = swap_out(stage, n + 1, "a", &e, hasher, &left, &err);
	ck_assert_int_eq(st, ways[_i].st);
	nothing_happened(&before, n);
	st = swap_move(stage, "a", "b", &e, hasher, &stamp, &err);
	ck_assert_int_eq(st, ways[_i].st);
	nothing_happened(&before, n);
	st = swap_meta(stage, "a", &e, 5, true, hasher, &stamp, &err);
	ck_assert_int_eq(st, ways[_i].st);
	nothing_happened(&before, n);
	if (ways[_i].st == ST_NOENT)
		return;
	st = swap_in(stage, n, "a", &nothing, hasher, &stamp, &left, &err);
	ck_assert_int_eq(st, ST_EXIST);
	nothing_happened(&before, n);
}
END_TEST

/* A file that is open for writing is about to change, whatever it says now. */
START_TEST(open_for_writing)
{
	struct swap_expect e;
	uint64_t n = staged(NEW);

	testenv_write(folder, "a", OLD);
	e = expected("a", OLD, _i == 1);
	ck_assert_int_ne(open(path_of("a"), O_WRONLY | O_CLOEXEC), -1);
	ck_assert_int_eq(swap_in(stage, n, "a", &e, hasher, &stamp, &left,
			     &err),
	    ST_CHANGED);
	ck_assert(!left);
	ck_assert_str_eq(in_stage(n), NEW);
	ck_assert_int_eq(swap_out(stage, n + 1, "a", &e, hasher, &left, &err),
	    ST_CHANGED);
	ck_assert(!left);
	ck_assert_int_eq(swap_move(stage, "a", "b", &e, hasher, &stamp, &err),
	    ST_CHANGED);
	ck_assert_int_eq(swap_meta(stage, "a", &e, 5, true, hasher, &stamp,
			     &err),
	    ST_CHANGED);
	ck_assert(path_is("a", OLD));
	ck_assert(!testenv_exists(folder, "b"));
}
END_TEST

/* Through a symlink, or a file, there is no way. */
START_TEST(parent_is_no_folder)
{
	struct swap_expect e = { .hash = testenv_hash(OLD) };
	char outside[UNIT_FOLDER];
	uint64_t n = staged(NEW);

	unit_folder(outside);
	testenv_write(outside, "a", OLD);
	testenv_write(folder, "file", OLD);
	testenv_write(folder, "x", OLD);
	ck_assert_int_eq(symlink(outside, path_of("link")), 0);
	ck_assert_int_eq(swap_in(stage, n, "link/a", &e, hasher, &stamp, &left,
			     &err),
	    ST_EXIST);
	ck_assert_int_eq(swap_in(stage, n, "link/b", &nothing, hasher, &stamp,
			     &left, &err),
	    ST_EXIST);
	ck_assert_int_eq(swap_in(stage, n, "link/d/b", &nothing, hasher, &stamp,
			     &left, &err),
	    ST_EXIST);
	ck_assert_int_eq(swap_in(stage, n, "file/b", &nothing, hasher, &stamp,
			     &left, &err),
	    ST_EXIST);
	ck_assert_int_eq(swap_out(stage, 99, "link/a", &e, hasher, &left, &err),
	    ST_EXIST);
	ck_assert_int_eq(swap_move(stage, "link/a", "b", &e, hasher, &stamp,
			     &err),
	    ST_EXIST);
	ck_assert_int_eq(swap_move(stage, "x", "link/b", &e, hasher, &stamp,
			     &err),
	    ST_EXIST);
	ck_assert_int_eq(swap_meta(stage, "link/a", &e, 5, true, hasher, &stamp,
			     &err),
	    ST_EXIST);
	ck_assert_int_eq(swap_in(stage, n, "no/a", &e, hasher, &stamp, &left,
			     &err),
	    ST_NOENT);
	ck_assert(!testenv_exists(folder, "no"));
	ck_assert_int_eq(swap_in(stage, n, "../a", &nothing, hasher, &stamp,
			     &left, &err),
	    ST_REFUSED);
	ck_assert_int_eq(swap_in(stage, n, ".dsync/a", &nothing, hasher, &stamp,
			     &left, &err),
	    ST_REFUSED);
	ck_assert_str_eq(testenv_read(outside, "a"), OLD);
	ck_assert(!testenv_exists(outside, "b"));
	ck_assert(path_is("x", OLD));
	unit_folder_remove(outside);
}
END_TEST

/* Taking away: the file is in the stage and its folder is left alone. */
START_TEST(out)
{
	struct swap_expect e;
	uint64_t n = stage_next(stage);

	testenv_write(folder, "a", OLD);
	e = expected("a", OLD, _i == 1);
	ck_assert_int_eq(swap_out(stage, n, "a", &e, hasher, &left, &err),
	    ST_OK);
	ck_assert(!testenv_exists(folder, "a"));
	ck_assert_str_eq(in_stage(n), OLD);
	ck_assert(!left);
}
END_TEST

/* Moving: folders are made, contents and inode stay, nothing is replaced. */
START_TEST(moving)
{
	struct swap_expect e;

	testenv_write(folder, "a", OLD);
	testenv_write(folder, "c", NEW);
	e = expected("a", OLD, _i == 1);
	ck_assert_int_eq(swap_move(stage, "a", "c", &e, hasher, &stamp, &err),
	    ST_EXIST);
	ck_assert(path_is("a", OLD));
	ck_assert(path_is("c", NEW));
	ck_assert_int_eq(swap_move(stage, "a", "d/e/b", &e, hasher, &stamp,
			     &err),
	    ST_OK);
	ck_assert(!testenv_exists(folder, "a"));
	ck_assert(path_is("d/e/b", OLD));
	stamp_is_of("d/e/b");
	ck_assert_uint_eq(stamp.ino, e.stamp.ino);
}
END_TEST

/* The exec bit and mtime are set; the other bits and the contents stay. */
START_TEST(meta)
{
	static const struct {
		mode_t before, after;
		bool exec;
	} modes[] = {
		{ 0644, 0755, true },
		{ 0600, 0700, true },
		{ 0640, 0750, true },
		{ 0755, 0644, false },
		{ 0751, 0640, false },
		{ 0644, 0644, false },
	};
	struct swap_expect e;
	struct stat st;
	size_t i;

	testenv_write(folder, "a", OLD);
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		ck_assert_int_eq(chmod(path_of("a"), modes[i].before), 0);
		e = expected("a", OLD, i % 2 == 0);
		ck_assert_int_eq(swap_meta(stage, "a", &e, -1, modes[i].exec,
				     hasher, &stamp, &err),
		    ST_OK);
		ck_assert_int_eq(stat(path_of("a"), &st), 0);
		ck_assert_int_eq(st.st_mode & 07777, modes[i].after);
		ck_assert_int_eq(st.st_mtim.tv_sec, -1);
		ck_assert_int_eq(st.st_mtim.tv_nsec, 999999999);
		stamp_is_of("a");
	}
	e = expected("a", OLD, true);
	ck_assert_int_eq(swap_meta(stage, "a", &e, INT64_MIN, true, hasher,
			     &stamp, &err),
	    ST_OK);
	ck_assert_int_eq(stamp.mtime, -1);
	ck_assert(path_is("a", OLD));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_swap");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, in_new);
	tcase_add_loop_test(tc, in_replace, 0, 3);
	tcase_add_test(tc, in_stale_folder);
	tcase_add_loop_test(tc, refused, 0, COUNT(ways));
	tcase_add_loop_test(tc, open_for_writing, 0, 2);
	tcase_add_test(tc, parent_is_no_folder);
	tcase_add_loop_test(tc, out, 0, 2);
	tcase_add_loop_test(tc, moving, 0, 2);
	tcase_add_test(tc, meta);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
