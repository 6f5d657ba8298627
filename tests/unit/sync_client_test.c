/* SPDX-License-Identifier: MIT */
/*
 * A client and what a peer may say to it, message by message: no answer but
 * one to what was asked is taken, and no word of a peer's deletes more than
 * what both sides once had.
 */
#include "config.h"

#include "meeting.h"

/* More files than a look takes one step for. */
static void
make_many(void)
{
	char name[20];
	int i;

	for (i = 0; i < 2100; i++) {
		snprintf(name, sizeof(name), "m%d", i);
		testenv_write(folder, name, "");
	}
}

/* A peer that is faster is heard while the look here goes on. */
START_TEST(told_while_looking)
{
	make_many();
	OK(client_step(client, &done, &talk_err));
	hear_type(MESSAGE_HELLO);
	meet(ROOT);
	tell_new();
	OK(client_step(client, &done, &talk_err));
	ck_assert(client_busy(client) && !hear());
	if (_i == 0) {
		/* All was told; there is no more of it. */
		tell(EPOCH, 6, false);
		ck_assert_int_eq(client_step(client, &done, &talk_err),
		    ST_PROTO);
		return;
	}
	OK(step());
	while (hear() && heard.type == MESSAGE_FILE_UPDATE)
		;
	ck_assert_int_eq(heard.type, MESSAGE_GET);
}
END_TEST

/* PING is answered at once, in every state and while looking. */
START_TEST(answers)
{
	struct message m;

	message_init(&m, MESSAGE_PING);
	m.token = 4711;
	if (_i < AT_CHANGES) {
		make_many();
		OK(client_step(client, &done, &talk_err));
		hear_type(MESSAGE_HELLO);
		meet(ROOT);
	} else {
		go_to((enum place)_i);
	}
	say_message(&m);
	OK(client_step(client, &done, &talk_err));
	hear_type(MESSAGE_PONG);
	ck_assert_uint_eq(heard.token, 4711);
	ck_assert(!hear() && !done);
	ck_assert_int_eq(client_busy(client), _i < AT_CHANGES);
}
END_TEST

/* A peer that ends, or the end of the link, ends the look. */
START_TEST(ended_while_looking)
{
	struct message m;

	make_many();
	OK(client_step(client, &done, &talk_err));
	OK(client_step(client, &done, &talk_err));
	ck_assert(client_busy(client));
	message_init(&m, MESSAGE_ERROR);
	m.code = ST_REFUSED;
	if (_i == 0)
		wire_input_ended(talk_wire);
	else
		say_message(&m);
	ck_assert_int_eq(client_step(client, &done, &talk_err),
	    _i == 0 ? ST_LINK : ST_REFUSED);
}
END_TEST

/* Another folder than the last time: nothing is done unless it is meant. */
START_TEST(another_root)
{
	whole_run();
	make_client(_i == 1);
	OK(step());
	hear_type(MESSAGE_HELLO);
	ck_assert_str_eq(heard.hello->epoch, EPOCH);
	ck_assert_uint_eq(heard.hello->seq, 5);
	meet("ffffffffffffffffffffffffffffffff");
	ck_assert_int_eq(step(), _i == 1 ? ST_OK : ST_GUARD);
	if (_i == 0)
		return;
	/* Empty as it is, it gets all and takes nothing. */
	tell("bbbb", 1, true);
	OK(step());
	hear_type(MESSAGE_FILE_UPDATE);
	ck_assert_uint_eq(heard_records, 3);
}
END_TEST

static const struct memory {
	const char *epoch;
	uint64_t seq;
	bool full, deleted;
} memories[] = {
	{ EPOCH, 6, false, true }, /* as it should be */
	{ EPOCH, 6, true, true }, { "bbbb", 6, true, false }, /* begun anew */
	{ EPOCH, 4, true, false }, /* a backup */
};

/* A deletion counts only where it follows on what both sides remember. */
START_TEST(epochs)
{
	const struct memory *m = &memories[_i];

	whole_run();
	make_client(false);
	OK(step());
	meet(ROOT);
	if (m->full) {
		add_record(text_record(0, "a.txt", OLD));
		add_record(text_record(0, "new", NEW));
	} else {
		add_record((struct record){ .fields = RECORD_PATH | RECORD_KIND,
		    .path = "b.txt",
		    .kind = ENTRY_ABSENT });
	}
	tell(m->epoch, m->seq, m->full);
	OK(step());
	ck_assert_int_eq(testenv_exists(folder, "b.txt"), !m->deleted);
	ck_assert_str_eq(testenv_read(folder, "a.txt"), OLD);
}
END_TEST

