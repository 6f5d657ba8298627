/* SPDX-License-Identifier: MIT */
/*
 * reconcile_path() against core_reconcile_table.txt.  The table is read the
 * way a person reads it, row by row; every combination of the three sides,
 * the rules and the times is looked up in it and decided by the code.  That
 * the table itself has no hole, no contradiction and no idle row is tested
 * first.
 */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/entry.h"
#include "core/reconcile.h"
#include "deciding.h"
#include "unit.h"

#define TABLE_FILE "core_reconcile_table.txt"
#define ROW_LIMIT  200
#define SECOND	   INT64_C(1000000000)
#define NOW	   (INT64_C(1790000000) * SECOND)
#define BASES	   "-abc"
#define SIDES	   "-abcUX"
#define TRIPLES	   (4 * 6 * 6)

enum verdict {
	LATER,
	EARLIER,
	TIE,
	VERDICTS
};

static const char *const direction_names[] = { "both", "push", "pull", NULL };
static const char *const yes_names[] = { "no", "yes", NULL };
static const char *const access_names[] = { "read", "edit", "full", NULL };
static const char *const conflict_names[] = { "newest", "server", "client",
	"manual", NULL };
static const char *const verdict_names[] = { "later", "earlier", "tie", NULL };

/* A row of a chapter that decides; the conditions are sets, one bit a word. */
struct row {
	char side[3];
	unsigned direction;
	unsigned exact;
	unsigned keep;
	unsigned access;
	unsigned conflict;
	unsigned verdict;
	struct decision want;
	unsigned chapter;
	unsigned line;
	bool used;
};

/* A row of the last chapter. */
struct moment {
	int64_t local;
	int64_t remote;
	int64_t ahead;
	int64_t granularity;
	enum verdict verdict;
	unsigned line;
};

struct table {
	struct row rows[ROW_LIMIT];
	size_t n;
	struct moment moments[ROW_LIMIT];
	size_t moments_n;
};

/* What is decided: sides by letter, rules, and how the times compare. */
struct combination {
	char side[3];
	struct rules rules;
	enum verdict verdict;
};

/* Reading the table */

static unsigned
read_word(const char *word, const char *const names[])
{
	for (unsigned i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], word) == 0)
			return i;
	ck_abort_msg("the table has an unknown word: %s", word);
	return 0;
}

static unsigned
read_set(char *words, const char *const names[])
{
	unsigned set = 0;
	char *save = NULL;

	if (strcmp(words, "*") == 0)
		return ~0u;
	for (char *w = strtok_r(words, ",", &save); w != NULL;
	     w = strtok_r(NULL, ",", &save))
		set |= 1u << read_word(w, names);
	return set;
}

static struct decision
read_decision(const char *text)
{
	char shown[DECISION_TEXT];
	struct decision d;

	for (size_t i = 0; i < ACTION_WORDS * REASON_WORDS * 2; i++) {
		d.type = (enum action_type)(i / 2 / REASON_WORDS);
		d.reason = (enum reason)(i / 2 % REASON_WORDS);
		d.conflict = i % 2 != 0;
		if (strcmp(decision_show(d, shown), text) == 0)
			return d;
	}
	ck_abort_msg("the table has an unknown decision: %s", text);
	return d;
}

static int64_t
read_unit(const char *unit)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = { { "", 0 }, { "ns", 1 }, { "ms", SECOND / 1000 },
		{ "s", SECOND }, { "m", 60 * SECOND }, { "h", 3600 * SECOND },
		{ "d", 86400 * SECOND } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].name, unit) == 0)
			return units[i].ns;
	ck_abort_msg("the table has an unknown unit: %s", unit);
	return 0;
}

