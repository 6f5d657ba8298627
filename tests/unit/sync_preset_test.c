/* SPDX-License-Identifier: MIT */
/*
 * presets.conf: each key as it should be and as it should not, and nothing in
 * a file that is passed over.
 */
#include "config.h"

#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "nomem.h"
#include "sync/preset.h"
#include "testenv.h"
#include "unit.h"

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))
#define X10	 "xxxxxxxxxx"
#define X40	 X10 X10 X10 X10
#define X160	 X40 X40 X40 X40

static struct testenv te;
static char folder[UNIT_FOLDER];
static char file[UNIT_FOLDER + 32];
static struct presets *presets;
static struct err err;

static void
setup(void)
{
	testenv_init(&te);
	unit_folder(folder);
	snprintf(file, sizeof(file), "%s/presets.conf", folder);
	ck_assert_int_eq(presets_new(&presets), ST_OK);
}

static void
teardown(void)
{
	presets_free(presets);
	unit_folder_remove(folder);
}

static enum status
add(const char *text)
{
	return presets_add_text(presets, "f", text, "/home/me", &err);
}

static const struct preset *
good(const char *text)
{
	presets_free(presets);
	ck_assert_int_eq(presets_new(&presets), ST_OK);
	ck_assert_msg(add(text) == ST_OK, "%s: %s", text, err.text);
	ck_assert_uint_gt(presets_count(presets), 0);
	return presets_at(presets, 0);
}

static void
bad(const char *text, const char *why)
{
	presets_free(presets);
	ck_assert_int_eq(presets_new(&presets), ST_OK);
	ck_assert_msg(add(text) == ST_REFUSED, "taken: %s", text);
	ck_assert_msg(strstr(err.text, why) != NULL, "%s: \"%s\", not \"%s\"",
	    text, err.text, why);
}

#define HEAD "[preset n]\npath = /p\n"

START_TEST(test_defaults)
{
	/* A path is enough; the rest is careful. */
	const struct preset *p = good(HEAD);

	ck_assert_str_eq(p->name, "n");
	ck_assert_str_eq(p->file, "f");
	ck_assert_str_eq(p->path, "/p");
	ck_assert_int_eq(p->access, ACCESS_EDIT);
	ck_assert(!p->have_conflict);
	ck_assert(!p->hidden);
	ck_assert_uint_eq(p->max_size, 0);
	ck_assert_int_eq(p->keep_age, 0);
	ck_assert_uint_eq(p->keep_size, 0);
	ck_assert_uint_eq(p->quota, 0);
	ck_assert_uint_eq(p->rate, 0);
	ck_assert_uint_eq(p->mode, 0);
	ck_assert_ptr_null(p->rules);
	ck_assert_ptr_null(p->description);
	ck_assert_ptr_eq(presets_find(presets, "n"), p);
	ck_assert_ptr_null(presets_find(presets, "N"));
	ck_assert_ptr_null(presets_find(presets, ""));
}
END_TEST

START_TEST(test_all_keys)
{
	/* Each key lands where it belongs. */
	const struct preset *p = good("# mine\n; and this\n\n"
				      "[preset a.b_C-9] # said who\n"
				      "path = ~/notes\n"
				      "access=full\n"
				      "conflict : manual\n"
				      "ignore = *.log ; too many\n"
				      "include = keep.log\n"
				      "ignore = /tmp/\n"
				      "hidden = yes\n"
				      "max-file-size = 2M\n"
				      "keep = 1G 30d\n"
				      "quota = 20G\n"
				      "bwlimit = 1M\n"
				      "mode = 0664\n"
				      "description = Notes = caf\xc3\xa9 #1\n");

	ck_assert_str_eq(p->name, "a.b_C-9");
	ck_assert_str_eq(p->path, "/home/me/notes");
	ck_assert_int_eq(p->access, ACCESS_FULL);
	ck_assert(p->have_conflict);
	ck_assert_int_eq(p->conflict, CONFLICT_MANUAL);
	ck_assert_str_eq(p->rules, "*.log\n!keep.log\n/tmp/\n");
	ck_assert(p->hidden);
	ck_assert_uint_eq(p->max_size, 2097152);
	ck_assert_int_eq(p->keep_age, 30LL * 86400 * NSEC);
	ck_assert_uint_eq(p->keep_size, 1073741824);
	ck_assert_uint_eq(p->quota, 20ull << 30);
	ck_assert_uint_eq(p->rate, 1048576);
	ck_assert_uint_eq(p->mode, 0664);
	ck_assert_str_eq(p->description, "Notes = caf\xc3\xa9 #1");
}
END_TEST

