/* SPDX-License-Identifier: MIT */
/* Records: what is put comes out again, and nothing else comes in. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "codec/record.h"
#include "core/path.h"
#include "core/reconcile.h"
#include "nomem.h"
#include "unit.h"
#include "util/auto.h"
#include "util/str.h"

static struct record_scratch scratch;
static struct err err;

static const struct hash some_hash = { { 0xaa, 0x01, [31] = 0xff } };

/* Everything at once; what a caller changes is its own. */
static struct record
full_record(void)
{
	return (struct record){
		.fields = RECORD__ALL,
		.id = 0xfffffffe,
		.path = "notes/a b.txt",
		.from = "\xff\x01.txt",
		.kind = ENTRY_TEXT,
		.exec = true,
		.hash = some_hash,
		.size = INT64_MAX,
		.mtime = INT64_MIN,
		.if_kind = ENTRY_TEXT,
		.if_exec = true,
		.if_hash = some_hash,
		.form = FORM_META,
		.seq = INT64_MAX,
		.why = REASON_CLASH,
		.conflict = true,
		.fault = ST_LAST,
		.text = "n\xc3\xb6",
		.offset = INT64_MAX,
		.length = 0x01020304,
		.base = { { 0xbb, 0x02, [31] = 0xff } },
	};
}

static void
put(struct buf *buf, const struct record *r)
{
	ck_assert_int_eq(record_put(buf, r), ST_OK);
	ck_assert_uint_le(buf->len, RECORD_LIMIT);
}

/* Reads a record that must be good and fill all of the bytes. */
static struct record
get_whole(const uint8_t *data, size_t len)
{
	struct record r;

	ck_assert_msg(record_get(&data, &len, &scratch, &r, &err) == ST_OK,
	    "%s", err.text);
	ck_assert_uint_eq(len, 0);
	return r;
}

/* Reads bytes that must be refused, and shows that nothing has moved. */
static void
get_refused(const uint8_t *data, size_t len)
{
	struct record r = { .fields = 12345 };
	const uint8_t *p = data;
	size_t left = len;

	memset(&err, 0, sizeof(err));
	ck_assert_int_eq(record_get(&p, &left, &scratch, &r, &err), ST_PROTO);
	ck_assert_int_eq(strncmp(err.text, "bad record: ", 12), 0);
	ck_assert_ptr_eq(p, data);
	ck_assert_uint_eq(left, len);
	ck_assert_uint_eq(r.fields, 12345);
}

static bool
is_good(const uint8_t *data, size_t len)
{
	struct record r;

	return record_get(&data, &len, &scratch, &r, &err) == ST_OK && len == 0;
}

static void
assert_same(const struct record *a, const struct record *b)
{
	ck_assert_uint_eq(a->fields, b->fields);
	ck_assert_uint_eq(a->id, b->id);
	ck_assert_pstr_eq(a->path, b->path);
	ck_assert_pstr_eq(a->from, b->from);
	ck_assert_uint_eq(a->kind, b->kind);
	ck_assert_int_eq(a->exec, b->exec);
	ck_assert_int_eq(a->cover, b->cover);
	ck_assert_mem_eq(a->hash.b, b->hash.b, HASH_SIZE);
	ck_assert_uint_eq(a->size, b->size);
	ck_assert_int_eq(a->mtime, b->mtime);
	ck_assert_uint_eq(a->if_kind, b->if_kind);
	ck_assert_int_eq(a->if_exec, b->if_exec);
	ck_assert_mem_eq(a->if_hash.b, b->if_hash.b, HASH_SIZE);
	ck_assert_uint_eq(a->form, b->form);
	ck_assert_uint_eq(a->seq, b->seq);
	ck_assert_uint_eq(a->why, b->why);
	ck_assert_int_eq(a->conflict, b->conflict);
	ck_assert_int_eq(a->fault, b->fault);
	ck_assert_pstr_eq(a->text, b->text);
	ck_assert_uint_eq(a->offset, b->offset);
}