/* "now-1h+5ns", "1980-1ns", "-2s", "max": a sum of terms after a start. */
static int64_t
read_time(const char *text, int64_t now)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} years[] = { { "1980", 315532800 }, { "1990", 631152000 } };
	int64_t sum = 0;
	char unit[4];
	int number, used;

	if (strcmp(text, "max") == 0 || strcmp(text, "min") == 0)
		return text[1] == 'a' ? INT64_MAX : INT64_MIN;
	if (strncmp(text, "now", 3) == 0) {
		sum = now;
		text += 3;
	}
	for (size_t i = 0; i < 2; i++) {
		if (strncmp(text, years[i].name, 4) != 0 || isalpha(text[4]))
			continue;
		sum = years[i].seconds * SECOND;
		text += 4;
	}
	for (; *text != '\0'; text += used) {
		unit[0] = '\0';
		used = 0;
		must(sscanf(text, "%d%n%3[a-z]%n", &number, &used, unit,
			 &used) >= 1,
		    "the table has an unknown time: %s", text);
		sum += number * read_unit(unit);
	}
	return sum;
}

static void
read_row(struct table *t, const char *text, unsigned chapter, unsigned line)
{
	struct row *row = &t->rows[t->n++];
	char c[6][32], want[DECISION_TEXT];

	ck_assert_uint_lt(t->n, ROW_LIMIT);
	*row = (struct row){ .chapter = chapter, .line = line };
	ck_assert_msg(sscanf(text,
			  " %c %c %c | %31s %31s %31s %31s %31s %31s | %47s",
			  &row->side[0], &row->side[1], &row->side[2], c[0],
			  c[1], c[2], c[3], c[4], c[5], want) == 10,
	    "%s:%u: not a row", TABLE_FILE, line);
	row->direction = read_set(c[0], direction_names);
	row->exact = read_set(c[1], yes_names);
	row->keep = read_set(c[2], yes_names);
	row->access = read_set(c[3], access_names);
	row->conflict = read_set(c[4], conflict_names);
	row->verdict = read_set(c[5], verdict_names);
	row->want = read_decision(want);
}

/* A remote time is told by the server's clock. */
static void
read_moment(struct table *t, const char *text, unsigned line)
{
	struct moment *m = &t->moments[t->moments_n++];
	char local[32], remote[32], ahead[32], gran[32], verdict[32];

	ck_assert_uint_lt(t->moments_n, ROW_LIMIT);
	ck_assert_msg(sscanf(text, "%31s %31s | %31s %31s | %31s", local,
			  remote, ahead, gran, verdict) == 5,
	    "%s:%u: not a row", TABLE_FILE, line);
	m->ahead = read_time(ahead, 0);
	m->granularity = read_time(gran, 0);
	m->local = read_time(local, NOW);
	m->remote = read_time(remote,
	    strncmp(remote, "now", 3) == 0 ? NOW + m->ahead : 0);
	m->verdict = (enum verdict)read_word(verdict, verdict_names);
	m->line = line;
}

/* Beside this file, wherever the test is built. */
static FILE *
table_open(void)
{
	const char *top = getenv("srcdir");
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/unit/%s",
	    top != NULL ? top : ".", TABLE_FILE);
	f = fopen(path, "re");
	if (f != NULL)
		return f;
	snprintf(path, sizeof(path), "%.*s%s",
	    (int)(strlen(__FILE__) - strlen("core_reconcile_test.c")), __FILE__,
	    TABLE_FILE);
	return fopen(path, "re");
}

static struct table *
table_read(void)
{
	struct table *t = calloc(1, sizeof(*t));
	FILE *f = table_open();
	char text[200];
	unsigned chapter = 0;
	bool times = false;

	ck_assert_ptr_nonnull(t);
	ck_assert_msg(f != NULL, "%s: not found", TABLE_FILE);
	for (unsigned line = 1; fgets(text, sizeof(text), f) != NULL; line++) {
		if (strncmp(text, "== ", 3) == 0) {
			chapter++;
			times = strcmp(text, "== Times\n") == 0;
		} else if (strchr("#\n", text[0]) != NULL ||
		    strncmp(text, "base ", 5) == 0 ||
		    strncmp(text, "local ", 6) == 0) {
			continue;
		} else if (times) {
			read_moment(t, text, line);
		} else {
			read_row(t, text, chapter, line);
		}
	}
	fclose(f);
	ck_assert_uint_gt(t->n, 0);
	ck_assert_uint_gt(t->moments_n, 0);
	return t;
}

