/* SPDX-License-Identifier: MIT */
/* Public keys: taken as ssh-keygen writes them, and nothing else for one. */
#include "config.h"

#include <string.h>

#include "nomem.h"
#include "unit.h"
#include "util/auto.h"
#include "util/pubkey.h"

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))

#define ED                                                                     \
	"AAAAC3NzaC1lZDI1NTE5AAAAIH27OXGFSfwtdbvBpMlwreiBihfeFc8k9CgyDrRh8AlE"
#define EC_HEAD                                                                \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFSdxCoS17mW5jiy" \
	"gyXv+al20Cg0QXYku51v4YI37xyVnIuPxP1FZBK8Cxn3h5Wrnl2XNQYoqdcv3J5a8ALe"
#define EC EC_HEAD "+w0="

static struct err err;

static const struct {
	const char *text, *type, *base64, *comment;
} good[] = {
	{ "ssh-ed25519 " ED " anna@laptop\n", "ssh-ed25519", ED,
	    "anna@laptop" },
	{ "ssh-ed25519 " ED, "ssh-ed25519", ED, "" },
	{ "ssh-ed25519 " ED " \r\n", "ssh-ed25519", ED, "" },
	{ "ssh-ed25519\t" ED "  two  words\r\n", "ssh-ed25519", ED,
	    "two  words" },
	{ "# mine\n\n \t\nssh-ed25519 " ED " a\n\n# end\n", "ssh-ed25519", ED,
	    "a" },
	{ "ssh-ed25519 " ED " odd\033[2J\xff\n", "ssh-ed25519", ED,
	    "odd\\x1b[2J\\xff" },
	{ "ecdsa-sha2-nistp256 " EC "\n", "ecdsa-sha2-nistp256", EC, "" },
};

START_TEST(test_good)
{
	AUTO(pubkey) struct pubkey key = { 0 };

	ck_assert_msg(pubkey_parse(good[_i].text, "f", &key, &err) == ST_OK,
	    "%s", err.text);
	ck_assert_str_eq(key.type, good[_i].type);
	ck_assert_str_eq(key.base64, good[_i].base64);
	ck_assert_str_eq(key.comment, good[_i].comment);
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{ "", "no key" },
	{ "\n# ssh-ed25519 " ED "\n", "no key" },
	{ "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n", "THIS IS A PRIVATE" },
	{ "-----BEGIN RSA PRIVATE KEY-----\nabc\n", "THIS IS A PRIVATE" },
	{ "-----BEGIN PRIVATE KEY-----\nabc\n", "THIS IS A PRIVATE" },
	{ "PuTTY-User-Key-File-3: ssh-ed25519\n", "THIS IS A PRIVATE" },
	{ "ssh-ed25519 " ED "\nssh-ed25519 " ED "\n", "more than one" },
	{ "restrict ssh-ed25519 " ED "\n", "options in front" },
	{ "hello\n", "not a public key" },
	{ "ssh-ed25519\n", "not a public key" },
	{ "ssh-ed25519 \n", "damaged" },
	{ "ssh-dss " ED "\n", "not a public key" },
	{ "ssh-rsa " ED "\n", "damaged" },
	{ "ssh-ed25519 AAAA\n", "damaged" },
	{ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5\n", "damaged" },
	{ "ssh-ed25519 " ED "=\n", "damaged" },
	{ "ssh-ed25519 !" ED "\n", "damaged" },
	/* What OpenSSL passes over and sshd does not. */
	{ "ssh-ed25519 " ED "----\n", "damaged" },
	{ "ssh-ed25519 " ED "\v\f--\n", "damaged" },
	{ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH27OXGFSfwtdbvBpMlwreiBihfeFc8="
	  "9CgyDrRh8AlE\n",
	    "damaged" },
	/* "1" where "0" is the one way to write it. */
	{ "ecdsa-sha2-nistp256 " EC_HEAD "+w1=\n", "damaged" },
	{ "ssh-ed25519\n" ED "\n", "more than one" },
	{ " ssh-ed25519 " ED "\n", "not a public key" },
};

START_TEST(test_bad)
{
	struct pubkey key = { .type = NULL };

	ck_assert_msg(pubkey_parse(bad[_i].text, "the file", &key, &err) ==
		ST_REFUSED,
	    "taken: %s", bad[_i].text);
	ck_assert_msg(strstr(err.text, bad[_i].why) != NULL, "%s: %s",
	    bad[_i].text, err.text);
	ck_assert_ptr_nonnull(strstr(err.text, "the file: "));
	ck_assert_ptr_null(key.type);
}
END_TEST

static const struct {
	const char *text;
	unsigned line;
} places[] = {
	{ "", 0 },
	{ "ssh-ed25519 " ED, 1 },
	{ "# ssh-ed25519 " ED "\n", 0 },
	{ "ssh-rsa AAAA x\n\nrestrict ssh-ed25519 " ED " y\n", 3 },
	{ "ssh-ed25519 x" ED "\n", 0 },
	{ "ssh-ed25519 " ED "x\n", 0 },
	{ "ssh-ed25519 " ED "\r\n", 1 },
	{ "command=\"x" ED "\" ssh-ed25519 " ED " x\n", 1 },
	{ "ecdsa-sha2-nistp256 " EC "\nssh-ed25519\t" ED, 2 },
};

START_TEST(test_find)
{
	AUTO(pubkey) struct pubkey key = { 0 };
	const char *at = NULL;
	size_t len = 0;

	ck_assert_int_eq(pubkey_parse("ssh-ed25519 " ED, "f", &key, &err),
	    ST_OK);
	ck_assert_uint_eq(pubkey_find(&key, places[_i].text, &at, &len),
	    places[_i].line);
	if (places[_i].line != 0)
		ck_assert_ptr_nonnull(memmem(at, len, ED, strlen(ED)));
}
END_TEST

START_TEST(test_no_memory)
{
	AUTO(pubkey) struct pubkey key = { 0 };
	enum status st;

	nomem_at(1);
	st = pubkey_parse("ssh-ed25519 " ED, "f", &key, &err);
	nomem_at(0);
	ck_assert(st != ST_OK);
	ck_assert_ptr_null(key.type);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("util_pubkey");
	TCase *t = tcase_create("pubkey");

	tcase_add_loop_test(t, test_good, 0, N(good));
	tcase_add_loop_test(t, test_bad, 0, N(bad));
	tcase_add_loop_test(t, test_find, 0, N(places));
	tcase_add_test(t, test_no_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
