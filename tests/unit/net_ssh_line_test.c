/* SPDX-License-Identifier: MIT */
/* Lines of ssh_config: keyword, rest, and the words that quotes hold. */
#include "config.h"

#include "net/ssh_line.h"
#include "unit.h"

static struct err err;

/* A line, as "keyword|rest|word|word"; "-" for one that says nothing. */
static void
spell(const struct ssh_line *line, char *out, size_t size)
{
	size_t used, i;

	if (line->keyword == NULL) {
		snprintf(out, size, "-");
		return;
	}
	snprintf(out, size, "%s|%s", line->keyword, line->rest);
	for (i = 0; i < line->n_words; i++) {
		used = strlen(out);
		snprintf(out + used, size - used, "|%s", line->words[i]);
	}
	ck_assert_ptr_null(line->words[line->n_words]);
}

static const struct {
	const char *text, *spelt;
} good[] = {
	{ "", "-" },
	{ "  \t", "-" },
	{ "# Host x", "-" },
	{ "  # Host x", "-" },
	{ "Port 22", "Port|22|22" },
	{ "\tPort\t22  ", "Port|22|22" },
	{ "Port 22\r", "Port|22|22" },
	{ "Port=22", "Port|22|22" },
	{ "Port = 22", "Port|22|22" },
	{ "Port= 22", "Port|22|22" },
	{ "Port", "Port|" },
	{ "Port=", "Port|" },
	{ "Port ==", "Port|=|=" },
	{ "Host a b  c", "Host|a b  c|a|b|c" },
	{ "Host a # b", "Host|a # b|a" },
	{ "Host a#b", "Host|a#b|a#b" },
	{ "F \"a b\" c", "F|\"a b\" c|a b|c" },
	{ "F 'a \"b' c", "F|'a \"b' c|a \"b|c" },
	{ "F a\" \"b", "F|a\" \"b|a b" },
	{ "F \"\" b", "F|\"\" b||b" },
	{ "F a\\\"b \\\\c \\d", "F|a\\\"b \\\\c \\d|a\"b|\\c|\\d" },
	{ "F a\\", "F|a\\|a\\" },
};

START_TEST(is_cut)
{
	const char *text = good[_i].text;
	AUTO(ssh_line) struct ssh_line *line = NULL;
	char out[200];

	ck_assert_int_eq(ssh_line_parse(text, strlen(text), &line, &err),
	    ST_OK);
	if (line->keyword != NULL)
		ck_assert_int_eq(ssh_line_cut(line, &err), ST_OK);
	spell(line, out, sizeof(out));
	ck_assert_str_eq(out, good[_i].spelt);
}
END_TEST

/* Only so many bytes are looked at. */
START_TEST(ends)
{
	AUTO(ssh_line) struct ssh_line *line = NULL;

	ck_assert_int_eq(ssh_line_parse("Port 22\nHost", 7, &line, &err),
	    ST_OK);
	ck_assert_str_eq(line->rest, "22");
}
END_TEST

START_TEST(is_refused)
{
	AUTO(ssh_line) struct ssh_line *quote = NULL;
	AUTO(ssh_line) struct ssh_line *many = NULL;
	char text[4 * SSH_LINE_WORDS] = "Host";
	size_t i;

	ck_assert_int_eq(ssh_line_parse("F \"a b", 6, &quote, &err), ST_OK);
	ck_assert_int_eq(ssh_line_cut(quote, &err), ST_USAGE);
	for (i = 0; i <= SSH_LINE_WORDS; i++)
		strcat(text, " a");
	ck_assert_int_eq(ssh_line_parse(text, strlen(text), &many, &err),
	    ST_OK);
	ck_assert_int_eq(ssh_line_cut(many, &err), ST_USAGE);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("net_ssh_line");
	TCase *t = tcase_create("line");

	tcase_add_loop_test(t, is_cut, 0, sizeof(good) / sizeof(good[0]));
	tcase_add_test(t, ends);
	tcase_add_test(t, is_refused);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
