/* SPDX-License-Identifier: MIT */
/* known_hosts: which lines are of a host, and what they say of a key. */
#include "config.h"

#include <string.h>

#include "net/ssh_known.h"
#include "unit.h"
#include "util/auto.h"

#define ED "ssh-ed25519"
#define EC "ecdsa-sha2-nistp256"

/* HMAC-SHA1 of "box" with the bytes 0 to 19 as the key. */
#define HASHED	   "|1|AAECAwQFBgcICQoLDA0ODxAREhM=|" HASHED_BOX
#define HASHED_BOX "U5D/HnyUKVdcJYsaAREK7y+TeWA="

static struct err err;

/* What is said of key K1 of box: letters T, R, A, c (changed), o (other). */
static const struct {
	const char *text, *says;
	unsigned line; /* of the first c, or else the first o */
} looks[] = {
	{ "", "", 0 },
	{ "box " ED " K1", "T", 0 },
	{ "box " ED " K1\n", "T", 0 },
	{ "box " ED " K1\r\n", "T", 0 },
	{ "  box\t" ED "  K1 comment here\n", "T", 0 },
	{ "#box " ED " K1\n", "", 0 },
	{ "# box " ED " K1\n", "", 0 },
	{ "box " ED "\n", "", 0 },
	{ "box\n", "", 0 },
	{ "other " ED " K1\n", "", 0 },
	{ "a,box,b " ED " K1\n", "T", 0 },
	{ "a,bo " ED " K1\n", "", 0 },
	{ "b* " ED " K1\n", "T", 0 },
	{ "b*,!box " ED " K1\n", "", 0 },
	{ "!box,b* " ED " K1\n", "", 0 },
	{ "BOX " ED " K1\n", "T", 0 },
	{ "[box]:22 " ED " K1\n", "", 0 },
	{ "box " ED " K2\n", "c", 1 },
	{ "box " ED " K11\n", "c", 1 },
	{ "box " ED " K\n", "c", 1 },
	{ "\n#\nbox " ED " K2\nbox " ED " K3\n", "c", 3 },
	{ "box " ED " K2\nbox " ED " K1\n", "Tc", 1 },
	{ "box " EC " K1\n", "o", 1 },
	{ "\nbox " EC " K2\nbox " ED " K1\n", "To", 2 },
	{ "box " EC " K2\nbox " ED " K2\n", "co", 2 },
	{ "box new-kind K1\n", "o", 1 },
	{ "@revoked box " ED " K1\n", "R", 0 },
	{ "@revoked * " ED " K1\nbox " ED " K1\n", "TR", 0 },
	{ "@revoked other " ED " K1\nbox " ED " K1\n", "T", 0 },
	{ "@revoked box " ED " K2\nbox " ED " K1\n", "T", 0 },
	{ "@cert-authority *ox ssh-rsa CA\n", "A", 0 },
	{ "@cert-authority *.org ssh-rsa CA\n", "", 0 },
	{ "@cert-authority * ssh-rsa K1\nbox " ED " K1\n", "TA", 0 },
	{ "@new-marker box " ED " K1\n", "", 0 },
	{ HASHED " " ED " K1\n", "T", 0 },
	{ HASHED " " ED " K2\n", "c", 1 },
	{ "@revoked " HASHED " " ED " K1\n", "R", 0 },
	{ "|1|AAECAwQFBgcICQoLDA0ODxAREhQ=|" HASHED_BOX " " ED " K1\n", "", 0 },
	{ "|1|short|" HASHED_BOX " " ED " K1\n", "", 0 },
	{ "|1|!!ECAwQFBgcICQoLDA0ODxAREhM=|" HASHED_BOX " " ED " K1\n", "", 0 },
	{ "|2|AAECAwQFBgcICQoLDA0ODxAREhM=|x " ED " K1\n", "", 0 },
	{ "|1| " ED " K1\n", "", 0 },
};