static const struct record samples[] = {
	{ .fields = 0 },
	{ .fields = RECORD_ID, .id = 0 },
	{ .fields = RECORD_ID, .id = 0x01020304 },
	{ .fields = RECORD_PATH, .path = "a" },
	{ .fields = RECORD_PATH | RECORD_FROM, .path = "b/c", .from = "a/c" },
	{ .fields = RECORD_PATH, .path = "\x80\x01\\\"" },
	{ .fields = RECORD_KIND, .kind = ENTRY_ABSENT },
	{ .fields = RECORD_KIND, .kind = ENTRY_TEXT, .exec = true },
	{ .fields = RECORD_KIND, .kind = ENTRY_UNREAD, .cover = true },
	{ .fields = RECORD_KIND, .kind = ENTRY_EXCLUDED, .cover = true },
	{ .fields = RECORD_HASH, .hash = { { 1, 2, 3 } } },
	{ .fields = RECORD_SIZE, .size = 0 },
	{ .fields = RECORD_SIZE, .size = INT64_MAX },
	{ .fields = RECORD_MTIME, .mtime = -1 },
	{ .fields = RECORD_MTIME, .mtime = INT64_MIN },
	{ .fields = RECORD_MTIME, .mtime = INT64_MAX },
	{ .fields = RECORD_IF, .if_kind = ENTRY_ABSENT },
	{ .fields = RECORD_IF, .if_kind = ENTRY_TEXT, .if_hash = { { 9 } } },
	{ .fields = RECORD_FORM, .form = FORM_WHOLE },
	{ .fields = RECORD_FORM, .form = FORM_STREAM },
	{ .fields = RECORD_SEQ, .seq = 1ull << 40 },
	{ .fields = RECORD_WHY, .why = REASON_NONE, .conflict = true },
	{ .fields = RECORD_WHY, .why = REASON_CLASH },
	{ .fields = RECORD_FAULT, .fault = ST_NOMEM, .text = "" },
	{ .fields = RECORD_FAULT, .fault = ST_CHANGED, .text = "\xc2\xa0" },
	{ .fields = RECORD_HASH | RECORD_OFFSET,
	    .hash = { { 4 } },
	    .offset = 1ull << 33 },
	{ .fields = RECORD_FORM | RECORD_LENGTH | RECORD_BASE,
	    .form = FORM_DELTA,
	    .length = 0xfffefdfc,
	    .base = { { 5 } } },
	{ .fields = RECORD_FORM, .form = FORM_DELTA_STREAM },
};

START_TEST(test_round_trip)
{
	/* What is put is what is got, field by field, and to the byte. */
	const struct record *r = &samples[_i];
	AUTO(buf) struct buf first = { 0 }, again = { 0 };
	struct record back;

	put(&first, r);
	back = get_whole(buf_data(&first), first.len);
	assert_same(&back, r);
	put(&again, &back);
	ck_assert_uint_eq(again.len, first.len);
	ck_assert_mem_eq(buf_data(&again), buf_data(&first), first.len);
}
END_TEST

START_TEST(test_bytes)
{
	/* The bytes are those that the protocol's manual shows. */
	static const char expected[] = "7fff"
				       "fffffffe"
				       "000d6e6f7465732f6120622e747874"
				       "0006ff012e747874"
				       "81"
				       "aa01" /* 30 bytes follow */
				       "0000000000000000000000000000"
				       "0000000000000000000000000000"
				       "00ff"
				       "7fffffffffffffff"
				       "8000000000000000"
				       "81aa01"
				       "0000000000000000000000000000"
				       "0000000000000000000000000000"
				       "00ff"
				       "03"
				       "7fffffffffffffff"
				       "91"
				       "1500036ec3b6"
				       "7fffffffffffffff"
				       "01020304"
				       "bb02" /* 30 bytes follow */
				       "0000000000000000000000000000"
				       "0000000000000000000000000000"
				       "00ff";
	struct record r = full_record();
	AUTO(buf) struct buf buf = { 0 };
	char hex[2 * 400 + 1];

	put(&buf, &r);
	ck_assert_uint_lt(buf.len, 400);
	str_hex(buf_data(&buf), buf.len, hex);
	ck_assert_str_eq(hex, expected);
}
END_TEST

START_TEST(test_cut_short)
{
	/* No beginning of a record is a record. */
	struct record r = full_record(), back;
	AUTO(buf) struct buf buf = { 0 };
	autofree uint8_t *copy = NULL;
	size_t len;

	put(&buf, &r);
	for (len = 0; len < buf.len; len++) {
		/* of its own size, so that a byte too many is noticed */
		copy = malloc(len + 1);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, buf_data(&buf), len);
		get_refused(copy, len);
		free(copy);
		copy = NULL;
	}
	back = get_whole(buf_data(&buf), buf.len);
	assert_same(&back, &r);
}
END_TEST

