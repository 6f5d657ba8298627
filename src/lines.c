/* SPDX-License-Identifier: MIT */
/*
 * "-> notes/a.md": the arrow says where it goes (-> to the server, <- to this
 * side), then the name, escaped, then what is worth knowing.
 */
#include "config.h"

#include "lines.h"

#include <stdbool.h>
#include <string.h>

#include "core/plan.h"
#include "output.h"
#include "quote.h"
#include "util/str.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define CYAN   "\033[36m"
#define PLAIN  "\033[0m"

struct look {
	const char *arrow;
	const char *colour;
	const char *after; /* behind the name */
};

static struct look
look_of(enum action_type type)
{
	switch (type) {
	case ACTION_SEND:
	case ACTION_MOVE_REMOTE:
		return (struct look){ "->", GREEN, "" };
	case ACTION_FETCH:
	case ACTION_MOVE_LOCAL:
		return (struct look){ "<-", CYAN, "" };
	case ACTION_DELETE_REMOTE:
		return (struct look){ "->", RED, " deleted" };
	case ACTION_DELETE_LOCAL:
		return (struct look){ "<-", RED, " deleted" };
	case ACTION_ADOPT:
		return (struct look){ "==", "", "" };
	case ACTION_NONE:
	case ACTION_FORGET:
	case ACTION_LET_GO:
	case ACTION_LEAVE:
		break;
	}
	return (struct look){ "  ", "", "" };
}

static bool
to_server(enum action_type type)
{
	return type == ACTION_SEND || type == ACTION_MOVE_REMOTE ||
	    type == ACTION_DELETE_REMOTE;
}

static const char *
conflict_rule_text(enum reason reason)
{
	if (reason == REASON_NEWEST)
		return "newest wins";
	if (reason == REASON_TIE)
		return "no telling which is newer, so the server wins";
	return "decided by rule";
}

/* Who won, where the loser is, and how to see it. */
static void
print_conflict(const struct output *out, const struct action *a, FILE *f)
{
	const bool mine = to_server(a->what.type);
	const char *dir = mine ? out->server_dir : out->client_dir;

	fprintf(f, "  conflict: %s (%s); %s %s kept",
	    conflict_rule_text(a->what.reason), mine ? "yours" : "the server's",
	    mine ? "the server's" : "yours", out->dry_run ? "would be" : "is");
	if (dir == NULL) {
		fputs(" on the server", f);
		return;
	}
	fputs(": dsync versions ", f);
	quote_path(f, dir, a->path);
}

/* What was there before, on the side that changes. */
static const struct entry *
before(const struct action *a)
{
	return to_server(a->what.type) ? &a->remote : &a->local;
}

void
lines_itemize(const struct action *a, char ret[12])
{
	const struct entry *old = before(a);
	const struct entry *new = old == &a->remote ? &a->local : &a->remote;

	if (a->what.type == ACTION_DELETE_REMOTE ||
	    a->what.type == ACTION_DELETE_LOCAL) {
		memcpy(ret, "*deleting  ", 12);
		return;
	}
	if (a->from != NULL) {
		memcpy(ret, "*moving    ", 12);
		return;
	}
	memcpy(ret, ".f.........", 12);
	if (a->what.type != ACTION_SEND && a->what.type != ACTION_FETCH)
		return;
	ret[0] = old == &a->remote ? '<' : '>';
	if (old->kind != ENTRY_TEXT) {
		memset(ret + 2, '+', 9);
		return;
	}
	ret[2] = hash_equal(&old->hash, &new->hash) ? '.' : 'c';
	ret[3] = old->size == new->size ? '.' : 's';
	ret[4] = old->mtime == new->mtime ? '.' : 't';
	ret[5] = old->exec == new->exec ? '.' : 'p';
}

static void
print_name(const struct action *a, FILE *f)
{
	char shown[STR_SHOW];

	if (a->from != NULL)
		fprintf(f, "%s => ", str_show(shown, a->from));
	fputs(str_show(shown, a->path), f);
}

static const char *
turned(const char *arrow)
{
	if (strcmp(arrow, "->") == 0)
		return "<-";
	return strcmp(arrow, "<-") == 0 ? "->" : arrow;
}

void
lines_change(const struct output *out, const struct action *a, FILE *f)
{
	const struct look look = look_of(a->what.type);
	const char *arrow = out->flip ? turned(look.arrow) : look.arrow;
	const bool colour = out->colour && *look.colour != '\0';
	char column[12];

	if (out->itemize)
		lines_itemize(a, column);
	fprintf(f, "%s%s ", colour ? look.colour : "",
	    out->itemize ? column : arrow);
	print_name(a, f);
	fprintf(f, "%s%s", out->itemize ? "" : look.after, colour ? PLAIN : "");
	if (a->what.conflict && look.arrow[0] != ' ' && look.arrow[0] != '=')
		print_conflict(out, a, f);
	else if (out->verbose > 0)
		fprintf(f, "  %s", reconcile_reason_text(a->what.reason));
	fputc('\n', f);
}

void
lines_left(const struct output *out, const struct action *a, FILE *f)
{
	const char *mark = a->what.conflict ? "!=" : "  ";
	const bool colour = out->colour && a->what.conflict;
	char shown[STR_SHOW];

	fprintf(f, "%s%s %s%s  %s\n", colour ? YELLOW : "", mark,
	    str_show(shown, a->path), colour ? PLAIN : "",
	    reconcile_reason_text(a->what.reason));
}

void
lines_skipped(const char *path, const char *text, FILE *f)
{
	char shown[STR_SHOW];

	fprintf(f, "   %s  %s\n", str_show(shown, path), text);
}
