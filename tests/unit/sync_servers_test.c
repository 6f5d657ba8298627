/* SPDX-License-Identifier: MIT */
/*
 * A client of several servers: each is met with what was agreed with it, and
 * with no other; where nothing was, nothing is deleted.
 */
#include "config.h"

#include "meeting.h"

#define ROOT_B	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define EPOCH_B "b0b0b0b0"

/* A run with the one that is at this address begins. */
static void
visit(const char *address, const char *epoch, uint64_t seq)
{
	one_of = address;
	make_client(false);
	OK(step());
	hear_type(MESSAGE_HELLO);
	ck_assert_str_eq(heard.hello->epoch, epoch);
	ck_assert_uint_eq(heard.hello->seq, seq);
}

/* The proof, as asked for; and the end. */
static void
agree(const char *epoch, uint64_t seq)
{
	struct message m;

	hear_type(MESSAGE_DONE);
	message_init(&m, MESSAGE_DONE);
	m.fp = heard.fp;
	snprintf(m.cursor.epoch, sizeof(m.cursor.epoch), "%s", epoch);
	m.cursor.seq = seq;
	m.equal = true;
	say_message(&m);
	OK(step());
	hear_type(MESSAGE_BYE);
	ck_assert(done && client_summary(client)->in_sync);
}

/* A run with A, which has three files; here there are the same then. */
static void
begin_with_a(void)
{
	setup();
	one_of = "A";
	make_client(false);
	whole_run();
}

static void
tell_same(void)
{
	add_record(text_record(0, "a.txt", OLD));
	add_record(text_record(0, "b.txt", "b\n"));
	add_record(text_record(0, "new", NEW));
}

/* The next session is with A, which is known to have come so far; with B. */
static void
at_a(uint64_t seq)
{
	visit("A", EPOCH, seq);
	meet(ROOT);
}

static void
at_b(uint64_t seq)
{
	visit("B", EPOCH_B, seq);
	meet(ROOT_B);
}

/* It has come so far since, with all that was told of. */
static void
told(const char *epoch, uint64_t seq)
{
	tell(epoch, seq, false);
	OK(step());
}

/* B has the same three. */
static void
meet_b_first(void)
{
	visit("B", "", 0);
	meet(ROOT_B);
	tell_same();
	tell(EPOCH_B, 9, true);
	OK(step());
	agree(EPOCH_B, 9);
}

static void
tell_gone(const char *path, const char *epoch, uint64_t seq)
{
	add_record((struct record){ .fields = RECORD_PATH | RECORD_KIND,
	    .path = path,
	    .kind = ENTRY_ABSENT });
	tell(epoch, seq, false);
}

/* All that the client wants of this type is done. */
static void
obey(enum message_type type, const char *path, uint64_t seq)
{
	struct record r = { .fields = RECORD_ID | RECORD_SEQ, .seq = seq };
	struct message m;

	hear_type(type);
	ck_assert_uint_eq(heard_records, 1);
	ck_assert_str_eq(heard_record.path, path);
	r.id = heard_record.id;
	add_record(r);
	say(MESSAGE_ACK);
	hear_type(MESSAGE_PING);
	message_init(&m, MESSAGE_PONG);
	m.token = heard.token;
	say_message(&m);
	OK(step());
}

/* Deleted at B, then here: at each of them it goes for what it was there. */
START_TEST(deletions)
{
	meet_b_first();
	at_b(9);
	tell_gone("b.txt", EPOCH_B, 10);
	OK(step());
	ck_assert(!testenv_exists(folder, "b.txt"));
	agree(EPOCH_B, 10);

	at_a(5);
	told(EPOCH, 5);
	obey(MESSAGE_FILE_DELETE, "b.txt", 6);
	agree(EPOCH, 6);

	/* And once it is gone everywhere there is nothing left to do. */
	at_b(10);
	told(EPOCH_B, 10);
	agree(EPOCH_B, 10);
}
END_TEST

/* What came from B is a change to A, though A's own is older or newer. */
START_TEST(changes)
{
	meet_b_first();
	at_b(9);
	add_record(text_record(0, "a.txt", "B's\n"));
	told(EPOCH_B, 10);
	hear_type(MESSAGE_GET);
	asked = heard_record.id;
	add_record(answer("B's\n"));
	add_contents("B's\n");
	say(MESSAGE_FILE_UPDATE);
	OK(step());
	agree(EPOCH_B, 10);
	ck_assert_str_eq(testenv_read(folder, "a.txt"), "B's\n");

	at_a(5);
	told(EPOCH, 5);
	obey(MESSAGE_FILE_UPDATE, "a.txt", 6);
	agree(EPOCH, 6);
	ck_assert_str_eq(testenv_read(folder, "a.txt"), "B's\n");
}
END_TEST

/* One that was never met has nothing to delete, and nothing is deleted. */
START_TEST(first_contact)
{
	visit("B", "", 0);
	meet(ROOT_B);
	add_record(text_record(0, "theirs", NEW));
	tell(EPOCH_B, 1, true);
	OK(step());
	/* It gets all three, and is asked for its own. */
	hear_type(MESSAGE_FILE_UPDATE);
	ck_assert_uint_eq(heard_records, 3);
	ck_assert(testenv_exists(folder, "a.txt"));
	ck_assert(testenv_exists(folder, "b.txt"));
	ck_assert(testenv_exists(folder, "new"));
}
END_TEST

