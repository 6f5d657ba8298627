/* SPDX-License-Identifier: MIT */
/* What ssh_config says of one host, and what is refused rather than missed. */
#include "config.h"

#include <string.h>

#include "net/ssh_config.h"
#include "unit.h"
#include "util/str.h"

static const struct ssh_config_who who = { .host = "box",
	.user = NULL,
	.local_user = "me" };
static struct ssh_config *config;
static struct err err;

/* Files that there are: "port" and "host" and one that includes itself. */
static enum status
include(void *ctx, struct ssh_config *c, const char *pattern, struct err *e)
{
	(void)ctx;
	if (strcmp(pattern, "port") == 0)
		return ssh_config_parse(c, pattern, "Port 7\n", e);
	if (strcmp(pattern, "host") == 0)
		return ssh_config_parse(c, pattern,
		    "Host other\nPort 1\nHost box\nUser inner\n", e);
	if (strcmp(pattern, "loop") == 0)
		return ssh_config_parse(c, pattern, "\nInclude loop\n", e);
	if (strcmp(pattern, "bad") == 0)
		return ssh_config_parse(c, pattern,
		    "Port 5\nCertificateFile x\n", e);
	return err_set(e, ST_USAGE, "no such file");
}

static void
setup(void)
{
	ck_assert_int_eq(ssh_config_new(&who, include, NULL, &config), ST_OK);
}

static void
teardown(void)
{
	ssh_config_free(config);
}

static const struct {
	const char *text;
	enum ssh_setting setting;
	const char *words; /* comma between; "-": nothing is said */
} good[] = {
	{ "Port 5", SSH_SET_PORT, "5" },
	{ "Port 5\nPort 6", SSH_SET_PORT, "5" },
	{ "pOrT=5", SSH_SET_PORT, "5" },
	{ "", SSH_SET_PORT, "-" },
	{ "Host box\nPort 5", SSH_SET_PORT, "5" },
	{ "Host other\nPort 5", SSH_SET_PORT, "-" },
	{ "Host other\nPort 5\nHost *\nPort 6", SSH_SET_PORT, "6" },
	{ "Host a b?x\nPort 5", SSH_SET_PORT, "5" },
	{ "Host * !box\nPort 5", SSH_SET_PORT, "-" },
	{ "Host !box *\nPort 5", SSH_SET_PORT, "-" },
	{ "Host !other\nPort 5", SSH_SET_PORT, "-" },
	/* Host is about the name that was typed. */
	{ "HostName real\nHost real\nPort 5", SSH_SET_PORT, "-" },
	{ "HostName real\nHost box\nPort 5", SSH_SET_PORT, "5" },
	{ "HostName real\nMatch host real\nPort 5", SSH_SET_PORT, "5" },
	{ "HostName real\nMatch host box\nPort 5", SSH_SET_PORT, "-" },
	{ "HostName real\nMatch originalhost box\nPort 5", SSH_SET_PORT, "5" },
	{ "Match host box\nPort 5", SSH_SET_PORT, "5" },
	{ "Match all\nPort 5", SSH_SET_PORT, "5" },
	{ "Match !all\nPort 5", SSH_SET_PORT, "-" },
	{ "Match canonical\nPort 5", SSH_SET_PORT, "-" },
	{ "Match canonical all\nPort 5", SSH_SET_PORT, "-" },
	{ "Match user me\nPort 5", SSH_SET_PORT, "5" },
	{ "User you\nMatch user me\nPort 5", SSH_SET_PORT, "-" },
	{ "User you\nMatch user y*,me localuser me\nPort 5", SSH_SET_PORT,
	    "5" },
	{ "Match !user you !host other\nPort 5", SSH_SET_PORT, "5" },
	/* What can't be decided, where it does not matter. */
	{ "Match host other exec \"x y\"\nPort 5", SSH_SET_PORT, "-" },
	{ "Match exec x host other\nPort 5", SSH_SET_PORT, "-" },
	{ "Port 4\nMatch exec x\nPort 5", SSH_SET_PORT, "4" },
	{ "Match exec x\nCompression yes\nHost box\nPort 5", SSH_SET_PORT,
	    "5" },
	{ "Match tagged x\nMatch all\nPort 5", SSH_SET_PORT, "5" },
	/* Refused ones, where they do not matter or say nothing. */
	{ "Host other\nCertificateFile x\nNewThing\nHost *\nPort 5",
	    SSH_SET_PORT, "5" },
	{ "RevokedHostKeys none\nRevokedHostKeys x\nPort 5", SSH_SET_PORT,
	    "5" },
	{ "CanonicalizeHostname no\nPort 5", SSH_SET_PORT, "5" },
	{ "IgnoreUnknown New*,Old\nNewThing x\nold\nPort 5", SSH_SET_PORT,
	    "5" },
	/* Lists, commands. */
	{ "IdentityFile a\nIdentityFile \"b c\"", SSH_SET_IDENTITY_FILE,
	    "a,b c" },
	{ "UserKnownHostsFile a b\nUserKnownHostsFile c",
	    SSH_SET_USER_KNOWN_HOSTS, "a,b" },
	{ "ProxyCommand a \"b  c\" 'd", SSH_SET_PROXY_COMMAND,
	    "a \"b  c\" 'd" },
	{ "ProxyJump a\nProxyCommand b", SSH_SET_PROXY_COMMAND, "-" },
	{ "ProxyCommand none\nProxyJump a", SSH_SET_PROXY_JUMP, "-" },
	/* Files in files. */
	{ "Include port", SSH_SET_PORT, "7" },
	{ "Host other\nInclude port", SSH_SET_PORT, "-" },
	{ "Host other\nInclude host", SSH_SET_USER, "-" },
	{ "Include host\nPort 5", SSH_SET_PORT, "5" },
	{ "Include host", SSH_SET_USER, "inner" },
	{ "Host other\nInclude none\nHost box\nPort 5", SSH_SET_PORT, "5" },
};