static const struct {
	const char *line;
	const char *why; /* NULL: it is fine */
} lines[] = {
	{ "access = read", NULL },
	{ "access = edit", NULL },
	{ "access = Full", "access: must be read" },
	{ "access =", "access: has no value" },
	{ "access = read ;x", NULL },
	{ "access = ;x", "access: has no value" },
	{ "access = read\naccess = read", "access: stands there twice" },
	{ "conflict = newest", NULL },
	{ "conflict = server", NULL },
	{ "conflict = client", NULL },
	{ "conflict = mine", "conflict: must be newest" },
	{ "conflict = server\nconflict = client", "twice" },
	{ "conflict =", "no value" },
	{ "include = a", NULL },
	{ "include = a\ninclude = a", NULL },
	{ "include =", "no value" },
	{ "include = #a", "include: is a comment" },
	{ "ignore = a", NULL },
	{ "ignore = \\#a", NULL },
	{ "ignore = #a", "ignore: is a comment" },
	{ "ignore =", "no value" },
	{ "hidden = no", NULL },
	{ "hidden = true", "hidden: must be yes or no" },
	{ "hidden = Yes", "must be yes or no" },
	{ "hidden =", "no value" },
	{ "hidden = no\nhidden = yes", "twice" },
	{ "max-file-size = 1", NULL },
	{ "max-file-size = 0", "must be a size" },
	{ "max-file-size = big", "max-file-size: must be a size" },
	{ "max-file-size =", "no value" },
	{ "max-file-size = 1\nmax-file-size = 1", "twice" },
	{ "keep = 90d", NULL },
	{ "keep = 1G", NULL },
	{ "keep = 90d 1G", NULL },
	{ "keep = 90d 90d", "keep: must be an age" },
	{ "keep = 1G 1G", "must be an age" },
	{ "keep = 1G 90d 1G", "must be an age" },
	{ "keep = 0d", "must be an age" },
	{ "keep = forever", "must be an age" },
	{ "keep =", "no value" },
	{ "keep = 1d\nkeep = 1G", "twice" },
	{ "bwlimit = 0", NULL },
	{ "bwlimit = 1", NULL },
	{ "bwlimit = 10b", "bwlimit: must be a rate" },
	{ "quota = 1k", NULL },
	{ "quota = 10%", "quota: must be a size" },
	{ "quota =", "no value" },
	{ "quota = 1k\nquota = 1k", "twice" },
	{ "mode = 600", NULL },
	{ "mode = 0775", NULL },
	{ "mode = 0444", "mode: must be a mode" },
	{ "mode = 01664", "must be a mode" },
	{ "mode = 668", "must be a mode" },
	{ "mode = +664", "must be a mode" },
	{ "mode = rw", "must be a mode" },
	{ "mode =", "no value" },
	{ "mode = 600\nmode = 600", "twice" },
	{ "description = x", NULL },
	{ "description =", "no value" },
	{ "description = x\ndescription = y", "twice" },
	{ "path = /q", "path: stands there twice" },
	{ "color = red", "color: is no key of a preset" },
	{ "Access = read", "Access: is no key" },
	{ "= read", "is no key" },
	{ "read", "neither [preset NAME] nor KEY = VALUE" },
	{ " access = read", "begins with a blank" },
	{ "\taccess = read", "begins with a blank" },
	{ " # a comment", NULL },
	{ " ; a comment", NULL },
	{ " ", NULL },
	{ "\xff\x01 = 1", "\\xff\\x01: is no key" },
	{ "[global]", "only [preset NAME]" },
	{ "[preset]", "only [preset NAME]" },
	{ "[preset ]", "no name for a preset" },
	{ "[preset  m]", "no name for a preset" },
	{ "[preset m", "only [preset NAME]" },
	{ "[preset m] path = /x", "only [preset NAME]" },
	{ " [preset m]", "begins with a blank" },
	{ "[preset -m]", "no name" },
	{ "[preset .m]", "no name" },
	{ "[preset m/n]", "no name" },
	{ "[preset m n]", "no name" },
	{ "[preset caf\xc3\xa9]", "no name" },
	{ "[preset " X40 "yy]\npath=/x", NULL },
	{ "[preset " X40 "yyy]\npath=/x", "no name" },
	{ "[preset m]", "[preset m] has no path" },
	{ "[preset m]\naccess = read", "[preset m] has no path" },
	{ "[preset n]\nquota = 1G", "defined already" },
	{ "[preset m]\npath = /m\n[preset n]\nquota=1G", "defined already" },
	{ "[preset m]\npath = x", "path: must begin with / or ~/" },
	{ "[preset m]\npath = ~x", "must begin with" },
	{ "[preset m]\npath = ./x", "must begin with" },
	{ "[preset m]\npath =", "path: has no value" },
	{ "description = " X160 X10 X10 "1234", NULL },
	{ "description = " X160 X10 X10 "12345", "at most 198 bytes" },
	{ "# " X160 X40, "at most 198 bytes" },
};

