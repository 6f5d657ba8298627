/* SPDX-License-Identifier: MIT */
/* Reading files, also those that don't hold still. */
#include "config.h"

#include "fs/scan.h"
#include "scanning.h"

static void
read_as(const char *path, uint8_t kind, struct entry *ret, struct stamp *stamp)
{
	enum status st = scan_read(root, path, 1000000, digest, NULL, ret,
	    stamp, &err);

	ck_assert_msg(st == ST_OK, "%s", err.text);
	ck_assert_int_eq(ret->kind, kind);
	ck_assert_str_eq(ret->path, path);
}

/* Text is hashed; binary, large, gone and special files are what they are. */
START_TEST(read_kinds)
{
	char path[8192];
	struct hash hash = testenv_hash("hello\n");
	struct stamp stamp;
	struct stat st;
	struct entry e;

	testenv_write(folder, "a", "hello\n");
	snprintf(path, sizeof(path), "%s/a", folder);
	ck_assert_int_eq(chmod(path, 0755), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	read_as("a", ENTRY_TEXT, &e, &stamp);
	ck_assert(hash_equal(&e.hash, &hash));
	ck_assert_uint_eq(e.size, 6);
	ck_assert(e.exec);
	ck_assert_int_eq(e.mtime,
	    st.st_mtim.tv_sec * NSEC + st.st_mtim.tv_nsec);
	ck_assert_uint_eq(stamp.ino, st.st_ino);
	te.shorten = 1;
	read_as("a", ENTRY_TEXT, &e, &stamp);
	ck_assert(hash_equal(&e.hash, &hash));
	te.shorten = 0;
	testenv_write(folder, "b", "bin\001ary");
	read_as("b", ENTRY_EXCLUDED, &e, &stamp);
	ck_assert_uint_ne(stamp.ino, 0);
	ck_assert_uint_eq(e.size, 7);
	testenv_write(folder, "empty", "");
	read_as("empty", ENTRY_TEXT, &e, &stamp);
	ck_assert(!e.exec);
	read_as("nothing", ENTRY_ABSENT, &e, &stamp);
	read_as("no/thing", ENTRY_ABSENT, &e, &stamp);
	read_as("a/thing", ENTRY_ABSENT, &e, &stamp);
	make_fifo("fifo");
	read_as("fifo", ENTRY_ABSENT, &e, &stamp);
	make_link("link", "a");
	read_as("link", ENTRY_ABSENT, &e, &stamp);
	make_socket("socket");
	read_as("socket", ENTRY_ABSENT, &e, &stamp);
	make_folder("dir");
	read_as("dir", ENTRY_ABSENT, &e, &stamp);
	ck_assert_int_eq(scan_read(root, "a", 5, digest, NULL, &e, &stamp,
			     &err),
	    ST_OK);
	ck_assert_int_eq(e.kind, ENTRY_EXCLUDED);
	ck_assert_int_eq(scan_read(root, "a", 6, digest, NULL, &e, &stamp,
			     &err),
	    ST_OK);
	ck_assert_int_eq(e.kind, ENTRY_TEXT);
}
END_TEST

/* A NUL far behind the first piece makes a file binary all the same. */
START_TEST(read_late_binary)
{
	const size_t size = 700000;
	autofree char *text = malloc(size + 1);
	struct stamp stamp;
	struct entry e;
	char path[8192];
	int fd;

	memset(text, 'x', size);
	text[size] = '\0';
	testenv_write(folder, "a", text);
	read_as("a", ENTRY_TEXT, &e, &stamp);
	ck_assert_uint_eq(e.size, size);
	snprintf(path, sizeof(path), "%s/a", folder);
	fd = open(path, O_WRONLY);
	ck_assert_int_eq(pwrite(fd, "", 1, 600000), 1);
	close(fd);
	read_as("a", ENTRY_EXCLUDED, &e, &stamp);
}
END_TEST

/* What a user does in the middle of a read; times: how often he does it. */
struct meddling {
	const char *op; /* before this call */
	int times;
	void (*act)(int i);
	int done;
};

static int
meddle(struct testenv *t, const char *op, int count)
{
	struct meddling *m = t->ctx;

	(void)count;
	if (strcmp(op, m->op) == 0 && m->done < m->times)
		m->act(m->done++);
	return 0;
}

static void
act_write(int i)
{
	char text[30];

	snprintf(text, sizeof(text), "version %d\n", i + 1);
	testenv_write(folder, "a", text);
}

static void
act_save(int i)
{
	char text[30];

	snprintf(text, sizeof(text), "version %d\n", i + 1);
	testenv_save(folder, "a", text);
}

static void
act_remove(int i)
{
	char path[8192];

	(void)i;
	snprintf(path, sizeof(path), "%s/a", folder);
	ck_assert_int_eq(unlink(path), 0);
}

static void
act_fifo(int i)
{
	act_remove(i);
	make_fifo("a");
}

/* A file that changes under the reader is read again, three times at most. */
START_TEST(read_while_changing)
{
	static const struct {
		struct meddling m;
		enum status st;
		uint8_t kind;
		const char *text;
	} cases[] = {
		{ { "read", 1, act_write, 0 }, ST_OK, ENTRY_TEXT,
		    "version 1\n" },
		{ { "read", 1, act_save, 0 }, ST_OK, ENTRY_TEXT,
		    "version 1\n" },
		{ { "read", 1, act_remove, 0 }, ST_OK, ENTRY_ABSENT, NULL },
		{ { "read", 1, act_fifo, 0 }, ST_OK, ENTRY_ABSENT, NULL },
		{ { "fstat", 1, act_write, 0 }, ST_OK, ENTRY_TEXT,
		    "version 1\n" },
		{ { "openat", 1, act_fifo, 0 }, ST_OK, ENTRY_ABSENT, NULL },
		{ { "openat", 100, act_save, 0 }, ST_OK, ENTRY_TEXT,
		    "version 1\n" },
		{ { "fstat", 1, act_remove, 0 }, ST_OK, ENTRY_ABSENT, NULL },
		{ { "fstat", 4, act_save, 0 }, ST_OK, ENTRY_TEXT,
		    "version 4\n" },
		{ { "fstat", 100, act_save, 0 }, ST_CHANGED, 0, NULL },
		{ { "read", 100, act_save, 0 }, ST_CHANGED, 0, NULL },
	};
	struct meddling m;
	struct stamp stamp;
	struct hash hash;
	struct entry e;
	char path[8192];
	size_t i;

	snprintf(path, sizeof(path), "%s/a", folder);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum status st;

		unlink(path);
		testenv_write(folder, "a", "the first version\n");
		m = cases[i].m;
		te.ctx = &m;
		te.hook = meddle;
		st = scan_read(root, "a", 1000, digest, NULL, &e, &stamp, &err);
		te.hook = NULL;
		ck_assert_msg(st == cases[i].st, "case %zu: %d", i, st);
		if (st == ST_OK)
			ck_assert_msg(e.kind == cases[i].kind, "case %zu", i);
		if (cases[i].text == NULL)
			continue;
		hash = testenv_hash(cases[i].text);
		ck_assert_msg(hash_equal(&e.hash, &hash), "case %zu", i);
	}
}
END_TEST

