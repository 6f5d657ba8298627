/* SPDX-License-Identifier: MIT */
/*
 * A peer and what a client may say to it, message by message: what is out of
 * place or forged is refused, and the folder stays as it was.
 */
#include "config.h"

#include "serving.h"

/* Before HELLO nothing else is answered. */
START_TEST(before_hello)
{
	static const enum message_type types[] = { MESSAGE_CHANGES,
		MESSAGE_FILE_UPDATE, MESSAGE_FILE_DATA, MESSAGE_FILE_DELETE,
		MESSAGE_FILE_MOVE, MESSAGE_GET, MESSAGE_DONE, MESSAGE_PING,
		MESSAGE_ACK };

	say(types[_i]);
	ends_with(ST_PROTO);
	unchanged();
	ck_assert(!testenv_exists(folder, ".dsync"));
}
END_TEST

/* What only a peer may say, and a second HELLO. */
START_TEST(out_of_place)
{
	static const enum message_type types[] = { MESSAGE_ACK,
		MESSAGE_REFUSED };
	const struct message_hello h = a_hello();

	begin();
	if (_i < COUNT(types))
		say(types[_i]);
	else
		say_hello(&h);
	ends_with(ST_PROTO);
	unchanged();
}
END_TEST

/* More files than a look takes one step for. */
static void
make_many(void)
{
	char name[20];
	int i;

	for (i = 0; i < 2100; i++) {
		snprintf(name, sizeof(name), "d/%d", i);
		testenv_write(folder, name, "");
	}
}

/* In the midst of a look at the folder: a few steps, and it is not over. */
static void
be_looking(void)
{
	const struct message_hello h = a_hello();
	int i;

	make_many();
	say_hello(&h);
	for (i = 0; i < 3; i++)
		OK(peer_step(peer, &done, &talk_err));
	hear_type(MESSAGE_HELLO);
	ck_assert(peer_busy(peer) && !hear());
}

/* Who looks at a large folder answers all the same, and then tells. */
START_TEST(answers_while_looking)
{
	uint64_t records = 0;

	be_looking();
	say(MESSAGE_PING);
	say(MESSAGE_PONG);
	OK(peer_step(peer, &done, &talk_err));
	hear_type(MESSAGE_PONG);
	ck_assert(peer_busy(peer) && !hear());
	OK(step());
	do {
		hear_type(MESSAGE_CHANGES);
		records += heard_records;
	} while (heard.more);
	ck_assert_uint_eq(records, 2103);
}
END_TEST

/* It does not look to the end for a client that is gone. */
START_TEST(gone_while_looking)
{
	struct message m;

	be_looking();
	message_init(&m, MESSAGE_ERROR);
	m.code = ST_SIGNAL;
	if (_i == 0)
		wire_input_ended(talk_wire);
	else if (_i == 1)
		say(MESSAGE_BYE);
	else
		say_message(&m);
	ck_assert_int_eq(peer_step(peer, &done, &talk_err),
	    _i == 2 ? ST_SIGNAL : ST_OK);
	ck_assert(!peer_busy(peer) && (done || _i == 2));
	while (hear())
		ck_assert_int_ne(heard.type, MESSAGE_CHANGES);
}
END_TEST

/* What came whole before a client's last word is carried out. */
START_TEST(finishes)
{
	struct message m;

	begin();
	add_record(update_record(1, "new", NEW, NULL));
	add_contents(NEW);
	say(MESSAGE_FILE_UPDATE);
	message_init(&m, MESSAGE_ERROR);
	m.code = ST_SIGNAL;
	say_message(&m);
	ck_assert_int_eq(step(), ST_SIGNAL);
	ck_assert_str_eq(testenv_read(folder, "new"), NEW);
}
END_TEST

/* CHANGES may be asked for at any time; what came before is done first. */
START_TEST(changes_between)
{
	begin();
	add_record(update_record(1, "a.txt", NEW, OLD));
	add_contents(NEW);
	say(MESSAGE_FILE_UPDATE);
	say(MESSAGE_CHANGES);
	add_record(update_record(2, "new", NEW, NULL));
	add_contents(NEW);
	say(MESSAGE_FILE_UPDATE);
	settle();
	hear_type(MESSAGE_ACK);
	ck_assert_uint_eq(heard_record.id, 1);
	while (hear() && heard.type == MESSAGE_CHANGES)
		;
	ck_assert_str_eq(testenv_read(folder, "a.txt"), NEW);
	ck_assert_str_eq(testenv_read(folder, "new"), NEW);
}
END_TEST

