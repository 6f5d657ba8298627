/* SPDX-License-Identifier: MIT */
/* The queue of bytes: what goes in comes out, in order, and costs little. */
#include "config.h"

#include <string.h>

#include "nomem.h"
#include "unit.h"
#include "util/buf.h"

static void
put(struct buf *buf, const char *text)
{
	ck_assert_int_eq(buf_put(buf, text, strlen(text)), ST_OK);
}

static void
check_is(const struct buf *buf, const char *text)
{
	ck_assert_uint_eq(buf->len, strlen(text));
	ck_assert_mem_eq(buf_data(buf), text, buf->len);
}

START_TEST(is_a_queue)
{
	/* Put at the end, taken from the front, empty again at the end. */
	__attribute__((cleanup(auto_buf))) struct buf buf = { 0 };

	ck_assert_ptr_null(buf_data(&buf));
	put(&buf, "one");
	put(&buf, "");
	put(&buf, "two");
	check_is(&buf, "onetwo");
	buf_take(&buf, 0);
	buf_take(&buf, 4);
	check_is(&buf, "wo");
	put(&buf, "x");
	check_is(&buf, "wox");
	buf_take(&buf, 3);
	ck_assert_uint_eq(buf.len, 0);
	ck_assert_uint_eq(buf.head, 0);
	put(&buf, "again");
	buf_clear(&buf);
	ck_assert_uint_eq(buf.len, 0);
	put(&buf, "end");
	check_is(&buf, "end");
}
END_TEST

START_TEST(gives_room)
{
	/* What is written into the room counts when it is said to. */
	struct buf buf = { 0 };
	uint8_t *room = buf_room(&buf, 0);

	ck_assert_ptr_nonnull(room);
	room = buf_room(&buf, 1000);
	ck_assert_ptr_nonnull(room);
	memcpy(room, "abc", 3);
	ck_assert_uint_eq(buf.len, 0);
	buf_added(&buf, 2);
	check_is(&buf, "ab");
	ck_assert_uint_ge(buf.cap, 1000);
	buf_fini(&buf);
	ck_assert_ptr_null(buf.data);
	ck_assert_uint_eq(buf.cap, 0);
}
END_TEST

START_TEST(keeps_order_whatever_the_sizes)
{
	/* Random puts and takes, against a counter on each side. */
	struct buf buf = { 0 };
	uint8_t in = 0, out = 0, *room;
	size_t i, n, round;

	srandom(7);
	for (round = 0; round < 5000; round++) {
		n = (size_t)random() % (round % 50 == 0 ? 5000 : 300);
		room = buf_room(&buf, n);
		ck_assert_ptr_nonnull(room);
		for (i = 0; i < n; i++)
			room[i] = in++;
		buf_added(&buf, n);
		n = (size_t)random() % (buf.len + 1);
		for (i = 0; i < n && buf_data(&buf)[i] == out; i++)
			out++;
		ck_assert_uint_eq(i, n);
		buf_take(&buf, n);
	}
	buf_fini(&buf);
}
END_TEST

START_TEST(stays_small_and_quick)
{
	/* A queue that is never empty neither grows nor moves all the time. */
	enum {
		WAITING = 1 << 20
	};
	struct buf buf = { 0 };
	static uint8_t data[WAITING];
	size_t i;

	ck_assert_int_eq(buf_put(&buf, data, WAITING), ST_OK);
	for (i = 0; i < 4000000; i++) {
		if (buf_put(&buf, data, 1) != ST_OK)
			ck_abort_msg("out of memory");
		buf_take(&buf, 1);
	}
	ck_assert_uint_eq(buf.len, WAITING);
	ck_assert_uint_lt(buf.cap, 4 * WAITING);
	buf_fini(&buf);
}
END_TEST

START_TEST(refuses_the_impossible)
{
	/* A size that no memory has is out of memory, not an overflow. */
	struct buf buf = { 0 };

	put(&buf, "abc");
	ck_assert_ptr_null(buf_room(&buf, SIZE_MAX));
	ck_assert_ptr_null(buf_room(&buf, SIZE_MAX - 3));
	ck_assert_int_eq(buf_put(&buf, "", SIZE_MAX / 2), ST_NOMEM);
	check_is(&buf, "abc");
	buf_fini(&buf);
}
END_TEST

START_TEST(without_memory)
{
	/* A queue that cannot grow keeps what it has. */
	struct buf buf = { 0 };
	static const char more[1000];

	nomem_at(1);
	ck_assert_int_eq(buf_put(&buf, "a", 1), ST_NOMEM);
	put(&buf, "abc");
	nomem_at(1);
	ck_assert_int_eq(buf_put(&buf, more, sizeof(more)), ST_NOMEM);
	nomem_at(0);
	check_is(&buf, "abc");
	buf_fini(&buf);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("util buf");
	TCase *t = tcase_create("all");

	tcase_add_test(t, is_a_queue);
	tcase_add_test(t, gives_room);
	tcase_add_test(t, keeps_order_whatever_the_sizes);
	tcase_add_test(t, stays_small_and_quick);
	tcase_add_test(t, refuses_the_impossible);
	tcase_add_test(t, without_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
