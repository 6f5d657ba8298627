/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_TALKING_H
#define DSYNC_TESTS_UNIT_TALKING_H

/* One side of a link made by hand, and what the side under test says to it. */

#include "codec/frame.h"
#include "codec/record.h"
#include "sync/wire.h"
#include "testenv.h"
#include "unit.h"

#define OLD	 "the old text\n"
#define NEW	 "a new text, and a longer one\n"
#define MTIME	 (1700000000 * NSEC)
#define OK(call) ck_assert_msg((call) == ST_OK, "%s: %s", #call, talk_err.text)
#define COUNT(v) ((int)(sizeof(v) / sizeof((v)[0])))

static struct testenv te;
static struct err talk_err;
static char folder[UNIT_FOLDER];
static struct wire *talk_wire; /* of the side under test */
static struct buf talk_records, talk_contents; /* of the next message */
static struct frame_reader talk_reader;
/* What was heard last; record is its first. */
static struct message heard;
static struct record heard_record;
static uint64_t talk_count, heard_records;
static struct record_scratch talk_scratch;
static const uint8_t *heard_data;

static inline void
talk_fini(void)
{
	message_fini(&heard);
	frame_reader_fini(&talk_reader);
	buf_fini(&talk_records);
	buf_fini(&talk_contents);
	talk_reader = (struct frame_reader){ 0 };
	talk_count = 0;
}

static inline struct record
text_record(uint32_t id, const char *path, const char *text)
{
	return (struct record){ .fields = RECORD_ID | RECORD_PATH |
		    RECORD_KIND | RECORD_HASH | RECORD_SIZE | RECORD_MTIME,
		.id = id,
		.path = path,
		.kind = ENTRY_TEXT,
		.hash = testenv_hash(text),
		.size = strlen(text),
		.mtime = 1700000000 * NSEC };
}

/* Text at path instead of `old` (NULL: nothing). */
static inline struct record
update_record(uint32_t id, const char *path, const char *text, const char *old)
{
	struct record r = text_record(id, path, text);

	r.fields |= RECORD_IF | RECORD_FORM;
	r.form = FORM_WHOLE;
	r.if_kind = old == NULL ? ENTRY_ABSENT : ENTRY_TEXT;
	if (old != NULL)
		r.if_hash = testenv_hash(old);
	return r;
}

static inline struct record
delete_record(uint32_t id, const char *path, const char *old)
{
	return (struct record){ .fields = RECORD_ID | RECORD_PATH | RECORD_IF,
		.id = id,
		.path = path,
		.if_kind = ENTRY_TEXT,
		.if_hash = testenv_hash(old) };
}

static inline struct record
move_record(uint32_t id, const char *from, const char *path, const char *text)
{
	struct record r = text_record(id, path, text);

	r.fields |= RECORD_FROM | RECORD_IF;
	r.from = from;
	r.if_kind = ENTRY_TEXT;
	r.if_hash = r.hash;
	return r;
}

static inline void
add_record(struct record r)
{
	OK(record_put(&talk_records, &r));
	talk_count++;
}

static inline void
add_contents(const char *text)
{
	OK(buf_put(&talk_contents, text, strlen(text)));
}

/* m with the records and contents that were added. */
static inline void
say_message(struct message *m)
{
	AUTO(buf) struct buf bytes = { 0 };

	m->count = talk_count;
	m->records_len = talk_records.len;
	if (talk_contents.len > 0)
		OK(buf_put(&talk_records, buf_data(&talk_contents),
		    talk_contents.len));
	m->data_len = talk_records.len;
	OK(frame_put(&bytes, m, buf_data(&talk_records), &talk_err));
	OK(wire_input(talk_wire, buf_data(&bytes), bytes.len, &talk_err));
	buf_clear(&talk_records);
	buf_clear(&talk_contents);
	talk_count = 0;
}

static inline void
say(enum message_type type)
{
	struct message m;

	message_init(&m, type);
	say_message(&m);
}

static inline void
say_data(uint32_t id, uint64_t offset, const char *text, bool last)
{
	struct message m;

	message_init(&m, MESSAGE_FILE_DATA);
	m.id = id;
	m.offset = offset;
	m.last = last;
	add_contents(text);
	say_message(&m);
}

static inline void
say_hello(const struct message_hello *hello)
{
	struct message m;
	struct message_hello copy = *hello;

	message_init(&m, MESSAGE_HELLO);
	m.hello = &copy;
	say_message(&m);
}

/* The strings that stay are the first record's. */
static inline void
read_heard(void)
{
	struct record_scratch other;
	const uint8_t *data = heard_data;
	size_t len = heard.records_len;
	struct record r = { 0 };

	heard_record = r;
	for (heard_records = 0; len > 0; heard_records++)
		OK(record_get(&data, &len,
		    heard_records == 0 ? &talk_scratch : &other,
		    heard_records == 0 ? &heard_record : &r, &talk_err));
}

/* The next message that the side under test has said; false: none. */
static inline bool
hear(void)
{
	size_t len;
	const uint8_t *data = wire_output(talk_wire, &len);
	bool have;

	if (len > 0)
		OK(frame_feed(&talk_reader, data, len, &talk_err));
	wire_sent(talk_wire, len);
	message_fini(&heard);
	message_init(&heard, MESSAGE_BYE);
	OK(frame_next(&talk_reader, &have, &heard, &heard_data, &talk_err));
	if (have)
		read_heard();
	return have;
}

/* It is the next. */
#define hear_type(which)                                                       \
	do {                                                                   \
		ck_assert_msg(hear(), "%s was not said", #which);              \
		ck_assert_str_eq(message_type_name(heard.type),                \
		    message_type_name(which));                                 \
	} while (0)

#endif