START_TEST(test_run)
{
	/* A run of records is read one after the other. */
	AUTO(buf) struct buf buf = { 0 };
	const size_t n = sizeof(samples) / sizeof(samples[0]);
	const uint8_t *data;
	struct record r;
	size_t i, len;

	for (i = 0; i < n; i++)
		ck_assert_int_eq(record_put(&buf, &samples[i]), ST_OK);
	data = buf_data(&buf);
	len = buf.len;
	for (i = 0; i < n; i++) {
		ck_assert_int_eq(record_get(&data, &len, &scratch, &r, &err),
		    ST_OK);
		assert_same(&r, &samples[i]);
	}
	ck_assert_uint_eq(len, 0);
	ck_assert_ptr_eq(data, buf_data(&buf) + buf.len);
}
END_TEST

START_TEST(test_inline)
{
	/* What stands behind the records: contents, a delta, or nothing. */
	static const struct {
		struct record r;
		size_t left;
		bool ok;
		size_t len;
	} rows[] = {
		{ { .form = FORM_WHOLE, .size = 9 }, 9, true, 9 },
		{ { .form = FORM_WHOLE, .size = 9 }, 8, false, 9 },
		{ { .form = FORM_WHOLE, .size = 0 }, 0, true, 0 },
		{ { .form = FORM_STREAM, .size = 9 }, 0, true, 0 },
		{ { .form = FORM_META, .size = 9 }, 0, true, 0 },
		{ { .form = FORM_DELTA_STREAM, .size = 9 }, 0, true, 0 },
		{ { .fields = RECORD_LENGTH,
		      .form = FORM_DELTA,
		      .size = 9,
		      .length = 5 },
		    5, true, 5 },
		{ { .fields = RECORD_LENGTH, .form = FORM_DELTA, .length = 5 },
		    4, false, 5 },
		{ { .form = FORM_DELTA, .size = 9 }, 9, false, 0 },
	};
	size_t i, len;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(record_inline(&rows[i].r, rows[i].left, &len),
		    rows[i].ok);
		ck_assert_uint_eq(len, rows[i].len);
		ck_assert_int_eq(record_is_delta(&rows[i].r),
		    rows[i].r.form == FORM_DELTA ||
			rows[i].r.form == FORM_DELTA_STREAM);
		ck_assert_int_eq(record_is_stream(&rows[i].r),
		    rows[i].r.form == FORM_STREAM ||
			rows[i].r.form == FORM_DELTA_STREAM);
	}
}
END_TEST

START_TEST(test_unknown_fields)
{
	/* A bit that stands for no field is refused. */
	uint8_t data[40] = { 0 };

	ck_assert(is_good(data, 2));
	data[0] = (uint8_t)(1 << _i);
	get_refused(data, sizeof(data));
}
END_TEST

START_TEST(test_byte_values)
{
	/* Of the 256 values of each small field, those listed are taken. */
	static const uint8_t reasons_end = REASON_CLASH;
	uint8_t kind[] = { 0, RECORD_KIND, 0 };
	uint8_t form[] = { RECORD_FORM >> 8, 0, 0 };
	uint8_t why[] = { RECORD_WHY >> 8, 0, 0 };
	uint8_t fault[] = { RECORD_FAULT >> 8, 0, 0, 0, 0 };
	uint8_t absent[] = { 0, RECORD_IF, 0 };
	uint8_t text[3 + HASH_SIZE] = { 0, RECORD_IF };
	uint8_t v = (uint8_t)_i;

	kind[2] = form[2] = why[2] = fault[2] = absent[2] = text[2] = v;
	ck_assert_int_eq(is_good(kind, sizeof(kind)),
	    v <= 3 || v == 0x81 || v == 0x42 || v == 0x43);
	ck_assert_int_eq(is_good(form, sizeof(form)), v >= 1 && v <= 5);
	ck_assert_int_eq(is_good(why, sizeof(why)), (v & 0x7f) <= reasons_end);
	ck_assert_int_eq(is_good(fault, sizeof(fault)),
	    v >= 1 && v <= -ST_LAST);
	ck_assert_int_eq(is_good(absent, sizeof(absent)), v == 0);
	ck_assert_int_eq(is_good(text, sizeof(text)), v == 1 || v == 0x81);
}
END_TEST

