/* SPDX-License-Identifier: MIT */
/*
 * Asking what is offered: what a peer tells to whom, and what the one who
 * asks takes for an answer.
 */
#include "config.h"

#include "serving.h"
#include "sync/ask.h"
#include "sync/preset.h"

static struct presets *presets;
static struct ask *ask;

#define OFFER                                                                  \
	"[preset notes]\npath = /n\naccess = full\n"                           \
	"description = caf\xc3\xa9 \\\n"                                       \
	"[preset code]\npath = /c\naccess = read\n"

static void
offer(const struct peer_opts *opts)
{
	struct peer_opts with = *opts;

	presets_free(presets);
	OK(presets_new(&presets));
	OK(presets_add_text(presets, "f", OFFER, NULL, &talk_err));
	with.presets = presets;
	peer_free(peer);
	peer = NULL;
	talk_fini();
	OK(peer_new(&te.env, &with, &peer, &talk_err));
	talk_wire = peer_wire(peer);
	done = false;
}

static void
make_ask(void)
{
	ask_free(ask);
	ask = NULL;
	talk_fini();
	OK(ask_new(&te.env, &ask, &talk_err));
	talk_wire = ask_wire(ask);
	done = false;
}

static void
ask_setup(void)
{
	setup();
	presets = NULL;
	ask = NULL;
}

static void
ask_teardown(void)
{
	ask_free(ask);
	ask = NULL;
	presets_free(presets);
	teardown();
}

static void
say_list(void)
{
	struct message_hello h = a_hello();

	h.require.n = 1;
	snprintf(h.require.name[0], sizeof(h.require.name[0]), "list");
	say_hello(&h);
}

static void
told(const char *lines)
{
	say_list();
	OK(step());
	hear_type(MESSAGE_HELLO);
	ck_assert_str_eq(heard.hello->version, PACKAGE_VERSION);
	ck_assert_int_eq(heard.hello->clock, te.now);
	ck_assert_str_eq(heard.hello->root, "");
	hear_type(MESSAGE_PRESETS);
	ck_assert_uint_eq(heard.data_len, strlen(lines));
	ck_assert(memcmp(heard_data, lines, heard.data_len) == 0);
	ck_assert(!hear());
	say(MESSAGE_BYE);
	OK(step());
	ck_assert(done);
}

START_TEST(peer_tells_all)
{
	/* A free key: every preset, with its access and description. */
	offer(&(struct peer_opts){ .access = ACCESS_FULL });
	told("notes\tfull\tcaf\xc3\xa9 \\\\\ncode\tread\t\n");
}
END_TEST

START_TEST(peer_tells_one)
{
	/* A restricted key: its preset alone, with what the key may do. */
	offer(&(struct peer_opts){ .access = ACCESS_EDIT, .only = "notes" });
	told("notes\tedit\tcaf\xc3\xa9 \\\\\n");
	offer(&(struct peer_opts){ .access = ACCESS_EDIT, .only = "code" });
	told("code\tread\t\n");
	offer(&(struct peer_opts){ .access = ACCESS_EDIT, .only = "gone" });
	told("");
}
END_TEST

START_TEST(peer_refuses)
{
	/* A folder of this machine; a configuration that is wrong. */
	const struct err fault = { .code = ST_REFUSED, .text = "f:1: bad" };

	say_list();
	ends_with(ST_REFUSED);
	offer(&(struct peer_opts){ .access = ACCESS_FULL, .fault = &fault });
	say_list();
	ends_with(ST_REFUSED);
	ck_assert_str_eq(talk_err.text, "f:1: bad");
}
END_TEST

START_TEST(peer_only_tells)
{
	/* Who has asked for the list has no folder, and gets none. */
	static const enum message_type types[] = { MESSAGE_HELLO,
		MESSAGE_CHANGES, MESSAGE_FILE_UPDATE, MESSAGE_FILE_DATA,
		MESSAGE_FILE_DELETE, MESSAGE_GET, MESSAGE_DONE, MESSAGE_PING,
		MESSAGE_PRESETS };
	const struct message_hello h = a_hello();

	offer(&(struct peer_opts){ .access = ACCESS_FULL });
	say_list();
	OK(step());
	hear_type(MESSAGE_HELLO);
	hear_type(MESSAGE_PRESETS);
	if (types[_i] == MESSAGE_HELLO)
		say_hello(&h);
	else
		say(types[_i]);
	ends_with(ST_PROTO);
	unchanged();
}
END_TEST

START_TEST(peer_second_list)
{
	/* Once for each connection, and not within a session. */
	offer(&(struct peer_opts){ .access = ACCESS_FULL });
	say_list();
	say_list();
	ends_with(ST_PROTO);
	make_peer(ACCESS_FULL);
	begin();
	say_list();
	ends_with(ST_PROTO);
}
END_TEST