/* BYE and the end of the link end it well, ERROR with what it says. */
START_TEST(endings)
{
	struct message m;

	begin();
	if (_i == 0)
		say(MESSAGE_BYE);
	else if (_i == 1)
		wire_input_ended(talk_wire);
	message_init(&m, MESSAGE_ERROR);
	m.code = ST_GUARD;
	snprintf(m.text, sizeof(m.text), "too much");
	if (_i == 2)
		say_message(&m);
	ck_assert_int_eq(step(), _i == 2 ? ST_GUARD : ST_OK);
	ck_assert(_i == 2 || done);
	ck_assert(_i != 2 || strstr(talk_err.text, "too much") != NULL);
}
END_TEST

static const struct lacks {
	enum message_type type;
	unsigned field;
} lacks[] = {
	{ MESSAGE_GET, RECORD_ID },
	{ MESSAGE_GET, RECORD_PATH },
	{ MESSAGE_GET, RECORD_KIND },
	{ MESSAGE_GET, RECORD_HASH },
	{ MESSAGE_GET, RECORD_SIZE },
	{ MESSAGE_GET, RECORD_MTIME },
	{ MESSAGE_FILE_UPDATE, RECORD_ID },
	{ MESSAGE_FILE_UPDATE, RECORD_PATH },
	{ MESSAGE_FILE_UPDATE, RECORD_KIND },
	{ MESSAGE_FILE_UPDATE, RECORD_HASH },
	{ MESSAGE_FILE_UPDATE, RECORD_SIZE },
	{ MESSAGE_FILE_UPDATE, RECORD_MTIME },
	{ MESSAGE_FILE_UPDATE, RECORD_IF },
	{ MESSAGE_FILE_UPDATE, RECORD_FORM },
	{ MESSAGE_FILE_DELETE, RECORD_ID },
	{ MESSAGE_FILE_DELETE, RECORD_PATH },
	{ MESSAGE_FILE_DELETE, RECORD_IF },
	{ MESSAGE_FILE_MOVE, RECORD_ID },
	{ MESSAGE_FILE_MOVE, RECORD_PATH },
	{ MESSAGE_FILE_MOVE, RECORD_FROM },
	{ MESSAGE_FILE_MOVE, RECORD_KIND },
	{ MESSAGE_FILE_MOVE, RECORD_HASH },
	{ MESSAGE_FILE_MOVE, RECORD_SIZE },
	{ MESSAGE_FILE_MOVE, RECORD_MTIME },
	{ MESSAGE_FILE_MOVE, RECORD_IF },
};

/* One record as the type wants it. */
static struct record
record_of(enum message_type type, const char *path, const char *from)
{
	if (type == MESSAGE_FILE_UPDATE)
		return update_record(7, path, NEW, OLD);
	if (type == MESSAGE_FILE_DELETE)
		return delete_record(7, path, OLD);
	if (type == MESSAGE_FILE_MOVE)
		return move_record(7, from, path, OLD);
	return text_record(7, path, OLD);
}

/* A record that lacks a field ends the session. */
START_TEST(lacking)
{
	const struct lacks *l = &lacks[_i];
	struct record r = record_of(l->type, "a.txt", "b.txt");

	begin();
	r.fields &= ~l->field;
	add_record(r);
	if (l->type == MESSAGE_FILE_UPDATE)
		add_contents(NEW);
	say(l->type);
	ends_with(ST_PROTO);
	unchanged();
}
END_TEST

/* A deletion or a move of what is not there makes no sense. */
START_TEST(if_nothing)
{
	struct record r = _i == 0 ? delete_record(1, "a.txt", OLD) :
				    move_record(1, "a.txt", "new", OLD);

	begin();
	if (_i < 2)
		r.if_kind = ENTRY_ABSENT;
	else
		r.if_hash = testenv_hash(NEW);
	add_record(r);
	say(_i == 0 ? MESSAGE_FILE_DELETE : MESSAGE_FILE_MOVE);
	ends_with(ST_PROTO);
	unchanged();
}
END_TEST