START_TEST(test_numbers)
{
	/* A size or a sequence number has 63 bits. */
	uint8_t size[10] = { 0, RECORD_SIZE, 0x7f, 0xff };
	uint8_t seq[10] = { RECORD_SEQ >> 8, 0, 0x7f, 0xff };

	ck_assert(is_good(size, sizeof(size)));
	ck_assert(is_good(seq, sizeof(seq)));
	size[2] = 0x80;
	seq[2] = 0x80;
	get_refused(size, sizeof(size));
	get_refused(seq, sizeof(seq));
}
END_TEST

static const struct {
	const char *path;
	size_t len;
} bad_paths[] = {
	{ "", 0 },
	{ "/a", 2 },
	{ "a/", 2 },
	{ "a//b", 4 },
	{ ".", 1 },
	{ "..", 2 },
	{ "a/../b", 6 },
	{ "a\0b", 3 },
	{ ".dsync/journal.db", 17 },
	{ "a/.dsync", 8 },
};

START_TEST(test_bad_paths)
{
	/* A path that path_fault() refuses is refused in both its places. */
	const char *path = bad_paths[_i].path;
	size_t len = bad_paths[_i].len;
	uint8_t data[64] = { 0, RECORD_PATH, 0, (uint8_t)len };

	memcpy(data + 4, path, len);
	get_refused(data, 4 + len);
	data[1] = RECORD_FROM;
	get_refused(data, 4 + len);
}
END_TEST

START_TEST(test_long_path)
{
	/* The longest path fits, one byte more does not. */
	uint8_t data[4 + PATH_LIMIT] = { 0, RECORD_PATH };
	struct record r;
	size_t i;

	for (i = 0; i < PATH_LIMIT; i++)
		data[4 + i] = i % 200 == 199 ? '/' : 'x';
	data[2] = (PATH_LIMIT - 1) >> 8;
	data[3] = (PATH_LIMIT - 1) & 255;
	r = get_whole(data, 4 + PATH_LIMIT - 1);
	ck_assert_uint_eq(strlen(r.path), PATH_LIMIT - 1);
	data[2] = PATH_LIMIT >> 8;
	data[3] = PATH_LIMIT & 255;
	get_refused(data, sizeof(data));
	data[2] = data[3] = 255;
	get_refused(data, sizeof(data));
}
END_TEST

static const char *const bad_texts[] = { "\x01", "a\nb", "\x7f", "\t", "\xff",
	"\xc3", "\xc0\x80", "\xed\xa0\x80", "a\xc2\x80", "\xc2\x9f",
	"\x1b[31m" };

START_TEST(test_bad_texts)
{
	/* A text with control characters or bad UTF-8 is not taken in ... */
	const char *text = bad_texts[_i];
	size_t len = strlen(text);
	uint8_t data[64] = { RECORD_FAULT >> 8, 0, 2, 0, (uint8_t)len };

	memcpy(data + 5, text, len);
	get_refused(data, 5 + len);
	memset(data + 5, 'a', len);
	ck_assert(is_good(data, 5 + len));
	data[5] = 0;
	get_refused(data, 5 + len);
}
END_TEST

START_TEST(test_bad_texts_sent)
{
	/* ... and not sent either: its good beginning is. */
	struct record r = { .fields = RECORD_FAULT, .fault = ST_IO }, back;
	AUTO(buf) struct buf buf = { 0 };
	char text[32];

	snprintf(text, sizeof(text), "caf\xc3\xa9 %s", bad_texts[_i]);
	r.text = text;
	put(&buf, &r);
	back = get_whole(buf_data(&buf), buf.len);
	text[strlen(back.text)] = '\0';
	ck_assert_str_eq(back.text, text);
	ck_assert_uint_ge(strlen(back.text), 6);
}
END_TEST

