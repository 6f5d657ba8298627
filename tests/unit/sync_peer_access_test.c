/* SPDX-License-Identifier: MIT */
/* Whom a peer lets in, to which folder, and what he then may do there. */
#include "config.h"

#include "serving.h"
#include "sync/policy.h"
#include "sync/preset.h"

static const struct allowed {
	enum message_type type;
	bool create; /* FILE_UPDATE of a new file */
	bool read, edit, full;
} matrix[] = {
	{ MESSAGE_GET, false, true, true, true },
	{ MESSAGE_FILE_UPDATE, false, false, true, true },
	{ MESSAGE_FILE_UPDATE, true, false, false, true },
	{ MESSAGE_FILE_DELETE, false, false, false, true },
	{ MESSAGE_FILE_MOVE, false, false, false, true },
};

static void
say_operation(const struct allowed *op)
{
	if (op->type == MESSAGE_FILE_UPDATE) {
		add_record(op->create ? update_record(7, "new", NEW, NULL) :
					update_record(7, "a.txt", NEW, OLD));
		add_contents(NEW);
	} else if (op->type == MESSAGE_FILE_DELETE) {
		add_record(delete_record(7, "a.txt", OLD));
	} else if (op->type == MESSAGE_FILE_MOVE) {
		add_record(move_record(7, "a.txt", "new", OLD));
	} else {
		add_record(text_record(7, "a.txt", OLD));
	}
	say(op->type);
}

/* Each operation under each policy: done, or refused and nothing changed. */
START_TEST(access_matrix)
{
	static const enum access levels[] = { ACCESS_READ, ACCESS_EDIT,
		ACCESS_FULL };
	const struct allowed *op = &matrix[_i / 3];
	const bool may[] = { op->read, op->edit, op->full };

	make_peer(levels[_i % 3]);
	begin();
	say_operation(op);
	settle();
	if (!may[_i % 3]) {
		refused_with(7, ST_REFUSED);
		/* Nothing of what is there is the client's to know. */
		ck_assert_uint_eq(heard_record.fields & RECORD_KIND, 0);
		unchanged();
		return;
	}
	if (op->type == MESSAGE_GET) {
		hear_type(MESSAGE_FILE_UPDATE);
		ck_assert_mem_eq(heard_data + heard.records_len, OLD,
		    strlen(OLD));
	} else {
		hear_type(MESSAGE_ACK);
	}
	ck_assert_uint_eq(heard_record.id, 7);
}
END_TEST

/* A stream that is not allowed is dropped whole, and then refused. */
START_TEST(stream_not_allowed)
{
	struct record r = update_record(7, "new", NEW, NULL);

	make_peer(ACCESS_EDIT);
	begin();
	r.form = FORM_STREAM;
	add_record(r);
	say(MESSAGE_FILE_UPDATE);
	say_data(7, 0, NEW, true);
	settle();
	refused_with(7, ST_REFUSED);
	unchanged();
}
END_TEST

/* The peer says which policy holds. */
START_TEST(access_is_told)
{
	static const char *const names[] = { "read", "edit", "full" };
	static const enum access levels[] = { ACCESS_READ, ACCESS_EDIT,
		ACCESS_FULL };
	struct message_hello h = a_hello();

	make_peer(levels[_i]);
	say_hello(&h);
	OK(step());
	hear_type(MESSAGE_HELLO);
	ck_assert_str_eq(heard.hello->access, names[_i]);
	ck_assert_uint_eq(heard.hello->max_size, 1000000);
	ck_assert_uint_eq(strlen(heard.hello->root), 32);
}
END_TEST

/* In a dry run nothing may be changed, and nothing is written at all. */
START_TEST(dry_run)
{
	struct message_hello h = a_hello();

	h.dry_run = true;
	greet(&h);
	ck_assert(!testenv_exists(folder, ".dsync"));
	if (_i == COUNT(matrix))
		say_data(1, 0, NEW, true);
	else
		say_operation(&matrix[_i]);
	if (_i == 0) {
		settle();
		hear_type(MESSAGE_FILE_UPDATE);
		ck_assert_mem_eq(heard_data + heard.records_len, OLD,
		    strlen(OLD));
	} else {
		ends_with(ST_PROTO);
	}
	unchanged();
	ck_assert(!testenv_exists(folder, ".dsync"));
}
END_TEST