static const char *const outside[] = { ".hidden", "x.o", "d/.x/y" };

/* What is not of the set can be neither read nor changed. */
START_TEST(outside_the_set)
{
	static const enum message_type types[] = { MESSAGE_GET,
		MESSAGE_FILE_UPDATE, MESSAGE_FILE_DELETE, MESSAGE_FILE_MOVE,
		MESSAGE_FILE_MOVE };
	const char *path = outside[_i / COUNT(types)];
	int k = _i % COUNT(types);

	begin();
	add_record(k == 4 ? record_of(types[k], "new", path) :
			    record_of(types[k], path, "a.txt"));
	if (types[k] == MESSAGE_FILE_UPDATE)
		add_contents(NEW);
	say(types[k]);
	settle();
	refused_with(7, ST_REFUSED);
	hear_type(MESSAGE_PONG);
	unchanged();
}
END_TEST

/* What leads out of the folder, or to what is private, is no path at all. */
START_TEST(bad_paths)
{
	static const char *const paths[] = { "../x", "/etc/passwd",
		"d/../a.txt", "a//b", "./a.txt", "a/", "", ".dsync",
		".dsync/journal.db", "d/.dsync/x" };
	struct record r = delete_record(1, paths[_i], OLD);

	begin();
	add_record(r);
	say(MESSAGE_FILE_DELETE);
	ends_with(ST_PROTO);
	unchanged();
}
END_TEST

/* Larger than a file may be here: refused, whole or streamed. */
START_TEST(too_large)
{
	struct record r = update_record(3, "new", NEW, NULL);

	begin();
	r.form = FORM_STREAM;
	r.size = 1000001;
	add_record(r);
	say(MESSAGE_FILE_UPDATE);
	say_data(3, 0, NEW, false);
	say_data(3, strlen(NEW), NEW, true);
	settle();
	refused_with(3, ST_REFUSED);
	unchanged();
}
END_TEST

static const struct forged {
	const char *path, *old; /* what the client believes is there */
	enum status fault;
} forged[] = {
	{ "a.txt", NEW, ST_CHANGED },
	{ "a.txt", NULL, ST_EXIST },
	{ "new", OLD, ST_NOENT },
	{ "b.txt", OLD, ST_CHANGED },
};

/* Who does not know what stands there is told, and changes nothing. */
START_TEST(forged_if)
{
	const struct forged *f = &forged[_i];

	begin();
	add_record(update_record(9, f->path, NEW, f->old));
	add_contents(NEW);
	say(MESSAGE_FILE_UPDATE);
	settle();
	refused_with(9, f->fault);
	ck_assert_uint_ne(heard_record.fields & RECORD_KIND, 0);
	if (f->fault == ST_NOENT) {
		ck_assert_int_eq(heard_record.kind, ENTRY_ABSENT);
	} else {
		const struct hash is = testenv_hash(
		    testenv_read(folder, f->path));

		ck_assert_int_eq(heard_record.kind, ENTRY_TEXT);
		ck_assert(hash_equal(&heard_record.hash, &is));
	}
	unchanged();
}
END_TEST

/* The same for deletions and moves. */
START_TEST(forged_rest)
{
	static const struct {
		bool move;
		const char *from, *path, *text;
		enum status fault;
	} table[] = {
		{ false, NULL, "a.txt", NEW, ST_CHANGED },
		{ false, NULL, "new", OLD, ST_NOENT },
		{ true, "a.txt", "d/new", NEW, ST_CHANGED },
		{ true, "a.txt", "b.txt", OLD, ST_EXIST },
		{ true, "gone", "new", OLD, ST_NOENT },
	};

	begin();
	if (table[_i].move)
		add_record(move_record(4, table[_i].from, table[_i].path,
		    table[_i].text));
	else
		add_record(delete_record(4, table[_i].path, table[_i].text));
	say(table[_i].move ? MESSAGE_FILE_MOVE : MESSAGE_FILE_DELETE);
	settle();
	refused_with(4, table[_i].fault);
	unchanged();
}
END_TEST