/* Looking things up in it */

/* The letters renamed in the order in which they appear: "c-a" is "a-b". */
static void
rename_versions(const char from[3], char to[3])
{
	char seen[3], n = 0, k;

	for (int i = 0; i < 3; i++) {
		to[i] = from[i];
		if (!isalpha(from[i]) || strchr("UX", from[i]) != NULL)
			continue;
		for (k = 0; k < n && seen[(int)k] != from[i]; k++)
			continue;
		if (k == n)
			seen[(int)n++] = from[i];
		to[i] = (char)('a' + k);
	}
}

static bool
row_fits(const struct row *row, const char side[3], const struct combination *c)
{
	const struct rules *r = &c->rules;

	for (int i = 0; i < 3; i++)
		if (row->side[i] != '*' && row->side[i] != side[i])
			return false;
	return (row->direction >> r->direction & 1) != 0 &&
	    (row->exact >> r->exact & 1) != 0 &&
	    (row->keep >> r->keep_deleted & 1) != 0 &&
	    (row->access >> r->access & 1) != 0 &&
	    (row->conflict >> r->conflict & 1) != 0 &&
	    (row->verdict >> c->verdict & 1) != 0;
}

static const char *
combination_show(const struct combination *c, char text[160])
{
	char rules[96];

	snprintf(text, 160, "base %c local %c remote %c, %s, %s", c->side[0],
	    c->side[1], c->side[2], rules_show(&c->rules, rules),
	    verdict_names[c->verdict]);
	return text;
}

static const struct row *
table_find(struct table *t, const struct combination *c)
{
	const struct row *first = NULL;
	char text[160], side[3];

	rename_versions(c->side, side);
	for (struct row *row = t->rows; row < t->rows + t->n; row++) {
		if (first != NULL && row->chapter != first->chapter)
			break;
		if (!row_fits(row, side, c))
			continue;
		row->used = true;
		if (first == NULL)
			first = row;
		must(decision_equal(row->want, first->want),
		    "lines %u and %u differ about: %s", first->line, row->line,
		    combination_show(c, text));
	}
	must(first != NULL, "no row for: %s", combination_show(c, text));
	return first;
}

static void
triple_nth(unsigned n, char side[3])
{
	side[0] = BASES[n % 4];
	side[1] = SIDES[n / 4 % 6];
	side[2] = SIDES[n / 24];
}

/* Looks up all combinations: a row for each, by triple, rules, verdict. */
struct answers {
	const struct row *of[TRIPLES][RULES_COUNT][VERDICTS];
};

static void
table_answer_all(struct table *t, struct answers *ret)
{
	struct combination c = { 0 };

	for (unsigned i = 0; i < TRIPLES; i++)
		for (unsigned k = 0; k < RULES_COUNT; k++)
			for (unsigned v = 0; v < VERDICTS; v++) {
				triple_nth(i, c.side);
				rules_nth(k, &c.rules);
				c.verdict = (enum verdict)v;
				ret->of[i][k][v] = table_find(t, &c);
			}
}

/* The definition of the times' verdict, as the design words it. */
static enum verdict
compare_times(const struct moment *m)
{
	const int64_t minute = 60 * SECOND;
	int64_t ahead = m->ahead, d;

	if (ahead > 10 * minute || ahead < -10 * minute)
		return TIE;
	if (m->local < 315532800 * SECOND || m->remote < 315532800 * SECOND)
		return TIE;
	if (m->local > NOW + 5 * minute || m->remote > NOW + ahead + 5 * minute)
		return TIE;
	d = m->local - m->remote;
	if (ahead > 2 * SECOND || ahead < -2 * SECOND)
		d += ahead;
	if (d == 0 || (d < m->granularity && -d < m->granularity))
		return TIE;
	return d > 0 ? LATER : EARLIER;
}