/* Any call failing is an error, never a wrong answer. */
START_TEST(read_faults)
{
	struct hash hash = testenv_hash("hello\n");
	struct stamp stamp;
	struct entry e;
	enum status st;
	int k;

	testenv_write(folder, "a", "hello\n");
	for (k = 1;; k++) {
		testenv_fail(&te, NULL, k, EIO);
		st = scan_read(root, "a", 0, digest, NULL, &e, &stamp, &err);
		if (st == ST_OK)
			ck_assert(
			    e.kind == ENTRY_TEXT && hash_equal(&e.hash, &hash));
		else
			ck_assert_int_eq(st, ST_IO);
		if (!te.failed)
			break;
	}
	ck_assert_int_ge(k, 5);
}
END_TEST

/* Hashing a descriptor starts at its beginning, wherever its offset is. */
START_TEST(hash_fd)
{
	struct hash want = testenv_hash("hello\n"), got;
	char path[8192], byte;
	uint64_t size;
	int fd;

	testenv_write(folder, "a", "hello\n");
	snprintf(path, sizeof(path), "%s/a", folder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(read(fd, &byte, 1), 1);
	te.shorten = 2;
	ck_assert_int_eq(scan_hash_fd(root, fd, hasher, &got, &size, &err),
	    ST_OK);
	ck_assert(hash_equal(&got, &want));
	ck_assert_uint_eq(size, 6);
	testenv_fail(&te, "read", 2, EIO);
	ck_assert_int_eq(scan_hash_fd(root, fd, hasher, &got, &size, &err),
	    ST_IO);
	close(fd);
}
END_TEST

/* Only what lies back further than the ticks of the clocks is settled. */
START_TEST(settled)
{
	const int64_t now = 1800000000 * NSEC + 123, ms = 1000000;
	const struct {
		int64_t mtime, ctime;
		bool settled;
	} cases[] = {
		{ now - 30 * ms, now - 30 * ms, true },
		{ now - 30 * ms, now - 10 * ms, false },
		{ now - 10 * ms, now - 30 * ms, false },
		{ now, now, false },
		{ now + ms, now - NSEC, false },
		{ now - NSEC, now + ms, false },
		{ now - now % NSEC, now - NSEC, false },
		{ now - now % NSEC - 2 * NSEC, now - 3 * NSEC, true },
		{ now - now % NSEC - NSEC, now - 3 * NSEC, false },
		{ 0, now - 3 * NSEC, true },
		{ INT64_MIN, now - 3 * NSEC, true },
		{ INT64_MAX, now - 3 * NSEC, false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stamp stamp = { .mtime = cases[i].mtime,
			.ctime = cases[i].ctime };

		ck_assert_msg(scan_settled(&stamp, now) == cases[i].settled,
		    "case %zu", i);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("fs_scan_read");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, read_kinds);
	tcase_add_test(tc, read_late_binary);
	tcase_add_test(tc, read_while_changing);
	tcase_add_test(tc, read_faults);
	tcase_add_test(tc, hash_fd);
	tcase_add_test(tc, settled);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