START_TEST(look)
{
	const struct ssh_known_key key = { "box", ED, "K1" };
	struct ssh_known known = { .trusted = false };
	char says[8];

	ssh_known_look(&known, "file", looks[_i].text, &key);
	snprintf(says, sizeof(says), "%s%s%s%s%s", known.trusted ? "T" : "",
	    known.revoked ? "R" : "", known.authority ? "A" : "",
	    known.changed != 0 ? "c" : "", known.other != 0 ? "o" : "");
	ck_assert_msg(strcmp(says, looks[_i].says) == 0, "%s: %s",
	    looks[_i].text, says);
	ck_assert_uint_eq(known.changed != 0 ? known.changed : known.other,
	    looks[_i].line);
	if (known.changed != 0)
		ck_assert_str_eq(known.changed_file, "file");
	if (known.other != 0)
		ck_assert_str_eq(known.other_file, "file");
}
END_TEST

/* Several files add up; the first that differs is named. */
START_TEST(files)
{
	const struct ssh_known_key key = { "box", ED, "K1" };
	struct ssh_known known = { .trusted = false };

	ssh_known_look(&known, "one", "\nbox " ED " K2\n", &key);
	ssh_known_look(&known, "two", "box " ED " K3\n", &key);
	ssh_known_look(&known, "three", "box " ED " K1\n", &key);
	ck_assert(known.trusted);
	ck_assert_str_eq(known.changed_file, "one");
	ck_assert_uint_eq(known.changed, 2);
}
END_TEST

/* Before a key is seen: of which types are there keys? */
START_TEST(types)
{
	const struct ssh_known_key key = { .name = "box" };
	struct ssh_known known = { .trusted = false };
	char many[4096] = "";
	int i;

	ssh_known_look(&known, "file",
	    "box " ED " K1\nother ssh-rsa K2\n@revoked box ssh-rsa K3\n"
	    "@cert-authority box ssh-rsa CA\nb* " EC " K4\n",
	    &key);
	ck_assert_str_eq(known.types, ED "," EC);
	ck_assert(!known.trusted && !known.revoked);
	ck_assert_uint_eq(known.changed + known.other, 0);
	for (i = 0; i < 100; i++)
		strcat(many, "box " ED " K1\n");
	ssh_known_look(&known, "file", many, &key);
	ck_assert_uint_lt(strlen(known.types), sizeof(known.types));
}
END_TEST

START_TEST(names)
{
	char name[SSH_KNOWN_NAME];

	ssh_known_name(name, "Box.Example", 22);
	ck_assert_str_eq(name, "box.example");
	ssh_known_name(name, "Box", 2222);
	ck_assert_str_eq(name, "[box]:2222");
	ssh_known_name(name, "::1", 65535);
	ck_assert_str_eq(name, "[::1]:65535");
}
END_TEST

/* What is written is found again, and by nobody else. */
START_TEST(line)
{
	static const unsigned char salt[SSH_KNOWN_SALT] = { 0, 1, 2, 3, 4, 5, 6,
		7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19 };
	const struct ssh_known_key key = { "box", ED, "K1" };
	const struct ssh_known_key other = { "bos", ED, "K1" };
	struct ssh_known known = { .trusted = false };
	autofree char *plain = NULL, *hashed = NULL;

	ck_assert_int_eq(ssh_known_line(&key, NULL, &plain, &err), ST_OK);
	ck_assert_str_eq(plain, "box " ED " K1\n");
	ck_assert_int_eq(ssh_known_line(&key, salt, &hashed, &err), ST_OK);
	ck_assert_str_eq(hashed, HASHED " " ED " K1\n");
	ssh_known_look(&known, "file", hashed, &other);
	ck_assert(!known.trusted);
	ssh_known_look(&known, "file", hashed, &key);
	ck_assert(known.trusted);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("net_ssh_known");
	TCase *t = tcase_create("known");

	tcase_add_loop_test(t, look, 0, sizeof(looks) / sizeof(looks[0]));
	tcase_add_test(t, files);
	tcase_add_test(t, types);
	tcase_add_test(t, names);
	tcase_add_test(t, line);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