static void
rules_at(struct rules *r, const struct moment *m)
{
	r->now = NOW;
	r->clock_ahead = m->ahead;
	r->granularity = m->granularity;
}

/* Decides letters at a moment; what is no part of a version is noise. */
static struct decision
decide(const char side[3], const struct rules *rules, const struct moment *m)
{
	struct entry base = side_entry(side[0], INT64_MAX);
	struct entry local = side_entry(side[1], m->local);
	struct entry remote = side_entry(side[2], m->remote);

	local.path = "one";
	remote.path = "another";
	local.cover = side[1] == 'X';
	remote.cover = side[2] == 'U';
	return reconcile_path(&base, &local, &remote, rules);
}

/* Tells the code's decision from the row's; the first few are shown. */
static void
compare(const struct row *row, const struct combination *c,
    const struct moment *m, unsigned *wrong)
{
	char want[DECISION_TEXT], got[DECISION_TEXT], text[160];
	struct decision d = decide(c->side, &c->rules, m);

	if (decision_equal(d, row->want))
		return;
	if ((*wrong)++ < 5)
		fprintf(stderr, "%s: %s, table (lines %u, %u): %s\n",
		    combination_show(c, text), decision_show(d, got), row->line,
		    m->line, decision_show(row->want, want));
}

/* How often code and rows differ over three sides, for all rules and times. */
static unsigned
compare_triple(const struct table *t,
    const struct row *rows[RULES_COUNT][VERDICTS], const char side[3])
{
	struct combination c = { .side = { side[0], side[1], side[2] } };
	unsigned wrong = 0;

	for (unsigned k = 0; k < RULES_COUNT; k++) {
		rules_nth(k, &c.rules);
		for (size_t n = 0; n < t->moments_n; n++) {
			c.verdict = t->moments[n].verdict;
			rules_at(&c.rules, &t->moments[n]);
			compare(rows[k][c.verdict], &c, &t->moments[n], &wrong);
		}
	}
	return wrong;
}

START_TEST(table_is_whole)
{
	/* Every combination has a row, every row a combination; none differ. */
	struct table *t = table_read();
	struct answers *answers = calloc(1, sizeof(*answers));

	ck_assert_ptr_nonnull(answers);
	table_answer_all(t, answers);
	for (size_t i = 0; i < t->n; i++)
		ck_assert_msg(t->rows[i].used, "%s:%u: decides nothing",
		    TABLE_FILE, t->rows[i].line);
	free(answers);
	free(t);
}
END_TEST

START_TEST(code_follows_the_table)
{
	/* All sides, rules and times of the table; contents, then exec bits. */
	static const char versions[][4] = { "abc", "aAb", "AbB", "Aab" };
	struct table *t = table_read();
	struct answers *answers = calloc(1, sizeof(*answers));
	unsigned wrong = 0;
	char side[3];

	ck_assert_ptr_nonnull(answers);
	table_answer_all(t, answers);
	for (unsigned i = 0; i < 4 * TRIPLES; i++) {
		triple_nth(i % TRIPLES, side);
		for (int s = 0; s < 3; s++)
			if (strchr("abc", side[s]) != NULL)
				side[s] = versions[i / TRIPLES][side[s] - 'a'];
		wrong += compare_triple(t, answers->of[i % TRIPLES], side);
	}
	ck_assert_uint_eq(wrong, 0);
	free(answers);
	free(t);
}
END_TEST

START_TEST(times_are_as_defined)
{
	/* The examples of the table follow from the definition. */
	struct table *t = table_read();

	for (size_t i = 0; i < t->moments_n; i++)
		ck_assert_msg(compare_times(&t->moments[i]) ==
			t->moments[i].verdict,
		    "%s:%u: differs from the definition", TABLE_FILE,
		    t->moments[i].line);
	free(t);
}
END_TEST

