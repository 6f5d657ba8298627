/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_MEETING_H
#define DSYNC_TESTS_UNIT_MEETING_H

/* A client, and short words for what the peer that it meets may say. */

#include "sync/client.h"
#include "sync/report.h"
#include "talking.h"

#define ROOT  "0123456789abcdef0123456789abcdef"
#define EPOCH "aaaaaaaaaaaaaaaa"

enum place {
	AT_HELLO,
	AT_CHANGES,
	AT_TRANSFER,
	AT_PROOF
};

static struct client *client;
static bool done;
static uint32_t asked; /* id of the GET */
static const char *one_of; /* several servers; NULL: there is but one */
static bool dry;

static inline void
make_client(bool rebind)
{
	const struct client_opts opts = { .dir = folder,
		.name = "tester",
		.remote = "/there",
		.at = one_of,
		.dry_run = dry,
		.rebind = rebind,
		.guard = GUARD_DEFAULT };

	client_free(client);
	client = NULL;
	talk_fini();
	OK(client_new(&te.env, &opts, &client, &talk_err));
	talk_wire = client_wire(client);
	done = false;
}

static inline void
setup(void)
{
	testenv_init(&te);
	unit_folder(folder);
	testenv_write(folder, "a.txt", OLD);
	testenv_write(folder, "b.txt", "b\n");
	one_of = NULL;
	dry = false;
	make_client(false);
}

static inline void
teardown(void)
{
	client_free(client);
	client = NULL;
	talk_fini();
	unit_folder_remove(folder);
}

static inline enum status
step(void)
{
	enum status st;

	do
		st = client_step(client, &done, &talk_err);
	while (st == ST_OK && client_busy(client));
	return st;
}

static inline void
ends_with(enum status code)
{
	ck_assert_int_eq(step(), code);
	ck_assert_str_ne(talk_err.text, "");
	ck_assert(!testenv_exists(folder, "new"));
	ck_assert_str_eq(testenv_read(folder, "a.txt"), OLD);
	ck_assert_str_eq(testenv_read(folder, "b.txt"), "b\n");
}

static inline void
meet(const char *root)
{
	struct message_hello h = { .version = "0", .access = "full" };

	snprintf(h.root, sizeof(h.root), "%s", root);
	h.clock = te.now;
	say_hello(&h);
}

static inline void
tell(const char *epoch, uint64_t seq, bool full)
{
	struct message m;

	message_init(&m, MESSAGE_CHANGES);
	snprintf(m.cursor.epoch, sizeof(m.cursor.epoch), "%s", epoch);
	m.cursor.seq = seq;
	m.full = full;
	say_message(&m);
}

/* The server has what is here, and the file new. */
static inline void
tell_new(void)
{
	add_record(text_record(0, "a.txt", OLD));
	add_record(text_record(0, "b.txt", "b\n"));
	add_record(text_record(0, "new", NEW));
	tell(EPOCH, 5, true);
}

static inline struct record
answer(const char *text)
{
	struct record r = text_record(asked, NULL, text);

	r.fields &= ~(unsigned)RECORD_PATH;
	r.fields |= RECORD_FORM;
	r.form = FORM_WHOLE;
	return r;
}

static inline void
say_answer(void)
{
	add_record(answer(NEW));
	add_contents(NEW);
	say(MESSAGE_FILE_UPDATE);
}

/* As heard just now, or with another fingerprint. */
static inline void
say_fingerprint(bool equal, bool other)
{
	struct message m;

	message_init(&m, MESSAGE_DONE);
	m.fp = heard.fp;
	m.fp.sum[31] ^= other;
	snprintf(m.cursor.epoch, sizeof(m.cursor.epoch), EPOCH);
	m.cursor.seq = 5;
	m.equal = equal;
	say_message(&m);
}

static inline void
say_done(bool equal)
{
	say_fingerprint(equal, false);
}

/* Up to where the client waits for the answer to that. */
static inline void
go_to(enum place place)
{
	OK(step());
	hear_type(MESSAGE_HELLO);
	if (place >= AT_CHANGES)
		meet(ROOT);
	if (place >= AT_TRANSFER)
		tell_new();
	OK(step());
	if (place >= AT_TRANSFER) {
		hear_type(MESSAGE_GET);
		asked = heard_record.id;
	}
	if (place < AT_PROOF)
		return;
	say_answer();
	OK(step());
	hear_type(MESSAGE_DONE);
	ck_assert_str_eq(testenv_read(folder, "new"), NEW);
}

static inline void
whole_run(void)
{
	go_to(AT_PROOF);
	say_done(true);
	OK(step());
	hear_type(MESSAGE_BYE);
	ck_assert(done && client_summary(client)->in_sync);
}

#endif