/* What is not that place's to be said ends the session. */
START_TEST(out_of_place)
{
	enum place place = (enum place)(_i / MESSAGE__MAX);
	enum message_type type = (enum message_type)(_i % MESSAGE__MAX);
	static const enum message_type good[][6] = {
		[AT_HELLO] = { MESSAGE_HELLO, MESSAGE_HELLO, MESSAGE_HELLO,
		    MESSAGE_ERROR },
		[AT_CHANGES] = { MESSAGE_CHANGES, MESSAGE_CHANGES,
		    MESSAGE_CHANGES, MESSAGE_ERROR, MESSAGE_PONG,
		    MESSAGE_PING },
		[AT_TRANSFER] = { MESSAGE_FILE_UPDATE, MESSAGE_ACK,
		    MESSAGE_REFUSED, MESSAGE_ERROR, MESSAGE_PONG,
		    MESSAGE_PING },
		[AT_PROOF] = { MESSAGE_DONE, MESSAGE_DONE, MESSAGE_DONE,
		    MESSAGE_ERROR, MESSAGE_PONG, MESSAGE_PING },
	};
	int i;

	for (i = 0; i < 6; i++)
		if (type == good[place][i])
			return;
	go_to(place);
	if (type == MESSAGE_HELLO)
		meet(ROOT);
	else
		say(type);
	ck_assert_int_eq(step(), ST_PROTO);
	hear_type(MESSAGE_ERROR);
	ck_assert_int_eq(heard.code, ST_PROTO);
}
END_TEST

/* The link ends, or the peer says why it goes: the run ends with that. */
START_TEST(ended)
{
	struct message m;

	go_to((enum place)(_i / 2));
	message_init(&m, MESSAGE_ERROR);
	m.code = ST_NOSPC;
	snprintf(m.text, sizeof(m.text), "the disk is full");
	if (_i % 2 == 0)
		wire_input_ended(talk_wire);
	else
		say_message(&m);
	ck_assert_int_eq(step(), _i % 2 == 0 ? ST_LINK : ST_NOSPC);
	ck_assert_str_eq(testenv_read(folder, "a.txt"), OLD);
	if (_i % 2 == 1)
		ck_assert_str_eq(talk_err.text, "the disk is full");
}
END_TEST

/* Answers to no question, to another, or twice. */
START_TEST(wrong_answers)
{
	struct record r = { .fields = RECORD_ID | RECORD_SEQ };
	enum message_type type = MESSAGE_ACK;

	go_to(AT_TRANSFER);
	r.id = _i == 0 ? asked : _i == 1 ? asked + 1 : UINT32_MAX;
	if (_i == 3) {
		type = MESSAGE_FILE_UPDATE;
		r = answer(NEW);
		r.id++;
		add_contents(NEW);
	} else if (_i == 4) {
		type = MESSAGE_REFUSED;
		r.fields |= RECORD_FAULT;
		r.fault = ST_IO;
		r.text = "x";
	} else if (_i == 5) {
		type = MESSAGE_REFUSED;
		r.id = asked;
	} else if (_i == 6) {
		r.fields = RECORD_SEQ;
	}
	add_record(r);
	say(type);
	ends_with(ST_PROTO);
}
END_TEST

/* One answer is enough, also before what it brought is in place. */
START_TEST(twice)
{
	struct record r = answer(NEW);

	go_to(AT_TRANSFER);
	r.id = asked;
	add_record(r);
	add_contents(NEW);
	if (_i == 0) {
		add_record(r);
		add_contents(NEW);
	}
	say(MESSAGE_FILE_UPDATE);
	r = (struct record){ .fields = RECORD_ID | RECORD_FAULT,
		.id = asked,
		.fault = ST_IO,
		.text = "no" };
	if (_i == 1) {
		add_record(r);
		say(MESSAGE_REFUSED);
	}
	ends_with(ST_PROTO);
}
END_TEST

/* Contents missing, left over, or in a form that was not asked for. */
START_TEST(bad_update)
{
	struct record r;

	go_to(AT_TRANSFER);
	r = answer(NEW);
	if (_i == 0)
		r.form = FORM_META;
	if (_i == 1)
		r.size--;
	add_record(r);
	add_contents(_i == 2 ? "short" : _i == 3 ? NEW "x" : NEW);
	say(MESSAGE_FILE_UPDATE);
	ends_with(ST_PROTO);
}
END_TEST

/* Other contents than were announced are dropped; the rest goes on. */
START_TEST(other_contents)
{
	struct message m;

	go_to(AT_TRANSFER);
	if (_i == 0) {
		add_record(answer(NEW));
		add_contents("a bad text, and as long one\n\n");
		say(MESSAGE_FILE_UPDATE);
	} else {
		struct record r = answer(NEW);

		r.form = FORM_STREAM;
		add_record(r);
		say(MESSAGE_FILE_UPDATE);
		say_data(asked, 0, "a new", _i == 1);
	}
	message_init(&m, MESSAGE_FILE_DATA);
	m.id = asked;
	m.offset = 5;
	m.last = m.bad = true;
	if (_i == 2)
		say_message(&m);
	OK(step());
	hear_type(_i == 2 ? MESSAGE_CHANGES : MESSAGE_DONE);
	ck_assert(!testenv_exists(folder, "new"));
	ck_assert_uint_eq(client_summary(client)->problems, _i != 2);
}
END_TEST

