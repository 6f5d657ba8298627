/* SPDX-License-Identifier: MIT */
/*
 * What holds for every decision whatever the table says: promises about
 * whole classes of cases, tried over all sides, rules and orders in time.  A
 * law sees one trial and says whether it holds.
 */
#include "config.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/entry.h"
#include "core/reconcile.h"
#include "deciding.h"
#include "unit.h"

#define BASES	"-abc"
#define SIDES	"-abcUX"
#define TRIPLES (4 * 6 * 6)
#define NOW	(INT64_C(1790000000) * 1000000000)

/* The local mtime against the remote one, at a granularity of 1. */
static const int64_t lead[] = { -5, 0, 5 };

struct sides {
	char base;
	char local;
	char remote;
};

struct trial {
	struct sides was;
	struct rules rules;
	int64_t lead;
	struct decision d;
	struct sides then; /* after the decision was carried out */
};

static struct decision
decide(const struct sides *s, const struct rules *rules, int64_t ahead)
{
	struct entry base = side_entry(s->base, 0);
	struct entry local = side_entry(s->local, NOW + ahead);
	struct entry remote = side_entry(s->remote, NOW);

	return reconcile_path(&base, &local, &remote, rules);
}

static bool
is_text(char letter)
{
	return strchr("abc", letter) != NULL;
}

static bool
is_delete(const struct decision *d)
{
	return d->type == ACTION_DELETE_LOCAL ||
	    d->type == ACTION_DELETE_REMOTE;
}

static bool
changes_server(const struct decision *d)
{
	return d->type == ACTION_SEND || d->type == ACTION_DELETE_REMOTE;
}

static bool
changes_client(const struct decision *d)
{
	return d->type == ACTION_FETCH || d->type == ACTION_DELETE_LOCAL;
}

/* Both sides and the base when the decision has been carried out. */
static struct sides
carry_out(struct sides s, const struct decision *d)
{
	if (d->type == ACTION_SEND)
		s.remote = s.base = s.local;
	if (d->type == ACTION_FETCH)
		s.local = s.base = s.remote;
	if (d->type == ACTION_DELETE_LOCAL)
		s.local = s.base = '-';
	if (d->type == ACTION_DELETE_REMOTE)
		s.remote = s.base = '-';
	if (d->type == ACTION_ADOPT)
		s.base = s.local;
	if (d->type == ACTION_FORGET || d->type == ACTION_LET_GO)
		s.base = '-';
	return s;
}

/* The laws */

static bool
agreed_is_left_alone(const struct trial *t)
{
	if (t->was.local != t->was.base || t->was.remote != t->was.base)
		return true;
	return t->d.type == ACTION_NONE;
}

static bool
push_changes_no_client(const struct trial *t)
{
	return t->rules.direction != DIRECTION_PUSH || !changes_client(&t->d);
}

static bool
pull_changes_no_server(const struct trial *t)
{
	return t->rules.direction != DIRECTION_PULL || !changes_server(&t->d);
}

static bool
keep_deletes_nothing(const struct trial *t)
{
	return !t->rules.keep_deleted || !is_delete(&t->d);
}

static bool
read_changes_no_server(const struct trial *t)
{
	return t->rules.access != ACCESS_READ || !changes_server(&t->d);
}

static bool
edit_only_edits(const struct trial *t)
{
	if (t->rules.access != ACCESS_EDIT || !changes_server(&t->d))
		return true;
	return t->d.type == ACTION_SEND && is_text(t->was.remote);
}

static bool
unread_is_left_alone(const struct trial *t)
{
	if (t->was.local != 'U' && t->was.remote != 'U')
		return true;
	return t->d.type == ACTION_LEAVE && t->d.reason == REASON_UNREAD;
}

static bool
excluded_is_not_touched(const struct trial *t)
{
	if (t->was.local != 'X' && t->was.remote != 'X')
		return true;
	return t->then.local == t->was.local && t->then.remote == t->was.remote;
}

static bool
only_texts_travel(const struct trial *t)
{
	if (t->d.type == ACTION_SEND)
		return is_text(t->was.local);
	return t->d.type != ACTION_FETCH || is_text(t->was.remote);
}

