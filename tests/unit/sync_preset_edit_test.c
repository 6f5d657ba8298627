/* SPDX-License-Identifier: MIT */
/* Edits of presets.conf: what was meant has changed, and nothing else. */
#include "config.h"

#include <string.h>

#include "nomem.h"
#include "sync/preset.h"
#include "sync/preset_edit.h"
#include "unit.h"
#include "util/buf.h"

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define MOST	 4

enum verb {
	ADD,
	SET,
	REMOVE,
};

#define OTHER                                                                  \
	"# all of mine\n\n"                                                    \
	"[preset other]\n"                                                     \
	"path = /o\n"                                                          \
	"ignore = a\n"                                                         \
	"# about n\n"
#define LAST "\n# about the last\n[preset last]\npath = /l\n"

static const struct {
	const char *what;
	enum verb verb;
	const char *before;
	struct preset_setting v[MOST];
	const char *after; /* NULL: refused */
} cases[] = {
	{ "the first preset", ADD, "", { { "path", "/p" } },
	    "[preset n]\npath = /p\n" },
	{ "behind others", ADD, OTHER,
	    { { "path", "/p" }, { "access", "read" } },
	    OTHER "\n[preset n]\npath = /p\naccess = read\n" },
	{ "behind an empty line", ADD, "# x\n\n", { { "path", "/p" } },
	    "# x\n\n[preset n]\npath = /p\n" },
	{ "behind a last line without its end", ADD, "# x",
	    { { "path", "/p" } }, "# x\n\n[preset n]\npath = /p\n" },
	{ "among CRLF", ADD, "# x\r\n", { { "path", "/p" } },
	    "# x\r\n\r\n[preset n]\r\npath = /p\r\n" },
	{ "without a value", ADD, "", { { "path", "/p" }, { "quota", "" } },
	    "[preset n]\npath = /p\n" },
	{ "a name that is there", ADD, "[preset n]\npath = /p\n",
	    { { "path", "/p" } }, NULL },
	{ "another name", ADD, "[preset nn]\npath = /p\n", { { "path", "/p" } },
	    "[preset nn]\npath = /p\n\n[preset n]\npath = /p\n" },

	{ "behind a byte order mark", SET,
	    "\xef\xbb\xbf[preset n]\npath = /p\n", { { "path", "/q" } },
	    "\xef\xbb\xbf[preset n]\npath = /q\n" },
	{ "one key", SET, OTHER "[preset n]\npath=/p\naccess =read\n" LAST,
	    { { "access", "full" } },
	    OTHER "[preset n]\npath=/p\naccess = full\n" LAST },
	{ "a new key", SET, OTHER "[preset n]\npath = /p\n" LAST,
	    { { "access", "full" } },
	    OTHER "[preset n]\npath = /p\naccess = full\n" LAST },
	{ "a comment behind a value", SET,
	    "[preset n]\npath = /p ; here\naccess = edit\t; and why\n",
	    { { "path", "/q" }, { "access", "read" } },
	    "[preset n]\npath = /q ; here\naccess = read ; and why\n" },
	{ "no key any more", SET,
	    "[preset n]\npath = /p\n# why\nquota = 1G\naccess = read\n",
	    { { "quota", "" } },
	    "[preset n]\npath = /p\n# why\naccess = read\n" },
	{ "no key that was not there", SET, "[preset n]\npath = /p\n",
	    { { "quota", "" } }, "[preset n]\npath = /p\n" },
	{ "many of one key", SET,
	    "[preset n]\nignore = a\npath = /p\nignore = b\n",
	    { { "ignore", "x" }, { "ignore", "y" }, { "ignore", "z" } },
	    "[preset n]\nignore = x\nignore = y\nignore = z\npath = /p\n" },
	{ "none of many", SET,
	    "[preset n]\nignore = a\npath = /p\nignore = b\n",
	    { { "ignore", "" } }, "[preset n]\npath = /p\n" },
	{ "new ones keep their order", SET, "[preset n]\npath = /p\n",
	    { { "ignore", "*" }, { "include", "a" }, { "ignore", "b" } },
	    "[preset n]\npath = /p\nignore = *\ninclude = a\nignore = b\n" },
	{ "the end of the last line", SET, "[preset n]\npath = /p",
	    { { "access", "full" } },
	    "[preset n]\npath = /p\naccess = full\n" },
	{ "the last line itself", SET, "[preset n]\npath = /p",
	    { { "path", "/q" } }, "[preset n]\npath = /q\n" },
	{ "no comment of the next", SET,
	    "[preset n]\npath = /p\n\n# next\n[preset m]\npath = /m\n",
	    { { "quota", "1G" } },
	    "[preset n]\npath = /p\nquota = 1G\n\n# next\n[preset m]\n"
	    "path = /m\n" },
	{ "CRLF", SET, "[preset n]\r\npath = /p\r\n\r\n# x\r\n",
	    { { "path", "/q" }, { "mode", "0664" } },
	    "[preset n]\r\npath = /q\r\nmode = 0664\r\n\r\n# x\r\n" },
	{ "a colon", SET, "[preset n]\npath : /p\n", { { "path", "/q" } },
	    "[preset n]\npath = /q\n" },
	{ "a key that begins alike", SET,
	    "[preset n]\npath = /p\nmode = 0600\n", { { "mod", "x" } },
	    "[preset n]\npath = /p\nmode = 0600\nmod = x\n" },
	{ "nobody's name", SET, OTHER, { { "path", "/q" } }, NULL },

	{ "the only one", REMOVE, "[preset n]\npath = /p\n", { { NULL, NULL } },
	    "" },
	{ "the first", REMOVE, "[preset n]\npath = /p\n" LAST,
	    { { NULL, NULL } }, &LAST[1] },
	{ "one between", REMOVE,
	    OTHER "[preset n]\npath = /p\nignore = x\n" LAST,
	    { { NULL, NULL } },
	    OTHER "# about the last\n[preset last]\npath = /l\n" },
	{ "the last", REMOVE, OTHER "[preset n]\npath = /p", { { NULL, NULL } },
	    OTHER },
	{ "the last, with the line above", REMOVE,
	    "# x\n\n[preset n]\npath = /p\n", { { NULL, NULL } }, "# x\n" },
	{ "the same among CRLF", REMOVE,
	    "# x\r\n\r\n[preset n]\r\npath = /p\r\n", { { NULL, NULL } },
	    "# x\r\n" },
	{ "nobody", REMOVE, OTHER, { { NULL, NULL } }, NULL },
	{ "nobody in nothing", REMOVE, "", { { NULL, NULL } }, NULL },
};