/* Every reason to refuse: some are one to look again, the rest is told. */
START_TEST(refusals)
{
	struct record r = { .fields = RECORD_ID | RECORD_FAULT, .text = "no" };
	bool again = -_i == ST_CHANGED || -_i == ST_EXIST || -_i == ST_NOENT;

	go_to(AT_TRANSFER);
	r.id = asked;
	r.fault = (enum status) - _i;
	add_record(r);
	say(MESSAGE_REFUSED);
	OK(step());
	if (again)
		hear_type(MESSAGE_CHANGES);
	else
		hear_type(MESSAGE_DONE);
	ck_assert_uint_eq(client_summary(client)->problems, !again);
	ck_assert(!testenv_exists(folder, "new"));
}
END_TEST

/*
 * A proof that fails, or is only claimed, is looked into; then all is compared;
 * then told.
 */
START_TEST(no_proof)
{
	int i;

	go_to(AT_PROOF);
	for (i = 0; i < 2; i++) {
		say_fingerprint(i == 1, i == 1);
		OK(step());
		hear_type(MESSAGE_CHANGES);
		ck_assert_str_eq(heard.cursor.epoch, i == 0 ? EPOCH : "");
		if (i == 0)
			tell(EPOCH, 5, false);
		else
			tell_new();
		OK(step());
		hear_type(MESSAGE_DONE);
	}
	ck_assert(client_summary(client)->repaired);
	say_done(_i == 1);
	OK(step());
	hear_type(MESSAGE_BYE);
	ck_assert(done);
	ck_assert_int_eq(client_summary(client)->in_sync, _i == 1);
}
END_TEST

/* The peer said it with its changes: then it is not asked again. */
START_TEST(proof_with_the_changes)
{
	struct message m;
	struct fingerprint fp;

	go_to(AT_PROOF);
	fp = heard.fp;
	/* There is something for it to do, and after that it has to say. */
	if (_i == 2)
		testenv_write(folder, "mine", "mine\n");
	say_done(false);
	OK(step());
	hear_type(MESSAGE_CHANGES);
	message_init(&m, MESSAGE_CHANGES);
	snprintf(m.cursor.epoch, sizeof(m.cursor.epoch), EPOCH);
	m.cursor.seq = 5;
	m.has_fp = true;
	m.fp = fp;
	m.fp.sum[0] ^= _i == 1;
	say_message(&m);
	OK(step());
	hear_type(_i == 0 ? MESSAGE_BYE :
		_i == 1	  ? MESSAGE_DONE :
			    MESSAGE_FILE_UPDATE);
	ck_assert(_i != 0 || (done && client_summary(client)->in_sync));
	ck_assert(_i != 0 || client_summary(client)->files == 3);
}
END_TEST

/* A listing with holes in its records is none. */
START_TEST(bad_listing)
{
	static const unsigned lacks[] = { RECORD_PATH, RECORD_KIND, RECORD_HASH,
		RECORD_SIZE };
	struct record r = text_record(0, "new", NEW);

	go_to(AT_CHANGES);
	if (_i < 4)
		r.fields &= ~lacks[_i];
	else
		add_contents("x");
	add_record(r);
	tell(EPOCH, 5, true);
	ends_with(ST_PROTO);
}
END_TEST

/* What is not to be synced here is not asked for, though it is offered. */
START_TEST(outside)
{
	go_to(AT_CHANGES);
	add_record(text_record(0, "a.txt", OLD));
	add_record(text_record(0, "b.txt", "b\n"));
	add_record(text_record(0, ".profile", NEW));
	add_record(text_record(0, "d/.git/config", NEW));
	tell(EPOCH, 5, true);
	OK(step());
	hear_type(MESSAGE_DONE);
	ck_assert(!testenv_exists(folder, ".profile"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_client");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, another_root, 0, 2);
	tcase_add_loop_test(t, told_while_looking, 0, 2);
	tcase_add_loop_test(t, answers, AT_HELLO, AT_PROOF + 1);
	tcase_add_loop_test(t, ended_while_looking, 0, 2);
	tcase_add_loop_test(t, epochs, 0, COUNT(memories));
	tcase_add_loop_test(t, out_of_place, 0, 4 * MESSAGE__MAX);
	tcase_add_loop_test(t, ended, 0, 8);
	tcase_add_loop_test(t, wrong_answers, 0, 7);
	tcase_add_loop_test(t, twice, 0, 2);
	tcase_add_loop_test(t, bad_update, 0, 4);
	tcase_add_loop_test(t, other_contents, 0, 3);
	tcase_add_loop_test(t, refusals, 1, 20);
	tcase_add_loop_test(t, proof_with_the_changes, 0, 3);
	tcase_add_loop_test(t, no_proof, 0, 2);
	tcase_add_loop_test(t, bad_listing, 0, 5);
	tcase_add_test(t, outside);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
