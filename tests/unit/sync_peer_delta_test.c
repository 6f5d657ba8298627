/* SPDX-License-Identifier: MIT */
/*
 * Deltas that a client sends: what they make of the version they are for
 * comes, and of anything else nothing does.
 */
#include "config.h"

#include "serving.h"

#define EDITED "the old text, edited\n"
/* "t", 11 bytes of OLD from the second on, and 9 more. */
#define DELTA  "\002t\027\002\022, edited\n"

static const enum record_form forms[] = { FORM_DELTA, FORM_DELTA_STREAM };

/* r says which file; contents are said by the delta, in parts if streamed. */
static void
say_delta(struct record r, const char *delta, enum record_form form)
{
	char part[2] = "";
	size_t i, len = strlen(delta);

	r.form = (uint8_t)form;
	if (form == FORM_DELTA) {
		r.fields |= RECORD_LENGTH;
		r.length = (uint32_t)len;
		add_contents(delta);
	}
	add_record(r);
	say(MESSAGE_FILE_UPDATE);
	for (i = 0; form == FORM_DELTA_STREAM && i < len; i++) {
		*part = delta[i];
		say_data(r.id, i, part, i + 1 == len);
	}
}

/* EDITED, made from that version of another file. */
static struct record
edited_from(const char *path, const char *from, const char *version)
{
	struct record r = update_record(5, path, EDITED, NULL);

	r.fields |= RECORD_FROM | RECORD_BASE;
	r.from = from;
	r.base = testenv_hash(version);
	return r;
}

/* Of what is replaced, and of another file. */
START_TEST(comes)
{
	begin();
	say_delta(update_record(4, "a.txt", EDITED, OLD), DELTA, forms[_i]);
	settle();
	hear_type(MESSAGE_ACK);
	hear_type(MESSAGE_PONG);
	ck_assert_str_eq(testenv_read(folder, "a.txt"), EDITED);
	say_delta(update_record(4, "a.txt", OLD, EDITED), "\031\002\002\n",
	    forms[_i]);
	settle();
	refused_with(4, ST_CHANGED);
	hear_type(MESSAGE_PONG);
	say_delta(edited_from("new", "a.txt", EDITED), "\002t\051\002",
	    forms[_i]);
	settle();
	hear_type(MESSAGE_ACK);
	ck_assert_str_eq(testenv_read(folder, "new"), EDITED);
}
END_TEST

static const struct refusal {
	const char *from, *version, *want;
	enum status fault;
} refusals[] = {
	/* It would be right, but for which version it says that it is. */
	{ "a.txt", NEW, EDITED, ST_CHANGED },
	{ "b.txt", OLD, EDITED, ST_CHANGED },
	{ "gone", OLD, EDITED, ST_CHANGED },
	{ "d", OLD, EDITED, ST_CHANGED },
	{ "binary", "\001\002\003", EDITED, ST_CHANGED },
	/* It makes something else. */
	{ "a.txt", OLD, "the new text, edited\n", ST_CHANGED },
	/* They are not synced, so nobody may ask what they hold. */
	{ ".hidden", OLD, EDITED, ST_REFUSED },
	{ ".hidden", NEW, EDITED, ST_REFUSED },
	{ "x.o", OLD, EDITED, ST_REFUSED },
	{ "d/.x/y", OLD, EDITED, ST_REFUSED },
};

START_TEST(does_not_come)
{
	const struct refusal *f = &refusals[_i / 2];
	struct record r = edited_from("new", f->from, f->version);

	begin();
	r.hash = testenv_hash(f->want);
	say_delta(r, DELTA, forms[_i % 2]);
	settle();
	refused_with(5, f->fault);
	hear_type(MESSAGE_PONG);
	unchanged();
}
END_TEST

/* What was saved after the look is another version. */
START_TEST(saved_meanwhile)
{
	begin();
	testenv_write(folder, "a.txt", "the odd text\n");
	say_delta(edited_from("new", "a.txt", OLD), DELTA, forms[_i]);
	settle();
	refused_with(5, ST_CHANGED);
	ck_assert(!testenv_exists(folder, "new"));
}
END_TEST

static const char *const broken[] = { DELTA "\002!", DELTA "\003\001", "\054x",
	"\001\002", "\202\200\200\200\200\200\200\200\200\001x" };

/* What is no delta ends the session. */
START_TEST(is_none)
{
	begin();
	say_delta(update_record(4, "a.txt", EDITED, OLD), broken[_i / 2],
	    forms[_i % 2]);
	ends_with(ST_PROTO);
	unchanged();
}
END_TEST

/* One of another base: that is this file's trouble, and may be an accident. */
START_TEST(copies_from_beside)
{
	static const char *const beside[] = { "\053\002", "\003\036",
		"\003\001" };

	begin();
	say_delta(update_record(4, "a.txt", EDITED, OLD), beside[_i / 2],
	    forms[_i % 2]);
	settle();
	refused_with(4, ST_CHANGED);
	unchanged();
}
END_TEST

/* One that ends early, with a step or within one. */
START_TEST(ends_early)
{
	static const char *const early[] = { "\002t", "\002t\027",
		"\002t\027\002\022, edited", DELTA "\200" };
	const struct record r = update_record(4, "a.txt", EDITED, OLD);

	begin();
	say_delta(r, early[_i / 2], forms[_i % 2]);
	if (_i % 2 == 0) {
		ends_with(ST_PROTO);
	} else {
		settle();
		refused_with(4, ST_CHANGED);
	}
	unchanged();
}
END_TEST

/* A delta for what another operation makes that waits for its group. */
START_TEST(in_order)
{
	begin();
	add_record(move_record(1, "a.txt", "moved", OLD));
	say(MESSAGE_FILE_MOVE);
	say_delta(update_record(2, "moved", EDITED, OLD), DELTA, forms[_i]);
	settle();
	while (hear() && heard.type != MESSAGE_PONG)
		ck_assert_int_eq(heard.type, MESSAGE_ACK);
	ck_assert_str_eq(testenv_read(folder, "moved"), EDITED);
	ck_assert(!testenv_exists(folder, "a.txt"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_peer_delta");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, comes, 0, 2);
	tcase_add_loop_test(t, does_not_come, 0, 2 * COUNT(refusals));
	tcase_add_loop_test(t, saved_meanwhile, 0, 2);
	tcase_add_loop_test(t, is_none, 0, 2 * COUNT(broken));
	tcase_add_loop_test(t, copies_from_beside, 0, 6);
	tcase_add_loop_test(t, ends_early, 0, 8);
	tcase_add_loop_test(t, in_order, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