/* The peer's side of an answer. */
static void
answer(int64_t clock, const char *lines)
{
	struct message_hello h = a_hello();

	h.clock = clock;
	say_hello(&h);
	if (lines == NULL)
		return;
	add_contents(lines);
	say(MESSAGE_PRESETS);
}

static enum status
ask_on(void)
{
	return ask_step(ask, &done, &talk_err);
}

START_TEST(ask_asks)
{
	/* Out goes HELLO with its one requirement; in comes the list; BYE. */
	const struct ask_answer *a;

	make_ask();
	OK(ask_on());
	hear_type(MESSAGE_HELLO);
	ck_assert_uint_eq(heard.hello->require.n, 1);
	ck_assert_str_eq(heard.hello->require.name[0], "list");
	ck_assert(heard.hello->dry_run);
	te.now += 4 * NSEC;
	answer(te.now + 8 * NSEC, "a\tfull\tx y\nb-1\tread\t\nc\tedit\t#\n");
	OK(ask_on());
	ck_assert(done);
	hear_type(MESSAGE_BYE);
	a = ask_answer(ask);
	ck_assert_uint_eq(a->n, 3);
	ck_assert_str_eq(a->version, "0");
	ck_assert_int_eq(a->clock_ahead, 10 * NSEC);
	ck_assert_str_eq(a->v[0].name, "a");
	ck_assert_int_eq(a->v[0].access, ACCESS_FULL);
	ck_assert_str_eq(a->v[0].description, "x y");
	ck_assert_str_eq(a->v[1].name, "b-1");
	ck_assert_str_eq(a->v[1].description, "");
	ck_assert_int_eq(a->v[2].access, ACCESS_EDIT);
}
END_TEST

START_TEST(ask_nothing)
{
	make_ask();
	answer(0, "");
	OK(ask_on());
	ck_assert(done);
	ck_assert_uint_eq(ask_answer(ask)->n, 0);
}
END_TEST

static const char *const bad[] = { "\n", "a", "a\n", "a\tfull", "a\tfull\n",
	"a\tfull\tx", "a\tall\tx\n", "a\t\tx\n", "\tfull\tx\n",
	"../a\tfull\tx\n", "a b\tfull\t\n", "a\tfull\tx\ty\n",
	"a\tfull\t\xff\n", "a\tfull\t\033[2J\n", "a\tfull\tx\n\n",
	"a\tfullfull\tx\n",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\tfull\tx\n" };

START_TEST(ask_bad_lines)
{
	/* Anything else is no list. */
	make_ask();
	answer(1, bad[_i]);
	ck_assert_msg(ask_on() == ST_PROTO, "taken: %s", bad[_i]);
	ck_assert(done);
}
END_TEST

START_TEST(ask_out_of_place)
{
	/* Every message but the expected, before and after HELLO. */
	const enum message_type type = (enum message_type)(_i % MESSAGE__MAX);
	const bool greeted = _i >= MESSAGE__MAX;
	struct message m;

	if ((type == MESSAGE_HELLO && !greeted) ||
	    (type == MESSAGE_PRESETS && greeted))
		return;
	make_ask();
	if (greeted)
		answer(1, NULL);
	message_init(&m, type);
	m.code = ST_REFUSED;
	if (type == MESSAGE_HELLO)
		answer(1, NULL);
	else
		say_message(&m);
	ck_assert_int_eq(ask_on(),
	    type == MESSAGE_ERROR ? ST_REFUSED : ST_PROTO);
	ck_assert(done);
}
END_TEST

START_TEST(ask_endings)
{
	/* A shell that greets, a link that ends, a peer that wants too much. */
	static const char noise[] = "Welcome!\n";
	struct message_hello h = a_hello();

	make_ask();
	OK(wire_input(talk_wire, noise, strlen(noise), &talk_err));
	ck_assert_int_eq(ask_on(), ST_PEER);
	ck_assert_ptr_nonnull(strstr(talk_err.text, "Welcome!"));
	make_ask();
	wire_input_ended(talk_wire);
	ck_assert_int_eq(ask_on(), ST_LINK);
	make_ask();
	h.require.n = 1;
	snprintf(h.require.name[0], sizeof(h.require.name[0]), "magic");
	say_hello(&h);
	ck_assert_int_eq(ask_on(), ST_VERSION);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_ask");
	TCase *t = tcase_create("ask");

	tcase_add_checked_fixture(t, ask_setup, ask_teardown);
	tcase_add_test(t, peer_tells_all);
	tcase_add_test(t, peer_tells_one);
	tcase_add_test(t, peer_refuses);
	tcase_add_loop_test(t, peer_only_tells, 0, 9);
	tcase_add_test(t, peer_second_list);
	tcase_add_test(t, ask_asks);
	tcase_add_test(t, ask_nothing);
	tcase_add_loop_test(t, ask_bad_lines, 0, COUNT(bad));
	tcase_add_loop_test(t, ask_out_of_place, 0, 2 * MESSAGE__MAX);
	tcase_add_test(t, ask_endings);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