/* Once done it is done: nothing follows, or the same is left again. */
static bool
doing_settles(const struct trial *t)
{
	struct decision again = decide(&t->then, &t->rules, t->lead);

	if (t->d.type == ACTION_LEAVE)
		return decision_equal(again, t->d);
	return again.type == ACTION_NONE;
}

static bool
remains(const struct trial *t, char version)
{
	return !is_text(version) || t->then.local == version ||
	    t->then.remote == version;
}

/* What was saved since the base goes for a conflict or a strict rule only. */
static bool
new_versions_remain(const struct trial *t)
{
	if (t->d.conflict || t->d.reason == REASON_READ_ONLY ||
	    t->d.reason == REASON_EXACT)
		return true;
	return (t->was.local == t->was.base || remains(t, t->was.local)) &&
	    (t->was.remote == t->was.base || remains(t, t->was.remote));
}

static bool
agreed_version_goes_only_where_changed(const struct trial *t)
{
	return remains(t, t->was.base) || t->was.local != t->was.base ||
	    t->was.remote != t->was.base;
}

/* Nothing goes from both sides unless it was gone from one. */
static bool
deletes_have_a_model(const struct trial *t)
{
	if (t->d.type == ACTION_DELETE_LOCAL)
		return is_text(t->was.local) && t->was.remote == '-';
	if (t->d.type == ACTION_DELETE_REMOTE)
		return is_text(t->was.remote) && t->was.local == '-';
	return true;
}

static bool
deletes_hit_what_was_deleted(const struct trial *t)
{
	if (t->d.reason != REASON_DELETED)
		return true;
	return is_delete(&t->d) &&
	    (t->was.local == t->was.base || t->was.remote == t->was.base);
}

static bool
first_contact_deletes_nothing(const struct trial *t)
{
	if (t->was.base != '-' || !is_delete(&t->d))
		return true;
	return t->d.reason == REASON_EXACT && t->rules.exact &&
	    t->rules.direction != DIRECTION_BOTH;
}

static bool
conflicts_have_two_changes(const struct trial *t)
{
	if (!t->d.conflict)
		return true;
	return t->was.local != t->was.base && t->was.remote != t->was.base &&
	    t->was.local != t->was.remote;
}

static bool
two_new_texts_are_a_conflict(const struct trial *t)
{
	if (!is_text(t->was.local) || !is_text(t->was.remote) ||
	    t->was.local == t->was.base || t->was.remote == t->was.base ||
	    t->was.local == t->was.remote)
		return true;
	return t->d.conflict;
}

static bool
exact_is_one_way(const struct trial *t)
{
	struct rules rules = t->rules;

	if (rules.direction != DIRECTION_BOTH)
		return true;
	rules.exact = !rules.exact;
	return decision_equal(decide(&t->was, &rules, t->lead), t->d);
}

/* Neither the rule for conflicts nor a clock decides anything else. */
static bool
only_conflicts_ask_rule_and_clock(const struct trial *t)
{
	struct rules rules = t->rules;

	if (t->d.conflict && rules.direction == DIRECTION_BOTH)
		return true;
	for (unsigned i = 0; i < 4; i++) {
		rules.conflict = (enum conflict_rule)i;
		for (int64_t ahead = -9; ahead < 10; ahead += 9)
			if (!decision_equal(decide(&t->was, &rules, ahead),
				t->d))
				return false;
	}
	return true;
}

static void
mirror_rules(struct rules *r)
{
	if (r->direction == DIRECTION_PUSH)
		r->direction = DIRECTION_PULL;
	else if (r->direction == DIRECTION_PULL)
		r->direction = DIRECTION_PUSH;
	if (r->conflict == CONFLICT_SERVER)
		r->conflict = CONFLICT_CLIENT;
	else if (r->conflict == CONFLICT_CLIENT)
		r->conflict = CONFLICT_SERVER;
}

