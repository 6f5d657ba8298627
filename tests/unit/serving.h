/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_SERVING_H
#define DSYNC_TESTS_UNIT_SERVING_H

/* A peer on a folder of a few files, and what a client says to it. */

#include <sys/stat.h>

#include <stdlib.h>

#include "sync/peer.h"
#include "talking.h"

static struct peer *peer;
static bool done;

static inline void
make_peer_of(const char *path, enum access access)
{
	const struct peer_opts opts = { .access = access,
		.home = "/tmp",
		.folder = path,
		.max_size = 1000000 };

	peer_free(peer);
	peer = NULL;
	talk_fini();
	OK(peer_new(&te.env, &opts, &peer, &talk_err));
	talk_wire = peer_wire(peer);
	done = false;
}

static inline void
make_peer(enum access access)
{
	make_peer_of(folder, access);
}

static inline void
setup(void)
{
	char path[UNIT_FOLDER + 8];

	testenv_init(&te);
	unit_folder(folder);
	testenv_write(folder, "a.txt", OLD);
	testenv_write(folder, "b.txt", "b\n");
	testenv_write(folder, "binary", "\001\002\003");
	testenv_write(folder, ".hidden", OLD);
	testenv_write(folder, ".dsyncignore", "*.o\n");
	testenv_write(folder, "x.o", OLD);
	snprintf(path, sizeof(path), "%s/d", folder);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	make_peer(ACCESS_FULL);
}

static inline void
teardown(void)
{
	peer_free(peer);
	peer = NULL;
	talk_fini();
	unit_folder_remove(folder);
}

static inline enum status
step(void)
{
	enum status st;

	do
		st = peer_step(peer, &done, &talk_err);
	while (st == ST_OK && peer_busy(peer));
	return st;
}

static inline struct message_hello
a_hello(void)
{
	return (struct message_hello){ .version = "0", .name = "tester" };
}

/* HELLO, and the listing that follows. */
static inline void
greet(const struct message_hello *h)
{
	say_hello(h);
	OK(step());
	hear_type(MESSAGE_HELLO);
	hear_type(MESSAGE_CHANGES);
	ck_assert(heard.full && !heard.more);
	ck_assert(!hear());
}

static inline void
begin(void)
{
	const struct message_hello h = a_hello();

	greet(&h);
}

/* The session ends with this, and the client is told. */
static inline void
ends_with(enum status code)
{
	ck_assert_int_eq(step(), code);
	while (hear() && heard.type != MESSAGE_ERROR)
		;
	ck_assert_int_eq(heard.type, MESSAGE_ERROR);
	ck_assert_int_eq(heard.code, code);
	ck_assert_str_eq(heard.text, talk_err.text);
}

static inline void
unchanged(void)
{
	ck_assert_str_eq(testenv_read(folder, "a.txt"), OLD);
	ck_assert_str_eq(testenv_read(folder, "b.txt"), "b\n");
	ck_assert_str_eq(testenv_read(folder, ".hidden"), OLD);
	ck_assert_str_eq(testenv_read(folder, "x.o"), OLD);
	ck_assert(!testenv_exists(folder, "new"));
	ck_assert(!testenv_exists(folder, "d/new"));
}

static inline void
refused_with(uint32_t id, enum status fault)
{
	hear_type(MESSAGE_REFUSED);
	ck_assert_uint_eq(heard_records, 1);
	ck_assert_uint_eq(heard_record.id, id);
	ck_assert_msg(heard_record.fault == fault, "%s", heard_record.text);
}

/* Carries out what was said: PING's answer comes behind the others. */
static inline void
settle(void)
{
	say(MESSAGE_PING);
	OK(step());
}

#endif