/* Contents that are not what was announced, or no text. */
START_TEST(wrong_contents)
{
	struct record r = update_record(2, "new", NEW, NULL);

	begin();
	if (_i == 0) {
		add_contents(NEW);
		r.hash = testenv_hash(OLD);
	} else if (_i == 1) {
		add_contents("short");
		r.size = 5;
	} else {
		r = update_record(2, "new", "\001\002", NULL);
		add_contents("\001\002");
	}
	add_record(r);
	say(MESSAGE_FILE_UPDATE);
	settle();
	refused_with(2, _i == 2 ? ST_REFUSED : ST_PROTO);
	hear_type(MESSAGE_PONG);
	unchanged();
}
END_TEST

/* Contents that are missing, or that belong to no record. */
START_TEST(contents_count)
{
	begin();
	add_record(update_record(1, "new", NEW, NULL));
	add_contents(_i == 0 ? "a new" : NEW);
	if (_i == 1)
		add_contents("x");
	say(MESSAGE_FILE_UPDATE);
	ends_with(ST_PROTO);
	unchanged();
}
END_TEST

static void
announce(uint32_t id, const char *path, const char *text)
{
	struct record r = update_record(id, path, text, NULL);

	r.form = FORM_STREAM;
	add_record(r);
	say(MESSAGE_FILE_UPDATE);
}

/* A stream in parts is one file in the end. */
START_TEST(stream)
{
	begin();
	announce(5, "new", NEW);
	say_data(5, 0, "a new ", false);
	say_data(5, 6, &NEW[6], true);
	settle();
	hear_type(MESSAGE_ACK);
	ck_assert_uint_eq(heard_record.id, 5);
	ck_assert_str_eq(testenv_read(folder, "new"), NEW);
}
END_TEST

/* Parts of no file, at a wrong place, too much, after the end. */
START_TEST(bad_stream)
{
	begin();
	if (_i > 0)
		announce(5, "new", NEW);
	switch (_i) {
	case 0:
	case 1:
		say_data(6, 0, "a", false);
		break;
	case 2:
		say_data(5, 1, "a", false);
		break;
	case 3:
		say_data(5, 0, NEW "and more", true);
		break;
	case 4:
		say_data(5, 0, NEW, true);
		say_data(5, strlen(NEW), "", true);
		break;
	case 5:
		announce(5, "d/new", NEW);
		break;
	default:
		announce(6, "n6", NEW);
		announce(7, "n7", NEW);
		announce(8, "n8", NEW);
		announce(9, "n9", NEW);
	}
	ends_with(ST_PROTO);
	unchanged();
}
END_TEST

/* A stream that ends too early, is another text, is binary, or went bad. */
START_TEST(dropped_stream)
{
	static const enum status faults[] = { ST_PROTO, ST_PROTO, ST_REFUSED,
		ST_CHANGED };
	struct message m;

	begin();
	announce(5, "new", NEW);
	message_init(&m, MESSAGE_FILE_DATA);
	m.id = 5;
	m.last = true;
	m.bad = _i == 3;
	add_contents(_i == 0 ? "a new" :
		_i == 1	     ? "another text of this length!\n" :
		_i == 2	     ? "\001" :
			       NEW);
	say_message(&m);
	settle();
	refused_with(5, faults[_i]);
	hear_type(MESSAGE_PONG);
	unchanged();
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_peer");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, before_hello, 0, 9);
	tcase_add_loop_test(t, out_of_place, 0, 3);
	tcase_add_test(t, answers_while_looking);
	tcase_add_loop_test(t, gone_while_looking, 0, 3);
	tcase_add_test(t, finishes);
	tcase_add_test(t, changes_between);
	tcase_add_loop_test(t, endings, 0, 3);
	tcase_add_loop_test(t, lacking, 0, COUNT(lacks));
	tcase_add_loop_test(t, if_nothing, 0, 3);
	tcase_add_loop_test(t, outside_the_set, 0, COUNT(outside) * 5);
	tcase_add_loop_test(t, bad_paths, 0, 10);
	tcase_add_test(t, too_large);
	tcase_add_loop_test(t, forged_if, 0, 4);
	tcase_add_loop_test(t, forged_rest, 0, 5);
	tcase_add_loop_test(t, wrong_contents, 0, 3);
	tcase_add_loop_test(t, contents_count, 0, 2);
	tcase_add_test(t, stream);
	tcase_add_loop_test(t, bad_stream, 0, 7);
	tcase_add_loop_test(t, dropped_stream, 0, 4);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