/* It begins anew (another epoch, or a backup): so does what is known of it. */
START_TEST(forgotten)
{
	meet_b_first();
	at_a(5);
	if (_i == 0) {
		add_record(text_record(0, "a.txt", OLD));
		tell("cccc", 1, true);
	} else {
		tell_gone("b.txt", EPOCH, 4);
	}
	OK(step());
	ck_assert(testenv_exists(folder, "b.txt"));
	ck_assert(testenv_exists(folder, "new"));

	/* Of B all is known as before. */
	at_b(9);
	tell_gone("b.txt", EPOCH_B, 10);
	OK(step());
	ck_assert(!testenv_exists(folder, "b.txt"));
}
END_TEST

/* Whoever answers where another was expected is met as who it is. */
START_TEST(wrong_address)
{
	meet_b_first();
	visit("A", EPOCH, 5);
	meet(ROOT_B);
	/* It knows no such epoch, so it tells all. */
	add_record(text_record(0, "a.txt", OLD));
	add_record(text_record(0, "new", NEW));
	tell(EPOCH_B, 10, true);
	OK(step());
	ck_assert(!testenv_exists(folder, "b.txt"));
	agree(EPOCH_B, 10);
	/* That is remembered. */
	visit("A", EPOCH_B, 10);
	meet(ROOT_B);
	told(EPOCH_B, 10);
	agree(EPOCH_B, 10);
}
END_TEST

/* Two names of one server: nothing has to be told twice. */
START_TEST(two_names)
{
	visit("A by another way", "", 0);
	meet(ROOT);
	tell_same();
	tell(EPOCH, 5, true);
	OK(step());
	agree(EPOCH, 5);
	visit("A by another way", EPOCH, 5);
	meet(ROOT);
	told(EPOCH, 5);
	agree(EPOCH, 5);
	at_a(5);
}
END_TEST

/* Who does not get past HELLO changes nothing that the next one minds. */
START_TEST(cut)
{
	meet_b_first();
	visit("A", EPOCH, 5);
	if (_i == 1)
		meet(ROOT);
	OK(step());
	wire_input_ended(talk_wire);
	ck_assert_int_eq(step(), ST_LINK);
	at_b(9);
	tell_gone("b.txt", EPOCH_B, 10);
	OK(step());
	ck_assert(!testenv_exists(folder, "b.txt"));
	agree(EPOCH_B, 10);
	at_a(5);
	told(EPOCH, 5);
	obey(MESSAGE_FILE_DELETE, "b.txt", 6);
}
END_TEST

/* A dry run has the same plan, and leaves no trace. */
START_TEST(dry_run)
{
	meet_b_first();
	dry = true;
	at_a(5);
	tell_gone("b.txt", EPOCH, 6);
	OK(step());
	hear_type(MESSAGE_BYE);
	ck_assert(done);
	ck_assert_uint_eq(client_summary(client)->deleted_local, 1);
	ck_assert_uint_eq(client_summary(client)->sent, 0);
	ck_assert(testenv_exists(folder, "b.txt"));
	/* One that is not known, too. */
	visit("C", "", 0);
	meet("cccccccccccccccccccccccccccccccc");
	tell("cccc", 1, true);
	OK(step());
	ck_assert_uint_eq(client_summary(client)->deleted_local, 0);
	ck_assert_uint_eq(client_summary(client)->sent, 3);
	dry = false;
	visit("C", "", 0);
	at_b(9);
	told(EPOCH_B, 9);
	agree(EPOCH_B, 9);
}
END_TEST

/* One server alone, again: it is that one, or it is refused. */
START_TEST(one_alone)
{
	meet_b_first();
	visit(NULL, EPOCH_B, 9);
	meet(_i == 0 ? ROOT_B : ROOT);
	ck_assert_int_eq(step(), _i == 0 ? ST_OK : ST_GUARD);
}
END_TEST

/*
 * What --rebind leads to is met for the first time, and what was known of it
 * before does not come back.
 */
START_TEST(rebound)
{
	meet_b_first();
	one_of = NULL;
	make_client(true);
	OK(step());
	hear_type(MESSAGE_HELLO);
	meet(ROOT);
	tell_same();
	tell(EPOCH, 7, true);
	OK(step());
	agree(EPOCH, 7);
	make_client(true);
	OK(step());
	hear_type(MESSAGE_HELLO);
	meet(ROOT_B);
	tell_same();
	tell(EPOCH_B, 9, true);
	OK(step());
	agree(EPOCH_B, 9);
	visit("A", "", 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_servers");
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, begin_with_a, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, deletions);
	tcase_add_test(tc, changes);
	tcase_add_test(tc, first_contact);
	tcase_add_loop_test(tc, forgotten, 0, 2);
	tcase_add_test(tc, wrong_address);
	tcase_add_test(tc, two_names);
	tcase_add_loop_test(tc, cut, 0, 2);
	tcase_add_test(tc, dry_run);
	tcase_add_loop_test(tc, one_alone, 0, 2);
	tcase_add_test(tc, rebound);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