START_TEST(test_largest)
{
	/* The largest record there can be fits, and its text is cut to fit. */
	char path[PATH_LIMIT], text[2 * RECORD_TEXT_LIMIT];
	struct record r = full_record(), back;
	AUTO(buf) struct buf buf = { 0 };
	size_t i;

	for (i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 200 == 199 ? '/' : 'y';
	path[i] = '\0';
	memset(text, 't', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	/* the last byte that fits would be half a character */
	memcpy(text + RECORD_TEXT_LIMIT - 2, "\xc3\xa9", 2);
	r.path = path;
	r.from = path;
	r.text = text;
	put(&buf, &r);
	ck_assert_uint_gt(buf.len, RECORD_LIMIT - 200);
	back = get_whole(buf_data(&buf), buf.len);
	ck_assert_uint_eq(strlen(back.text), RECORD_TEXT_LIMIT - 2);
	ck_assert_str_eq(back.from, path);
}
END_TEST

START_TEST(test_flags_left_out)
{
	/* Flags that mean nothing for a kind are not put on the wire. */
	struct record r = { .fields = RECORD_KIND | RECORD_IF,
		.kind = (uint8_t)_i,
		.exec = true,
		.cover = true,
		.if_kind = (uint8_t)_i,
		.if_exec = true };
	AUTO(buf) struct buf buf = { 0 };
	struct record back;

	put(&buf, &r);
	back = get_whole(buf_data(&buf), buf.len);
	ck_assert_uint_eq(back.kind, r.kind);
	ck_assert_int_eq(back.exec, r.kind == ENTRY_TEXT);
	ck_assert_int_eq(back.cover, r.kind >= ENTRY_UNREAD);
	ck_assert_int_eq(back.if_exec, r.kind == ENTRY_TEXT);
	ck_assert_uint_eq(back.if_kind, r.kind == ENTRY_TEXT);
}
END_TEST

START_TEST(test_entry)
{
	/* An entry survives the way over the wire. */
	const struct entry e = { .path = "a/b",
		.hash = _i == ENTRY_TEXT ? some_hash : (struct hash){ { 0 } },
		.size = _i == ENTRY_TEXT ? 77 : 0,
		.mtime = _i == ENTRY_TEXT ? -5 : 0,
		.kind = (uint8_t)_i,
		.exec = _i == ENTRY_TEXT,
		.cover = _i == ENTRY_UNREAD || _i == ENTRY_EXCLUDED };
	AUTO(buf) struct buf buf = { 0 };
	struct entry back;
	struct record r;

	record_from_entry(&r, &e);
	put(&buf, &r);
	r = get_whole(buf_data(&buf), buf.len);
	record_to_entry(&r, &back);
	ck_assert(entry_same(&back, &e));
	ck_assert_str_eq(back.path, e.path);
	ck_assert_mem_eq(back.hash.b, e.hash.b, HASH_SIZE);
	ck_assert_uint_eq(back.size, e.size);
	ck_assert_int_eq(back.mtime, e.mtime);
	ck_assert_int_eq(back.exec, e.exec);
	ck_assert_int_eq(back.cover, e.cover);
}
END_TEST

START_TEST(test_no_memory)
{
	/* Out of memory leaves the buffer as it was. */
	struct record r = full_record();
	AUTO(buf) struct buf buf = { 0 };

	nomem_at(1);
	ck_assert_int_eq(record_put(&buf, &r), ST_NOMEM);
	nomem_at(0);
	ck_assert_uint_eq(buf.len, 0);
}
END_TEST

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))

static Suite *
suite(void)
{
	Suite *s = suite_create("codec/record");
	TCase *tc = tcase_create("record");

	tcase_add_loop_test(tc, test_round_trip, 0, N(samples));
	tcase_add_test(tc, test_bytes);
	tcase_add_test(tc, test_cut_short);
	tcase_add_test(tc, test_run);
	tcase_add_test(tc, test_inline);
	tcase_add_loop_test(tc, test_unknown_fields, 7, 8);
	tcase_add_loop_test(tc, test_byte_values, 0, 256);
	tcase_add_test(tc, test_numbers);
	tcase_add_loop_test(tc, test_bad_paths, 0, N(bad_paths));
	tcase_add_test(tc, test_long_path);
	tcase_add_loop_test(tc, test_bad_texts, 0, N(bad_texts));
	tcase_add_loop_test(tc, test_bad_texts_sent, 0, N(bad_texts));
	tcase_add_test(tc, test_largest);
	tcase_add_loop_test(tc, test_flags_left_out, 0, 4);
	tcase_add_loop_test(tc, test_entry, 0, 4);
	tcase_add_test(tc, test_no_memory);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
