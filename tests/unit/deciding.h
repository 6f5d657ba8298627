/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_UNIT_DECIDING_H
#define DSYNC_TESTS_UNIT_DECIDING_H

/*
 * Words for what core/reconcile.h says, for the tests of deciding: a decision
 * as "SEND(CHANGED)" or "NONE", with a "!" behind it for a conflict; and
 * versions as letters.
 */

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/entry.h"
#include "core/reconcile.h"

#define DECISION_TEXT 48

/* ck_assert_msg() notes each call in a file: too slow for millions. */
#define must(condition, ...)                                                   \
	do {                                                                   \
		if (!(condition))                                              \
			ck_abort_msg(__VA_ARGS__);                             \
	} while (0)

static const char *const action_words[] = {
	[ACTION_NONE] = "NONE",
	[ACTION_SEND] = "SEND",
	[ACTION_FETCH] = "FETCH",
	[ACTION_DELETE_REMOTE] = "DELETE_REMOTE",
	[ACTION_DELETE_LOCAL] = "DELETE_LOCAL",
	[ACTION_MOVE_REMOTE] = "MOVE_REMOTE",
	[ACTION_MOVE_LOCAL] = "MOVE_LOCAL",
	[ACTION_ADOPT] = "ADOPT",
	[ACTION_FORGET] = "FORGET",
	[ACTION_LET_GO] = "LET_GO",
	[ACTION_LEAVE] = "LEAVE",
};

static const char *const reason_words[] = {
	[REASON_NONE] = "",
	[REASON_CHANGED] = "CHANGED",
	[REASON_CREATED] = "CREATED",
	[REASON_DELETED] = "DELETED",
	[REASON_EDIT_BEATS_DELETE] = "EDIT_BEATS_DELETE",
	[REASON_EQUAL] = "EQUAL",
	[REASON_GONE] = "GONE",
	[REASON_EXCLUDED] = "EXCLUDED",
	[REASON_UNREAD] = "UNREAD",
	[REASON_READ_ONLY] = "READ_ONLY",
	[REASON_NOT_ALLOWED] = "NOT_ALLOWED",
	[REASON_MASKED] = "MASKED",
	[REASON_EXACT] = "EXACT",
	[REASON_NEWEST] = "NEWEST",
	[REASON_TIE] = "TIE",
	[REASON_RULE] = "RULE",
	[REASON_MANUAL] = "MANUAL",
	[REASON_CLASH] = "CLASH",
};

#define ACTION_WORDS (sizeof(action_words) / sizeof(action_words[0]))
#define REASON_WORDS (sizeof(reason_words) / sizeof(reason_words[0]))

/* Writes d in words. */
static inline const char *
decision_show(struct decision d, char text[DECISION_TEXT])
{
	const char *reason = reason_words[d.reason];

	snprintf(text, DECISION_TEXT, "%s%s%s%s%s", action_words[d.type],
	    *reason != '\0' ? "(" : "", reason, *reason != '\0' ? ")" : "",
	    d.conflict ? "!" : "");
	return text;
}

static inline bool
decision_equal(struct decision a, struct decision b)
{
	return a.type == b.type && a.reason == b.reason &&
	    a.conflict == b.conflict;
}

/*
 * One side of a path by its letter: '-' absent, 'U' unread, 'X' excluded, a
 * small letter a text with contents of that name, a capital A, B, C the same
 * contents with the exec bit.
 */
static inline struct entry
side_entry(char letter, int64_t mtime)
{
	struct entry e = { .mtime = mtime };

	if (letter == '-')
		return e;
	if (letter == 'U' || letter == 'X') {
		e.kind = letter == 'U' ? ENTRY_UNREAD : ENTRY_EXCLUDED;
		return e;
	}
	e.kind = ENTRY_TEXT;
	e.exec = letter >= 'A' && letter <= 'Z';
	memset(e.hash.b, letter | 0x20, sizeof(e.hash.b));
	e.size = (uint64_t)(letter | 0x20);
	return e;
}

#define RULES_COUNT (3 * 4 * 3 * 2 * 2)

/* The n-th combination of the rules that are not about time. */
static inline void
rules_nth(unsigned n, struct rules *r)
{
	r->access = (enum access)(n % 3);
	r->conflict = (enum conflict_rule)(n / 3 % 4);
	r->direction = (enum direction)(n / 12 % 3);
	r->exact = n / 36 % 2 != 0;
	r->keep_deleted = n / 72 % 2 != 0;
}

static inline const char *
rules_show(const struct rules *r, char text[96])
{
	static const char *const access[] = { "read", "edit", "full" };
	static const char *const rule[] = { "newest", "server", "client",
		"manual" };
	static const char *const way[] = { "both", "push", "pull" };

	snprintf(text, 96, "%s %s %s%s%s", way[r->direction], access[r->access],
	    rule[r->conflict], r->exact ? " exact" : "",
	    r->keep_deleted ? " keep" : "");
	return text;
}

#endif
