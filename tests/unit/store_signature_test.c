/* SPDX-License-Identifier: MIT */
/* store/signature: what is kept of which version of which path. */
#include "config.h"

#include <string.h>

#include "store/signature.h"
#include "unit/store.h"
#include "util/hash.h"

static struct db *db;

static struct hash
hash_of(unsigned n)
{
	struct hash hash = { .b = { (uint8_t)n } };

	return hash;
}

static void
put(const char *path, unsigned version)
{
	struct hash hash = hash_of(version);
	char data[8];

	snprintf(data, sizeof(data), "%s%u", path, version);
	STORE_OK(db_begin(db, ERR));
	STORE_OK(signature_put(db, path, &hash, data, strlen(data), ERR));
	STORE_OK(db_commit(db, ERR));
}

/* What is known of the version: a text, or "-". */
static const char *
get(const char *path, unsigned version)
{
	static char text[8];
	AUTO(buf) struct buf out = { 0 };
	struct hash hash = hash_of(version);
	bool have = false;

	STORE_OK(signature_get(db, path, &hash, &have, &out, ERR));
	if (!have)
		return "-";
	ck_assert_uint_lt(out.len, sizeof(text));
	memcpy(text, buf_data(&out), out.len);
	text[out.len] = '\0';
	return text;
}

START_TEST(the_last_few_are_kept)
{
	/* Of each path by itself; one that comes again is the newest again. */
	unsigned i;

	put("b", 1);
	for (i = 1; i <= SIGNATURE_KEEP; i++)
		put("a", i);
	put("a", 1);
	put("a", 5);
	ck_assert_str_eq(get("a", 1), "a1");
	ck_assert_str_eq(get("a", 2), "-");
	ck_assert_str_eq(get("a", 3), "a3");
	ck_assert_str_eq(get("a", 4), "a4");
	ck_assert_str_eq(get("a", 5), "a5");
	ck_assert_str_eq(get("b", 1), "b1");
	ck_assert_str_eq(get("c", 1), "-");
}
END_TEST

START_TEST(they_move_with_the_file)
{
	put("a", 1);
	put("a", 2);
	put("b", 1);
	put("b", 3);
	STORE_OK(db_begin(db, ERR));
	STORE_OK(signature_move(db, "a", "b", ERR));
	STORE_OK(db_commit(db, ERR));
	ck_assert_str_eq(get("a", 1), "-");
	ck_assert_str_eq(get("b", 1), "a1");
	ck_assert_str_eq(get("b", 2), "a2");
	ck_assert_str_eq(get("b", 3), "-");
}
END_TEST

START_TEST(they_go_with_the_file)
{
	put("a", 1);
	put("a", 2);
	put("b", 1);
	STORE_OK(db_begin(db, ERR));
	STORE_OK(signature_drop(db, "a", ERR));
	STORE_OK(db_commit(db, ERR));
	ck_assert_str_eq(get("a", 1), "-");
	ck_assert_str_eq(get("a", 2), "-");
	ck_assert_str_eq(get("b", 1), "b1");
}
END_TEST

static void
setup(void)
{
	store_setup();
	db = store_open();
}

static void
teardown(void)
{
	db_free(db);
	store_teardown();
}

static Suite *
suite(void)
{
	Suite *s = suite_create("signature");
	TCase *t = tcase_create("signature");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_last_few_are_kept);
	tcase_add_test(t, they_move_with_the_file);
	tcase_add_test(t, they_go_with_the_file);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