static struct decision
mirror_decision(struct decision d)
{
	static const enum action_type mirrored[] = {
		[ACTION_NONE] = ACTION_NONE,
		[ACTION_SEND] = ACTION_FETCH,
		[ACTION_FETCH] = ACTION_SEND,
		[ACTION_DELETE_REMOTE] = ACTION_DELETE_LOCAL,
		[ACTION_DELETE_LOCAL] = ACTION_DELETE_REMOTE,
		[ACTION_ADOPT] = ACTION_ADOPT,
		[ACTION_FORGET] = ACTION_FORGET,
		[ACTION_LET_GO] = ACTION_LET_GO,
		[ACTION_LEAVE] = ACTION_LEAVE,
	};

	d.type = mirrored[d.type];
	return d;
}

/* With full access both sides have the same rights: only a tie favours one. */
static bool
full_access_is_even(const struct trial *t)
{
	struct sides swapped = { t->was.base, t->was.remote, t->was.local };
	struct rules rules = t->rules;

	if (rules.access != ACCESS_FULL || t->d.reason == REASON_TIE)
		return true;
	mirror_rules(&rules);
	return decision_equal(decide(&swapped, &rules, -t->lead),
	    mirror_decision(t->d));
}

static const struct law {
	const char *name;
	bool (*holds)(const struct trial *t);
} laws[] = {
	{ "agreed_is_left_alone", agreed_is_left_alone },
	{ "push_changes_no_client", push_changes_no_client },
	{ "pull_changes_no_server", pull_changes_no_server },
	{ "keep_deletes_nothing", keep_deletes_nothing },
	{ "read_changes_no_server", read_changes_no_server },
	{ "edit_only_edits", edit_only_edits },
	{ "unread_is_left_alone", unread_is_left_alone },
	{ "excluded_is_not_touched", excluded_is_not_touched },
	{ "only_texts_travel", only_texts_travel },
	{ "doing_settles", doing_settles },
	{ "new_versions_remain", new_versions_remain },
	{ "agreed_version_goes_only_where_changed",
	    agreed_version_goes_only_where_changed },
	{ "deletes_have_a_model", deletes_have_a_model },
	{ "deletes_hit_what_was_deleted", deletes_hit_what_was_deleted },
	{ "first_contact_deletes_nothing", first_contact_deletes_nothing },
	{ "conflicts_have_two_changes", conflicts_have_two_changes },
	{ "two_new_texts_are_a_conflict", two_new_texts_are_a_conflict },
	{ "exact_is_one_way", exact_is_one_way },
	{ "only_conflicts_ask_rule_and_clock",
	    only_conflicts_ask_rule_and_clock },
	{ "full_access_is_even", full_access_is_even },
};

#define LAWS (sizeof(laws) / sizeof(laws[0]))

static void
trial_nth(unsigned triple, unsigned rules, unsigned order, struct trial *ret)
{
	struct trial t = { .rules = { .now = NOW, .granularity = 1 } };

	t.was.base = BASES[triple % 4];
	t.was.local = SIDES[triple / 4 % 6];
	t.was.remote = SIDES[triple / 24];
	rules_nth(rules, &t.rules);
	t.lead = lead[order];
	t.d = decide(&t.was, &t.rules, t.lead);
	t.then = carry_out(t.was, &t.d);
	*ret = t;
}

START_TEST(law_holds)
{
	/* One law, over every combination. */
	const struct law *law = &laws[_i];
	char rules[96], text[DECISION_TEXT];
	struct trial t;

	for (unsigned n = 0; n < TRIPLES * RULES_COUNT * 3; n++) {
		trial_nth(n % TRIPLES, n / TRIPLES % RULES_COUNT,
		    n / TRIPLES / RULES_COUNT, &t);
		must(law->holds(&t), "%s: base %c local %c remote %c, %s: %s",
		    law->name, t.was.base, t.was.local, t.was.remote,
		    rules_show(&t.rules, rules), decision_show(t.d, text));
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("core/reconcile: laws");
	TCase *tc = tcase_create("laws");

	tcase_add_loop_test(tc, law_holds, 0, (int)LAWS);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	return s;
}

UNIT_MAIN(suite);