static struct err err;

static enum status
edit(int i, struct buf *ret)
{
	const char *before = cases[i].before;
	size_t n = 0;

	while (n < MOST && cases[i].v[n].key != NULL)
		n++;
	if (cases[i].verb == ADD)
		return preset_edit_add(before, "n", cases[i].v, n, ret, &err);
	if (cases[i].verb == SET)
		return preset_edit_set(before, "n", cases[i].v, n, ret, &err);
	return preset_edit_remove(before, "n", ret, &err);
}

START_TEST(test_edit)
{
	AUTO(buf) struct buf got = { 0 };
	enum status st = edit(_i, &got);

	if (cases[_i].after == NULL) {
		ck_assert_int_eq(st,
		    cases[_i].verb == ADD ? ST_EXIST : ST_NOENT);
		ck_assert_ptr_nonnull(strstr(err.text, "n: "));
		return;
	}
	ck_assert_int_eq(st, ST_OK);
	ck_assert_msg(strcmp((const char *)buf_data(&got), cases[_i].after) ==
		0,
	    "%s:\n%s", cases[_i].what, (const char *)buf_data(&got));
	ck_assert_uint_eq(strlen(cases[_i].after), got.len);
}
END_TEST

START_TEST(test_no_memory)
{
	/* Half an edit is none. */
	enum status st;
	int k;

	for (k = 1;; k++) {
		AUTO(buf) struct buf got = { 0 };

		nomem_at(k);
		st = edit(_i, &got);
		nomem_at(0);
		if (st != ST_NOMEM)
			break;
	}
	ck_assert_int_eq(st == ST_OK, cases[_i].after != NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_preset_edit");
	TCase *t = tcase_create("edit");

	tcase_add_loop_test(t, test_edit, 0, N(cases));
	tcase_add_loop_test(t, test_no_memory, 0, N(cases));
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