START_TEST(says)
{
	const char *const *words;
	char got[200] = "-";

	ck_assert_msg(ssh_config_parse(config, "config", good[_i].text, &err) ==
		ST_OK,
	    "%s: %s", good[_i].text, err.text);
	words = ssh_config_words(config, good[_i].setting);
	for (; words != NULL && *words != NULL; words++) {
		size_t used = strcmp(got, "-") == 0 ? 0 : strlen(got);

		snprintf(got + used, sizeof(got) - used, "%s%s",
		    used == 0 ? "" : ",", *words);
	}
	ck_assert_msg(strcmp(got, good[_i].words) == 0, "%s: %s", good[_i].text,
	    got);
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{ "CertificateFile x", "config line 1: dsync can't follow" },
	{ "\n\nRevokedHostKeys x", "config line 3: dsync can't follow" },
	{ "RevokedHostKeys", "can't follow" },
	{ "PKCS11Provider x", "--rsh ssh" },
	{ "CanonicalizeHostname always", "--rsh ssh" },
	{ "RequiredRSASize 2048", "--rsh ssh" },
	{ "NewThing yes", "does not know NewThing" },
	{ "IgnoreUnknown x\nNewThing yes", "line 2" },
	{ "Match exec x\nPort 5", "config line 2: dsync can't decide" },
	{ "Match !exec x\nPort 5", "can't decide" },
	{ "Match final\nPort 5", "can't decide" },
	{ "Match user me exec x\nIdentityFile k", "can't decide" },
	{ "HostName %h.org\nMatch host x\nPort 5", "can't decide" },
	{ "Match exec x\nInclude port", "port line 1: dsync can't decide" },
	{ "Match exec x\nRevokedHostKeys x", "can't follow" },
	{ "Match user", "config line 1: Match" },
	{ "Port \"5", "config line 1: a quote" },
	{ "Port", "nothing is said" },
	{ "Port \"\"", "nothing is said" },
	{ "Port # 5", "nothing is said" },
	{ "ProxyCommand", "nothing is said" },
	{ "Include none", "config line 1: no such file" },
	{ "Include port bad", "bad line 2: dsync can't follow" },
	{ "Include loop", "loop line 2: too many files" },
};

START_TEST(refuses)
{
	ck_assert_msg(ssh_config_parse(config, "config", bad[_i].text, &err) ==
		ST_USAGE,
	    "taken: %s", bad[_i].text);
	ck_assert_msg(strstr(err.text, bad[_i].why) != NULL, "%s: %s",
	    bad[_i].text, err.text);
}
END_TEST

START_TEST(quotes_what_is_odd)
{
	/* Whatever is quoted, and however long, the error is one line. */
	char text[600];
	size_t i;

	for (i = 360; i < 420; i++) {
		memset(text, 'x', i);
		memcpy(text + i, "\xc3\xa9\xc3\xa9", 5);
		ck_assert_int_eq(ssh_config_parse(config, "config", text, &err),
		    ST_USAGE);
		ck_assert(str_utf8(err.text, strlen(err.text)));
	}
}
END_TEST

/* The first file's word stands, and no block reaches into the second. */
START_TEST(two_files)
{
	ck_assert_int_eq(ssh_config_parse(config, "one", "Port 5\nHost other\n",
			     &err),
	    ST_OK);
	ck_assert_int_eq(ssh_config_parse(config, "two", "Port 6\nUser you",
			     &err),
	    ST_OK);
	ck_assert_str_eq(ssh_config_word(config, SSH_SET_PORT), "5");
	ck_assert_str_eq(ssh_config_word(config, SSH_SET_USER), "you");
}
END_TEST

START_TEST(yes_and_no)
{
	ck_assert_int_eq(ssh_config_parse(config, "config",
			     "IdentitiesOnly YES\nBatchMode no\n"
			     "HashKnownHosts true",
			     &err),
	    ST_OK);
	ck_assert(ssh_config_yes(config, SSH_SET_IDENTITIES_ONLY, false));
	ck_assert(!ssh_config_yes(config, SSH_SET_BATCH_MODE, true));
	ck_assert(ssh_config_yes(config, SSH_SET_HASH_KNOWN_HOSTS, false));
	ck_assert(ssh_config_yes(config, SSH_SET_PUBKEY_AUTH, true));
	ck_assert(!ssh_config_yes(config, SSH_SET_PUBKEY_AUTH, false));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("net_ssh_config");
	TCase *t = tcase_create("config");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, says, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_loop_test(t, refuses, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(t, quotes_what_is_odd);
	tcase_add_test(t, two_files);
	tcase_add_test(t, yes_and_no);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