static const char *const instants[] = { "min", "0", "1980-1ns", "1980",
	"1980+1ns", "1980+3s", "now-2h", "now-1h-10m", "now-1h-3s",
	"now-1h-2s-1ns", "now-1h-2s", "now-1h-1900ms", "now-1h-1s-1ns",
	"now-1h-1s", "now-1h-999ms", "now-1h-1ns", "now-1h", "now-1h+1ns",
	"now-1h+999ms", "now-1h+1s", "now-1h+1900ms", "now-1h+2s",
	"now-1h+2s+1ns", "now-1h+3s", "now", "now+5m-1ns", "now+5m",
	"now+5m+1ns", "now+11m", "max" };
static const char *const clocks[] = { "0", "1ns", "1900ms", "2s", "2s+1ns",
	"2100ms", "3s", "9m+59s", "10m", "10m+1ns", "10m+1s", "max", "min" };
static const char *const grains[] = { "0", "1ns", "1s", "2s", "max" };

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct moment
moment_nth(size_t n)
{
	struct moment m = { 0 };
	const char *remote = instants[n / COUNT(instants) % COUNT(instants)];
	size_t rest = n / COUNT(instants) / COUNT(instants);
	bool back = rest % 2 != 0;

	m.ahead = read_time(clocks[rest / 2 % COUNT(clocks)], 0);
	m.granularity = read_time(grains[rest / 2 / COUNT(clocks)], 0);
	if (back && m.ahead != INT64_MIN)
		m.ahead = -m.ahead;
	m.local = read_time(instants[n % COUNT(instants)], NOW);
	m.remote = read_time(remote, 0);
	if (strncmp(remote, "now", 3) == 0 && m.ahead < 3600 * SECOND &&
	    m.ahead > -3600 * SECOND)
		m.remote += NOW + m.ahead;
	return m;
}

START_TEST(times_at_every_edge)
{
	/* Instants and clocks around every limit, against the definition. */
	static const struct decision newest[] = {
		[LATER] = { ACTION_SEND, REASON_NEWEST, true },
		[EARLIER] = { ACTION_FETCH, REASON_NEWEST, true },
		[TIE] = { ACTION_FETCH, REASON_TIE, true },
	};
	const size_t all = COUNT(instants) * COUNT(instants) * COUNT(clocks) *
	    2 * COUNT(grains);
	struct rules rules = { .access = ACCESS_FULL };
	unsigned seen[VERDICTS] = { 0 };

	for (size_t n = 0; n < all; n++) {
		struct moment m = moment_nth(n);
		enum verdict v = compare_times(&m);
		char want[DECISION_TEXT], got[DECISION_TEXT];
		struct decision d;

		seen[v]++;
		rules_at(&rules, &m);
		d = decide(n % 2 == 0 ? "abc" : "-ab", &rules, &m);
		must(decision_equal(d, newest[v]),
		    "local %lld remote %lld ahead %lld granularity %lld: "
		    "%s, not %s",
		    (long long)(m.local - NOW), (long long)(m.remote - NOW),
		    (long long)m.ahead, (long long)m.granularity,
		    decision_show(d, got), decision_show(newest[v], want));
	}
	for (unsigned v = 0; v < VERDICTS; v++)
		ck_assert_uint_gt(seen[v], 1000);
}
END_TEST

START_TEST(reasons_have_texts)
{
	/* Every reason can be told to a person, each in other words. */
	ck_assert_str_eq(reconcile_reason_text((enum reason)REASON_WORDS), "");
	for (unsigned i = 0; i < REASON_WORDS; i++)
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(reconcile_reason_text((enum reason)i),
			    reconcile_reason_text((enum reason)k));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("core/reconcile");
	TCase *tc = tcase_create("table");

	tcase_add_test(tc, table_is_whole);
	tcase_add_test(tc, code_follows_the_table);
	tcase_add_test(tc, times_are_as_defined);
	tcase_add_test(tc, times_at_every_edge);
	tcase_add_test(tc, reasons_have_texts);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