START_TEST(test_lines)
{
	/* A line below a good preset, with three kinds of ends. */
	static const char *const ends[] = { "\n", "\r\n", "" };
	char text[600];
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), HEAD "%s%s", lines[_i].line,
		    ends[i]);
		if (lines[_i].why == NULL)
			good(text);
		else
			bad(text, lines[_i].why);
	}
}
END_TEST

START_TEST(test_line_numbers)
{
	/* The number is that of the line, whatever stands before it. */
	bad("color = 1\n", "f:1: color: stands before any");
	bad(HEAD "\n# x\n\ncolor = 1\n", "f:6: color:");
	bad("\r\n" HEAD "color = 1\r\n", "f:4: ");
	bad(HEAD "description = " X160 X10 X10 "1234\ncolor = 1\n", "f:4: ");
	bad(HEAD "ignore = a\n  quota = 1G\n", "f:4: begins with a blank");
	bad(HEAD "[preset m]\npath = /m\n[preset m]\n", "f:5: ");
	bad(HEAD "color = 1\nflavour = 2\n", "f:3: color");
	bad(HEAD "\xef\xbb\xbf[preset m]\n", "f:3: ");
}
END_TEST

START_TEST(test_bom)
{
	/* What some editors put in front of a text does no harm. */
	ck_assert_str_eq(good("\xef\xbb\xbf# x\n" HEAD)->path, "/p");
	ck_assert_str_eq(good("\xef\xbb\xbf" HEAD)->path, "/p");
	bad("\xef\xbb\xbf\xef\xbb\xbf" HEAD, "f:1: ");
	bad("\xef\xbb\xbf" HEAD "color = 1\n", "f:3: color");
}
END_TEST

START_TEST(test_seen_anew)
{
	/* "Twice" is within one preset. */
	good(HEAD "access = read\n[preset m]\npath = /m\naccess = full\n");
	ck_assert_int_eq(presets_find(presets, "m")->access, ACCESS_FULL);
	ck_assert_int_eq(presets_find(presets, "n")->access, ACCESS_READ);
}
END_TEST

START_TEST(test_too_many_rules)
{
	char text[64 * 1024] = HEAD;
	size_t len = strlen(text), i;

	for (i = 0; i < PRESET_RULES / 160 + 2; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "ignore = %s\n", X160);
	bad(text, "ignore: makes too many rules");
}
END_TEST

START_TEST(test_names)
{
	ck_assert(preset_name_ok("a"));
	ck_assert(preset_name_ok("A.b-c_9"));
	ck_assert(preset_name_ok(X40 "12"));
	ck_assert(!preset_name_ok(X40 "123"));
	ck_assert(!preset_name_ok(""));
	ck_assert(!preset_name_ok("."));
	ck_assert(!preset_name_ok("-a"));
	ck_assert(!preset_name_ok("a b"));
	ck_assert(!preset_name_ok("a\n"));
	ck_assert(!preset_name_ok("a]"));
}
END_TEST

