/* SPDX-License-Identifier: MIT */
/* Patterns of hosts: stars, question marks, lists, and what a "!" rules out. */
#include "config.h"

#include "net/ssh_match.h"
#include "unit.h"

static const struct {
	const char *pattern, *text;
	bool yes;
} ones[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "a", "", false },
	{ "box", "box", true },
	{ "BOX", "box", true },
	{ "box", "bOx", true },
	{ "box", "boxes", false },
	{ "boxes", "box", false },
	{ "*", "", true },
	{ "*", "anything", true },
	{ "b*", "box", true },
	{ "b*", "abox", false },
	{ "*x", "box", true },
	{ "*o*", "box", true },
	{ "*a*", "box", false },
	{ "b**x", "box", true },
	{ "?ox", "box", true },
	{ "?", "", false },
	{ "???", "box", true },
	{ "????", "box", false },
	{ "*ab", "aaaab", true },
	{ "*aab*b", "aaab.ab", true },
	{ "*a?b", "aab.ab", false },
	{ "[127.0.0.?]:*", "[127.0.0.1]:2222", true },
	{ "!box", "box", false },
	{ "a,b", "a", false },
};

START_TEST(one)
{
	ck_assert_msg(ssh_match_one(ones[_i].pattern, ones[_i].text) ==
		ones[_i].yes,
	    "%s %s", ones[_i].pattern, ones[_i].text);
}
END_TEST

static const struct {
	const char *list, *text;
	enum ssh_match match;
} lists[] = {
	{ "", "box", SSH_MATCH_NO },
	{ "box", "box", SSH_MATCH_YES },
	{ "a,box", "box", SSH_MATCH_YES },
	{ "box,a", "box", SSH_MATCH_YES },
	{ "a,b", "box", SSH_MATCH_NO },
	{ ",,box,", "box", SSH_MATCH_YES },
	{ "*,!box", "box", SSH_MATCH_NEVER },
	{ "!box,*", "box", SSH_MATCH_NEVER },
	{ "!a,*", "box", SSH_MATCH_YES },
	{ "!a", "box", SSH_MATCH_NO },
	{ "bo,x", "box", SSH_MATCH_NO },
};

START_TEST(list)
{
	ck_assert_int_eq(ssh_match_list(lists[_i].list, lists[_i].text),
	    lists[_i].match);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("net_ssh_match");
	TCase *t = tcase_create("match");

	tcase_add_loop_test(t, one, 0, sizeof(ones) / sizeof(ones[0]));
	tcase_add_loop_test(t, list, 0, sizeof(lists) / sizeof(lists[0]));
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