/* The listing has what is synced, and nothing of what is not. */
START_TEST(listing)
{
	const struct message_hello h = a_hello();

	say_hello(&h);
	OK(step());
	hear_type(MESSAGE_HELLO);
	hear_type(MESSAGE_CHANGES);
	ck_assert_uint_eq(heard_records, 3);
	ck_assert_str_eq(heard_record.path, ".dsyncignore");
}
END_TEST

/* A whole listing says, too, what was synced once and is not now. */
START_TEST(let_go_is_told)
{
	struct message_hello h = a_hello();
	char path[UNIT_FOLDER + 20];

	greet(&h);
	make_peer(ACCESS_FULL);
	testenv_write(folder, "a.txt", "\001\002\003");
	snprintf(path, sizeof(path), "%s/b.txt", folder);
	ck_assert_int_eq(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/.dsyncignore", folder);
	ck_assert_int_eq(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/x.o", folder);
	ck_assert_int_eq(unlink(path), 0);
	h.dry_run = true;
	say_hello(&h);
	OK(step());
	hear_type(MESSAGE_HELLO);
	hear_type(MESSAGE_CHANGES);
	ck_assert_uint_eq(heard_records, 1);
	ck_assert_str_eq(heard_record.path, "a.txt");
	ck_assert_int_eq(heard_record.kind, ENTRY_EXCLUDED);
}
END_TEST

/* Who requires what is not known here is turned away, and told why. */
START_TEST(unknown_feature)
{
	struct message_hello h = a_hello();

	h.require.n = 1;
	snprintf(h.require.name[0], sizeof(h.require.name[0]), "telepathy");
	say_hello(&h);
	ends_with(ST_VERSION);
	ck_assert_ptr_nonnull(strstr(heard.text, "telepathy"));
	ck_assert(!testenv_exists(folder, ".dsync"));
}
END_TEST

/* What is only offered is no reason to part. */
START_TEST(offered_feature)
{
	struct message_hello h = a_hello();

	h.features.n = 1;
	snprintf(h.features.name[0], sizeof(h.features.name[0]), "telepathy");
	greet(&h);
}
END_TEST

/* Folders that are missing, no folder, or too much to sync. */
START_TEST(bad_folders)
{
	static const char *const paths[] = { "/", "/tmp", "/tmp/../tmp/",
		"/nowhere/at/all", "a.txt" };
	const struct message_hello h = a_hello();
	char path[UNIT_FOLDER + 10];

	snprintf(path, sizeof(path), "%s/%s", folder, paths[_i]);
	make_peer_of(_i == 4 ? path : paths[_i], ACCESS_FULL);
	say_hello(&h);
	ends_with(ST_FOLDER);
}
END_TEST

/* Where a folder of this machine is served there are no presets. */
START_TEST(no_presets)
{
	struct message_hello h = a_hello();

	snprintf(h.preset, sizeof(h.preset), "notes");
	say_hello(&h);
	ends_with(ST_REFUSED);
}
END_TEST

/* The client's limit, that of its preset (0: it has none), and what holds. */
static const struct {
	uint64_t wanted;
	const char *preset;
	uint64_t rate;
} rates[] = {
	{ 0, NULL, 0 },
	{ 5000, NULL, 5000 },
	{ UINT64_MAX, NULL, INT64_MAX },
	{ 0, "0", 0 },
	{ 0, "2K", 2048 },
	{ 5000, "0", 5000 },
	{ 5000, "2K", 2048 },
	{ 2000, "2K", 2000 },
};

static void
make_peer_of_preset(const char *bwlimit, struct presets *presets)
{
	struct peer_opts opts = { .access = ACCESS_FULL, .presets = presets };
	char text[UNIT_FOLDER + 80];

	snprintf(text, sizeof(text), "[preset n]\npath = %s\nbwlimit = %s\n",
	    folder, bwlimit);
	OK(presets_add_text(presets, "f", text, NULL, &talk_err));
	peer_free(peer);
	peer = NULL;
	talk_fini();
	OK(peer_new(&te.env, &opts, &peer, &talk_err));
	talk_wire = peer_wire(peer);
}

/*
 * Of what is sent whoever wants less has it.  What is read is the preset's
 * affair alone: the client sends no more than it wants anyway.
 */
START_TEST(limits)
{
	AUTO(presets) struct presets *presets = NULL;
	struct message_hello h = a_hello();

	OK(presets_new(&presets));
	if (rates[_i].preset != NULL) {
		make_peer_of_preset(rates[_i].preset, presets);
		snprintf(h.preset, sizeof(h.preset), "n");
	}
	ck_assert_uint_eq(peer_rate_out(peer), 0);
	h.rate = rates[_i].wanted;
	greet(&h);
	ck_assert_uint_eq(peer_rate_out(peer), rates[_i].rate);
	ck_assert_uint_eq(peer_rate_in(peer),
	    rates[_i].preset != NULL && *rates[_i].preset == '2' ? 2048 : 0);
	peer_free(peer);
	peer = NULL;
}
END_TEST

/* The next time only what is new is told; of another epoch, all. */
START_TEST(cursors)
{
	struct message_hello h = a_hello();
	struct fingerprint fp;

	say_hello(&h);
	OK(step());
	hear_type(MESSAGE_HELLO);
	hear_type(MESSAGE_CHANGES);
	ck_assert(heard.has_fp);
	fp = heard.fp;
	say(MESSAGE_DONE);
	OK(step());
	hear_type(MESSAGE_DONE);
	ck_assert(!heard.equal && fingerprint_equal(&fp, &heard.fp));
	ck_assert_uint_eq(heard.fp.count, 3);
	snprintf(h.epoch, sizeof(h.epoch), "%s",
	    _i == 1 ? "0123456789abcdef" : heard.cursor.epoch);
	h.seq = _i == 2 ? heard.cursor.seq + 100 : heard.cursor.seq;
	make_peer(ACCESS_FULL);
	testenv_save(folder, "new", NEW);
	say_hello(&h);
	OK(step());
	hear_type(MESSAGE_HELLO);
	hear_type(MESSAGE_CHANGES);
	ck_assert_int_eq(heard.full, _i != 0);
	ck_assert_uint_eq(heard_records, _i == 0 ? 1 : 4);
}
END_TEST

/* What each message is for, and who may: r read, e edit, f full. */
static const struct {
	enum message_type type;
	enum policy_op op;
	const char *may;
} messages[] = {
	{ MESSAGE_HELLO, POLICY_TALK, "ref" },
	{ MESSAGE_PRESETS, POLICY_NEVER, "" },
	{ MESSAGE_CHANGES, POLICY_LIST, "ref" },
	{ MESSAGE_FILE_UPDATE, POLICY_CHANGE, "ef" },
	{ MESSAGE_FILE_DATA, POLICY_CHANGE, "ef" },
	{ MESSAGE_FILE_DELETE, POLICY_DELETE, "f" },
	{ MESSAGE_FILE_MOVE, POLICY_MOVE, "f" },
	{ MESSAGE_GET, POLICY_READ, "ref" },
	{ MESSAGE_ACK, POLICY_NEVER, "" },
	{ MESSAGE_REFUSED, POLICY_NEVER, "" },
	{ MESSAGE_DONE, POLICY_TALK, "ref" },
	{ MESSAGE_PING, POLICY_TALK, "ref" },
	{ MESSAGE_PONG, POLICY_TALK, "ref" },
	{ MESSAGE_ERROR, POLICY_TALK, "ref" },
	{ MESSAGE_BYE, POLICY_TALK, "ref" },
};

/* Every message has its row, and the row says what this table says. */
START_TEST(message_matrix)
{
	const enum policy_op op = messages[_i].op;

	ck_assert_int_eq(COUNT(messages), MESSAGE__MAX);
	ck_assert_int_eq(policy_op_of(messages[_i].type), op);
	ck_assert_int_eq(policy_allows(ACCESS_READ, op),
	    strchr(messages[_i].may, 'r') != NULL);
	ck_assert_int_eq(policy_allows(ACCESS_EDIT, op),
	    strchr(messages[_i].may, 'e') != NULL);
	ck_assert_int_eq(policy_allows(ACCESS_FULL, op),
	    strchr(messages[_i].may, 'f') != NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_peer_access");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, access_matrix, 0, 3 * COUNT(matrix));
	tcase_add_test(t, stream_not_allowed);
	tcase_add_loop_test(t, message_matrix, 0, COUNT(messages));
	tcase_add_loop_test(t, access_is_told, 0, 3);
	tcase_add_loop_test(t, dry_run, 0, 1 + COUNT(matrix));
	tcase_add_test(t, listing);
	tcase_add_test(t, let_go_is_told);
	tcase_add_test(t, unknown_feature);
	tcase_add_test(t, offered_feature);
	tcase_add_loop_test(t, bad_folders, 0, 5);
	tcase_add_test(t, no_presets);
	tcase_add_loop_test(t, limits, 0, COUNT(rates));
	tcase_add_loop_test(t, cursors, 0, 3);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