START_TEST(test_files)
{
	/* Two files make one offer; a name may stand in one of them only. */
	presets_free(presets);
	ck_assert_int_eq(presets_new(&presets), ST_OK);
	ck_assert_int_eq(presets_load(presets, &te.env, file, "/h", &err),
	    ST_OK);
	ck_assert_uint_eq(presets_count(presets), 0);
	testenv_write(folder, "presets.conf", HEAD);
	ck_assert_int_eq(presets_load(presets, &te.env, file, "/h", &err),
	    ST_OK);
	ck_assert_str_eq(presets_at(presets, 0)->file, file);
	ck_assert_int_eq(presets_add_text(presets, "g",
			     "[preset m]\npath = /m\n", NULL, &err),
	    ST_OK);
	ck_assert_uint_eq(presets_count(presets), 2);
	ck_assert_int_eq(presets_add_text(presets, "g", HEAD, NULL, &err),
	    ST_REFUSED);
	ck_assert_str_eq(err.text,
	    "g:1: a preset of this name is defined already");
}
END_TEST

START_TEST(test_no_home)
{
	ck_assert_int_eq(presets_add_text(presets, "f",
			     "[preset n]\npath = ~/x\n", NULL, &err),
	    ST_REFUSED);
}
END_TEST

START_TEST(test_not_ours)
{
	/* Who else could have written it? */
	char other[UNIT_FOLDER + 32];

	testenv_write(folder, "presets.conf", HEAD);
	chmod(file, 0664);
	ck_assert_int_eq(presets_load(presets, &te.env, file, NULL, &err),
	    ST_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "others could have written"));
	chmod(file, 0644);
	snprintf(other, sizeof(other), "%s/link", folder);
	ck_assert_int_eq(symlink(file, other), 0);
	ck_assert_int_eq(presets_load(presets, &te.env, other, NULL, &err),
	    ST_OK);
	ck_assert_int_eq(truncate(file, 100), 0);
	ck_assert_int_eq(presets_load(presets, &te.env, file, NULL, &err),
	    ST_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "not a text"));
}
END_TEST

START_TEST(test_check)
{
	/* One setting alone, as a command is given it. */
	static const struct {
		const char *key, *value, *why;
	} v[] = {
		{ "path", "/x", NULL },
		{ "path", "x", "path: must begin" },
		{ "access", "rw", "access: must be" },
		{ "colour", "red", "colour: is no key" },
		{ "description", "", "no value" },
		{ "description", " x", "blanks at its ends" },
		{ "description", "x\t", "blanks at its ends" },
		{ "description", "x ;y", "behind a blank" },
		{ "description", ";y", "behind a blank" },
		{ "description", "x;y", NULL },
		{ "description", "\f", "blanks at its ends" },
		{ "description", "x\v", "blanks at its ends" },
		{ "description", "\vx", "blanks at its ends" },
		{ "description", "x\f;y", "behind a blank" },
		{ "description", "x\fy", NULL },
		{ "description", "x\ny", "ends of lines" },
		{ "ignore", "a\rb", "ends of lines" },
	};
	size_t i;

	for (i = 0; i < N(v); i++) {
		enum status st = preset_check(v[i].key, v[i].value, "/h", &err);

		ck_assert_int_eq(st, v[i].why == NULL ? ST_OK : ST_USAGE);
		ck_assert(
		    v[i].why == NULL || strstr(err.text, v[i].why) != NULL);
	}
}
END_TEST

START_TEST(test_no_memory)
{
	/* Whichever allocation fails: said, and nothing leaks. */
	enum status st;
	int k;

	for (k = 1;; k++) {
		presets_free(presets);
		ck_assert_int_eq(presets_new(&presets), ST_OK);
		nomem_at(k);
		st = add(HEAD "ignore = a\nignore = b\ndescription = x\n");
		nomem_at(0);
		if (st != ST_NOMEM)
			break;
	}
	ck_assert_int_eq(st, ST_OK);
	ck_assert_int_gt(k, 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sync_preset");
	TCase *t = tcase_create("preset");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_defaults);
	tcase_add_test(t, test_all_keys);
	tcase_add_loop_test(t, test_lines, 0, N(lines));
	tcase_add_test(t, test_line_numbers);
	tcase_add_test(t, test_bom);
	tcase_add_test(t, test_seen_anew);
	tcase_add_test(t, test_too_many_rules);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_files);
	tcase_add_test(t, test_no_home);
	tcase_add_test(t, test_not_ours);
	tcase_add_test(t, test_check);
	tcase_add_test(t, test_no_memory);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
